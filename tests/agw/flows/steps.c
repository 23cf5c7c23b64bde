/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agw/flows/steps.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool access_ipv6;

const char *access_ip(void)
{
	return access_ipv6 ? "fd00:1::7" : ACCESS;
}

const char *ue_ip(void)
{
	return access_ipv6 ? "fd00:1::10" : UE;
}

static const char *access_net(void)
{
	return access_ipv6 ? "IP6" : "IP4";
}

struct netaddr at(const char *ip, int port)
{
	struct netaddr a;

	ck_assert_int_eq(netaddr_parse(slice_str(ip), &a), 0);
	a.port = (uint16_t)port;
	return a;
}

int connect_from(const char *from, const char *to, int port, int ms)
{
	struct netaddr me, a = at(to, port);
	int fd = endpoint_bind(from, 0, &me);

	if (endpoint_connect(fd, &a, ms))
		return fd;
	close(fd);
	return -1;
}

/* A SYN that is sent and repeated by the kernel while the test goes on. */
int connect_later(const char *from, const char *to, int port)
{
	struct netaddr me, a = at(to, port);
	struct sockaddr_storage ss;
	socklen_t len = netaddr_to_sockaddr(&a, &ss);
	int fd = endpoint_bind(from, 0, &me);

	fcntl(fd, F_SETFL, O_NONBLOCK);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&ss, len), -1);
	ck_assert_int_eq(errno, EINPROGRESS);
	return fd;
}

bool connected(int fd, int ms)
{
	for (; ms > 0; ms -= 20) {
		struct sockaddr_storage ss;
		socklen_t len = sizeof(ss);

		if (getpeername(fd, (struct sockaddr *)&ss, &len) == 0) {
			fcntl(fd, F_SETFL, 0);
			return true;
		}
		rig_serve(20);
	}
	return false;
}

static void *tls_main(void *arg)
{
	struct tls_peer *p = arg;

	p->ssl = endpoint_tls(p->fd, p->client, p->id, p->version, &p->alert);
	return NULL;
}

void tls_start(struct tls_peer *p, int fd, bool client, const struct identity *id, int version)
{
	*p = (struct tls_peer){.fd = fd, .client = client, .id = id, .version = version};
	pthread_create(&p->th, NULL, tls_main, p);
}

void tls_start_in_vain(struct tls_peer *p, int fd, bool client, const struct identity *id,
		       int version)
{
	*p = (struct tls_peer){
	    .fd = fd, .client = client, .id = id, .version = version, .alert = -1};
	pthread_create(&p->th, NULL, tls_main, p);
}

SSL *tls_done(struct tls_peer *p)
{
	pthread_join(p->th, NULL);
	return p->ssl;
}

void expect_ports_back(void)
{
	const char *s = NULL;

	for (int i = 0; i < 1000; i++) {
		s = rig_ctl("status");
		if (strstr(s, "realm core 10.0.0.7 ports 0 of") &&
		    strstr(s, "realm access 10.1.0.7 ports 0 of") &&
		    strstr(s, "realm access fd00:1::7 ports 0 of") && strstr(s, "contexts 0 of"))
			return;
		rig_serve(20);
	}
	ck_abort_msg("ports or contexts are left: %s", s);
}

void subtract_all(struct call *c)
{
	const char *r = mgc_do("Context = %d { Subtract = * }", c->context);

	ck_assert_msg(strstr(r, c->access) && strstr(r, c->core) && strstr(r, "nt/or"), "%s", r);
	expect_ports_back();
	identity_clear(&c->ue);
}

/* ---- the steps ---- */

