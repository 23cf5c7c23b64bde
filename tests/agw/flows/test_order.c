/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The e2ae flows of TR 29.828 5.2.1 as they look on the wire: which SYN, H.248 message, TLS record
 * and Notify comes before which, when all goes well and when it does not.
 */
#include "unit/unit.h"
#include <errno.h>
#include <linux/filter.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "agw/flows/steps.h"
#include "agw/flows/wire.h"

#define CONTROLLER "10.0.0.11"

/* What differs between the four flows. Who is TLS client: RFC 6135 6 for MSRP, RFC 8856 8 for BFCP.
 */
struct flow {
	const char *name, *media, *access, *core;
	bool gateway_is_tls_client;
};
static const struct flow originating[] = {
    {"MSRP", "message", "TCP/TLS/MSRP", "TCP/MSRP", true},
    {"MSRP, agnostic", "message", "TCP/TLS", "TCP", true},
    {"BFCP", "application", "TCP/TLS/BFCP", "TCP/BFCP", false},
    {"BFCP, agnostic", "application", "TCP/TLS", "TCP", false},
};
static const struct flow terminating[] = {
    {"MSRP", "message", "TCP/TLS/MSRP", "TCP/MSRP", false},
    {"MSRP, agnostic", "message", "TCP/TLS", "TCP", false},
    {"BFCP", "application", "TCP/TLS/BFCP", "TCP/BFCP", true},
    {"BFCP, agnostic", "application", "TCP/TLS", "TCP", true},
};
enum { FLOWS = 4 };

/* A call in progress with both peers and the moment from which the capture counts. */
struct scene {
	const struct flow *flow;
	struct call c;
	struct netaddr ue_addr, far_addr;
	struct tls_peer tls;
	size_t mark;
	int64_t start;
	int listener, ue, far;
};

static void scene_begin(struct scene *s, const struct flow *f, const char *listener_at)
{
	memset(s, 0, sizeof(*s));
	s->flow = f;
	s->ue = s->far = -1;
	identity_make(&s->c.ue);
	s->listener = endpoint_bind(listener_at, 0,
				    strcmp(listener_at, UE) == 0 ? &s->ue_addr : &s->far_addr);
	listen(s->listener, 4);
	s->mark = packets_mark();
	s->start = wire_now();
}

static void scene_end(struct scene *s)
{
	endpoint_tls_free(s->tls.ssl);
	if (s->ue >= 0)
		close(s->ue);
	if (s->far >= 0)
		close(s->far);
	close(s->listener);
	subtract_all(&s->c);
}

/* ---- moments ---- */

static int64_t seen(const struct packet *k, const char *what)
{
	ck_assert_msg(k != NULL, "never seen: %s", what);
	return k->us;
}

static int64_t syn_to_core(const struct scene *s, unsigned n)
{
	return seen(packet_find(s->mark, FAR, 0, CORE, s->c.core_port, PKT_SYN, n),
		    "SYN of the far peer");
}

static int64_t syn_ack_to_far(const struct scene *s)
{
	return seen(packet_find(s->mark, CORE, s->c.core_port, FAR, 0, PKT_SYN | PKT_ACK, 0),
		    "SYN ACK to the far peer");
}

static int64_t syn_to_ue(const struct scene *s)
{
	return seen(packet_find(s->mark, ACCESS, s->c.access_port, UE, s->ue_addr.port, PKT_SYN, 0),
		    "SYN to the UE");
}

static int64_t hello(const struct scene *s)
{
	bool ours = s->flow->gateway_is_tls_client;

	ck_assert_ptr_null(packet_tls(s->mark, ours ? UE : ACCESS, ours ? ACCESS : UE, 22, 1));
	return seen(packet_tls(s->mark, ours ? ACCESS : UE, ours ? UE : ACCESS, 22, 1),
		    "ClientHello");
}

static int64_t told(const struct scene *s, const char *from, const char *word, const char *more)
{
	int64_t us = wire_find(s->start, from, word, more);

	ck_assert_msg(us >= 0, "never seen: %s %s", word, more ? more : "");
	return us;
}

