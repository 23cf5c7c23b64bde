/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The four flows of TR 29.828 5.2.1, SRTP, and what can go wrong, with the controller of ims_alg and
 * real gateways: bytes pass from phone to far end and back, TLS by OpenSSL, SRTP by libsrtp2.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <srtp2/srtp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "alg/live.h"

enum { BIG = 1000, SMALL = 4 };

/* What differs between the flows: who is TLS client follows RFC 6135 6 for MSRP, RFC 8856 8 for BFCP. */
struct flow {
	const char *name, *media, *access, *core;
	bool originating, gateway_is_tls_client;
};
static const struct flow flows[] = {
    {"MSRP originating", "message", "TCP/TLS/MSRP", "TCP/MSRP", true, true},
    {"MSRP originating, agnostic", "message", "TCP/TLS", "TCP", true, true},
    {"BFCP originating", "application", "TCP/TLS/BFCP", "TCP/BFCP", true, false},
    {"BFCP originating, agnostic", "application", "TCP/TLS", "TCP", true, false},
    {"MSRP terminating", "message", "TCP/TLS/MSRP", "TCP/MSRP", false, false},
    {"MSRP terminating, agnostic", "message", "TCP/TLS", "TCP", false, false},
    {"BFCP terminating", "application", "TCP/TLS/BFCP", "TCP/BFCP", false, true},
    {"BFCP terminating, agnostic", "application", "TCP/TLS", "TCP", false, true},
};
enum { FLOWS = sizeof(flows) / sizeof(flows[0]) };

struct scene {
	const struct flow *flow;
	uint64_t call;
	struct alg_media media;
	struct identity ue;
	struct netaddr listening; /* the phone, or the far end */
	struct mgc_result result;
	int listener, phone, far;
	SSL *ssl;
};

/* A call must not fail because the machine is busy. */
static void patient(void)
{
	mgc_config_default(&live_config);
	live_config.step_ms = live_config.order_ms = LIVE_PATIENCE_MS;
	live_config.t_max_ms = 25000;
	live_config.grace_ms = 25000;
}

static void media_begin(struct alg_media *m, const char *media, const char *formats)
{
	memset(m, 0, sizeof(*m));
	strcpy(m->realm[ALG_ACCESS], "access.ims");
	strcpy(m->realm[ALG_CORE], "core.ims");
	m->family[ALG_ACCESS] = m->family[ALG_CORE] = 4;
	m->side_wanted[ALG_ACCESS] = m->side_wanted[ALG_CORE] = true;
	m->dscp[ALG_ACCESS] = m->dscp[ALG_CORE] = ALG_DSCP_NONE;
	m->streams = 1;
	m->stream[0].live = true;
	m->stream[0].id = 1;
	strcpy(m->stream[0].media, media);
	strcpy(m->stream[0].formats, formats);
	m->stream[0].end[0].mode = m->stream[0].end[1].mode = SDP_DIR_SENDRECV;
}

static void peer_is(struct alg_end *end, const struct netaddr *at, enum sdp_setup setup)
{
	end->remote = *at;
	end->has_remote_setup = true;
	end->remote_setup = setup;
	if (setup == SDP_SETUP_ACTIVE)
		end->remote.port = 0;
}

static struct netaddr host(const char *ip)
{
	struct netaddr a;

	ck_assert_int_eq(netaddr_parse(slice_str(ip), &a), 0);
	return a;
}

/* Steps 2 to 7: both terminations; the gate of the side that is to answer is closed. */
static void offer(struct scene *s)
{
	bool mo = s->flow->originating;
	enum alg_side from = mo ? ALG_ACCESS : ALG_CORE, to = alg_other_side(from);
	struct alg_stream *stream = &s->media.stream[0];
	struct alg_end *access = &stream->end[ALG_ACCESS];

	media_begin(&s->media, s->flow->media, "*");
	s->media.first = to;
	strcpy(access->proto, s->flow->access);
	strcpy(stream->end[ALG_CORE].proto, s->flow->core);
	for (int side = 0; side < ALG_SIDES; side++) {
		stream->end[side].has_setup = true;
		stream->end[side].setup = SDP_SETUP_ACTPASS;
		stream->end[side].filter_address = true;
	}
	stream->end[to].filter_port = true;
	access->want_fingerprint = true;
	access->hash = FINGERPRINT_SHA256;
	access->tls_client = !mo && s->flow->gateway_is_tls_client;
	peer_is(&stream->end[from], &s->listening, SDP_SETUP_ACTPASS);
	if (mo)
		ck_assert_int_eq(fingerprint_set_add(&access->fingerprints, slice_str(s->ue.line)),
				 0);
	s->result = live_apply(s->call, &s->media);
}

