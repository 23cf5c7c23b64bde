/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The S-CSCF's core, and what its glue does around it: watchers, documents, NOTIFYs one by one. */
#include "reginfo/writer.h"
#include "unit/joint/world.h"

#include <stdio.h>
#include <string.h>

#define BODY_MAX  16384
#define LOST_OF	  300 /* one document of so many is lost */
#define EXPIRES_S 600
#define RETRY_MS  32000 /* RFC 3261 17.1.2.2: a lost NOTIFY is given up after 64*T1 */

static struct slice from(int user, int set)
{
	return slice_str(world.user[user].impu[set][0]);
}

void home_start(void)
{
	const struct scscf_store heap = {.alloc = malloc, .release = free};
	const struct keyed_hash_key key = {{world.seed, 2}};

	ck_assert_int_eq(scscf_model_init(&world.home, heap, &key, 64, world.now), 0);
	world.home.linger_ms = 30000;
}

void home_stop(void)
{
	scscf_model_free(&world.home);
	ck_assert_uint_eq(world.home.store.used, 0);
}

struct scscf_connection *home_connection(int user, int access)
{
	struct scscf_subscriber *s =
	    scscf_model_subscriber(&world.home, slice_str(world.user[user].impi));

	for (struct scscf_connection *c = s ? s->connections : NULL; c; c = c->next)
		if (slice_eq(c->contact, slice_str(world.user[user].access[access].contact)))
			return c;
	return NULL;
}

/* ---- documents ---- */

static void send_document(struct joint_watcher *w, char *body, size_t len, bool full, bool last)
{
	struct joint_message *m = joint_message(JOINT_NOTIFY, w->user);

	m->cseq = ++w->cseq;
	m->set = w->set;
	m->heals = full && world.user[w->user].missed[w->set];
	m->last = last;
	strcpy(m->subscribe.call_id, w->call_id);
	strcpy(m->subscribe.local_tag, w->local_tag);
	m->body = body;
	m->len = len;
	world.documents++;
	if (!last && joint_chance(LOST_OF) == 0) {
		/* It does not arrive; the next one has to wait until that is certain. */
		w->last_due = world.now + RETRY_MS;
		world.user[w->user].missed[w->set] = true;
		world.lost++;
		free(m->body);
		free(m);
		return;
	}
	w->last_due = joint_send(m, w->last_due);
	w->used = w->used && !last;
}

static void write_row(struct reginfo_writer *out, const struct scscf_effect *f)
{
	static const enum reginfo_event events[] = {
	    [SCSCF_CONTACT_REGISTERED] = REGINFO_EV_REGISTERED,
	    [SCSCF_CONTACT_REFRESHED] = REGINFO_EV_REFRESHED,
	    [SCSCF_CONTACT_EXPIRED] = REGINFO_EV_EXPIRED,
	    [SCSCF_CONTACT_UNREGISTERED] = REGINFO_EV_UNREGISTERED,
	    [SCSCF_CONTACT_DEACTIVATED] = REGINFO_EV_DEACTIVATED,
	    [SCSCF_CONTACT_REJECTED] = REGINFO_EV_REJECTED,
	};
	struct reginfo_contact c = {
	    .id = f->contact,
	    .uri = f->contact,
	    .state = f->contact_active ? REGINFO_CONTACT_ACTIVE : REGINFO_CONTACT_TERMINATED,
	    .event = events[f->event],
	    .connection = f->connection_inactive     ? REGINFO_CONN_INACTIVE
			  : f->connection_terminated ? REGINFO_CONN_TERMINATED
						     : REGINFO_CONN_NONE,
	    .linger = f->linger_s,
	    .callid = f->call_id,
	    .has_cseq = true,
	    .cseq = f->cseq,
	};

	reginfo_contact_write(out, &c);
}

/* The place of an AOR in an effect, or -1. */
static int place(const struct scscf_effect *f, struct slice impu)
{
	if (f->kind != SCSCF_EFFECT_CONTACT && f->kind != SCSCF_EFFECT_SUBSCRIBER_GONE)
		return -1;
	for (size_t i = 0; i < f->impus_n; i++)
		if (slice_eq(f->impus[i], impu))
			return (int)i;
	return -1;
}

/* The rows of one AOR, if there are any. */
static bool write_aor(struct reginfo_writer *out, const struct scscf_effect *first,
		      struct slice impu)
{
	bool told = false, active = false;