/* Each moment not before the one ahead of it; -1 ends the list. */
static void in_order(const char *name, ...)
{
	int64_t last, next;
	va_list ap;
	int i = 1;

	va_start(ap, name);
	last = va_arg(ap, int64_t);
	while ((next = va_arg(ap, int64_t)) != -1) {
		ck_assert_msg(last <= next, "%s: moment %d comes %lld us after moment %d", name, i,
			      (long long)(last - next), i + 1);
		last = next;
		i++;
	}
	va_end(ap);
}

#define IN_ORDER(name, ...) in_order(name, __VA_ARGS__, (int64_t)-1)

static const char bfcp_out[12] = {0x20, 11, 0, 0, 0, 0, 0, 1, 0, 1, 0, 2};

static const char msrp_out[] = "MSRP zzzz REPORT\r\nTo-Path: x\r\nFrom-Path: y\r\n-------zzzz$\r\n";

/* One message as it should come: an MSRP one with its paths rewritten or not, up to its end line.
 */
static void expect_message(int fd, SSL *ssl, bool msrp)
{
	char got[sizeof(bfcp_out)], last[2] = "";

	ck_assert(endpoint_read(fd, ssl, got, sizeof(got)));
	ck_assert_mem_eq(got, msrp ? msrp_out : bfcp_out, sizeof(got));
	while (msrp && !(last[0] == '$' && last[1] == '\r')) {
		last[0] = last[1];
		ck_assert(endpoint_read(fd, ssl, &last[1], 1));
	}
	if (msrp)
		ck_assert(endpoint_read(fd, ssl, last, 1));
}

/* Something each way, fit for the protocol. */
static void exchange(struct scene *s)
{
	bool msrp = strcmp(s->flow->media, "message") == 0;
	const char *text = msrp ? msrp_out : bfcp_out;
	size_t n = msrp ? sizeof(msrp_out) - 1 : sizeof(bfcp_out);

	ck_assert_int_eq(send(s->far, text, n, 0), (int)n);
	expect_message(s->ue, s->tls.ssl, msrp);
	ck_assert_int_eq(SSL_write(s->tls.ssl, text, (int)n), (int)n);
	expect_message(s->far, NULL, msrp);
}

/* ---- all goes well ---- */

/* 5.2.1.2.2 and 5.2.1.3.2 with delayed establishment: SYN, Modify, SYN again, then the UE's side,
 * then TLS. */
START_TEST(originating_delayed)
{
	rig_start(NULL);
	for (int i = 0; i < FLOWS; i++) {
		const struct flow *f = &originating[i];
		struct scene s;

		scene_begin(&s, f, UE);
		add_core(&s.c, f->core, f->media, true); /* 2-4 */
		add_access(&s.c, f->access, f->media, s.ue_addr.port, "a=setup:actpass",
			   "");					 /* 5-7 */
		s.far = connect_later(FAR, CORE, s.c.core_port); /* 10 */
		rig_serve(100);
		configure_core(&s.c, f->core, f->media, FAR); /* 13-15 */
		configure_access_active(&s.c, f->access, f->media,
					f->gateway_is_tls_client); /* 16-18 */
		ck_assert(connected(s.far, 5000));		   /* 10' */
		s.ue = endpoint_accept(s.listener, 5000);	   /* 11' */
		ck_assert_int_ge(s.ue, 0);
		tls_start(&s.tls, s.ue, !f->gateway_is_tls_client, &s.c.ue,
			  TLS1_3_VERSION); /* 21 */
		ck_assert_ptr_nonnull(tls_done(&s.tls));
		exchange(&s);
		IN_ORDER(f->name, syn_to_core(&s, 0),
			 told(&s, CONTROLLER, "Modify = ip/core/", "setup:passive"),
			 syn_to_core(&s, 1), syn_ack_to_far(&s), hello(&s));
		IN_ORDER(f->name, syn_to_core(&s, 1), syn_to_ue(&s), hello(&s));
		ck_assert_ptr_null(packet_find(s.mark, CORE, s.c.core_port, FAR, 0, PKT_RST, 0));
		scene_end(&s);
	}
	rig_stop();
}
END_TEST

