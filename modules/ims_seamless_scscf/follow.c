/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seamless_scscf_session(): following sessions through this S-CSCF from their INVITEs, re-INVITEs,
 * UPDATEs and BYEs. An end moves when a 2xx confirms its new Contact, never by the request alone.
 */
#include "modules/ims_seamless_scscf/glue.h"
#include "../../core/mem/shm_mem.h"

#include "modules/common/headers.h"
#include "modules/ims_seamless_scscf/lookup.h"
#include "sip/replaces.h"
#include "sip/uri.h"

/* What a transaction's callback must know; one block of shared memory, freed by tm with the
 * transaction. */
struct followed {
	uint64_t session;
	enum scscf_session_side from;
	bool initial;
	/* INVITE with Replaces: the session that goes, and the end of it that moves */
	bool replaces;
	uint64_t replaced;
	enum scscf_session_side replaced_side;
	uint64_t connection; /* re-INVITE, UPDATE: the sender's, by the way it came; 0: unknown */
	size_t call_id_len, from_tag_len, to_tag_len, contact_len, served_len;
	char text[]; /* Call-ID, From tag, To tag, Contact, the identity that is called here */
};

static struct slice part(const struct followed *f, int i)
{
	const size_t lens[] = {f->call_id_len, f->from_tag_len, f->to_tag_len, f->contact_len,
			       f->served_len};
	const char *p = f->text;

	for (int k = 0; k < i; k++)
		p += lens[k];
	return slice_make(p, lens[i]);
}

static struct followed *followed_make(const struct dialog_ids *ids, struct slice contact,
				      struct slice served)
{
	struct slice parts[] = {ids->call_id, ids->from_tag, ids->to_tag, contact, served};
	size_t size = sizeof(struct followed);
	struct followed *f;
	char *at;

	for (int i = 0; i < 5; i++)
		size += parts[i].len;
	f = shm_malloc(size);
	if (!f)
		return NULL;
	memset(f, 0, sizeof(*f));
	f->call_id_len = parts[0].len;
	f->from_tag_len = parts[1].len;
	f->to_tag_len = parts[2].len;
	f->contact_len = parts[3].len;
	f->served_len = parts[4].len;
	at = f->text;
	for (int i = 0; i < 5; i++) {
		if (parts[i].len)
			memcpy(at, parts[i].p, parts[i].len);
		at += parts[i].len;
	}
	return f;
}

static void followed_free(void *p)
{
	shm_free(p);
}

static struct scscf_session *session_again(struct scscf_model *m, const struct followed *f)
{
	enum scscf_session_side from;
	struct scscf_session *s =
	    f->initial ? scscf_session_find_initial(m, part(f, 0), part(f, 1))
		       : scscf_session_find(m, part(f, 0), part(f, 1), part(f, 2), &from);

	return s && s->id == f->session ? s : NULL;
}

#define HOPS_MAX 32

/* The first n of these hops as a list, the last one first. */
static struct slice backwards(const struct slice *hops, size_t n, struct scscf_arena *a)
{
	size_t len = 0, at = 0;
	char *buf;

	for (size_t i = 0; i < n; i++)
		len += hops[i].len + 1;
	buf = n ? scscf_arena_alloc(a, len) : NULL;
	if (!buf)
		return SLICE_NULL;
	for (size_t i = n; i-- > 0;) {
		if (at)
			buf[at++] = ',';
		memcpy(buf + at, hops[i].p, hops[i].len);
		at += hops[i].len;
	}
	return slice_make(buf, at);
}

/*
 * The ways to the callee that the Record-Route of a 2xx shows (RFC 3261 12.1.2 seen from the
 * middle; the callee's proxy stands on top): *last from our topmost entry on; *through from our
 * undermost entry on, if between these two others have put themselves into the way.
 */
static void routes_to_callee(struct sip_msg *rpl, struct scscf_arena *a, struct slice *last,
			     struct slice *through)
{
	struct slice rest = read_header_list(rpl, HDR_RECORDROUTE_T, a), hops[HOPS_MAX];
	size_t n = 0, topmost = HOPS_MAX, undermost = 0, mine = 0;
	struct sip_name_addr hop;

	*last = *through = SLICE_NULL;
	while (n < HOPS_MAX && sip_name_addr_next(&rest, &hop) == 1) {
		hops[n] = hop.all;
		if (uri_is_mine(hop.uri)) {
			topmost = mine++ ? topmost : n;
			undermost = n;
		}
		n++;
	}
	if (!mine)
		return;
	*last = backwards(hops, topmost, a);
	if (undermost - topmost + 1 > mine)
		*through = backwards(hops, undermost, a);
}

