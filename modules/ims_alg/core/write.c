/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing a body for the other side: one walk over its lines, each of which is copied, left out, or
 * put in other words; what is missing is added at the end of its level.
 */
#include "modules/ims_alg/core/attr.h"
#include "modules/ims_alg/core/exchange.h"
#include "modules/ims_alg/core/writer.h"

#include <stdio.h>

/* What is written for one side, and what was found out before the walk. */
struct walk {
	const struct alg_policy *p;
	struct alg_session *s;
	const struct sdp_body *b;
	enum alg_side from, to;
	bool offer;
	struct alg_writer out;
	bool anchored, secured; /* any m-line */
	bool alone;		/* an m-line that is not ours is alive */
	bool own_session_c;	/* the session's c= becomes ours */
	bool keep_mid;		/* a group is left that needs a=mid */
	const struct netaddr
	    *address;	      /* ours, of the first m-line that is or was anchored; NULL: none */
	size_t behind_origin; /* where the text behind o= begins */
};

/* What was written of a level already. */
struct seen {
	bool setup, fingerprint, tls_id, crypto, path, rtcp_mux, connection;
};

static const struct alg_end *end_to(const struct walk *w, const struct alg_line *l)
{
	return &w->s->media.stream[l->stream].end[w->to];
}

static const struct alg_given *given_to(const struct walk *w, const struct alg_line *l)
{
	return &w->s->media.stream[l->stream].given[w->to];
}

static bool is_anchored(const struct alg_line *l)
{
	return l->treat == ALG_TREAT_RELAY || l->treat == ALG_TREAT_SECURE;
}

/* Is this the side that e2ae secures? */
static bool secured_to(const struct walk *w, const struct alg_line *l)
{
	return l->treat == ALG_TREAT_SECURE && w->to == ALG_ACCESS;
}

/* ---- what we write of ours ---- */

static void put_setup(struct walk *w, const struct alg_line *l)
{
	const struct alg_end *e = end_to(w, l);

	alg_put_attr(&w->out, "setup",
		     slice_str(sdp_setup_name(w->offer ? (enum sdp_setup)l->ours : e->setup)));
}

/* One line, in upper case, because phones compare the text. */
static void put_fingerprint(struct walk *w, const struct alg_line *l)
{
	const struct fingerprint *f = &given_to(w, l)->fingerprint;
	char text[16 + FINGERPRINT_TEXT_MAX], hex[FINGERPRINT_TEXT_MAX];

	fingerprint_print(f->octets, fingerprint_hash_octets(f->hash), hex);
	snprintf(text, sizeof(text), "%s %s", fingerprint_hash_name(f->hash), hex);
	alg_put_attr(&w->out, "fingerprint", slice_str(text));
}

static void put_tls_id(struct walk *w, const struct alg_line *l)
{
	char text[40];

	snprintf(text, sizeof(text), "%s%04x", w->s->token, l->association);
	alg_put_attr(&w->out, "tls-id", slice_str(text));
}

static void put_crypto(struct walk *w, const struct alg_line *l)
{
	struct sdes_key key = given_to(w, l)->key;
	char text[128 + 4 * (SDES_KEY_SALT_MAX + SDES_MKI_MAX)];

	key.tag = end_to(w, l)->crypto_tag;
	if (sdes_print(&key, text, sizeof(text)) > 0)
		alg_put_attr(&w->out, "crypto", slice_str(text));
	else
		w->out.bad = true;
	sdes_key_wipe(&key);
	explicit_bzero(text, sizeof(text));
}

static void put_path(struct walk *w, const struct alg_line *l)
{
	char text[ALG_PATH_MAX];
	int n = alg_path_print(&w->s->media.stream[l->stream], w->to, secured_to(w, l), text,
			       sizeof(text));

	if (n < 0)
		w->out.bad = true;
	else
		alg_put_attr(&w->out, "path", slice_make(text, (size_t)n));
}

/* ---- one attribute of an m-line that is ours ---- */

/* Write ours in place of the first one, and none for the others. */
#define ONCE(done, put)                                                                            \
	do {                                                                                       \
		if (!(done))                                                                       \
			put(w, l);                                                                 \
		(done) = true;                                                                     \
	} while (0)

static bool wants_mux(const struct walk *w, const struct alg_line *l)
{
	if (!w->offer)
		return end_to(w, l)->rtcp_mux;
	return l->mux || (secured_to(w, l) && l->security == ALG_DTLS);
}

