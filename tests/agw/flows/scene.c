/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agw/flows/scene.h"
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

const struct flow originating[FLOWS] = {
    {"MSRP", "message", "TCP/TLS/MSRP", "TCP/MSRP", true},
    {"MSRP, agnostic", "message", "TCP/TLS", "TCP", true},
    {"BFCP", "application", "TCP/TLS/BFCP", "TCP/BFCP", false},
    {"BFCP, agnostic", "application", "TCP/TLS", "TCP", false},
};
const struct flow terminating[FLOWS] = {
    {"MSRP", "message", "TCP/TLS/MSRP", "TCP/MSRP", false},
    {"MSRP, agnostic", "message", "TCP/TLS", "TCP", false},
    {"BFCP", "application", "TCP/TLS/BFCP", "TCP/BFCP", true},
    {"BFCP, agnostic", "application", "TCP/TLS", "TCP", true},
};

void scene_begin(struct scene *s, const struct flow *f, const char *listener_at)
{
	memset(s, 0, sizeof(*s));
	s->flow = f;
	s->ue = s->far = -1;
	identity_make(&s->c.ue);
	s->listener = endpoint_bind(listener_at, 0,
				    strcmp(listener_at, ue_ip()) == 0 ? &s->ue_addr : &s->far_addr);
	listen(s->listener, 4);
	s->mark = packets_mark();
	s->start = wire_now();
}

void scene_end(struct scene *s)
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

int64_t seen(const struct packet *k, const char *what)
{
	ck_assert_msg(k != NULL, "never seen: %s", what);
	return k->us;
}

int64_t syn_to_core(const struct scene *s, unsigned n)
{
	return seen(packet_find(s->mark, FAR, 0, CORE, s->c.core_port, PKT_SYN, n),
		    "SYN of the far peer");
}

int64_t syn_ack_to_far(const struct scene *s)
{
	return seen(packet_find(s->mark, CORE, s->c.core_port, FAR, 0, PKT_SYN | PKT_ACK, 0),
		    "SYN ACK to the far peer");
}

int64_t syn_to_ue(const struct scene *s)
{
	return seen(packet_find(s->mark, access_ip(), s->c.access_port, ue_ip(), s->ue_addr.port,
				PKT_SYN, 0),
		    "SYN to the UE");
}

int64_t hello(const struct scene *s)
{
	bool ours = s->flow->gateway_is_tls_client;

	ck_assert_ptr_null(
	    packet_tls(s->mark, ours ? ue_ip() : access_ip(), ours ? access_ip() : ue_ip(), 22, 1));
	return seen(
	    packet_tls(s->mark, ours ? access_ip() : ue_ip(), ours ? ue_ip() : access_ip(), 22, 1),
	    "ClientHello");
}

int64_t told(const struct scene *s, const char *from, const char *word, const char *more)
{
	int64_t us = wire_find(s->start, from, word, more);

	ck_assert_msg(us >= 0, "never seen: %s %s", word, more ? more : "");
	return us;
}

void in_order(const char *name, ...)
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

void exchange(struct scene *s)
{
	bool msrp = strcmp(s->flow->media, "message") == 0;
	const char *text = msrp ? msrp_out : bfcp_out;
	size_t n = msrp ? sizeof(msrp_out) - 1 : sizeof(bfcp_out);

	ck_assert_int_eq(send(s->far, text, n, 0), (int)n);
	expect_message(s->ue, s->tls.ssl, msrp);
	ck_assert_int_eq(SSL_write(s->tls.ssl, text, (int)n), (int)n);
	expect_message(s->far, NULL, msrp);
}

const char *tls_signal(const struct flow *f)
{
	return f->gateway_is_tls_client ? ", Signals { tlsbsc/EstablishBNC { Stream = 1 } }" : "";
}

int64_t syn_of_ue(const struct scene *s, unsigned n)
{
	return seen(packet_find(s->mark, ue_ip(), 0, access_ip(), s->c.access_port, PKT_SYN, n),
		    "SYN of the UE");
}

int64_t syn_to_far(const struct scene *s)
{
	return seen(packet_find(s->mark, CORE, s->c.core_port, FAR, s->far_addr.port, PKT_SYN, 0),
		    "SYN to the far peer");
}

const struct packet *flight_to_ue(const struct scene *s, unsigned n)
{
	for (unsigned i = 0;; i++) {
		const struct packet *k =
		    packet_find(s->mark, access_ip(), s->c.access_port, ue_ip(), 0, 0, i);

		if (!k || (k->payload && n-- == 0))
			return k;
	}
}

static bool is_originating(const struct flow *f)
{
	return f >= originating && f < originating + FLOWS;
}

void scene_prepare(struct scene *s, const struct flow *f, bool closed)
{
	scene_begin(s, f, is_originating(f) ? ue_ip() : FAR);
	if (is_originating(f)) {
		add_core(&s->c, f->core, f->media, closed);
		add_access(&s->c, f->access, f->media, s->ue_addr.port, "a=setup:actpass", "");
		configure_core(&s->c, f->core, f->media, FAR);
		configure_access_active(&s->c, f->access, f->media, f->gateway_is_tls_client);
	} else {
		terminating_add(&s->c, f->access, f->media, f->core, closed, s->far_addr.port,
				tls_signal(f));
		terminating_configure(&s->c, f->access, f->media, s->c.ue.line);
	}
}

void scene_connect(struct scene *s)
{
	const struct flow *f = s->flow;

	if (is_originating(f)) {
		s->far = connect_from(FAR, CORE, s->c.core_port, 20000);
		s->ue = endpoint_accept(s->listener, 20000);
	} else {
		s->ue = connect_from(ue_ip(), access_ip(), s->c.access_port, 20000);
		s->far = endpoint_accept(s->listener, 20000);
	}
	ck_assert_int_ge(s->ue, 0);
	ck_assert_int_ge(s->far, 0);
	tls_start(&s->tls, s->ue, !f->gateway_is_tls_client, &s->c.ue, TLS1_3_VERSION);
	ck_assert_ptr_nonnull(tls_done(&s->tls));
	exchange(s);
}

void scene_talk(struct scene *s, const struct flow *f)
{
	scene_prepare(s, f, false);
	scene_connect(s);
}

void scene_break(struct scene *s)
{
	endpoint_tls_free(s->tls.ssl);
	s->tls.ssl = NULL;
	if (s->ue >= 0)
		close(s->ue);
	if (s->far >= 0)
		close(s->far);
	close(s->listener);
	identity_clear(&s->c.ue);
}