/* The callee's connection: of the identity that was called here, else of the user that rang. */
static struct scscf_connection *callee_connection(struct scscf_model *m,
						  const struct scscf_session *s,
						  struct slice served,
						  const struct scscf_where *where)
{
	struct slice impi = s->end[SCSCF_SIDE_CALLEE].impi;

	if (served.len)
		return scscf_served_connection(m, served, where);
	return impi.len ? scscf_user_connection(m, impi, where) : NULL;
}

static void confirm(struct sip_msg *rpl, const struct followed *f, struct scscf_effects *e)
{
	struct scscf_arena a = {0};
	struct dialog_ids ids;
	struct scscf_session_answer answer = {.contact = read_contact_uri(rpl)};
	const struct scscf_where where = {answer.contact,
					  read_header_list(rpl, HDR_RECORDROUTE_T, &a)};
	struct scscf_session *s, *old;
	struct scscf_model *m;

	routes_to_callee(rpl, &a, &answer.callee_route, &answer.through);
	if (!read_dialog_ids(rpl, &ids)) {
		answer.to_tag = ids.to_tag;
		m = seamless_lock();
		s = session_again(m, f);
		if (s) {
			answer.connection = callee_connection(m, s, part(f, 4), &where);
			(void)scscf_session_confirm(m, s, &answer, kam_now_ms(), e);
		}
		/* The dialog that was replaced follows its user to the connection of the new one:
		 * the other side's BYE for it must reach him there. */
		old = s && f->replaces ? scscf_session_by_id(m, f->replaced) : NULL;
		if (old && s->end[SCSCF_SIDE_CALLER].connection) {
			if (scscf_session_move(m, old, f->replaced_side,
					       s->end[SCSCF_SIDE_CALLER].connection, part(f, 3), e))
				counter_inc(seamless_counters.sessions_replaced);
		}
		seamless_unlock();
	}
	scscf_arena_free(&a);
}

/* The end has a new Contact: on another connection of its user, or on the one it was on. */
static void end_answers(struct scscf_model *m, struct scscf_session *s,
			enum scscf_session_side side, struct scscf_connection *c,
			struct slice contact, struct scscf_effects *e)
{
	if (!contact.len)
		return;
	if (c && c->state == SCSCF_CONNECTION_ACTIVE && c != s->end[side].connection) {
		if (scscf_session_move(m, s, side, c, contact, e))
			counter_inc(seamless_counters.sessions_moved);
	} else {
		(void)scscf_session_retarget(m, s, side, contact);
	}
}

/* A 2xx to a re-INVITE or UPDATE: both sides may have given a new Contact. */
static void refresh(struct sip_msg *rpl, const struct followed *f, struct scscf_effects *e)
{
	enum scscf_session_side to = scscf_other_side(f->from);
	struct scscf_arena a = {0};
	const struct scscf_where where = {read_contact_uri(rpl),
					  read_header_list(rpl, HDR_RECORDROUTE_T, &a)};
	struct scscf_connection *c;
	struct scscf_model *m = seamless_lock();
	struct scscf_session *s = session_again(m, f);

	if (s) {
		c = f->connection ? scscf_model_connection_by_id(m, f->connection) : NULL;
		end_answers(m, s, f->from, c, part(f, 3), e);
		c = s->end[to].impi.len ? scscf_user_connection(m, s->end[to].impi, &where) : NULL;
		end_answers(m, s, to, c, where.contact, e);
	}
	seamless_unlock();
	scscf_arena_free(&a);
}

static void failed(const struct followed *f, struct scscf_effects *e)
{
	struct scscf_model *m = seamless_lock();
	struct scscf_session *s = session_again(m, f), *old = NULL;

	if (f->replaces && (old = scscf_session_by_id(m, f->replaced)))
		scscf_session_expect_nothing(m, old, f->replaced_side);
	if (s && !f->initial)
		scscf_session_expect_nothing(m, s, f->from);
	if (s && f->initial && s->state == SCSCF_SESSION_EARLY)
		scscf_session_remove(m, s, e);
	seamless_unlock();
}