/* Without it: the first SYN triggers the one to the UE, before any Modify; TLS waits for its turn.
 * Note of 5.2.1.3.2: for a=setup:active in the answer, steps 14-16 are left out. */
START_TEST(originating_at_once)
{
	rig_start(NULL);
	for (int i = 0; i < FLOWS; i++) {
		const struct flow *f = &originating[i];
		struct scene s;

		scene_begin(&s, f, UE);
		add_core(&s.c, f->core, f->media, false);
		add_access(&s.c, f->access, f->media, s.ue_addr.port, "a=setup:actpass", "");
		s.far = connect_from(FAR, CORE, s.c.core_port, 5000);
		ck_assert_int_ge(s.far, 0);
		s.ue = endpoint_accept(s.listener, 5000);
		ck_assert_int_ge(s.ue, 0);
		ck_assert_ptr_null(packet_tls(s.mark, ACCESS, UE, 22, 1));
		if (i & 1)
			configure_core(&s.c, f->core, f->media, FAR);
		configure_access_active(&s.c, f->access, f->media, f->gateway_is_tls_client);
		tls_start(&s.tls, s.ue, !f->gateway_is_tls_client, &s.c.ue, TLS1_2_VERSION);
		ck_assert_ptr_nonnull(tls_done(&s.tls));
		exchange(&s);
		IN_ORDER(f->name, syn_to_core(&s, 0), syn_to_ue(&s),
			 told(&s, CONTROLLER, "Modify = ip/access/", "active"), hello(&s));
		ck_assert_ptr_null(packet_find(s.mark, FAR, 0, CORE, s.c.core_port, PKT_SYN, 1));
		scene_end(&s);
	}
	rig_stop();
}
END_TEST

static const char *tls_signal(const struct flow *f)
{
	return f->gateway_is_tls_client ? ", Signals { tlsbsc/EstablishBNC { Stream = 1 } }" : "";
}

static int64_t syn_of_ue(const struct scene *s, unsigned n)
{
	return seen(packet_find(s->mark, UE, 0, ACCESS, s->c.access_port, PKT_SYN, n),
		    "SYN of the UE");
}

static int64_t syn_to_far(const struct scene *s)
{
	return seen(packet_find(s->mark, CORE, s->c.core_port, FAR, s->far_addr.port, PKT_SYN, 0),
		    "SYN to the far peer");
}

/* 5.2.1.2.3 and 5.2.1.3.3 with delayed establishment. */
START_TEST(terminating_delayed)
{
	rig_start(NULL);
	for (int i = 0; i < FLOWS; i++) {
		const struct flow *f = &terminating[i];
		struct scene s;

		scene_begin(&s, f, FAR);
		terminating_add(&s.c, f->access, f->media, f->core, true, s.far_addr.port,
				tls_signal(f));			   /* 2-7 */
		s.ue = connect_later(UE, ACCESS, s.c.access_port); /* 10 */
		rig_serve(100);
		terminating_configure(&s.c, f->access, f->media, s.c.ue.line); /* 14-16 */
		ck_assert(connected(s.ue, 5000));
		tls_start(&s.tls, s.ue, !f->gateway_is_tls_client, &s.c.ue,
			  TLS1_3_VERSION); /* 12 */
		ck_assert_ptr_nonnull(tls_done(&s.tls));
		s.far = endpoint_accept(s.listener, 5000);
		ck_assert_int_ge(s.far, 0);
		exchange(&s);
		IN_ORDER(f->name, syn_of_ue(&s, 0),
			 told(&s, CONTROLLER, "Modify = ip/access/", "fingerprint"),
			 syn_of_ue(&s, 1), syn_to_far(&s));
		IN_ORDER(f->name, syn_of_ue(&s, 1), hello(&s));
		ck_assert_ptr_null(packet_find(s.mark, ACCESS, s.c.access_port, UE, 0, PKT_RST, 0));
		scene_end(&s);
	}
	rig_stop();
}
END_TEST

