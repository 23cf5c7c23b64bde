/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SDP of a stream: blocks chosen, choices made, and what they mean for the leg. */
#include "agw/control/stream_sdp.h"
#include "agw/control/events.h"
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "sdp/line.h"

enum { TEXT_MAX = 64 * 1024 };

static const struct {
	const char *name;
	enum media_proto proto;
} protos[] = {
    {"RTP/AVP", MEDIA_RTP},
    {"RTP/AVPF", MEDIA_RTP},
    {"RTP/SAVP", MEDIA_SRTP},
    {"RTP/SAVPF", MEDIA_SRTP},
    {"UDP/TLS/RTP/SAVP", MEDIA_DTLS_SRTP},
    {"UDP/TLS/RTP/SAVPF", MEDIA_DTLS_SRTP},
    {"TCP", MEDIA_TCP},
    {"TCP/TLS", MEDIA_TCP_TLS},
    {"TCP/MSRP", MEDIA_TCP_MSRP},
    {"TCP/TLS/MSRP", MEDIA_TCP_TLS_MSRP},
    {"TCP/BFCP", MEDIA_TCP_BFCP},
    {"TCP/TLS/BFCP", MEDIA_TCP_TLS_BFCP},
    {"UDP", MEDIA_UDP},
    {"udptl", MEDIA_UDP},
    {"UDP/BFCP", MEDIA_UDP},
};

int stream_proto(struct slice proto, enum media_proto *out)
{
	for (size_t i = 0; i < sizeof(protos) / sizeof(protos[0]); i++)
		if (slice_eq_nocase(proto, slice_str(protos[i].name))) {
			*out = protos[i].proto;
			return 0;
		}
	return -1;
}

const struct h248_sdp *stream_choose_block(const struct h248_sdp *list,
					   const enum media_proto *want, bool *why_proto)
{
	*why_proto = false;
	for (const struct h248_sdp *b = list; b; b = b->next) {
		enum media_proto p;

		if (!b->has_media)
			continue;
		if (stream_proto(b->proto, &p) == 0 && (!want || *want == p))
			return b;
		*why_proto = true;
	}
	return NULL;
}

/* The value of the first attribute of that name; p NULL if there is none. */
static struct slice attribute(const struct h248_sdp *b, const char *name)
{
	const struct h248_sdp_line *pos = NULL;
	struct h248_sdp_attribute at;

	if (!b || !h248_sdp_attribute_next(b, name, &pos, &at))
		return SLICE_NULL;
	return at.value.p ? at.value : SLICE_LIT("");
}

/* ---- Local with its choices made ---- */

/* "a=fingerprint:$", ":SHA-384 $", ":$ $" become our certificate's. */
static struct slice fill_fingerprint(struct slice value, const struct media_leg *leg,
				     struct h248_arena *a)
{
	struct slice hash = slice_cut(&value, ' ');
	enum fingerprint_hash h = FINGERPRINT_SHA256;
	char buf[FINGERPRINT_TEXT_MAX];

	if (!slice_eq(hash, SLICE_LIT("$")) && fingerprint_hash_parse(hash, &h) < 0)
		return SLICE_NULL;
	if (media_leg_fingerprint(leg, h, buf) < 0)
		return SLICE_NULL;
	return h248_printf(a, "fingerprint:%s %s", fingerprint_hash_name(h), buf);
}

/* "1 SUITE inline:$" becomes a fresh key. */
static struct slice fill_crypto(struct slice value, struct h248_arena *a)
{
	struct slice rest = value, tag = slice_cut(&rest, ' '), suite = slice_cut(&rest, ' ');
	struct sdes_key k = {0};
	struct slice out = SLICE_NULL;
	char buf[256];
	uint64_t n;

	if (slice_u64(tag, 999999999, &n) < 0)
		return SLICE_NULL;
	k.tag = (uint32_t)n;
	for (int i = 1; i < SDES_SUITES; i++)
		if (slice_eq_nocase(suite, slice_str(sdes_suite_name((enum sdes_suite)i))))
			k.suite = (enum sdes_suite)i;
	if (k.suite && RAND_bytes(k.key, sizeof(k.key)) == 1 &&
	    sdes_print(&k, buf, sizeof(buf)) > 0)
		out = h248_printf(a, "crypto:%s", buf);
	sdes_key_wipe(&k);
	explicit_bzero(buf, sizeof(buf));
	return out;
}