static void on_reply(struct cell *t, int type, struct tmcb_params *ps)
{
	const struct followed *f = *ps->param;
	struct scscf_effects e;

	/* RESPONSE_FWDED comes before the 2xx is sent: a request that answers it at once must find
	 * the session moved. RESPONSE_OUT comes for what tm makes by itself too (408). */
	if (ps->code < 200)
		return;
	scscf_effects_init(&e);
	if (ps->code >= 300) {
		if (type == TMCB_RESPONSE_OUT)
			failed(f, &e);
	} else if (type == TMCB_RESPONSE_FWDED && ps->rpl && ps->rpl != FAKED_REPLY) {
		if (f->initial)
			confirm(ps->rpl, f, &e);
		else
			refresh(ps->rpl, f, &e);
	}
	effects_later(&e);
}

static void follow(struct sip_msg *msg, struct followed *f)
{
	if (!f)
		return;
	/* A branch that failed is no end while others ring: the reply that goes up decides. */
	if (seamless_tm.register_tmcb(msg, NULL, TMCB_RESPONSE_FWDED | TMCB_RESPONSE_OUT, on_reply,
				      f, followed_free) <= 0)
		shm_free(f);
}

/* The session an INVITE's Replaces names, if its initiator is one of its ends: fills in *f's part.
 */
static void read_replaces(struct scscf_model *m, struct slice header,
			  struct scscf_connection *caller, struct slice contact,
			  struct sip_replaces *r, uint64_t *id, enum scscf_session_side *side)
{
	enum scscf_session_side from;
	struct scscf_session *s;

	*id = 0;
	if (!header.len || !caller || sip_replaces_parse(header, r))
		return;
	/* The receiver's local tag is to-tag: the initiator's side is the other one. */
	s = scscf_session_find(m, r->call_id, r->from_tag, r->to_tag, &from);
	if (!s || s->state == SCSCF_SESSION_ENDING)
		return;
	for (int i = 0; i < 2; i++) {
		if (slice_eq(s->end[i].impi, caller->subscriber->impi)) {
			*id = s->id;
			*side = (enum scscf_session_side)i;
		}
	}
	if (*id)
		(void)scscf_session_expect_move(m, s, *side, caller, contact);
}

/*
 * Does the request come from one of ours, by the Service-Route we gave him? Only then does
 * P-Asserted-Identity name the user that is served here.
 */
static bool is_originating(struct sip_msg *msg)
{
	struct slice route = kam_header(msg, "Route", NULL);
	struct sip_name_addr first;
	struct sip_uri_parts u;

	return sip_name_addr_next(&route, &first) == 1 && !sip_uri_parse(first.uri, &u) &&
	       slice_eq(u.user, SLICE_LIT("orig")) && uri_is_mine(first.uri);
}

static struct scscf_connection *caller_connection(struct scscf_model *m, struct sip_msg *msg,
						  const struct scscf_where *where)
{
	struct slice asserted = kam_header(msg, "P-Asserted-Identity", NULL);
	struct scscf_connection *c = NULL;
	struct sip_name_addr id;

	while (!c && sip_name_addr_next(&asserted, &id) == 1)
		c = scscf_served_connection(m, id.uri, where);
	return c;
}

/* After lookup(): the Request-URI is a contact of the identity that stood there before. */
static struct scscf_connection *looked_up(struct scscf_model *m, struct sip_msg *msg,
					  struct slice served, struct slice contact)
{
	const struct scscf_where where = {contact, slice_of(msg->path_vec)};

	return msg->new_uri.s ? scscf_served_connection(m, served, &where) : NULL;
}