/* The n-th segment with something in it that the gateway sends to the UE. */
static const struct packet *flight_to_ue(const struct scene *s, unsigned n)
{
	for (unsigned i = 0;; i++) {
		const struct packet *k =
		    packet_find(s->mark, ACCESS, s->c.access_port, UE, 0, 0, i);

		if (!k || (k->payload && n-- == 0))
			return k;
	}
}

/* Without it: SYN to the core and TLS begin before the answer, and then the handshake stands still
 * until step 14: the peer gets no more than the gateway's first flight. */
START_TEST(terminating_at_once_waits_for_the_fingerprint)
{
	rig_start(NULL);
	for (int i = 0; i < FLOWS; i++) {
		const struct flow *f = &terminating[i];
		struct scene s;

		scene_begin(&s, f, FAR);
		terminating_add(&s.c, f->access, f->media, f->core, false, s.far_addr.port,
				tls_signal(f));
		s.ue = connect_from(UE, ACCESS, s.c.access_port, 5000);
		ck_assert_int_ge(s.ue, 0);
		s.far = endpoint_accept(s.listener, 5000);
		ck_assert_int_ge(s.far, 0);
		tls_start(&s.tls, s.ue, !f->gateway_is_tls_client, &s.c.ue, TLS1_2_VERSION);
		rig_serve(400);
		ck_assert_ptr_nonnull(flight_to_ue(&s, 0));
		ck_assert_msg(!flight_to_ue(&s, 1),
			      "%s: a second flight before the fingerprint is known", f->name);
		IN_ORDER(f->name, syn_of_ue(&s, 0), syn_to_far(&s));
		terminating_configure(&s.c, f->access, f->media, s.c.ue.line);
		ck_assert_ptr_nonnull(tls_done(&s.tls));
		IN_ORDER(f->name, hello(&s),
			 told(&s, CONTROLLER, "Modify = ip/access/", "fingerprint"),
			 seen(flight_to_ue(&s, 1), "the second flight"));
		scene_end(&s);
	}
	rig_stop();
}
END_TEST

/* The answer says a=setup:passive: the gateway is the active side towards the core, the UE towards
 * the gateway, and TLS client with MSRP. With the signal the SYN to the core does not wait for the
 * UE. */
START_TEST(originating_with_a_passive_answer)
{
	rig_start(NULL);
	for (int signal = 0; signal < 2; signal++) {
		struct scene s;
		const char *r;

		scene_begin(&s, &terminating[0], FAR); /* here the far peer listens */
		add_core(&s.c, "TCP/MSRP", "message", true);
		add_access(&s.c, "TCP/TLS/MSRP", "message", 9, "a=setup:actpass", "");
		r = mgc_do("Context = %d { Modify = %s { Media { Stream = 1 { LocalControl { Mode "
			   "= SendReceive, gm/saf = ON, "
			   "gm/spf = ON }, Local {\nv=0\nc=IN IP4 " CORE
			   "\nm=message %d TCP/MSRP *\na=setup:active\n}, "
			   "Remote {\nv=0\nc=IN IP4 " FAR
			   "\nm=message %d TCP/MSRP *\na=setup:passive\n} } }%s } }",
			   s.c.context, s.c.core, s.c.core_port, s.far_addr.port,
			   signal ? ", Signals { tcpbcc/EstBNC { Stream = 1 } }" : "");
		ck_assert_msg(!strstr(r, "Error"), "%s", r);
		terminating_configure(&s.c, "TCP/TLS/MSRP", "message", s.c.ue.line);
		if (signal) {
			s.far = endpoint_accept(s.listener, 5000);
			ck_assert_int_ge(s.far, 0);
		} else {
			rig_serve(100);
			ck_assert_ptr_null(packet_find(s.mark, CORE, 0, FAR, 0, PKT_SYN, 0));
		}
		s.ue = connect_from(UE, ACCESS, s.c.access_port, 5000);
		ck_assert_int_ge(s.ue, 0);
		if (!signal)
			s.far = endpoint_accept(s.listener, 5000);
		tls_start(&s.tls, s.ue, true, &s.c.ue, TLS1_3_VERSION);
		ck_assert_ptr_nonnull(tls_done(&s.tls));
		exchange(&s);
		if (signal)
			IN_ORDER("signal", syn_to_far(&s), syn_of_ue(&s, 0), hello(&s));
		else
			IN_ORDER("trigger", syn_of_ue(&s, 0), syn_to_far(&s));
		scene_end(&s);
	}
	rig_stop();
}
END_TEST