	for (const struct scscf_effect *f = first; f; f = f->next) {
		int i = place(f, impu);

		if (i < 0)
			continue;
		told = true;
		active = f->kind == SCSCF_EFFECT_CONTACT && f->impu_active[i];
	}
	if (!told)
		return false;
	reginfo_registration_begin(out, impu, impu,
				   active ? REGINFO_REG_ACTIVE : REGINFO_REG_TERMINATED);
	for (const struct scscf_effect *f = first; f; f = f->next)
		if (f->kind == SCSCF_EFFECT_CONTACT && place(f, impu) >= 0)
			write_row(out, f);
	reginfo_registration_end(out);
	return true;
}

/* Tell one watcher of all AORs of his user that the effects name (he is a P-CSCF). */
static void tell(struct joint_watcher *w, const struct scscf_effect *first, bool last)
{
	char *body = malloc(BODY_MAX);
	struct reginfo_writer out;
	bool told = false;
	size_t len;

	reginfo_begin(&out, body, BODY_MAX, w->version, false);
	for (int s = 0; s < SETS; s++)
		for (int i = 0; i < IMPUS; i++)
			told |= write_aor(&out, first, slice_str(world.user[w->user].impu[s][i]));
	ck_assert_int_eq(reginfo_end(&out, &len), 0);
	if (!told) {
		free(body);
		return;
	}
	w->version++;
	send_document(w, body, len, false, last);
}

static void release(const struct scscf_effect *f)
{
	for (int u = 0; u < USERS; u++)
		for (int i = 0; i < CALLS; i++) {
			struct joint_call *c = &world.user[u].call[i];
			struct joint_message *m;

			if (!c->up || !slice_eq(slice_str(c->id), f->session_call_id))
				continue;
			m = joint_message(JOINT_BYE, u);
			m->call = *c;
			joint_say(u, "home: %s released", c->id);
			c->up = false;
			joint_send(m, 0);
		}
}

static int owner_of(const struct scscf_effect *f)
{
	for (int u = 0; u < USERS; u++)
		if (slice_eq(slice_str(world.user[u].impi), f->impi))
			return u;
	return -1;
}

/* All effects of one call concern one user, except those of time. */
static void act(struct scscf_effects *e)
{
	for (int u = 0; u < USERS; u++) {
		struct scscf_effects own;
		bool last = false;
		struct slice only = SLICE_NULL;

		scscf_effects_init(&own);
		for (const struct scscf_effect *f = e->first; f; f = f->next) {
			struct scscf_effect *copy;

			if (owner_of(f) != u)
				continue;
			copy = scscf_effects_add(&own, f->kind);
			*copy = *f;
			copy->next = NULL;
			last |= f->kind == SCSCF_EFFECT_SUBSCRIBER_GONE;
			if (f->kind == SCSCF_EFFECT_CONTACT)
				only = f->only_call_id;
		}
		for (int i = 0; own.first && i < WATCHERS; i++) {
			struct joint_watcher *w = &world.watcher[i];

			if (w->used && w->user == u &&
			    (!only.len || slice_eq(slice_str(w->call_id), only)))
				tell(w, own.first, last);
		}
		scscf_effects_free(&own);
	}
	for (const struct scscf_effect *f = e->first; f; f = f->next)
		if (f->kind == SCSCF_EFFECT_RELEASE)
			release(f);
	scscf_effects_free(e);
}

/* ---- subscriptions ---- */

static void write_bindings(struct reginfo_writer *out, int user, struct scscf_implicit_set *set)
{
	struct scscf_subscriber *s =
	    scscf_model_subscriber(&world.home, slice_str(world.user[user].impi));

	for (struct scscf_connection *c = s ? s->connections : NULL; c; c = c->next)
		for (struct scscf_binding *b = c->bindings; b; b = b->next) {
			struct reginfo_contact row = {.id = b->contact,
						      .uri = b->contact,
						      .state = REGINFO_CONTACT_ACTIVE,
						      .event = REGINFO_EV_REGISTERED};

			if (b->set == set)
				reginfo_contact_write(out, &row);
		}
}

/* As the stock registrar writes it: the set of the AOR, and nothing of what lingers. */
static void send_full(struct joint_watcher *w)
{
	struct scscf_implicit_set *set = scscf_model_set(
	    &world.home, slice_str(world.user[w->user].impi), from(w->user, w->set));
	char *body = malloc(BODY_MAX);
	struct reginfo_writer out;
	size_t len;

	reginfo_begin(&out, body, BODY_MAX, w->version++, true);
	for (int i = 0; i < IMPUS; i++) {
		struct slice impu = slice_str(world.user[w->user].impu[w->set][i]);

		reginfo_registration_begin(&out, impu, impu,
					   set && set->bindings ? REGINFO_REG_ACTIVE
								: REGINFO_REG_TERMINATED);
		if (set)
			write_bindings(&out, w->user, set);
		reginfo_registration_end(&out);
	}
	ck_assert_int_eq(reginfo_end(&out, &len), 0);
	send_document(w, body, len, true, false);
}