static bool wants_certificate(const struct walk *w, const struct alg_line *l)
{
	return secured_to(w, l) && (l->security == ALG_TLS || l->security == ALG_DTLS);
}

static void put_connection(struct walk *w, const struct alg_line *l, struct slice raw,
			   struct seen *seen)
{
	if (l->kind != ALG_KIND_BFCP) {
		if (!l->tcp && l->treat == ALG_TREAT_RELAY)
			alg_put_raw(&w->out, raw);
		return; /* MSRP: never (RFC 6135 4.4) */
	}
	/* On a leg that we make anew there is no connection yet. */
	if (w->offer && l->fresh)
		alg_put_attr(&w->out, "connection", SLICE_LIT("new"));
	else
		alg_put_raw(&w->out, raw);
	seen->connection = true;
}

/* May a line that e2ae does not secure have keys? In clear not where the operator said always: then none
 * was read in it, and they are what is said again in the words of another body. */
static bool keeps_keys(const struct walk *w, const struct alg_line *l)
{
	return alg_proto_info((enum alg_proto)l->proto[w->to])->security != ALG_CLEAR ||
	       w->p->when[l->kind] != ALG_WHEN_ALWAYS;
}

/* An attribute that has to do with security. */
static void put_security_attr(struct walk *w, const struct alg_line *l, enum alg_attr attr,
			      struct slice raw, struct seen *seen)
{
	bool secured = l->treat == ALG_TREAT_SECURE;

	if (attr == ALG_ATTR_SETUP && end_to(w, l)->has_setup)
		ONCE(seen->setup, put_setup);
	else if (!secured) {
		if (attr == ALG_ATTR_SETUP || keeps_keys(w, l))
			alg_put_raw(&w->out, raw);
	} else if (attr == ALG_ATTR_FINGERPRINT && wants_certificate(w, l))
		ONCE(seen->fingerprint, put_fingerprint);
	else if (attr == ALG_ATTR_TLS_ID && wants_certificate(w, l) && l->association)
		ONCE(seen->tls_id, put_tls_id);
	else if (attr == ALG_ATTR_CRYPTO && secured_to(w, l) && l->security == ALG_SDES)
		ONCE(seen->crypto, put_crypto);
}

static void put_anchored_attr(struct walk *w, const struct alg_line *l, enum alg_attr attr,
			      struct slice raw, struct seen *seen)
{
	bool aware_msrp = l->kind == ALG_KIND_MSRP && !w->p->agnostic;

	switch (attr) {
	case ALG_ATTR_FINGERPRINT:
	case ALG_ATTR_SETUP:
	case ALG_ATTR_TLS_ID:
	case ALG_ATTR_CRYPTO:
	case ALG_ATTR_KEYING:
		put_security_attr(w, l, attr, raw, seen);
		break;
	case ALG_ATTR_CONNECTION:
		put_connection(w, l, raw, seen);
		break;
	case ALG_ATTR_PATH:
		if (aware_msrp)
			ONCE(seen->path, put_path);
		else
			alg_put_raw(&w->out, raw);
		break;
	case ALG_ATTR_CEMA:
		if (!aware_msrp)
			alg_put_raw(&w->out, raw);
		break;
	case ALG_ATTR_RTCP_MUX:
		if (l->kind != ALG_KIND_RTP)
			alg_put_raw(&w->out, raw);
		else if (wants_mux(w, l) && !seen->rtcp_mux) {
			alg_put_attr(&w->out, "rtcp-mux", SLICE_NULL);
			seen->rtcp_mux = true;
		}
		break;
	case ALG_ATTR_MID:
		if (w->keep_mid)
			alg_put_raw(&w->out, raw);
		break;
	case ALG_ATTR_3GE2AE:
	case ALG_ATTR_RTCP:
	case ALG_ATTR_CANDIDATE:
	case ALG_ATTR_PLACE:
	case ALG_ATTR_BUNDLE:
	case ALG_ATTR_TCAP:
	case ALG_ATTR_ACAP:
	case ALG_ATTR_PCFG:
	case ALG_ATTR_ACFG:
		break;
	default:
		alg_put_raw(&w->out, raw);
	}
}

static void put_acfg(struct walk *w, const struct alg_line *l)
{
	char text[48];
	int n = snprintf(text, sizeof(text), "%u t=%u", l->acfg.number, l->acfg.transport);

	if (l->acfg.attribute)
		snprintf(text + n, sizeof(text) - (size_t)n, " a=%u", l->acfg.attribute);
	alg_put_attr(&w->out, "acfg", slice_str(text));
}