void add_core(struct call *c, const char *proto, const char *media, bool closed)
{
	const char *r =
	    mgc_do("Context = $ { Add = ip/core/$ { Media { Stream = 1 { LocalControl { Mode = "
		   "SendReceive,"
		   " ipdc/realm = \"core.ims\"%s }, Local {\nv=0\nc=IN IP4 $\nm=%s $ %s *\n"
		   "a=setup:actpass\n} } }, " EVENTS(2001) " } }",
		   closed ? ", gm/saf = ON, gm/spf = ON" : "", media, proto);

	c->context = after(r, "Context = ");
	ck_assert_int_gt(c->context, 0);
	termination_of(r, c->core);
	ck_assert_msg(strstr(r, "IN IP4 10.0.0.7"), "%s", r);
	c->core_port = after(r, media == NULL			? ""
				: strcmp(media, "message") == 0 ? "m=message "
								: "m=application ");
	ck_assert_int_ge(c->core_port, 20000);
}

void add_access(struct call *c, const char *proto, const char *media, int ue_port,
		const char *local_more, const char *descriptors)
{
	const char *r = mgc_do(
	    "Context = %d { Add = ip/access/$ { Media { Stream = 1 { LocalControl { Mode = "
	    "SendReceive, ipdc/realm = \"access.ims\", gm/saf = ON }, Local {\nv=0\nc=IN %s $\n"
	    "m=%s $ %s *\n%s\na=fingerprint:$\n}, Remote {\nv=0\nc=IN %s %s\nm=%s %d %s *\n"
	    "a=setup:actpass\na=fingerprint:%s\n} } }, " EVENTS(2002) "%s } }",
	    c->context, access_net(), media, proto, local_more, access_net(), ue_ip(), media,
	    ue_port, proto, c->ue.line, descriptors);

	termination_of(r, c->access);
	fingerprint_of(r, c->fingerprint);
	c->access_port = after(r, strcmp(media, "message") == 0 ? "m=message " : "m=application ");
	ck_assert_int_ge(c->access_port, 30000);
}

/* Steps 13-15: the far peer will come from 10.0.0.9, from whatever port. */
void configure_core(struct call *c, const char *proto, const char *media, const char *peer)
{
	const char *r = mgc_do(
	    "Context = %d { Modify = %s { Media { Stream = 1 { LocalControl { Mode = SendReceive, "
	    "ipdc/realm = \"core.ims\", gm/saf = ON, gm/spf = OFF }, Local {\nv=0\nc=IN IP4 " CORE
	    "\nm=%s %d %s *\na=setup:passive\n}, Remote {\nv=0\nc=IN IP4 %s\nm=%s 9 %s *\n"
	    "a=setup:active\n} } } } }",
	    c->context, c->core, media, c->core_port, proto, peer, media, proto);

	ck_assert_msg(!strstr(r, "Error"), "%s", r);
}

/* Steps 16-18 of MSRP originating: open TCP to the UE and be the TLS client. */
void configure_access_active(struct call *c, const char *proto, const char *media,
			     bool establish_tls)
{
	const char *r =
	    mgc_do("Context = %d { Modify = %s { Media { Stream = 1 { Local {\nv=0\nc=IN %s %s"
		   "\nm=%s %d %s *\na=setup:active\na=fingerprint:%s\n} } }%s } }",
		   c->context, c->access, access_net(), access_ip(), media, c->access_port, proto,
		   c->fingerprint,
		   establish_tls ? ", Signals { tlsbsc/EstablishBNC { Stream = 1 } }" : "");

	ck_assert_msg(!strstr(r, "Error"), "%s", r);
}

static const char msrp_in[] =
    "MSRP abcd SEND\r\nTo-Path: msrp://10.0.0.7:1/u;tcp\r\n"
    "From-Path: msrp://10.0.0.9:2/f;tcp\r\nContent-Type: text/plain\r\n\r\nhi\r\n-------abcd$\r\n";

/* One MSRP chunk from the far peer to the UE and its answer back: schemes and addresses are
 * rewritten. */