/* ---- what goes wrong ---- */

/* In every flow and both versions: alert, reset of the core's leg, and only then the Notify. What
 * the far peer had sent is not passed on. */
START_TEST(a_wrong_fingerprint_in_every_flow)
{
	rig_start(NULL);
	for (int i = 0; i < 2 * FLOWS; i++) {
		const struct flow *f = i < FLOWS ? &originating[i] : &terminating[i - FLOWS];
		int version = i & 1 ? TLS1_3_VERSION : TLS1_2_VERSION;
		struct identity wrong;
		struct scene s;
		int64_t alert = -1, reset;
		const char *n;
		char c;

		scene_begin(&s, f, i < FLOWS ? UE : FAR);
		identity_make(&wrong);
		if (i < FLOWS) {
			add_core(&s.c, f->core, f->media, false);
			add_access(&s.c, f->access, f->media, s.ue_addr.port, "a=setup:actpass",
				   "");
			configure_access_active(&s.c, f->access, f->media,
						f->gateway_is_tls_client);
			s.far = connect_from(FAR, CORE, s.c.core_port, 5000);
			s.ue = endpoint_accept(s.listener, 5000);
		} else {
			terminating_add(&s.c, f->access, f->media, f->core, false, s.far_addr.port,
					tls_signal(f));
			terminating_configure(&s.c, f->access, f->media, s.c.ue.line);
			s.ue = connect_from(UE, ACCESS, s.c.access_port, 5000);
			s.far = endpoint_accept(s.listener, 5000);
		}
		ck_assert_int_ge(s.ue, 0);
		ck_assert_int_ge(s.far, 0);
		ck_assert_int_eq(send(s.far, "secret", 6, 0), 6);
		tls_start(&s.tls, s.ue, !f->gateway_is_tls_client, &wrong, version);
		s.tls.alert = -1; /* as TLS 1.3 client too, wait for it */
		n = mgc_notified(5000, "tlsbsc/BNCChange", s.c.access);
		ck_assert_msg(n && strstr(n, "EstFail"), "%s: no Notify", f->name);
		tls_done(&s.tls);
		if (s.tls.ssl) { /* a TLS 1.3 client believes itself done: the next thing it hears
				    is the alert */
			ck_assert_int_le(SSL_read(s.tls.ssl, &c, 1), 0);
		} else {
			ck_assert_msg(s.tls.alert == SSL_AD_BAD_CERTIFICATE, "%s: alert %d",
				      f->name, s.tls.alert);
		}
		ck_assert_int_eq(endpoint_end(s.far, NULL), ECONNRESET);
		reset = seen(packet_find(s.mark, CORE, s.c.core_port, FAR, 0, PKT_RST, 0),
			     "RST to the far peer");
		if (version == TLS1_2_VERSION) {
			alert = seen(packet_tls(s.mark, ACCESS, UE, 21, -1), "alert");
			ck_assert_ptr_null(packet_tls(s.mark, ACCESS, UE, 23, -1));
			IN_ORDER(f->name, hello(&s), alert,
				 told(&s, CORE, "Notify = ip/access/", "EstFail"));
		}
		IN_ORDER(f->name, hello(&s), reset,
			 told(&s, CORE, "Notify = ip/access/", "EstFail"));
		ck_assert_int_eq(wire_count(s.start, CORE, CONTROLLER, "EstFail"),
				 1); /* told once */
		identity_clear(&wrong);
		scene_end(&s);
	}
	rig_stop();
}
END_TEST