/* Steps 13 to 18 (terminating: 14 to 16): the answerer is active, wherever it comes from. */
static void answer(struct scene *s, const char *fingerprint)
{
	bool mo = s->flow->originating;
	enum alg_side from = mo ? ALG_ACCESS : ALG_CORE, to = alg_other_side(from);
	struct alg_stream *stream = &s->media.stream[0];
	struct netaddr peer = host(mo ? FAR : UE);

	peer_is(&stream->end[to], &peer, SDP_SETUP_ACTIVE);
	stream->end[to].setup = SDP_SETUP_PASSIVE;
	stream->end[to].filter_port = false;
	stream->end[from].setup = SDP_SETUP_ACTIVE;
	if (mo)
		stream->end[ALG_ACCESS].tls_client = s->flow->gateway_is_tls_client;
	else
		ck_assert_int_eq(fingerprint_set_add(&stream->end[ALG_ACCESS].fingerprints,
						     slice_str(fingerprint)),
				 0);
	s->result = live_apply(s->call, &s->media);
}

static void scene_begin(struct scene *s, const struct flow *f, uint64_t call)
{
	memset(s, 0, sizeof(*s));
	s->flow = f;
	s->call = call;
	s->phone = s->far = -1;
	identity_make(&s->ue);
	s->listener = endpoint_bind(f->originating ? UE : FAR, 0, &s->listening);
	listen(s->listener, 4);
}

static void exactly(int fd, SSL *ssl, const char *text, size_t n)
{
	char got[256];

	ck_assert(endpoint_read(fd, ssl, got, n));
	ck_assert_mem_eq(got, text, n);
}

static const char bfcp[12] = {0x20, 11, 0, 0, 0, 0, 0, 1, 0, 1, 0, 2};
static const char chunk[] =
    "MSRP zzzz REPORT\r\nTo-Path: msrp://x:1/a;tcp\r\nFrom-Path: msrp://y:2/b;tcp\r\n"
    "-------zzzz$\r\n";

/* Up to the end line: an MSRP-aware gateway rewrites the paths. */
static void message_comes(int fd, SSL *ssl)
{
	char last[9] = "";

	exactly(fd, ssl, chunk, 16);
	while (memcmp(last, "zzzz$\r\n", 7) != 0) {
		memmove(last, last + 1, 6);
		ck_assert(endpoint_read(fd, ssl, last + 6, 1));
	}
}

static void exchange(struct scene *s)
{
	bool msrp = strcmp(s->flow->media, "message") == 0;
	const char *text = msrp ? chunk : bfcp;
	size_t n = msrp ? sizeof(chunk) - 1 : sizeof(bfcp);

	ck_assert_int_eq(send(s->far, text, n, 0), (int)n);
	if (msrp)
		message_comes(s->phone, s->ssl);
	else
		exactly(s->phone, s->ssl, text, n);
	ck_assert_int_eq(SSL_write(s->ssl, text, (int)n), (int)n);
	if (msrp)
		message_comes(s->far, NULL);
	else
		exactly(s->far, NULL, text, n);
}

