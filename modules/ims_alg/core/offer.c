/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading an offer: what each m-line becomes, and what the gateway is to do for it. */
#include "modules/ims_alg/core/exchange.h"

#include "modules/ims_alg/core/roles.h"

/* ---- what an m-line becomes ---- */

struct decision {
	enum alg_treat treat;
	enum alg_security security; /* of the access side, when SECURE */
	enum alg_problem problem;   /* when REFUSED */
};

static struct decision refused(enum alg_problem p)
{
	return (struct decision){ALG_TREAT_REFUSED, ALG_CLEAR, p};
}

static struct decision treated(enum alg_treat t)
{
	return (struct decision){t, ALG_CLEAR, ALG_FINE};
}

/* Path, c= and m= of MSRP must be alike; a relay in the path is its first hop (RFC 4975 8.1). */
static enum alg_problem check_path(const struct alg_policy *p, const struct alg_facts *f,
				   bool active)
{
	struct alg_msrp_uri u, last;
	struct netaddr host;

	if (!f->has_path || alg_msrp_uri_parse(f->first_uri, &u) ||
	    alg_msrp_uri_parse(f->last_uri, &last))
		return ALG_P_NO_PATH;
	if (f->path.len >= ALG_PATH_MAX)
		return ALG_P_TOO_LONG;
	if (p->path_mismatch || f->cema || netaddr_parse_host(u.host, &host))
		return ALG_FINE; /* a name cannot be compared */
	if (!netaddr_ip_eq(&host, &f->address) || (!active && u.port != f->m.port_number))
		return ALG_P_PATH_MISMATCH;
	return ALG_FINE;
}

enum alg_problem alg_check_anchor(const struct alg_policy *p, const struct alg_facts *f)
{
	const struct alg_proto_info *info = alg_proto_info(f->proto);

	if (f->m.formats.len >= ALG_FORMATS_MAX || f->m.media.len >= ALG_MEDIA_MAX)
		return ALG_P_TOO_LONG;
	if (f->hold ? info->tcp : !alg_is_peer(&f->address))
		return ALG_P_NO_ADDRESS;
	if (info->kind == ALG_KIND_MSRP)
		return check_path(p, f, !f->has_setup || f->setup == SDP_SETUP_ACTIVE);
	return ALG_FINE;
}

enum alg_problem alg_check_fingerprint(const struct alg_policy *p, const struct alg_facts *f)
{
	enum fingerprint_hash hash;

	if (!f->has_fingerprint)
		return ALG_P_NO_FINGERPRINT;
	if (f->bad_fingerprint || fingerprint_set_deciding(&f->fingerprints, p->allow_sha1, &hash))
		return ALG_P_BAD_FINGERPRINT;
	return ALG_FINE;
}

/* Can the UE's own offer be secured as it stands? */
static enum alg_problem check_secured_offer(const struct alg_policy *p, const struct alg_facts *f,
					    enum alg_security security)
{
	enum alg_problem problem;

	if (f->sec_mandatory)
		return ALG_P_PRECONDITION;
	if (security == ALG_SDES)
		return f->has_key || f->pcfg.number ? ALG_FINE : ALG_P_NO_KEY;
	problem = alg_check_fingerprint(p, f);
	if (problem)
		return problem;
	if (f->bad_setup)
		return ALG_P_BAD_SETUP;
	if (security == ALG_DTLS) {
		if (f->has_setup && f->setup == SDP_SETUP_HOLDCONN)
			return ALG_P_BAD_SETUP;
		return f->rtcp_mux || !p->dtls_mux ? ALG_FINE : ALG_P_NO_MUX;
	}
	return ALG_FINE;
}

/* A line without e2ae. What is protected end to end with TLS cannot go through us: its paths and
 * certificates name its ends. */
static struct decision plain(const struct alg_policy *p, const struct alg_facts *f)
{
	const struct alg_proto_info *info = alg_proto_info(f->proto);
	enum alg_problem problem;