/* What the level did not have. */
static void put_missing(struct walk *w, const struct alg_line *l, struct seen *seen)
{
	if (end_to(w, l)->has_setup)
		ONCE(seen->setup, put_setup);
	if (l->kind == ALG_KIND_MSRP && !w->p->agnostic)
		ONCE(seen->path, put_path);
	if (l->kind == ALG_KIND_RTP && wants_mux(w, l) && !seen->rtcp_mux)
		alg_put_attr(&w->out, "rtcp-mux", SLICE_NULL);
	if (!secured_to(w, l))
		return;
	if (wants_certificate(w, l)) {
		ONCE(seen->fingerprint, put_fingerprint);
		if (l->association)
			ONCE(seen->tls_id, put_tls_id);
	} else {
		ONCE(seen->crypto, put_crypto);
	}
	if (w->offer)
		alg_put_attr(&w->out, "3ge2ae", SLICE_LIT("applied"));
	else if (l->acfg.number)
		put_acfg(w, l);
}

/* ---- m-lines ---- */

static void put_mline(struct walk *w, int m)
{
	const struct alg_line *l = &w->s->line[m];
	const struct sdp_line *line = &w->b->line[w->b->start[m]];
	struct sdp_mline ml = sdp_body_mline(w->b, m);
	struct slice proto = ml.proto;
	unsigned port = 0;

	/* A description that does not fit its offer may revive what is dead. */
	if (l->treat == ALG_TREAT_ALONE || (l->treat == ALG_TREAT_DEAD && !ml.port_number)) {
		alg_put_raw(&w->out, line->raw);
		return;
	}
	if (is_anchored(l))
		port = given_to(w, l)->local.port;
	if (l->proto[w->to] && (is_anchored(l) || !w->offer))
		proto = slice_str(alg_proto_info((enum alg_proto)l->proto[w->to])->text);
	/* Where nothing has to change, the author's spelling stays. */
	if (slice_eq_nocase(proto, ml.proto))
		proto = ml.proto;
	alg_put_mline(&w->out, line, &ml, port, proto);
}

/* Does the level have a c= of its own? */
static bool has_own_c(const struct sdp_body *b, int m)
{
	return sdp_body_find(b, m, 'c', -1) >= 0;
}

/* The c= that an anchored m-line without one gets. */
static void put_own_c(struct walk *w, int m)
{
	const struct alg_line *l = &w->s->line[m];
	const struct netaddr *a = &given_to(w, l)->local;

	if (l->hold[w->from] || has_own_c(w->b, m))
		return;
	if (w->own_session_c && netaddr_ip_eq(a, w->address))
		return;
	alg_put_c(&w->out, a);
}

/* The c= of a line on hold: no address either, and in the family that this side speaks. */
static void put_hold_c(struct walk *w, const struct sdp_line *line, uint8_t family)
{
	struct netaddr nobody = {.family = family};
	struct sdp_connection c;

	if (sdp_connection_parse(line->value, SLICE_NULL, &c) == 0 && netaddr_is_any(&c.ip) &&
	    c.ip.family != family)
		alg_put_c(&w->out, &nobody);
	else
		alg_put_raw(&w->out, line->raw);
}

static void put_anchored_line(struct walk *w, const struct alg_line *l, const struct sdp_line *line,
			      struct seen *seen, bool *c_written)
{
	struct sdp_attr a;

	switch (line->type) {
	case 'c':
		if (l->hold[w->from])
			put_hold_c(w, line, given_to(w, l)->local.family);
		else if (!*c_written)
			alg_put_c(&w->out, &given_to(w, l)->local);
		*c_written = true;
		break;
	case 'k':
		break;
	case 'a':
		a = sdp_attr_split(line->value);
		put_anchored_attr(w, l, alg_attr_of(a.name), line->raw, seen);
		break;
	default:
		alg_put_raw(&w->out, line->raw);
	}
}

/* What has no place in a refused m-line: keys, and where the phone is. */
static bool ends_with_the_line(enum alg_attr attr)
{
	switch (attr) {
	case ALG_ATTR_CRYPTO:
	case ALG_ATTR_KEYING:
	case ALG_ATTR_FINGERPRINT:
	case ALG_ATTR_TLS_ID:
	case ALG_ATTR_PATH:
	case ALG_ATTR_RTCP:
	case ALG_ATTR_CANDIDATE:
	case ALG_ATTR_PLACE:
	case ALG_ATTR_TCAP:
	case ALG_ATTR_ACAP:
	case ALG_ATTR_PCFG:
		return true;
	default:
		return false;
	}
}