/* The answerer connects, the gateway connects on, TLS comes up, and media pass both ways. */
static void connect_all(struct scene *s)
{
	bool mo = s->flow->originating;
	struct netaddr me, to = s->media.stream[0].given[mo ? ALG_CORE : ALG_ACCESS].local;
	int first = endpoint_bind(mo ? FAR : UE, 0, &me), second, alert = 0;

	ck_assert_msg(endpoint_connect(first, &to, 30000), "%s: %s", s->flow->name,
		      strerror(errno));
	second = endpoint_accept(s->listener, 30000);
	ck_assert_int_ge(second, 0);
	s->far = mo ? first : second;
	s->phone = mo ? second : first;
	s->ssl =
	    endpoint_tls(s->phone, !s->flow->gateway_is_tls_client, &s->ue, TLS1_3_VERSION, &alert);
	ck_assert_msg(s->ssl != NULL, "%s: alert %d", s->flow->name, alert);
	exchange(s);
}

static void hang_up(struct scene *s)
{
	endpoint_tls_free(s->ssl);
	s->ssl = NULL;
	if (s->phone >= 0)
		close(s->phone);
	if (s->far >= 0)
		close(s->far);
	close(s->listener);
	identity_clear(&s->ue);
}

static void call_up(struct scene *s, const struct flow *f, uint64_t call)
{
	scene_begin(s, f, call);
	offer(s);
	ck_assert_msg(s->result.code == MGC_OK, "%s: %u %s", f->name, s->result.h248_code,
		      s->result.text);
	answer(s, s->ue.line);
	ck_assert_msg(s->result.code == MGC_OK, "%s: %u %s", f->name, s->result.h248_code,
		      s->result.text);
	connect_all(s);
}

static uint64_t statistic(const struct mgc_result *r, enum alg_side side, const char *name)
{
	for (unsigned i = 0; i < r->statistics; i++)
		if (r->statistic[i].side == side && strcmp(r->statistic[i].name, name) == 0)
			return r->statistic[i].value;
	return 0;
}

/* ---- the flows ---- */

START_TEST(the_four_flows)
{
	patient();
	live_start(1, BIG, "");
	for (int i = 0; i < FLOWS; i++)
		for (int merged = 0; merged < 2; merged++) {
			struct scene s;

			call_up(&s, &flows[i], (uint64_t)i * 2 + merged + 1);
			s.result = live_release(s.call);
			ck_assert_int_eq(s.result.code, MGC_OK);
			ck_assert_uint_gt(statistic(&s.result, ALG_ACCESS, "nt/or"), 0);
			ck_assert_uint_gt(statistic(&s.result, ALG_CORE, "nt/or"), 0);
			hang_up(&s);
			LIVE_UNTIL(live_contexts(0) == 0);
		}
	ck_assert_uint_eq(live_view(0).errors, 0);
	ck_assert_uint_eq(mgc_contexts(mgc), 0);
	live_stop();
}
END_TEST

/* Delayed establishment: nobody comes in before Remote is known. */
START_TEST(the_gate_is_closed_until_the_answer)
{
	struct netaddr me;
	struct scene s;
	int early;

	patient();
	live_start(1, BIG, "");
	scene_begin(&s, &flows[0], 1);
	offer(&s);
	early = endpoint_bind(FAR, 0, &me);
	ck_assert(!endpoint_connect(early, &s.media.stream[0].given[ALG_CORE].local, 700));
	close(early);
	answer(&s, NULL);
	connect_all(&s);
	live_release(1);
	hang_up(&s);
	live_stop();
}
END_TEST

/* A phone with another certificate than it announced gets nothing, and the call's owner is told. */
START_TEST(a_wrong_fingerprint_is_told)
{
	struct identity other;
	struct netaddr me;
	struct scene s;
	int alert = -1;
	SSL *ssl;

	patient();
	live_start(1, BIG, "");
	identity_make(&other);
	scene_begin(&s, &flows[4], 1);
	offer(&s);
	answer(&s, other.line);
	ck_assert_int_eq(s.result.code, MGC_OK);
	s.phone = endpoint_bind(UE, 0, &me);
	ck_assert(endpoint_connect(s.phone, &s.media.stream[0].given[ALG_ACCESS].local, 30000));
	ssl = endpoint_tls(s.phone, true, &s.ue, TLS1_2_VERSION, &alert);
	ck_assert_ptr_null(ssl);
	ck_assert_int_eq(alert, 42); /* bad_certificate (RFC 8122 6.2) */
	LIVE_UNTIL(live_events[MGC_EV_TLS_FAILED] == 1);
	live_release(1);
	identity_clear(&other);
	hang_up(&s);
	live_stop();
}
END_TEST