static int open_session(struct sip_msg *msg, const struct dialog_ids *ids)
{
	struct slice contact = read_contact_uri(msg), header = kam_header(msg, "Replaces", NULL);
	struct scscf_arena a = {0};
	struct scscf_session_info info = {
	    .call_id = ids->call_id,
	    .from_tag = ids->from_tag,
	    .from_uri = ids->from_uri,
	    .to_uri = ids->to_uri,
	    .cseq = ids->cseq,
	    .caller_contact = contact,
	};
	struct scscf_where where = {.contact = contact};
	struct slice ruri = slice_of(msg->new_uri.s ? msg->new_uri : msg->first_line.u.request.uri);
	enum scscf_session_side side = SCSCF_SIDE_CALLER;
	struct sip_replaces r = {0};
	struct scscf_session *s = NULL;
	struct followed *f;
	struct scscf_model *m;
	uint64_t id = 0, replaced = 0;
	size_t before;
	int rc;

	struct slice served = slice_of(msg->first_line.u.request.uri);
	bool originating = is_originating(msg);

	info.caller_route = read_header_list(msg, HDR_RECORDROUTE_T, &a);
	where.route = info.caller_route;
	m = seamless_lock();
	before = m->sessions;
	if (originating)
		info.caller = caller_connection(m, msg, &where);
	else
		info.callee = looked_up(m, msg, served, ruri);
	if (info.callee)
		info.callee_contact = ruri;
	rc = scscf_session_open(m, &info, kam_now_ms(), &s);
	if (!rc) {
		id = s->id;
		lookup_ring(m, s, msg);
		read_replaces(m, header, info.caller, contact, &r, &replaced, &side);
		if (m->sessions > before)
			counter_inc(seamless_counters.sessions);
	}
	seamless_unlock();
	scscf_arena_free(&a);
	if (rc) {
		counter_inc(seamless_counters.no_memory);
		LM_INFO("session %.*s not followed: %s\n", (int)ids->call_id.len, ids->call_id.p,
			scscf_model_strerror(rc));
		return -1;
	}
	f = followed_make(ids, contact, originating ? SLICE_NULL : served);
	if (f) {
		f->session = id;
		f->initial = true;
		f->replaces = replaced != 0;
		f->replaced = replaced;
		f->replaced_side = side;
	}
	follow(msg, f);
	return 1;
}

/* A re-INVITE or UPDATE asks for the connection it came over; returns that. */
static uint64_t expect_move(struct scscf_model *m, struct scscf_session *s,
			    enum scscf_session_side from, const struct scscf_where *where)
{
	struct scscf_session_end *end = &s->end[from];
	struct scscf_connection *c =
	    end->impi.len ? scscf_user_connection(m, end->impi, where) : NULL;

	if (c && c->state == SCSCF_CONNECTION_ACTIVE && c != end->connection)
		(void)scscf_session_expect_move(m, s, from, c, where->contact);
	return c ? c->id : 0;
}

/*
 * A re-INVITE or UPDATE of no session that passed here: what it names as its dialog is made up, or
 * the session is older than this process.
 */
static int unknown_session(uint64_t now)
{
	if (now - seamless_started_ms < (uint64_t)seamless_params.restart_seconds * 1000)
		return -1;
	counter_inc(seamless_counters.unknown_sessions);
	return -2;
}

static int pass_request(struct sip_msg *msg, const struct dialog_ids *ids)
{
	struct slice contact = read_contact_uri(msg);
	enum scscf_session_side from = SCSCF_SIDE_CALLER;
	struct followed *f = NULL;
	uint64_t id = 0, connection = 0, now = kam_now_ms();
	bool may_move = msg->REQ_METHOD == METHOD_INVITE || msg->REQ_METHOD == METHOD_UPDATE;
	struct scscf_arena a = {0};
	const struct scscf_where where = {contact, read_header_list(msg, HDR_RECORDROUTE_T, &a)};
	struct scscf_effects e;
	struct scscf_session *s;
	struct scscf_model *m;

	scscf_effects_init(&e);
	m = seamless_lock();
	s = scscf_session_find(m, ids->call_id, ids->from_tag, ids->to_tag, &from);
	if (s) {
		id = s->id;
		if (msg->REQ_METHOD != METHOD_ACK)
			scscf_session_heard(m, s, from, ids->cseq, now);
		if (s->state != SCSCF_SESSION_ENDING && may_move && contact.len)
			connection = expect_move(m, s, from, &where);
		if (msg->REQ_METHOD == METHOD_BYE)
			scscf_session_bye(m, s, from, now, &e);
	}
	seamless_unlock();
	effects_later(&e);
	scscf_arena_free(&a);
	if (!id)
		return may_move ? unknown_session(now) : -1;
	if (may_move && contact.len) {
		f = followed_make(ids, contact, SLICE_NULL);
		if (f) {
			f->session = id;
			f->from = from;
			f->connection = connection;
		}
		follow(msg, f);
	}
	return 1;
}

/* 1: the session is known (or new) and followed; -1: not, go on; -2: a session that cannot be. */
int seamless_session(struct sip_msg *msg)
{
	struct dialog_ids ids;

	if (read_dialog_ids(msg, &ids) || !ids.from_tag.len)
		return -1;
	if (ids.to_tag.len)
		return pass_request(msg, &ids);
	return msg->REQ_METHOD == METHOD_INVITE ? open_session(msg, &ids) : -1;
}