	if (p->plain == ALG_PLAIN_ALONE || info->security == ALG_TLS || info->security == ALG_DTLS)
		return treated(ALG_TREAT_ALONE);
	problem = alg_check_anchor(p, f);
	if (problem == ALG_P_NO_PATH || problem == ALG_P_PATH_MISMATCH)
		return refused(problem);
	return treated(problem ? ALG_TREAT_ALONE : ALG_TREAT_RELAY);
}

static struct decision secure(const struct alg_policy *p, const struct alg_ue *ue,
			      const struct alg_facts *f, enum alg_side from,
			      enum alg_security security)
{
	enum alg_problem problem = alg_check_anchor(p, f);

	if (!problem && !ue->protected_hop && !p->any_signalling)
		problem = ALG_P_NOT_PROTECTED;
	if (!problem && from == ALG_ACCESS)
		problem = check_secured_offer(p, f, security);
	if (!problem && from == ALG_CORE && f->sec_mandatory)
		problem = ALG_P_PRECONDITION;
	if (problem)
		return refused(problem);
	return (struct decision){ALG_TREAT_SECURE, security, ALG_FINE};
}

static uint32_t mechs_of(enum alg_kind k, enum alg_security s)
{
	switch (k) {
	case ALG_KIND_MSRP:
		return MEDIASEC_MSRP;
	case ALG_KIND_BFCP:
		return MEDIASEC_BFCP;
	case ALG_KIND_RTP:
		return s == ALG_DTLS ? MEDIASEC_DTLS : MEDIASEC_SDES;
	default:
		return 0;
	}
}

/* Of a line that was secured, or refused because it was. */
static bool was_secured(const struct alg_line *before, enum alg_kind kind)
{
	return before->kind == kind &&
	       (before->treat == ALG_TREAT_SECURE || before->problem == ALG_P_IN_CLEAR);
}

/* The offerer is the UE: it decides, policy may decide for it. */
static struct decision from_ue(const struct alg_policy *p, const struct alg_ue *ue,
			       const struct alg_line *before, const struct alg_facts *f)
{
	const struct alg_proto_info *info = alg_proto_info(f->proto);
	enum alg_security security = info->security;
	enum alg_when when = p->when[info->kind];
	bool asked = f->e2ae == ALG_E2AE_REQUESTED;

	/* SDES beside AVP, or as a potential configuration (TS 33.328, RFC 5939). */
	if (security == ALG_CLEAR && info->kind == ALG_KIND_RTP &&
	    (asked || when == ALG_WHEN_ALWAYS) && (f->has_key || f->pcfg.number))
		security = ALG_SDES;
	/* Who can secure it has no reason to ask for less, and "always" is the operator's word. */
	if (security == ALG_CLEAR && when == ALG_WHEN_ALWAYS && was_secured(before, info->kind))
		return refused(ALG_P_IN_CLEAR);
	if (security == ALG_CLEAR)
		return plain(p, f);
	if (before->treat == ALG_TREAT_SECURE && before->kind == info->kind &&
	    before->security == security)
		return secure(p, ue, f, ALG_ACCESS, security);
	if (when == ALG_WHEN_ALWAYS)
		return secure(p, ue, f, ALG_ACCESS, security);
	if (!asked)
		return plain(p, f);
	if (when == ALG_WHEN_NEVER)
		return refused(ALG_P_NEVER);
	if (!(ue->mechs & mechs_of(info->kind, security)) && p->stranger == ALG_STRANGER_REFUSE &&
	    !ue->emergency)
		return refused(ALG_P_NOT_ANNOUNCED);
	return secure(p, ue, f, ALG_ACCESS, security);
}

/* How RTP towards this UE is secured: as it announced; the operator chooses where that is both or
 * neither. */
static enum alg_security rtp_security(const struct alg_policy *p, const struct alg_ue *ue)
{
	bool sdes = ue->mechs & MEDIASEC_SDES, dtls = ue->mechs & MEDIASEC_DTLS;