/* An attribute whose value is left to us, "a=name:..$..", with the choice made; p NULL: it cannot be. */
static struct slice fill_attribute(struct slice line, const struct media_leg *leg,
				   struct h248_arena *a)
{
	struct slice rest = line, name = slice_cut(&rest, ':');

	if (!rest.p || !memchr(rest.p, '$', rest.len))
		return line;
	if (slice_eq_nocase(name, SLICE_LIT("fingerprint")))
		return fill_fingerprint(rest, leg, a);
	if (slice_eq_nocase(name, SLICE_LIT("crypto")))
		return fill_crypto(rest, a);
	return SLICE_NULL;
}

int stream_fill_local(const struct h248_sdp *block, const struct media_leg *leg,
		      struct h248_arena *a, struct h248_sdp *full)
{
	struct netaddr us;
	char ip[NETADDR_TEXT_MAX];

	media_leg_local(leg, &us);
	*full = *block;
	full->next = NULL;
	full->has_connection = true;
	full->address_type = us.family == 6 ? SLICE_LIT("IP6") : SLICE_LIT("IP4");
	full->address = h248_copy(a, slice_str(netaddr_ip_text(&us, ip)));
	full->port = h248_printf(a, "%u", us.port);
	full->port_number = us.port;
	full->origin = h248_printf(a, "- %u 1 IN %.*s %s", us.port, 3, full->address_type.p, ip);
	full->lines = NULL;
	for (const struct h248_sdp_line *l = block->lines; l; l = l->next) {
		struct slice v = l->type == 'a' ? fill_attribute(l->value, leg, a) : l->value;

		if (!v.p || !h248_sdp_add_line(a, full, l->type, v))
			return -1;
	}
	return a->overflow ? -1 : 0;
}

char *stream_text(const struct h248_sdp *block, bool full)
{
	struct h248_sdp one = *block;
	char *buf = malloc(TEXT_MAX), *text = NULL;
	size_t len = 0;

	if (!buf)
		return NULL;
	one.next = NULL;
	if (h248_sdp_write(&one, full, buf, TEXT_MAX, &len) == H248_OK)
		text = malloc(len + 1);
	if (text) {
		memcpy(text, buf, len);
		text[len] = 0;
	}
	explicit_bzero(buf, len); /* keys */
	free(buf);
	return text;
}

/* ---- the leg's wanted state ---- */

/* Left out or not known: ours to choose. */
static enum media_setup parse_setup(struct slice v)
{
	static const enum media_setup meaning[SDP_SETUPS] = {
	    [SDP_SETUP_ACTIVE] = MEDIA_SETUP_ACTIVE,
	    [SDP_SETUP_PASSIVE] = MEDIA_SETUP_PASSIVE,
	    [SDP_SETUP_ACTPASS] = MEDIA_SETUP_ACTPASS,
	    [SDP_SETUP_HOLDCONN] = MEDIA_SETUP_HOLDCONN,
	};
	enum sdp_setup setup;

	return sdp_setup_parse(v, &setup) == 0 ? meaning[setup] : MEDIA_SETUP_ACTPASS;
}

/* What Local says; where it leaves the choice open, the opposite of what the peer chose (RFC
 * 4145 4.1). */
static enum media_setup effective_setup(enum media_setup ours, enum media_setup peer)
{
	if (ours != MEDIA_SETUP_ACTPASS)
		return ours;
	if (peer == MEDIA_SETUP_ACTIVE)
		return MEDIA_SETUP_PASSIVE;
	if (peer == MEDIA_SETUP_PASSIVE)
		return MEDIA_SETUP_ACTIVE;
	return peer == MEDIA_SETUP_HOLDCONN ? MEDIA_SETUP_HOLDCONN : MEDIA_SETUP_ACTPASS;
}