/* A line of an m-line that is not anchored. */
static void put_foreign_line(struct walk *w, const struct alg_line *l, const struct sdp_line *line,
			     struct seen *seen)
{
	enum alg_attr attr =
	    line->type == 'a' ? alg_attr_of(sdp_attr_split(line->value).name) : ALG_ATTR_OTHER;
	bool no_media = l->treat == ALG_TREAT_REFUSED || l->treat == ALG_TREAT_DEAD;

	if (attr == ALG_ATTR_3GE2AE)
		return;
	/* A line of port 0 may show the key that another one uses. */
	if (no_media && (line->type == 'k' || ends_with_the_line(attr)))
		return;
	if (line->type == 'c' && no_media && w->address) {
		alg_put_c(&w->out, w->address);
		return;
	}
	seen->fingerprint |= attr == ALG_ATTR_FINGERPRINT;
	seen->setup |= attr == ALG_ATTR_SETUP;
	seen->tls_id |= attr == ALG_ATTR_TLS_ID;
	seen->connection |= attr == ALG_ATTR_CONNECTION;
	alg_put_raw(&w->out, line->raw);
}

/* Attributes that go from the session level into the m-lines that are not ours, when the session
 * level loses them (RFC 8122 5: they hold for every m-line without its own). */
static bool moves_down(enum alg_attr attr)
{
	return attr == ALG_ATTR_FINGERPRINT || attr == ALG_ATTR_SETUP || attr == ALG_ATTR_TLS_ID ||
	       attr == ALG_ATTR_CONNECTION;
}

static void put_moved_down(struct walk *w, const struct seen *seen)
{
	for (int i = 0; i < w->b->start[0]; i++) {
		const struct sdp_line *line = &w->b->line[i];
		enum alg_attr attr;

		if (line->type != 'a')
			continue;
		attr = alg_attr_of(sdp_attr_split(line->value).name);
		if ((attr == ALG_ATTR_FINGERPRINT && !seen->fingerprint) ||
		    (attr == ALG_ATTR_SETUP && !seen->setup) ||
		    (attr == ALG_ATTR_TLS_ID && !seen->tls_id) ||
		    (attr == ALG_ATTR_CONNECTION && !seen->connection))
			alg_put_raw(&w->out, line->raw);
	}
}

static void put_media_level(struct walk *w, int m)
{
	const struct alg_line *l = &w->s->line[m];
	struct seen seen = {0};
	bool anchored = is_anchored(l), c_written = false, c_due = anchored;
	int i = w->b->start[m] + 1, end = w->b->start[m + 1];

	put_mline(w, m);
	for (; i < end && w->b->line[i].type; i++) {
		const struct sdp_line *line = &w->b->line[i];

		if (c_due && line->type != 'i') {
			put_own_c(w, m);
			c_due = false;
		}
		if (anchored)
			put_anchored_line(w, l, line, &seen, &c_written);
		else
			put_foreign_line(w, l, line, &seen);
	}
	if (c_due)
		put_own_c(w, m);
	if (anchored)
		put_missing(w, l, &seen);
	else if (l->treat == ALG_TREAT_ALONE && w->secured)
		put_moved_down(w, &seen);
	for (; i < end; i++)
		alg_put_raw(&w->out, w->b->line[i].raw);
}

/* ---- the session level ---- */

static bool is_bundle(struct slice value)
{
	return slice_eq(slice_cut(&value, ' '), SLICE_LIT("BUNDLE"));
}

static bool keeps_session_attr(const struct walk *w, const struct sdp_attr *a)
{
	enum alg_attr attr = alg_attr_of(a->name);

	if (attr == ALG_ATTR_3GE2AE)
		return false;
	if (!w->anchored)
		return true;
	switch (attr) {
	case ALG_ATTR_GROUP:
		return !is_bundle(a->value);
	case ALG_ATTR_BUNDLE:
		return false;
	case ALG_ATTR_KEYING:
	case ALG_ATTR_CRYPTO: /* has no place there (RFC 4568 4), and shows a key for all that */
		return !w->secured;
	case ALG_ATTR_CANDIDATE:
	case ALG_ATTR_PLACE:
	case ALG_ATTR_TCAP:
	case ALG_ATTR_ACAP:
		return w->alone;
	default:
		return !(w->secured && moves_down(attr));
	}
}