/* ---- SRTP ---- */

static srtp_t session(const struct sdes_key *key, bool out)
{
	srtp_policy_t policy;
	srtp_t srtp;

	memset(&policy, 0, sizeof(policy));
	srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
	srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
	policy.ssrc.type = out ? ssrc_any_outbound : ssrc_any_inbound;
	policy.key = (unsigned char *)key->key;
	ck_assert_int_eq(srtp_create(&srtp, &policy), srtp_err_status_ok);
	return srtp;
}

static int udp(const char *ip, struct netaddr *me)
{
	struct netaddr a = host(ip);
	struct sockaddr_storage ss;
	socklen_t len = netaddr_to_sockaddr(&a, &ss);
	struct timeval limit = {LIVE_PATIENCE_MS / 1000, 0};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&ss, len), 0);
	len = sizeof(ss);
	getsockname(fd, (struct sockaddr *)&ss, &len);
	netaddr_from_sockaddr(&ss, me);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	return fd;
}

static void send_to(int fd, const struct netaddr *to, const void *bytes, size_t n)
{
	struct sockaddr_storage ss;
	socklen_t len = netaddr_to_sockaddr(to, &ss);

	ck_assert_int_eq(sendto(fd, bytes, n, 0, (struct sockaddr *)&ss, len), (int)n);
}

static int rtp(uint8_t *packet, uint16_t sequence)
{
	static const char text[] = "twenty octets of it.";

	memset(packet, 0, 12);
	packet[0] = 0x80;
	packet[2] = (uint8_t)(sequence >> 8);
	packet[3] = (uint8_t)sequence;
	packet[11] = 7;
	memcpy(packet + 12, text, 20);
	return 32;
}

START_TEST(srtp_at_the_edge_and_rtp_in_the_core)
{
	uint8_t packet[256], plain[256];
	struct netaddr phone_at, far_at;
	struct alg_media m = {0};
	struct alg_end *access = &m.stream[0].end[ALG_ACCESS], *core = &m.stream[0].end[ALG_CORE];
	const struct alg_given *given = m.stream[0].given;
	int phone, far, n;
	srtp_t out, in;

	patient();
	live_start(1, BIG, "");
	ck_assert_int_eq(srtp_init(), srtp_err_status_ok);
	phone = udp(UE, &phone_at);
	far = udp(FAR, &far_at);
	media_begin(&m, "audio", "8");
	m.merged = true;
	strcpy(access->proto, "RTP/SAVP");
	strcpy(core->proto, "RTP/AVP");
	access->suite = SDES_AES_CM_128_HMAC_SHA1_80;
	access->crypto_tag = 1;
	access->rtcp_port = core->rtcp_port = true;
	access->remote = phone_at;
	core->remote = far_at;
	ck_assert_int_eq(sdes_parse(SLICE_LIT("1 AES_CM_128_HMAC_SHA1_80 "
					      "inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj"),
				    &access->remote_key),
			 SDES_OK);
	ck_assert_int_eq(live_apply(1, &m).code, MGC_OK);
	ck_assert_int_eq(given[ALG_ACCESS].key.suite, SDES_AES_CM_128_HMAC_SHA1_80);
	out = session(&access->remote_key, true);
	in = session(&given[ALG_ACCESS].key, false);

	n = rtp(packet, 1);
	rtp(plain, 1);
	ck_assert_int_eq(srtp_protect(out, packet, &n), srtp_err_status_ok);
	ck_assert_int_eq(n, 42);
	send_to(phone, &given[ALG_ACCESS].local, packet, (size_t)n);
	ck_assert_int_eq(recv(far, packet, sizeof(packet), 0), 32);
	ck_assert_mem_eq(packet, plain, 32);

	n = rtp(packet, 100);
	rtp(plain, 100);
	send_to(far, &given[ALG_CORE].local, packet, (size_t)n);
	n = (int)recv(phone, packet, sizeof(packet), 0);
	ck_assert_int_eq(n, 42);
	ck_assert_int_eq(srtp_unprotect(in, packet, &n), srtp_err_status_ok);
	ck_assert_int_eq(n, 32);
	ck_assert_mem_eq(packet, plain, 32);

	struct mgc_result end = live_release(1);

	ck_assert_uint_eq(statistic(&end, ALG_ACCESS, "rtp/pr"), 1);
	ck_assert_uint_eq(statistic(&end, ALG_ACCESS, "rtp/ps"), 1);
	srtp_dealloc(out);
	srtp_dealloc(in);
	close(phone);
	close(far);
	live_stop();
}
END_TEST