	if (sdes != dtls)
		return dtls ? ALG_DTLS : ALG_SDES;
	return p->dtls ? ALG_DTLS : ALG_SDES;
}

/* The UE is to answer: the network decides. What the access side has in this call stays. */
static struct decision to_ue(const struct alg_policy *p, const struct alg_ue *ue,
			     const struct alg_line *before, const struct alg_facts *f)
{
	const struct alg_proto_info *info = alg_proto_info(f->proto);
	bool same = before->kind == info->kind && before->proto[ALG_CORE] == f->proto;
	enum alg_security security = info->kind == ALG_KIND_RTP ? rtp_security(p, ue) : ALG_TLS;

	if (info->security != ALG_CLEAR || info->kind == ALG_KIND_DATAGRAM)
		return plain(p, f);
	if (same && before->treat == ALG_TREAT_SECURE)
		return secure(p, ue, f, ALG_CORE, before->security);
	if ((same && (before->treat == ALG_TREAT_RELAY || before->treat == ALG_TREAT_ALONE)) ||
	    p->when[info->kind] == ALG_WHEN_NEVER ||
	    (p->when[info->kind] == ALG_WHEN_ANNOUNCED &&
	     !(ue->mechs & mechs_of(info->kind, security))))
		return plain(p, f);
	return secure(p, ue, f, ALG_CORE, security);
}

/* ---- streams ---- */

struct alg_stream *alg_stream_of(struct alg_session *s, const struct alg_line *l)
{
	return l->stream < 0 ? NULL : &s->media.stream[l->stream];
}

void alg_drop_stream(struct alg_session *s, struct alg_line *l)
{
	struct alg_stream *st = alg_stream_of(s, l);

	if (st)
		st->live = false;
	l->stream = -1;
}

static int new_stream(struct alg_session *s, struct alg_line *l)
{
	struct alg_media *m = &s->media;
	unsigned i = 0;

	while (i < m->streams && m->stream[i].live)
		i++;
	if (i == ALG_STREAMS_MAX)
		return -1;
	if (i == m->streams)
		m->streams++;
	memset(&m->stream[i], 0, sizeof(m->stream[i]));
	m->stream[i].live = true;
	if (!++s->streams_made)
		s->streams_made = 1; /* 0 is no StreamID */
	m->stream[i].id = s->streams_made;
	l->stream = (int8_t)i;
	l->fresh = true;
	l->association = 0;
	return 0;
}

/* What the gateway is told of a proto. RTP that is secured end to end passes as RTP. */
static const char *gateway_proto(const struct alg_policy *p, const struct alg_line *l,
				 enum alg_proto proto)
{
	const struct alg_proto_info *info = alg_proto_info(proto);

	if (l->treat == ALG_TREAT_RELAY && info->security == ALG_SDES)
		info = alg_proto_info(info->feedback ? ALG_PROTO_RTP_AVPF : ALG_PROTO_RTP_AVP);
	return p->agnostic ? info->agnostic : info->text;
}

/* The proto at the gateway's access side: AVP with a=crypto is SAVP there. */
static enum alg_proto access_proto(const struct alg_line *l)
{
	const struct alg_proto_info *info = alg_proto_info(l->proto[ALG_ACCESS]);

	return l->treat == ALG_TREAT_SECURE
		   ? alg_proto_make(info->kind, l->security, info->feedback)
		   : l->proto[ALG_ACCESS];
}

/* Is the peer elsewhere? The port of one who connects means nothing (RFC 4145 4.1). */
static bool has_moved(const struct alg_line *l, const struct alg_end *e, const struct alg_facts *f)
{
	bool any_port = l->tcp && f->has_setup && f->setup == SDP_SETUP_ACTIVE;

	return netaddr_known(&e->remote) && (any_port ? !netaddr_ip_eq(&e->remote, &f->address)
						      : !netaddr_eq(&e->remote, &f->address));
}