static struct sdp_facts facts_of(const struct h248_sdp *b)
{
	return (struct sdp_facts){
	    .given = true,
	    .rtcp_mux = attribute(b, "rtcp-mux").p != NULL,
	    .msrp_cema = attribute(b, "msrp-cema").p != NULL,
	    .is_message = slice_eq_nocase(b->media, SLICE_LIT("message")),
	    .setup = parse_setup(attribute(b, "setup")),
	};
}

static unsigned parse_remote_address(const struct h248_sdp *r, struct media_leg_config *c,
				     const char **why)
{
	struct slice rtcp = attribute(r, "rtcp");

	*why = "Remote address";
	if (!r->has_connection || netaddr_parse(r->address, &c->remote) < 0)
		return 449;
	c->remote.port = (uint16_t)r->port_number; /* it was 16 bits in the text */
	/* The port of an active TCP peer means nothing (RFC 4145 4.1). */
	if (slice_eq_nocase(attribute(r, "setup"), SLICE_LIT("active")) &&
	    slice_eq_nocase(slice_make(r->proto.p, r->proto.len < 3 ? 0 : 3), SLICE_LIT("TCP")))
		c->remote.port = 0;
	if (rtcp.p) {
		struct slice port = slice_cut(&rtcp, ' ');
		uint64_t v;

		if (slice_u64(slice_trim(port), 65535, &v) < 0)
			return 449;
		c->remote_rtcp = c->remote;
		c->remote_rtcp.port = (uint16_t)v;
		for (int i = 0; i < 2 && rtcp.p; i++) /* "IN", "IP4" */
			slice_cut(&rtcp, ' ');
		if (rtcp.p) {
			struct netaddr other;

			if (netaddr_parse(slice_trim(rtcp), &other) < 0)
				return 449;
			other.port = (uint16_t)v;
			c->remote_rtcp = other;
		}
	}
	return 0;
}

/* The first a=crypto we have the suite of. *bad: lines were there, none of use. */
static bool first_crypto(const struct h248_sdp *b, struct sdes_key *out, bool *bad)
{
	const struct h248_sdp_line *pos = NULL;
	struct h248_sdp_attribute at;

	*bad = false;
	while (b && h248_sdp_attribute_next(b, "crypto", &pos, &at)) {
		if (sdes_parse(at.value, out) == SDES_OK) {
			*bad = false;
			return true;
		}
		*bad = true;
	}
	return false;
}

static unsigned take_crypto(const struct h248_sdp *b, enum media_proto proto, struct sdes_key *key,
			    const char **why)
{
	bool bad;

	sdes_key_wipe(key);
	if (proto != MEDIA_SRTP)
		return 0;
	*why = "a=crypto";
	first_crypto(b, key, &bad);
	return bad ? 449 : 0;
}

static unsigned take_fingerprints(const struct h248_sdp *b, struct media_leg_config *c,
				  const char **why)
{
	const struct h248_sdp_line *pos = NULL;
	struct h248_sdp_attribute at;

	memset(&c->fingerprints, 0, sizeof(c->fingerprints));
	c->fingerprint_given = false;
	while (h248_sdp_attribute_next(b, "fingerprint", &pos, &at)) {
		if (fingerprint_set_add(&c->fingerprints, at.value) < 0) {
			*why = "a=fingerprint";
			return 449;
		}
		c->fingerprint_given = true;
	}
	return 0;
}

static unsigned take_path(const struct h248_sdp *b, char out[MEDIA_MSRP_PATH_MAX], const char **why)
{
	struct slice v = attribute(b, "path");

	out[0] = 0;
	*why = "a=path is too long";
	return v.p && slice_copy(slice_trim(v), out, MEDIA_MSRP_PATH_MAX) < 0 ? 449 : 0;
}

/* A leg has one port, or one pair: "m=audio 4000/2" asks for more. */
static unsigned refuse_ports(const struct h248_sdp *b, const char **why)
{
	*why = "several ports in one m= line";
	return b->port_count > 1 ? 449 : 0;
}