void exchange_msrp(struct call *c, int far, int ue, SSL *ssl, int ue_port)
{
	char buf[600], want[600];
	int n;

	ck_assert_int_eq(send(far, msrp_in, sizeof(msrp_in) - 1, 0), (int)sizeof(msrp_in) - 1);
	n = snprintf(want, sizeof(want),
		     "MSRP abcd SEND\r\nTo-Path: msrps://" UE ":%d/u;tcp\r\nFrom-Path: "
		     "msrps://" ACCESS ":%d/f;tcp\r\nContent-Type: text/plain\r\n\r\nhi\r\n"
		     "-------abcd$\r\n",
		     ue_port, c->access_port);
	ck_assert(endpoint_read(ue, ssl, buf, (size_t)n));
	ck_assert_mem_eq(buf, want, (size_t)n);
	n = snprintf(want, sizeof(want),
		     "MSRP abcd 200 OK\r\nTo-Path: msrps://" ACCESS ":%d/f;tcp\r\n"
		     "From-Path: msrps://" UE ":%d/u;tcp\r\n-------abcd$\r\n",
		     c->access_port, ue_port);
	ck_assert_int_eq(SSL_write(ssl, want, n), n);
	ck_assert(endpoint_read(far, NULL, buf, 16));
	ck_assert_mem_eq(buf, "MSRP abcd 200 OK", 16);
}

void terminating_add(struct call *c, const char *proto, const char *media, const char *core_proto,
		     bool closed, int far_port, const char *signals)
{
	const char *word = strcmp(media, "message") == 0 ? "m=message " : "m=application ";
	const char *r =
	    mgc_do("Context = $ { Add = ip/access/$ { Media { Stream = 1 { "
		   "LocalControl { Mode = SendReceive, "
		   "ipdc/realm = \"access.ims\"%s }, Local {\nv=0\nc=IN %s $\nm=%s $ "
		   "%s *\na=setup:actpass\n"
		   "a=fingerprint:SHA-256 $\n} } }, " EVENTS(2101) "%s } }",
		   closed ? ", gm/saf = ON, gm/spf = ON" : "", access_net(), media, proto, signals);

	c->context = after(r, "Context = ");
	termination_of(r, c->access);
	fingerprint_of(r, c->fingerprint);
	c->access_port = after(r, word);
	r = mgc_do("Context = %d { Add = ip/core/$ { Media { Stream = 1 { LocalControl { Mode = "
		   "SendReceive, ipdc/realm = "
		   "\"core.ims\", gm/saf = ON, gm/sam = \"" FAR
		   "\" }, Local {\nv=0\nc=IN IP4 $\nm=%s $ %s *\n}, Remote {\n"
		   "v=0\nc=IN IP4 " FAR
		   "\nm=%s %d %s *\na=setup:actpass\n} } }, " EVENTS(2102) " } }",
		   c->context, media, core_proto, media, far_port, core_proto);
	termination_of(r, c->core);
	c->core_port = after(r, word);
}

/* Steps 14-16: the UE's answer with its fingerprint. */
void terminating_configure(struct call *c, const char *proto, const char *media,
			   const char *fingerprint)
{
	const char *r = mgc_do(
	    "Context = %d { Modify = %s { Media { Stream = 1 { LocalControl { Mode = SendReceive, "
	    "ipdc/realm = \"access.ims\", gm/saf = ON, gm/sam = \"%s"
	    "\", gm/spf = OFF }, Local {\nv=0\n"
	    "c=IN %s %s\nm=%s %d %s *\na=setup:passive\n}, Remote {\nv=0\nc=IN %s %s"
	    "\nm=%s 9 %s *\na=setup:active\na=fingerprint:%s\n} } } } }",
	    c->context, c->access, ue_ip(), access_net(), access_ip(), media, c->access_port, proto,
	    access_net(), ue_ip(), media, proto, fingerprint);

	ck_assert_msg(!strstr(r, "Error"), "%s", r);
}

/* ---- the program ---- */

int flows_main(const char *name, const TTest *const *tests, size_t n)
{
	Suite *suite = suite_create(name);
	SRunner *runner = srunner_create(suite);
	int failed;

	rig_namespace();
	for (size_t i = 0; i < n; i++) {
		TCase *tc = tcase_create(tests[i]->name);

		tcase_add_test(tc, tests[i]);
		suite_add_tcase(suite, tc);
	}
	srunner_set_fork_status(runner, CK_NOFORK); /* one namespace, one capture */
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	rig_cleanup();
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