static struct joint_watcher *find_watcher(const struct pcscf_subscribe *s)
{
	for (int i = 0; i < WATCHERS; i++)
		if (world.watcher[i].used && strcmp(world.watcher[i].call_id, s->call_id) == 0)
			return &world.watcher[i];
	return NULL;
}

static struct joint_watcher *new_watcher(const struct pcscf_subscribe *s)
{
	for (int i = 0; i < WATCHERS; i++) {
		struct joint_watcher *w = &world.watcher[i];

		if (w->used)
			continue;
		*w = (struct joint_watcher){.used = true};
		strcpy(w->identity, s->identity);
		strcpy(w->call_id, s->call_id);
		strcpy(w->local_tag, s->local_tag);
		joint_owner(s->identity, &w->user, &w->set);
		return w;
	}
	ck_abort_msg("no watcher is free");
	return NULL;
}

void home_subscribed(const struct joint_message *m)
{
	struct joint_message *answer = joint_message(JOINT_ANSWER, m->user);
	struct joint_watcher *w = find_watcher(&m->subscribe);
	struct scscf_effects e;

	if (!w && !m->subscribe.remote_tag[0] && m->subscribe.expires)
		w = new_watcher(&m->subscribe);
	answer->subscribe = m->subscribe;
	answer->code = w ? 200 : 481;
	joint_send(answer, 0);
	if (!w)
		return;
	if (!m->subscribe.expires) {
		w->used = false;
		return;
	}
	send_full(w);
	scscf_effects_init(&e);
	scscf_model_tell_lingering(&world.home, slice_str(w->identity), slice_str(w->call_id),
				   world.now, &e);
	act(&e);
}

/* ---- registrations ---- */

static int contact_list(char *buf, size_t size, int user, int set, int access,
			enum joint_register kind)
{
	const struct joint_user *u = &world.user[user];
	struct scscf_implicit_set *s =
	    scscf_model_set(&world.home, slice_str(u->impi), from(user, set));
	bool gone = kind == JOINT_DEREGISTER;
	int n =
	    snprintf(buf, size, "<%s>;expires=%d", u->access[access].contact, gone ? 0 : EXPIRES_S);

	if (kind == JOINT_ADD)
		n += snprintf(buf + n, size - (size_t)n, ";+sip.instance=\"%s\";reg-id=%d",
			      u->instance, access + 1);
	for (int a = 0; kind == JOINT_MOVE && a < ACCESSES; a++) {
		struct scscf_connection *c = home_connection(user, a);

		for (struct scscf_binding *b = c && a != access ? c->bindings : NULL; b;
		     b = b->next)
			if (b->set == s) {
				n += snprintf(buf + n, size - (size_t)n, ", <%s>;expires=0",
					      u->access[a].contact);
				break;
			}
	}
	return n;
}

static void fill_sets(struct scscf_saved_register *r, int user)
{
	for (size_t k = 0; k < r->sets_n; k++) {
		struct scscf_plan_set *p = &r->sets[k];

		for (int s = 0; !p->known && s < SETS; s++)
			for (int i = 0; i < IMPUS; i++)
				if (slice_eq(p->impu, slice_str(world.user[user].impu[s][i]))) {
					p->impus_n = IMPUS;
					for (int j = 0; j < IMPUS; j++)
						p->impus[j] =
						    slice_str(world.user[user].impu[s][j]);
				}
	}
}

bool home_register(int user, int set, int access, enum joint_register kind)
{
	static const struct scscf_register_policy policy = {
	    .min_expires = 60, .max_expires = 600000, .default_expires = 3600};
	static struct scscf_register_plan plan;
	struct joint_user *u = &world.user[user];
	struct scscf_register_refusal no;
	struct scscf_register_result res;
	struct sip_contact_list l = {0};
	struct scscf_saved_register *r;
	struct scscf_effects e;
	char contacts[1024], call_id[24];
	int rc;

	snprintf(call_id, sizeof(call_id), "reg@u%d", user);
	contact_list(contacts, sizeof(contacts), user, set, access, kind);
	ck_assert_int_eq(sip_contact_list_add(&l, slice_str(contacts)), 0);
	struct scscf_register_request rq = {
	    .impi = slice_str(u->impi),
	    .impu = from(user, set),
	    .tagged = true,
	    .to_params = kind == JOINT_GLOBAL ? SLICE_LIT(";imsglobreg") : SLICE_NULL,
	    .contacts = &l,
	    .path = slice_str(u->access[access].path),
	    .call_id = slice_str(call_id),
	    .cseq = ++u->register_cseq};

	if (scscf_register_plan(&world.home, &rq, &policy, &plan, &no))
		return false;
	r = scscf_saved_register_make(&world.home, &plan, &rq, &policy);
	ck_assert_ptr_nonnull(r);
	fill_sets(r, user);
	scscf_effects_init(&e);
	rc = scscf_register_commit(&world.home, r, world.now, &e, &res);
	scscf_saved_register_free(&world.home, r, NULL);
	ck_assert_int_eq(rc, 0);
	act(&e);
	return true;
}

