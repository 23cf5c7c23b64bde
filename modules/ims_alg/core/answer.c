/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading an answer: every one is checked before the gateway is told, because phones answer 200 with
 * what cannot be used. */
#include "modules/ims_alg/core/exchange.h"

#include "modules/ims_alg/core/roles.h"

#include <stdio.h>

/* Our a=path towards a side: the gateway's address, and the session id of the far end's last URI
 * (RFC 4975 8.2). */
int alg_path_print(const struct alg_stream *st, enum alg_side to, bool secure, char *buf,
		   size_t size)
{
	struct slice path = slice_str(st->end[alg_other_side(to)].remote_path), last = path;
	const struct netaddr *a = &st->given[to].local;
	struct alg_msrp_uri u;
	char host[NETADDR_TEXT_MAX];
	int n;

	for (size_t i = path.len; i; i--)
		if (path.p[i - 1] == ' ' || path.p[i - 1] == '\t') {
			last = slice_make(path.p + i, path.len - i);
			break;
		}
	if (!netaddr_known(a) || alg_msrp_uri_parse(last, &u))
		return -1;
	n = snprintf(buf, size, "%s://%s:%u%.*s", secure ? "msrps" : "msrp",
		     netaddr_host_text(a, host), a->port, (int)u.rest.len, u.rest.p);
	return n > 0 && (size_t)n < size ? n : -1;
}

static void set_paths(const struct alg_line *l, struct alg_stream *st)
{
	for (int side = 0; side < ALG_SIDES; side++) {
		bool secure = l->treat == ALG_TREAT_SECURE && side == ALG_ACCESS;
		char *path = st->end[side].path;

		if (alg_path_print(st, (enum alg_side)side, secure, path, ALG_PATH_MAX) < 0)
			path[0] = '\0';
	}
}

/* ---- checks ---- */

/* SDES: exactly the tag and suite that we offered (RFC 4568 5.1.2, 5.1.3). */
static enum alg_problem check_key(const struct alg_end *e, const struct alg_facts *f)
{
	if (!f->cryptos || (f->cryptos == 1 && !f->has_key))
		return ALG_P_NO_KEY;
	if (f->cryptos != 1 || f->key.suite != e->suite || f->key.tag != e->crypto_tag)
		return ALG_P_WRONG_KEY;
	return ALG_FINE;
}

static enum alg_problem check_security(const struct alg_policy *p, const struct alg_line *l,
				       const struct alg_end *e, const struct alg_facts *f)
{
	enum alg_problem problem;

	if (l->security == ALG_SDES)
		return check_key(e, f);
	problem = alg_check_fingerprint(p, f);
	if (problem)
		return problem;
	if (l->security == ALG_DTLS) {
		if (!f->has_setup)
			return ALG_P_NO_SETUP;
		if (f->setup == SDP_SETUP_HOLDCONN)
			return ALG_P_BAD_SETUP;
		return f->rtcp_mux || !p->dtls_mux ? ALG_FINE : ALG_P_NO_MUX;
	}
	return ALG_FINE;
}

static enum alg_problem check_answer(const struct alg_policy *p, struct alg_session *s,
				     const struct alg_line *l, const struct alg_facts *f,
				     enum alg_side from, enum sdp_setup *setup)
{
	const struct alg_end *e = &alg_stream_of(s, l)->end[from];
	enum alg_problem problem;

	if (f->proto != l->proto[from])
		return ALG_P_PROTO;
	problem = alg_check_anchor(p, f);
	if (problem)
		return problem;
	if (f->address.family != s->media.family[from])
		return ALG_P_FAMILY;
	if (l->treat == ALG_TREAT_SECURE && from == ALG_ACCESS) {
		problem = check_security(p, l, e, f);
		if (problem)
			return problem;
	}
	if (e->has_setup &&
	    (f->bad_setup || alg_roles_answered((enum alg_kind)l->kind, (enum sdp_setup)l->ours,
						f->has_setup, f->setup, setup)))
		return ALG_P_BAD_SETUP;
	return ALG_FINE;
}

/* ---- what follows ---- */