/* Must the stream be made anew although the line had one? */
static bool needs_new(const struct alg_session *s, const struct alg_line *l,
		      const struct alg_facts *f, enum alg_side from,
		      const char *const proto[ALG_SIDES])
{
	const struct alg_stream *st = &s->media.stream[l->stream];
	const struct alg_end *e = &st->end[from];
	bool moved = has_moved(l, e, f);

	for (int side = 0; side < ALG_SIDES; side++)
		if (strcmp(st->end[side].proto, proto[side]))
			return true;
	if (!slice_eq(f->m.media, slice_str(st->media)))
		return true;
	/*
	 * Another connection with one side is another one with the other, too: half a message may
	 * have been lost in the old one, and only two ends who both know of it go on where that broke
	 * off (RFC 4975 5.4). Who answers connects at once, while the old connections are still in
	 * force: he gets a port where nothing of them is.
	 */
	if (l->kind == ALG_KIND_BFCP && (f->connection == ALG_CONNECTION_NEW ||
					 (moved && f->connection != ALG_CONNECTION_EXISTING)))
		return true;
	if (l->kind == ALG_KIND_MSRP &&
	    (moved || (e->remote_path[0] && !slice_eq(f->path, slice_str(e->remote_path)))))
		return true;
	/* A new DTLS association needs a new 3-tuple (RFC 8842 5.1). */
	return l->security == ALG_DTLS && l->treat == ALG_TREAT_SECURE && from == ALG_ACCESS &&
	       !moved && alg_association_changed(l, e, f);
}

static enum alg_problem take_stream(const struct alg_policy *p, struct alg_session *s,
				    struct alg_line *l, const struct alg_facts *f,
				    enum alg_side from)
{
	const char *proto[ALG_SIDES] = {gateway_proto(p, l, access_proto(l)),
					gateway_proto(p, l, l->proto[ALG_CORE])};
	struct alg_stream *st;

	l->fresh = false;
	if (l->stream >= 0 && needs_new(s, l, f, from, proto))
		alg_drop_stream(s, l);
	if (l->stream < 0 && new_stream(s, l))
		return ALG_P_TOO_MANY;
	st = alg_stream_of(s, l);
	(void)slice_copy(f->m.media, st->media, sizeof(st->media));
	(void)slice_copy(f->m.formats, st->formats, sizeof(st->formats));
	for (int side = 0; side < ALG_SIDES; side++)
		(void)slice_copy(slice_str(proto[side]), st->end[side].proto, ALG_PROTO_MAX);
	return ALG_FINE;
}

/* ---- the ends of a stream ---- */

/* What we want of ours on the access side of a secured line. */
static void secure_access(const struct alg_policy *p, struct alg_session *s, struct alg_line *l,
			  struct alg_end *a, const struct alg_facts *f, enum alg_side from,
			  bool renewed)
{
	if (l->security == ALG_SDES) {
		const struct sdes_key *key = l->acfg.number ? &f->pcfg.key : &f->key;

		if (from == ALG_ACCESS) {
			a->remote_key = *key;
			a->suite = key->suite;
			a->crypto_tag = key->tag;
		} else if (!a->suite) {
			a->suite = p->suite;
			a->crypto_tag = 1;
		}
		return;
	}
	a->want_fingerprint = true;
	if (from == ALG_ACCESS)
		(void)fingerprint_set_deciding(&f->fingerprints, p->allow_sha1, &a->hash);
	else if (l->fresh)
		a->hash = p->hash;
	/* The answerer of BFCP is TLS server, so we are client towards whom we offer to (RFC 8856
	 * 8). Later offers leave the roles of a connection alone. */
	if (l->kind == ALG_KIND_BFCP && renewed)
		a->tls_client = from == ALG_CORE;
	if (l->kind != ALG_KIND_MSRP && (f->tls_id.p || from == ALG_CORE) && !l->association)
		l->association = ++s->associations;
}