unsigned home_sets(int user, int access)
{
	struct scscf_connection *c = home_connection(user, access);
	unsigned sets = 0;

	for (struct scscf_binding *b = c ? c->bindings : NULL; b; b = b->next)
		for (int s = 0; s < SETS; s++)
			if (slice_eq(b->set->impu[0].impu, from(user, s)))
				sets |= 1u << s;
	return sets;
}

void home_expired(int user, int set, int access)
{
	const struct scscf_unbind_how how = {.event = SCSCF_CONTACT_EXPIRED,
					     .end = SCSCF_END_RAN_OUT};
	struct joint_user *u = &world.user[user];
	struct scscf_implicit_set *s =
	    scscf_model_set(&world.home, slice_str(u->impi), from(user, set));
	struct scscf_effects e;

	if (!s)
		return;
	joint_say(user, "home: set %d runs out at access %d", set, access);
	scscf_effects_init(&e);
	scscf_model_unbind(&world.home, s, slice_str(u->access[access].contact), &how, world.now,
			   &e);
	act(&e);
}

/* ---- sessions ---- */

void home_call(struct joint_user *u, struct joint_call *c)
{
	struct scscf_connection *at = home_connection((int)(u - world.user), c->access);
	struct slice contact = slice_str(u->access[c->access].contact);
	struct scscf_session_info i = {.call_id = slice_str(c->id),
				       .from_tag = SLICE_LIT("a"),
				       .from_uri = SLICE_LIT("sip:from@x"),
				       .to_uri = SLICE_LIT("sip:to@x"),
				       .cseq = 1};
	struct scscf_session_answer answer = {.to_tag = SLICE_LIT("b")};
	struct scscf_session *s;
	struct scscf_effects e;

	i.caller = c->outgoing ? at : NULL;
	i.callee = c->outgoing ? NULL : at;
	i.caller_contact = c->outgoing ? contact : SLICE_LIT("sip:far@192.0.2.1");
	i.callee_contact = c->outgoing ? SLICE_NULL : contact;
	scscf_effects_init(&e);
	ck_assert_int_eq(scscf_session_open(&world.home, &i, world.now, &s), 0);
	answer.contact = c->outgoing ? SLICE_LIT("sip:far@192.0.2.1") : contact;
	answer.connection = c->outgoing ? NULL : at;
	ck_assert_int_eq(scscf_session_confirm(&world.home, s, &answer, world.now, &e), 0);
	act(&e);
}

static struct scscf_session *session_of(const struct joint_call *c)
{
	enum scscf_session_side side;

	return scscf_session_find(&world.home, slice_str(c->id), SLICE_LIT("a"), SLICE_LIT("b"),
				  &side);
}

void home_call_moved(struct joint_user *u, struct joint_call *c, int to)
{
	struct scscf_connection *at = home_connection((int)(u - world.user), to);
	struct scscf_session *s = session_of(c);
	enum scscf_session_side side = c->outgoing ? SCSCF_SIDE_CALLER : SCSCF_SIDE_CALLEE;
	struct slice contact = slice_str(u->access[to].contact);
	struct scscf_effects e;

	ck_assert(s && at);
	scscf_effects_init(&e);
	ck_assert_int_eq(scscf_session_expect_move(&world.home, s, side, at, contact), 0);
	scscf_session_move(&world.home, s, side, at, contact, &e);
	scscf_session_expect_nothing(&world.home, s, side);
	act(&e);
}

void home_call_ended(struct joint_call *c)
{
	struct scscf_session *s = session_of(c);
	struct scscf_effects e;

	if (!s)
		return;
	scscf_effects_init(&e);
	scscf_session_end(&world.home, s, world.now, &e);
	act(&e);
}

void home_advance(void)
{
	struct scscf_effects e;

	scscf_effects_init(&e);
	scscf_model_advance(&world.home, world.now, 0, &e);
	act(&e);
}