unsigned stream_take_local(struct stream *s, const struct h248_sdp *b, const char **why)
{
	unsigned code = refuse_ports(b, why);

	s->local_facts = facts_of(b);
	if (!code)
		code = take_path(b, s->config.msrp_local_path, why);
	return code ? code : take_crypto(b, s->proto, &s->config.srtp_tx, why);
}

unsigned stream_take_remote(struct stream *s, const struct h248_sdp *b, const char **why)
{
	unsigned code = refuse_ports(b, why);

	stream_drop_remote(s);
	s->remote_facts = facts_of(b);
	if (!code)
		code = take_path(b, s->config.msrp_remote_path, why);
	if (!code)
		code = parse_remote_address(b, &s->config, why);
	if (!code)
		code = take_fingerprints(b, &s->config, why);
	if (!code)
		code = take_crypto(b, s->proto, &s->config.srtp_rx, why);
	return code;
}

void stream_drop_remote(struct stream *s)
{
	struct media_leg_config *c = &s->config;

	s->remote_facts = (struct sdp_facts){0};
	memset(&c->remote, 0, sizeof(c->remote));
	memset(&c->remote_rtcp, 0, sizeof(c->remote_rtcp));
	memset(&c->fingerprints, 0, sizeof(c->fingerprints));
	c->fingerprint_given = false;
	c->msrp_remote_path[0] = 0;
	sdes_key_wipe(&c->srtp_rx);
}

static enum media_tls_role tls_role(const struct stream *s)
{
	if (s->tls_client)
		return MEDIA_TLS_CLIENT;
	/* MSRP: the TCP-active side is the client (RFC 6135 6). BFCP: the answerer is the server
	 * whoever opened TCP (RFC 8856 8), and whether we answer only the establish-TLS signal
	 * tells. */
	if (s->proto == MEDIA_TCP_TLS_MSRP || s->local_facts.is_message)
		return MEDIA_TLS_BY_SETUP;
	return MEDIA_TLS_SERVER;
}

static void take_events(const struct stream *s, struct media_leg_config *c)
{
	const struct armed_event *e = events_armed(s->termination, EVENT_IPSTOP, s->id);

	c->inactive_in_ms = e && e->direction & 1 ? e->seconds * 1000 : 0;
	c->inactive_out_ms = e && e->direction & 2 ? e->seconds * 1000 : 0;
}

enum media_mode stream_mode(enum h248_mode mode)
{
	static const enum media_mode modes[] = {
	    [H248_MODE_NONE] = MEDIA_INACTIVE,	  [H248_SEND_ONLY] = MEDIA_SENDONLY,
	    [H248_RECEIVE_ONLY] = MEDIA_RECVONLY, [H248_SEND_RECEIVE] = MEDIA_SENDRECV,
	    [H248_INACTIVE] = MEDIA_INACTIVE,
	};

	return modes[mode];
}

void stream_finish_config(struct stream *s, bool msrp_rewrite)
{
	const struct stream_control *control = &s->control;
	const struct sdp_facts *local = &s->local_facts, *remote = &s->remote_facts;
	struct media_leg_config *c = &s->config;

	c->mode = s->termination->silenced ? MEDIA_INACTIVE : stream_mode(control->mode);
	c->filter = control->filter;
	c->dscp = control->has_dscp ? control->dscp : s->termination->realm->cfg.dscp;
	c->police_rate = control->police ? control->police_rate : 0;
	c->police_burst = control->police_burst;
	c->latch = s->latch;
	c->latch_serial = s->latch_serial;
	c->setup = effective_setup(local->setup, remote->setup);
	/* A peer that connects from a port nobody told us: only its address can be checked. */
	if (media_proto_is_tcp(s->proto) && remote->given && !c->remote.port && !c->filter.port_min)
		c->filter.port_on = false;
	c->rtcp_mux = local->rtcp_mux && remote->rtcp_mux;
	c->tls_role = tls_role(s);
	c->msrp_rewrite = media_proto_has_msrp(s->proto) && msrp_rewrite && !local->msrp_cema &&
			  !remote->msrp_cema;
	take_events(s, c);
}