/*
 * A session of MSRP that goes on keeps the connections of both legs, and each its role: that this end now offers the part
 * that it has on its own leg says nothing of the other one (RFC 4145 4.1). "passive" must not be offered (RFC 6135 4.2.1).
 */
static enum sdp_setup keeping_role(const struct alg_line *l, const struct alg_end *to,
				   enum sdp_setup ours)
{
	bool goes_on = !l->fresh && l->kind == ALG_KIND_MSRP && to->has_remote_setup;

	return goes_on && ours == SDP_SETUP_ACTIVE && to->setup == SDP_SETUP_PASSIVE
		   ? SDP_SETUP_ACTPASS
		   : ours;
}

static void offered_setup(const struct alg_policy *p, struct alg_line *l, struct alg_stream *st,
			  const struct alg_facts *f, enum alg_side from)
{
	enum alg_side to = alg_other_side(from);
	bool dtls = l->treat == ALG_TREAT_SECURE && l->security == ALG_DTLS;

	l->offered = (uint8_t)alg_roles_offered(l->kind, f->has_setup, f->setup);
	l->ours = (uint8_t)keeping_role(
	    l, &st->end[to], alg_roles_offer(p->roles, l->kind, to, (enum sdp_setup)l->offered));
	for (int side = 0; side < ALG_SIDES; side++)
		st->end[side].has_setup = l->tcp || (dtls && side == ALG_ACCESS);
	if (!l->fresh)
		return; /* the roles in force stay until the answer */
	st->end[from].has_remote_setup = st->end[from].has_setup;
	st->end[from].remote_setup = (enum sdp_setup)l->offered;
	st->end[to].setup = (enum sdp_setup)l->ours;
	/* A phone that is to connect is not called before the answer. */
	st->end[from].setup =
	    alg_roles_answer(p->roles, from, (enum sdp_setup)l->offered, SDP_SETUP_ACTPASS);
}

static void take_offer(const struct alg_policy *p, const struct alg_ue *ue, struct alg_session *s,
		       struct alg_line *l, const struct alg_facts *f, enum alg_side from)
{
	struct alg_stream *st = alg_stream_of(s, l);
	enum alg_side to = alg_other_side(from);
	struct alg_end *e = &st->end[from], *o = &st->end[to];
	bool renewed = l->fresh || (f->connection != ALG_CONNECTION_EXISTING &&
				    !netaddr_eq(&e->remote, &f->address));

	offered_setup(p, l, st, f, from);
	l->connection = (uint8_t)(l->kind == ALG_KIND_BFCP ? f->connection : ALG_CONNECTION_NONE);
	l->has_pending = false;
	alg_take_peer(p, ue, s, l, from, f);
	if (l->treat == ALG_TREAT_SECURE)
		secure_access(p, s, l, &st->end[ALG_ACCESS], f, from, renewed);
	l->mux = f->rtcp_mux;
	if (l->kind == ALG_KIND_RTP) {
		bool dtls = l->treat == ALG_TREAT_SECURE && l->security == ALG_DTLS;

		e->rtcp_mux = f->rtcp_mux;
		if (l->fresh) {
			o->rtcp_mux = f->rtcp_mux || (dtls && to == ALG_ACCESS);
			e->rtcp_port = !(dtls && from == ALG_ACCESS && f->rtcp_mux);
			o->rtcp_port = !(dtls && to == ALG_ACCESS && p->dtls_mux);
		}
	}
	if (!l->fresh)
		return;
	o->mode = SDP_DIR_SENDRECV;
	/* The closed gate: each SYN is dropped until the answer names the peer. */
	o->filter_address = o->filter_port = p->delayed && l->tcp;
}

/* ---- the whole ---- */