/* ---- what goes wrong ---- */

/* kill -9 in mid-call: its calls are told within five seconds, the other gateway takes new ones. */
START_TEST(a_gateway_is_killed)
{
	struct scene s[8];
	unsigned dead, on_it = 0;
	int64_t killed;

	mgc_config_default(&live_config);
	live_config.step_ms = 10000;
	live_config.order_ms = 20000;
	live_start(2, BIG, "");
	for (unsigned i = 0; i < 8; i++)
		call_up(&s[i], &flows[i % FLOWS], i + 1);
	dead = strcmp(s[0].result.gateway, "agw0") == 0 ? 0 : 1;
	for (unsigned i = 0; i < 8; i++)
		on_it += strcmp(s[i].result.gateway, s[0].result.gateway) == 0;
	live_kill(dead, SIGKILL);
	killed = live_now();
	LIVE_UNTIL(live_events[MGC_EV_CONTEXT_LOST] == on_it);
	printf("  %u calls of a killed gateway told after %lld ms\n", on_it,
	       (long long)(live_now() - killed));
	ck_assert_int_eq(live_events[MGC_EV_GATEWAY_DOWN], 2); /* restarting, then down */
	for (unsigned i = 0; i < 8; i++) {		       /* those of the other go on */
		if (strcmp(s[i].result.gateway, s[0].result.gateway) != 0)
			exchange(&s[i]);
		hang_up(&s[i]);
	}
	for (unsigned i = 0; i < 4; i++) {
		call_up(&s[i], &flows[i], 100 + i);
		ck_assert_str_eq(s[i].result.gateway, dead ? "agw0" : "agw1");
		hang_up(&s[i]);
	}
	live_gateway(dead);
	LIVE_UNTIL(live_view(dead).state == MGC_UP);
	live_stop();
}
END_TEST

static char record[65536];
static size_t record_size;

/* The controller ends and begins again: the call with a record goes on with its TLS connection, the
 * others are nobody's and are subtracted. */
START_TEST(the_controller_restarts)
{
	struct scene kept, orphan;
	uint64_t call = 0;

	patient();
	live_start(1, BIG, "");
	call_up(&kept, &flows[0], 1);
	call_up(&orphan, &flows[4], 2);
	record_size = mgc_context_save(mgc, 1, record, sizeof(record));
	ck_assert_uint_gt(record_size, 0);
	ck_assert_uint_le(record_size, sizeof(record));
	live_controller_end();
	exchange(&kept); /* media do not need us */
	live_controller();
	ck_assert_int_eq(mgc_context_load(mgc, record, record_size, &call), 0);
	ck_assert_uint_eq(call, 1);
	mgc_start(mgc, live_now());
	LIVE_UNTIL(live_view(0).state == MGC_UP && live_contexts(0) == 1);
	ck_assert_uint_eq(live_view(0).orphans, 1);
	ck_assert_uint_eq(live_events[MGC_EV_CONTEXT_LOST], 0);
	exchange(&kept);
	kept.media.stream[0].end[ALG_CORE].mode = SDP_DIR_RECVONLY; /* and it can be changed */
	ck_assert_int_eq(live_apply(1, &kept.media).code, MGC_OK);
	ck_assert_int_eq(live_release(1).code, MGC_OK);
	LIVE_UNTIL(live_contexts(0) == 0);
	hang_up(&kept);
	hang_up(&orphan);
	live_stop();
}
END_TEST