/* Both legs' parts are known now: the gateway's is the opposite of its peer's. */
static void settle_roles(const struct alg_policy *p, const struct alg_ue *ue, struct alg_line *l,
			 struct alg_stream *st, enum alg_side from, enum sdp_setup answered)
{
	enum alg_side to = alg_other_side(from);
	struct alg_end *e = &st->end[from], *o = &st->end[to];
	enum sdp_setup ours = alg_roles_answer(p->roles, to, (enum sdp_setup)l->offered, answered);

	/* On DTLS-SRTP the clear side has no part. */
	if (!e->has_setup)
		ours = l->offered == SDP_SETUP_ACTPASS || l->offered == SDP_SETUP_ACTIVE
			   ? SDP_SETUP_PASSIVE
			   : SDP_SETUP_ACTIVE;
	if (e->has_setup) {
		e->setup = alg_roles_opposite(answered);
		e->has_remote_setup = true;
		e->remote_setup = answered;
		alg_set_filter(p, ue, l, e, from, answered == SDP_SETUP_PASSIVE);
	}
	if (!o->has_setup)
		return;
	o->setup = ours;
	o->has_remote_setup = true;
	o->remote_setup = alg_roles_opposite(ours);
	alg_set_filter(p, ue, l, o, to, o->remote_setup == SDP_SETUP_PASSIVE);
	if (!l->tcp)
		return;
	/* Nobody comes to us: begin with the core, the rest follows. */
	st->end[ALG_CORE].tcp_establish =
	    e->setup == SDP_SETUP_ACTIVE && o->setup == SDP_SETUP_ACTIVE;
	/* MSRP: the TCP-active side is TLS client (RFC 6135 6), step 16 of TR 29.828 5.2.1.2.2. */
	if (l->kind == ALG_KIND_MSRP && l->treat == ALG_TREAT_SECURE)
		st->end[ALG_ACCESS].tls_client = st->end[ALG_ACCESS].setup == SDP_SETUP_ACTIVE;
}

/* a=connection:existing in the offer counts only if the answer says so, too (RFC 4145 5.1). True: the
 * connection stays as it is. */
static bool connection_stays(const struct alg_policy *p, const struct alg_ue *ue,
			     struct alg_line *l, struct alg_stream *st, enum alg_side from,
			     const struct alg_facts *f)
{
	enum alg_side to = alg_other_side(from);
	struct alg_end *o = &st->end[to];

	if (!l->has_pending)
		return false;
	l->has_pending = false;
	if (f->connection == ALG_CONNECTION_EXISTING)
		return true;
	o->remote = l->pending;
	alg_set_filter(p, ue, l, o, to, false);
	return false;
}

/*
 * TR 29.828 5.2.1.2.2 note 3: a far end that connects to the core termination is known by that. Not
 * where the gateway must know it to keep others out, nor where it writes paths for it (RFC 4975 5.1).
 */
static bool may_stay_unknown(const struct alg_policy *p, const struct alg_line *l,
			     const struct alg_end *e, enum alg_side from, enum sdp_setup answered)
{
	return p->skip_active && from == ALG_CORE && l->tcp && answered == SDP_SETUP_ACTIVE &&
	       !netaddr_known(&e->remote) && p->filter[ALG_CORE] == ALG_FILTER_OFF && !p->delayed &&
	       (l->kind != ALG_KIND_MSRP || p->agnostic);
}

static void take_answer(const struct alg_policy *p, const struct alg_ue *ue, struct alg_session *s,
			struct alg_line *l, const struct alg_facts *f, enum alg_side from,
			enum sdp_setup answered)
{
	enum alg_side to = alg_other_side(from);
	struct alg_stream *st = alg_stream_of(s, l);
	struct alg_end *e = &st->end[from], *o = &st->end[to];
	bool secured = l->treat == ALG_TREAT_SECURE, dtls = secured && l->security == ALG_DTLS;
	bool stays = connection_stays(p, ue, l, st, from, f);
	bool unknown = may_stay_unknown(p, l, e, from, answered);
	struct alg_end as_offered;