/* SHA-1 is believed only where the operator said so (RFC 8122 5). */
START_TEST(a_sha1_fingerprint_needs_permission)
{
	for (int allowed = 0; allowed < 2; allowed++) {
		const struct flow *f = &terminating[0];
		unsigned char digest[20];
		char line[80] = "SHA-1 ", *w = line + 6;
		struct scene s;
		unsigned len;

		rig_start(allowed ? "allow_sha1 = yes\n" : NULL);
		scene_begin(&s, f, FAR);
		ck_assert_int_eq(X509_digest(s.c.ue.cert, EVP_sha1(), digest, &len), 1);
		for (unsigned i = 0; i < len; i++)
			w += sprintf(w, i ? ":%02X" : "%02X", digest[i]);
		terminating_add(&s.c, f->access, f->media, f->core, false, s.far_addr.port, "");
		terminating_configure(&s.c, f->access, f->media, line);
		s.ue = connect_from(UE, ACCESS, s.c.access_port, 5000);
		ck_assert_int_ge(s.ue, 0);
		s.far = endpoint_accept(s.listener, 5000);
		tls_start(&s.tls, s.ue, true, &s.c.ue, TLS1_2_VERSION);
		ck_assert_int_eq(tls_done(&s.tls) != NULL, allowed);
		if (allowed)
			exchange(&s);
		else
			ck_assert_ptr_nonnull(mgc_notified(5000, "tlsbsc/BNCChange", "EstFail"));
		scene_end(&s);
		rig_stop();
	}
}
END_TEST

/* The gate was open, somebody else came first: the Configure sends him away and the UE has its
 * call. */
START_TEST(who_came_from_elsewhere_makes_room_for_the_ue)
{
	const struct flow *f = &terminating[0];
	struct scene s;
	int elsewhere, his;

	rig_start(NULL);
	scene_begin(&s, f, FAR);
	terminating_add(&s.c, f->access, f->media, f->core, false, s.far_addr.port, "");
	elsewhere = connect_from("10.1.0.20", ACCESS, s.c.access_port, 5000);
	ck_assert_int_ge(elsewhere, 0);
	his = endpoint_accept(s.listener, 5000);
	ck_assert_int_ge(his, 0);
	terminating_configure(&s.c, f->access, f->media, s.c.ue.line);
	ck_assert_int_eq(endpoint_end(elsewhere, NULL), ECONNRESET);
	ck_assert_int_eq(endpoint_end(his, NULL), ECONNRESET);
	s.ue = connect_from(UE, ACCESS, s.c.access_port, 5000);
	ck_assert_int_ge(s.ue, 0);
	s.far = endpoint_accept(s.listener, 5000);
	ck_assert_int_ge(s.far, 0);
	tls_start(&s.tls, s.ue, true, &s.c.ue, TLS1_3_VERSION);
	ck_assert_ptr_nonnull(tls_done(&s.tls));
	exchange(&s);
	IN_ORDER(f->name, told(&s, CONTROLLER, "Modify = ip/access/", "gm/sam"),
		 seen(packet_find(s.mark, ACCESS, s.c.access_port, "10.1.0.20", 0, PKT_RST, 0),
		      "RST to the stranger"),
		 syn_of_ue(&s, 0));
	close(elsewhere);
	close(his);
	scene_end(&s);
	rig_stop();
}
END_TEST

/* A UE that opens TCP and says nothing, and one whose fingerprint never comes: the limit ends both.
 */