/* Stopped: it hears and does not answer. Calls go to the other one; what it makes of its messages
 * when it wakes is taken away. */
START_TEST(a_gateway_falls_silent)
{
	struct scene s[10];
	unsigned on_other = 0;

	patient();
	live_config.step_ms = 500;
	live_start(2, BIG, "");
	live_kill(0, SIGSTOP);
	for (unsigned i = 0; i < 10; i++) {
		scene_begin(&s[i], &flows[0], i + 1);
		offer(&s[i]);
		ck_assert_int_eq(s[i].result.code, MGC_OK);
		on_other += strcmp(s[i].result.gateway, "agw1") == 0;
		hang_up(&s[i]);
	}
	ck_assert_uint_eq(on_other, 10);
	live_kill(0, SIGCONT);
	LIVE_UNTIL(live_view(0).state == MGC_UP && live_contexts(0) == 0 && live_contexts(1) == 10);
	for (unsigned i = 0; i < 10; i++)
		live_release(i + 1);
	LIVE_UNTIL(live_contexts(1) == 0);
	live_stop();
}
END_TEST

/* Out of ports: a clear answer, and nothing left over. */
START_TEST(a_gateway_has_no_ports_left)
{
	struct scene s[SMALL + 2];
	int had = 0;

	patient();
	live_start(1, SMALL, "overload_percent = 0\n");
	for (int i = 0; i < SMALL + 2; i++) {
		scene_begin(&s[i], &flows[0], (uint64_t)i + 1);
		offer(&s[i]);
		hang_up(&s[i]);
		if (s[i].result.code == MGC_OK) {
			had++;
			continue;
		}
		ck_assert_int_eq(s[i].result.code, MGC_NO_RESOURCES);
		ck_assert_uint_eq(s[i].result.h248_code, 510);
	}
	ck_assert_int_eq(had, SMALL);
	LIVE_UNTIL(live_contexts(0) == SMALL);
	for (int i = 0; i < SMALL; i++)
		live_release((uint64_t)i + 1);
	LIVE_UNTIL(live_contexts(0) == 0);
	live_stop();
}
END_TEST

/* A gateway that says that it is overloaded is given fewer calls, before it has to refuse them. */
START_TEST(a_gateway_is_overloaded)
{
	struct scene s;

	patient();
	live_start(1, SMALL, "overload_percent = 50\n");
	for (uint64_t i = 1; i < SMALL; i++) {
		scene_begin(&s, &flows[0], i);
		offer(&s);
		hang_up(&s);
	}
	LIVE_UNTIL(live_view(0).state == MGC_OVERLOADED);
	ck_assert_uint_lt(live_view(0).pace, 100);
	for (uint64_t i = 1; i < SMALL; i++)
		live_release(i);
	LIVE_UNTIL(live_view(0).state == MGC_UP);
	live_stop();
}
END_TEST

/* A realm that the gateway does not have. */
START_TEST(a_change_is_taken_back_when_the_gateway_refuses_it)
{
	struct scene s;
	struct mgc_result r;

	patient();
	live_start(1, BIG, "");
	call_up(&s, &flows[0], 1);
	strcpy(s.media.realm[ALG_ACCESS], "nowhere.ims");
	r = live_apply(1, &s.media);
	ck_assert_int_eq(r.code, MGC_REFUSED);
	ck_assert_uint_eq(r.h248_code, 449);
	exchange(&s); /* all as before */
	ck_assert_int_eq(live_release(1).code, MGC_OK);
	hang_up(&s);
	live_stop();
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {the_four_flows,
				      the_gate_is_closed_until_the_answer,
				      a_wrong_fingerprint_is_told,
				      srtp_at_the_edge_and_rtp_in_the_core,
				      a_gateway_is_killed,
				      the_controller_restarts,
				      a_gateway_falls_silent,
				      a_gateway_has_no_ports_left,
				      a_gateway_is_overloaded,
				      a_change_is_taken_back_when_the_gateway_refuses_it};

	signal(SIGPIPE, SIG_IGN);
	live_namespace();
	return unit_run("the controller and real gateways", tests, sizeof(tests) / sizeof(tests[0]),
			300);
}