static struct decision decide(const struct alg_policy *p, const struct alg_ue *ue,
			      const struct alg_line *before, const struct alg_facts *f,
			      enum alg_side from)
{
	if (f->dead)
		return treated(ALG_TREAT_DEAD);
	if (alg_proto_info(f->proto)->kind == ALG_KIND_OTHER)
		return treated(ALG_TREAT_ALONE);
	return from == ALG_ACCESS ? from_ue(p, ue, before, f) : to_ue(p, ue, before, f);
}

/* The protos of both sides in SIP. */
static void set_protos(struct alg_line *l, const struct alg_facts *f, enum alg_side from)
{
	const struct alg_proto_info *info = alg_proto_info(f->proto);

	l->proto[ALG_ACCESS] = l->proto[ALG_CORE] = (uint8_t)f->proto;
	memset(&l->acfg, 0, sizeof(l->acfg));
	if (l->treat != ALG_TREAT_SECURE)
		return;
	if (from == ALG_CORE) {
		l->proto[ALG_ACCESS] =
		    (uint8_t)alg_proto_make(info->kind, l->security, info->feedback);
		return;
	}
	if (info->security == ALG_CLEAR && f->pcfg.number) {
		l->acfg.number = f->pcfg.number;
		l->acfg.transport = f->pcfg.transport;
		l->acfg.attribute = f->pcfg.attribute;
		l->proto[ALG_ACCESS] = (uint8_t)f->pcfg.proto;
		info = alg_proto_info(f->pcfg.proto);
	}
	l->proto[ALG_CORE] = (uint8_t)alg_proto_make(info->kind, ALG_CLEAR, info->feedback);
}

static void read_line(const struct alg_policy *p, const struct alg_ue *ue, struct alg_session *s,
		      struct alg_line *l, const struct alg_facts *f, enum alg_side from)
{
	struct decision d = decide(p, ue, l, f, from);
	uint8_t family = s->media.family[from];

	if ((d.treat == ALG_TREAT_RELAY || d.treat == ALG_TREAT_SECURE) && family &&
	    f->address.family != family)
		d = d.treat == ALG_TREAT_SECURE ? refused(ALG_P_FAMILY) : treated(ALG_TREAT_ALONE);
	if (d.treat == ALG_TREAT_ALONE && p->unserved == ALG_UNSERVED_REFUSE &&
	    p->plain == ALG_PLAIN_RELAY)
		d = refused(ALG_P_UNSERVED);
	l->treat = (uint8_t)d.treat;
	l->security = (uint8_t)d.security;
	l->problem = (uint8_t)d.problem;
	l->kind = (uint8_t)alg_proto_info(f->proto)->kind;
	l->tcp = alg_proto_info(f->proto)->tcp;
	l->hold[from] = f->hold && !f->ice;
	(void)slice_copy(f->m.media, l->media, sizeof(l->media));
	set_protos(l, f, from);
	if (d.treat == ALG_TREAT_RELAY || d.treat == ALG_TREAT_SECURE) {
		enum alg_problem problem = take_stream(p, s, l, f, from);

		if (!problem) {
			s->media.family[from] = f->address.family;
			take_offer(p, ue, s, l, f, from);
			return;
		}
		l->treat = ALG_TREAT_REFUSED;
		l->problem = (uint8_t)problem;
	}
	alg_drop_stream(s, l);
}

static void set_media(const struct alg_policy *p, const struct alg_ue *ue, struct alg_session *s,
		      enum alg_side from, bool first)
{
	enum alg_side to = alg_other_side(from);
	struct alg_media *m = &s->media;

	for (int side = 0; side < ALG_SIDES; side++) {
		/* Only the offerer's side may have moved. */
		if (first || side == (int)from)
			memcpy(m->realm[side], p->realm[side], sizeof(m->realm[side]));
		m->dscp[side] = p->dscp[side];
		m->side_wanted[side] = true;
	}
	m->side_wanted[ALG_ACCESS] = !(first && from == ALG_ACCESS && p->late_access);
	m->merged = p->merged;
	m->emergency = ue->emergency;
	if (!first)
		return;
	m->first = to;
	m->family[to] = p->family[to];
	if (!m->family[to] && to == ALG_ACCESS)
		m->family[to] = ue->family;
	if (!m->family[to])
		m->family[to] = 4;
}