	if (unknown)
		as_offered = *e; /* of the core, which has no keys */
	alg_take_peer(p, ue, s, l, from, f);
	l->has_pending = false;
	if (secured && from == ALG_ACCESS && l->security == ALG_SDES)
		e->remote_key = f->key;
	if (l->kind == ALG_KIND_RTP) {
		/* On the access side of DTLS-SRTP it is ours to offer and to answer. */
		e->rtcp_mux = f->rtcp_mux && (l->mux || (dtls && from == ALG_ACCESS));
		e->remote_rtcp_mux = e->rtcp_mux;
		e->rtcp_port = !e->rtcp_mux;
		o->rtcp_mux = l->mux && (f->rtcp_mux || (dtls && to == ALG_ACCESS));
		o->rtcp_port = !o->rtcp_mux;
	}
	if (!stays)
		settle_roles(p, ue, l, st, from, answered);
	if (unknown)
		*e = as_offered;
	if (l->kind == ALG_KIND_MSRP && !p->agnostic)
		set_paths(l, st);
}

/* One line of an answer; what is wrong with it. */
static enum alg_problem read_line(const struct alg_policy *p, const struct alg_ue *ue,
				  struct alg_session *s, struct alg_line *l,
				  const struct alg_facts *f, enum alg_side from)
{
	enum sdp_setup setup = SDP_SETUP_ACTPASS;
	enum alg_problem problem;

	if (!slice_eq(f->m.media, slice_str(l->media)))
		return ALG_P_MEDIA;
	if (l->treat == ALG_TREAT_DEAD || l->treat == ALG_TREAT_REFUSED)
		return f->dead ? ALG_FINE : ALG_P_REVIVED;
	l->hold[from] = f->hold && !f->ice;
	if (l->stream < 0)
		return ALG_FINE;
	if (f->dead) {
		alg_drop_stream(s, l);
		l->treat = ALG_TREAT_REFUSED;
		return ALG_FINE;
	}
	problem = check_answer(p, s, l, f, from, &setup);
	if (!problem)
		take_answer(p, ue, s, l, f, from, setup);
	return problem;
}

int alg_answer_read(const struct alg_policy *p, const struct alg_ue *ue, struct alg_session *s,
		    const struct sdp_body *b, struct alg_trouble *t)
{
	enum alg_side from = alg_other_side(s->offerer);
	bool mine = alg_origin_is_ours(s, s->offerer);
	int live = 0;
	struct alg_defaults d;
	struct alg_facts f;

	*t = (struct alg_trouble){ALG_FINE, -1};
	if (b->mlines != s->lines) {
		t->problem = ALG_P_COUNT;
		return ALG_BAD_ANSWER;
	}
	/* Note 2: both terminations in one transaction, which is what it saves. */
	s->media.merged |= !s->media.side_wanted[ALG_ACCESS];
	s->media.side_wanted[ALG_ACCESS] = true;
	alg_defaults_read(b, &d);
	for (int i = 0; i < b->mlines; i++) {
		struct alg_line *l = &s->line[i];
		enum alg_problem problem;

		mine |= l->stream >= 0 || l->treat == ALG_TREAT_REFUSED;
		alg_facts_read(b, i, &d, p->suites, &f);
		problem = read_line(p, ue, s, l, &f, from);
		mine |= f.e2ae != ALG_E2AE_NONE;
		sdes_key_wipe(&f.key);
		sdes_key_wipe(&f.pcfg.key);
		live += !problem && !f.dead;
		if (!problem)
			continue;
		if (!t->problem)
			*t = (struct alg_trouble){problem, i};
		if (l->stream < 0 || p->refuse == ALG_REFUSE_OFFER)
			return ALG_BAD_ANSWER;
		alg_drop_stream(s, l);
		l->treat = ALG_TREAT_REFUSED;
		l->problem = (uint8_t)problem;
	}
	if (t->problem && !live)
		return ALG_BAD_ANSWER;
	if (!mine)
		return ALG_PASS;
	return alg_seen_before(s, from, b) && s->unchanged ? ALG_SAME : ALG_OK;
}