START_TEST(a_handshake_that_does_not_come_about_is_given_up)
{
	const struct flow *f = &terminating[0];

	rig_start("tls_handshake_ms = 700\n");
	for (int held = 0; held < 2; held++) {
		struct scene s;
		int64_t notify;

		scene_begin(&s, f, FAR);
		terminating_add(&s.c, f->access, f->media, f->core, false, s.far_addr.port, "");
		if (!held)
			terminating_configure(&s.c, f->access, f->media, s.c.ue.line);
		s.ue = connect_from(UE, ACCESS, s.c.access_port, 5000);
		ck_assert_int_ge(s.ue, 0);
		s.far = endpoint_accept(s.listener, 5000);
		ck_assert_int_ge(s.far, 0);
		if (held)
			tls_start(&s.tls, s.ue, true, &s.c.ue, TLS1_2_VERSION);
		ck_assert_ptr_nonnull(mgc_notified(5000, "tlsbsc/BNCChange", s.c.access));
		if (held)
			ck_assert_ptr_null(tls_done(&s.tls));
		ck_assert_int_eq(endpoint_end(s.far, NULL), ECONNRESET);
		notify = told(&s, CORE, "Notify = ip/access/", "EstFail");
		IN_ORDER("given up", syn_of_ue(&s, 0) + 700000, notify);
		IN_ORDER("given up",
			 seen(packet_find(s.mark, CORE, s.c.core_port, FAR, 0, PKT_RST, 0), "RST"),
			 notify);
		scene_end(&s);
	}
	rig_stop();
}
END_TEST

/* A far peer that is not there, in the way of one behind a firewall: SYNs go unanswered. */
START_TEST(a_far_peer_that_never_answers_is_given_up)
{
	static struct sock_filter drop[] = {{BPF_RET | BPF_K, 0, 0, 0}};
	const struct sock_fprog program = {1, drop};
	const struct flow *f = &terminating[0];
	struct scene s;

	rig_start("tcp_connect_ms = 1500\n");
	scene_begin(&s, f, FAR);
	ck_assert_int_eq(
	    setsockopt(s.listener, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)), 0);
	terminating_add(&s.c, f->access, f->media, f->core, false, s.far_addr.port, "");
	s.ue = connect_from(UE, ACCESS, s.c.access_port, 5000);
	ck_assert_int_ge(s.ue, 0);
	ck_assert_ptr_nonnull(mgc_notified(6000, "tcpbcc/BNCChange", "EstFail"));
	ck_assert_int_eq(endpoint_end(s.ue, NULL), ECONNRESET);
	IN_ORDER(
	    f->name, syn_of_ue(&s, 0), syn_to_far(&s),
	    seen(packet_find(s.mark, CORE, s.c.core_port, FAR, s.far_addr.port, PKT_SYN, 1),
		 "second SYN"),
	    seen(packet_find(s.mark, ACCESS, s.c.access_port, UE, 0, PKT_RST, 0), "RST to the UE"),
	    told(&s, CORE, "Notify = ip/core/", "EstFail"));
	scene_end(&s);
	rig_stop();
}
END_TEST

/* A call with media on it. */
static void talking(struct scene *s, const struct flow *f)
{
	scene_begin(s, f, FAR);
	terminating_add(&s->c, f->access, f->media, f->core, false, s->far_addr.port,
			tls_signal(f));
	terminating_configure(&s->c, f->access, f->media, s->c.ue.line);
	s->ue = connect_from(UE, ACCESS, s->c.access_port, 5000);
	ck_assert_int_ge(s->ue, 0);
	s->far = endpoint_accept(s->listener, 5000);
	ck_assert_int_ge(s->far, 0);
	tls_start(&s->tls, s->ue, !f->gateway_is_tls_client, &s->c.ue, TLS1_3_VERSION);
	ck_assert_ptr_nonnull(tls_done(&s->tls));
	exchange(s);
}