static void put_session_level(struct walk *w)
{
	for (int i = 0; i < w->b->start[0]; i++) {
		const struct sdp_line *line = &w->b->line[i];
		struct sdp_attr a;

		switch (line->type) {
		case 'o':
			if (w->address && w->p->origin == ALG_ORIGIN_OWN && !w->behind_origin)
				alg_put_origin(&w->out, &w->s->origin[w->to], line, w->address);
			else
				alg_put_raw(&w->out, line->raw);
			if (!w->behind_origin)
				w->behind_origin = w->out.len;
			break;
		case 'c':
			if (w->own_session_c)
				alg_put_c(&w->out, w->address);
			else if (w->address && !w->alone)
				put_hold_c(w, line, w->address->family);
			else
				alg_put_raw(&w->out, line->raw);
			break;
		case 'k':
			if (!w->anchored)
				alg_put_raw(&w->out, line->raw);
			break;
		case 'a':
			a = sdp_attr_split(line->value);
			if (keeps_session_attr(w, &a))
				alg_put_raw(&w->out, line->raw);
			break;
		default:
			alg_put_raw(&w->out, line->raw);
		}
	}
}

/* Did the gateway give all that this m-line needs? */
static bool is_given(const struct walk *w, const struct alg_line *l)
{
	const struct alg_given *g = given_to(w, l);

	if (!g->given || !netaddr_known(&g->local) || !g->local.port)
		return false;
	if (!secured_to(w, l))
		return true;
	return l->security == ALG_SDES ? g->key.suite != SDES_NONE : g->has_fingerprint;
}

/* What is said again is not always what was said: no line is written in the words of another one. */
static bool is_same_media(const struct walk *w, int m)
{
	return slice_eq(sdp_body_mline(w->b, m).media, slice_str(w->s->line[m].media));
}

static bool look_ahead(struct walk *w)
{
	const struct alg_session *s = w->s;
	bool session_c = false; /* the session's c= is needed as it is */
	struct slice v;

	for (int i = 0; i < s->lines; i++) {
		const struct alg_line *l = &s->line[i];

		if (is_anchored(l)) {
			if (!is_given(w, l) || !is_same_media(w, i))
				return false;
			if (!w->address)
				w->address = &given_to(w, l)->local;
			w->anchored = true;
			w->secured |= l->treat == ALG_TREAT_SECURE;
			session_c |= l->hold[w->from] && !has_own_c(w->b, i);
		} else if (l->treat == ALG_TREAT_ALONE) {
			w->alone = true;
			session_c |= !has_own_c(w->b, i);
		}
	}
	/* All was refused: the phone's address stays hidden for all that. */
	for (unsigned i = 0; i < s->media.streams && !w->address && !w->alone; i++)
		if (s->media.stream[i].given[w->to].given)
			w->address = &s->media.stream[i].given[w->to].local;
	/* What had our o= before keeps it (RFC 3264 8). */
	if (!w->address && netaddr_known(&s->origin[w->to].address))
		w->address = &s->origin[w->to].address;
	w->own_session_c = w->address && !session_c;
	for (int pos = -1; sdp_body_attr_next(w->b, SDP_SESSION, SLICE_LIT("group"), &pos, &v);)
		w->keep_mid |= !is_bundle(v);
	return true;
}

int alg_body_write(const struct alg_policy *p, struct alg_session *s, enum alg_side from,
		   bool offer, const struct sdp_body *b, char *buf, size_t size, size_t *len)
{
	struct walk w = {
	    .p = p,
	    .s = s,
	    .b = b,
	    .from = from,
	    .to = alg_other_side(from),
	    .offer = offer,
	    .out = {.p = buf, .size = size},
	};

	if (b->mlines != s->lines || !look_ahead(&w))
		return SDP_E_VALUE;
	put_session_level(&w);
	for (int m = 0; m < b->mlines; m++)
		put_media_level(&w, m);
	if (w.address && p->origin == ALG_ORIGIN_OWN)
		alg_settle_origin(&w.out, &s->origin[w.to], w.behind_origin);
	if (w.out.bad)
		return SDP_E_VALUE;
	if (w.out.full)
		return SDP_E_SPACE;
	*len = w.out.len;
	return SDP_OK;
}