/*
 * A phone at another address is at another access, and gets another termination of its context: keys,
 * ports and connections of the old one end with that. Not where one of its connections is to stay.
 */
static bool has_left(const struct alg_session *s, const struct netaddr was[SDP_MLINES_MAX])
{
	bool left = false;

	for (int i = 0; i < s->lines; i++) {
		const struct alg_line *l = &s->line[i];
		const struct netaddr *is =
		    l->stream < 0 ? NULL : &s->media.stream[l->stream].end[ALG_ACCESS].remote;

		if (is && l->has_pending)
			return false;
		left |= is && netaddr_known(&was[i]) && netaddr_known(is) &&
			!netaddr_ip_eq(&was[i], is);
	}
	return left;
}

/* The access network changed: the termination is made anew, and what it gave does not hold. */
static void forget_given(struct alg_media *m, enum alg_side side)
{
	for (unsigned i = 0; i < m->streams; i++)
		memset(&m->stream[i].given[side], 0, sizeof(m->stream[i].given[side]));
}

int alg_offer_read(const struct alg_policy *p, const struct alg_ue *ue, struct alg_session *s,
		   enum alg_side from, const struct sdp_body *b, struct alg_trouble *t)
{
	bool first = !alg_session_anchored(s);
	bool mine = !first || alg_origin_is_ours(s, alg_other_side(from));
	int live = 0, refused_lines = 0;
	uint8_t family = s->media.family[from];
	char realm[ALG_REALM_MAX];
	struct netaddr was[SDP_MLINES_MAX] = {{.family = 0}};
	bool left;
	struct alg_defaults d;
	struct alg_facts f;

	*t = (struct alg_trouble){ALG_FINE, -1};
	if (b->mlines < s->lines) {
		t->problem = ALG_P_COUNT;
		return ALG_REFUSE;
	}
	s->offerer = from;
	memcpy(realm, s->media.realm[from], sizeof(realm));
	set_media(p, ue, s, from, first);
	/* Another family: the access network changed; the first anchored m-line says which. */
	s->media.family[from] = 0;
	alg_defaults_read(b, &d);
	for (int i = 0; i < b->mlines; i++) {
		struct alg_line *l = &s->line[i];

		if (i >= s->lines) {
			memset(l, 0, sizeof(*l));
			l->stream = -1;
		}
		if (l->stream >= 0)
			was[i] = s->media.stream[l->stream].end[from].remote;
		alg_facts_read(b, i, &d, p->suites, &f);
		read_line(p, ue, s, l, &f, from);
		sdes_key_wipe(&f.key);
		sdes_key_wipe(&f.pcfg.key);
		mine |= l->stream >= 0 || l->treat == ALG_TREAT_REFUSED || f.e2ae;
		live += l->treat != ALG_TREAT_DEAD && l->treat != ALG_TREAT_REFUSED;
		if (l->treat != ALG_TREAT_REFUSED)
			continue;
		if (!refused_lines++)
			*t = (struct alg_trouble){(enum alg_problem)l->problem, i};
	}
	s->lines = b->mlines;
	left = from == ALG_ACCESS && has_left(s, was);
	s->media.move[from] += left;
	if (!first &&
	    (left || s->media.family[from] != family || strcmp(s->media.realm[from], realm)))
		forget_given(&s->media, from);
	if (refused_lines && (p->refuse == ALG_REFUSE_OFFER || !live))
		return ALG_REFUSE;
	if (!mine)
		return ALG_PASS;
	s->unchanged = alg_seen_before(s, from, b);
	return s->unchanged ? ALG_SAME : ALG_OK;
}