/* The UE's end breaks: the far peer learns it by a reset, the controller by a Notify. */
START_TEST(a_ue_that_breaks_off_takes_the_far_leg_along)
{
	struct linger hard = {.l_onoff = 1};
	struct scene s;

	rig_start(NULL);
	talking(&s, &terminating[0]);
	setsockopt(s.ue, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	close(s.ue);
	s.ue = -1;
	ck_assert_ptr_nonnull(mgc_notified(3000, "g/cause", s.c.access));
	ck_assert_int_eq(endpoint_end(s.far, NULL), ECONNRESET);
	IN_ORDER(
	    "broken",
	    seen(packet_find(s.mark, UE, 0, ACCESS, s.c.access_port, PKT_RST, 0), "RST of the UE"),
	    seen(packet_find(s.mark, CORE, s.c.core_port, FAR, 0, PKT_RST, 0),
		 "RST to the far peer"),
	    told(&s, CORE, "Notify = ip/access/", "g/cause"));
	scene_end(&s);
	rig_stop();
}
END_TEST

/* Killed with a call on it: both peers see the end, it registers anew, and the call can be made
 * again. */
START_TEST(a_gateway_killed_in_the_middle_of_a_call)
{
	struct scene s;

	rig_start(NULL);
	for (int i = 0; i < FLOWS; i += 2) {
		int64_t killed;

		talking(&s, &terminating[i]);
		killed = wire_now();
		rig_gateway_kill();
		ck_assert_int_ge(endpoint_end(s.far, NULL), 0);
		ck_assert_int_ge(endpoint_end(s.ue, NULL), 0);
		rig_gateway_start();
		ck_assert_str_eq(mgc_last_registration(), "Restart 901");
		IN_ORDER("restart", killed, wire_find(killed, CORE, "ServiceChange", "Restart"));
		endpoint_tls_free(s.tls.ssl);
		close(s.ue);
		close(s.far);
		close(s.listener);
		identity_clear(&s.c.ue);
		talking(&s, &terminating[i]);
		scene_end(&s);
	}
	rig_stop();
}
END_TEST

/* Media does not need the controller; when he is back he finds the call and can end it. */
START_TEST(media_goes_on_while_the_controller_is_gone)
{
	struct scene s;
	int64_t gone;
	const char *r;

	rig_start(NULL);
	talking(&s, &terminating[0]);
	r = mgc_do("Context = - { Modify = ROOT { Events = 9000 { it/ito { mit = 50 } } } }");
	ck_assert_msg(!strstr(r, "Error"), "%s", r);
	gone = wire_now();
	rig_mgc_stop();
	for (int i = 0; i < 10; i++) {
		exchange(&s);
		rig_serve(450); /* over silence and T-MAX */
	}
	ck_assert_int_gt(wire_count(gone, CORE, CONTROLLER, "it/ito"),
			 1); /* sent, and sent again */
	rig_mgc_start();
	for (int i = 0; i < 200 && mgc_registrations() < 2; i++)
		rig_serve(50);
	ck_assert_str_eq(mgc_last_registration(), "Disconnected 900");
	IN_ORDER("back", wire_find(gone, CORE, "it/ito", NULL),
		 wire_find(gone, CORE, "ServiceChange", "Disconnected"));
	rig_serve(100);
	exchange(&s);
	r = mgc_do("Context = %d { AuditValue = * { Audit { Media, Statistics } } }", s.c.context);
	ck_assert_msg(strstr(r, s.c.access) && strstr(r, s.c.core), "%s", r);
	scene_end(&s);
	rig_stop();
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
	    originating_delayed,
	    originating_at_once,
	    terminating_delayed,
	    terminating_at_once_waits_for_the_fingerprint,
	    originating_with_a_passive_answer,
	    a_wrong_fingerprint_in_every_flow,
	    a_sha1_fingerprint_needs_permission,
	    who_came_from_elsewhere_makes_room_for_the_ue,
	    a_handshake_that_does_not_come_about_is_given_up,
	    a_far_peer_that_never_answers_is_given_up,
	    a_ue_that_breaks_off_takes_the_far_leg_along,
	    a_gateway_killed_in_the_middle_of_a_call,
	    media_goes_on_while_the_controller_is_gone,
	};

	return flows_main("order on the wire", tests, sizeof(tests) / sizeof(tests[0]));
}
