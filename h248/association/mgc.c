/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The associations of a media gateway controller: who registers, who is gone. Their states are a
 * table, association_state.c. One that is refused or sent elsewhere and never was accepted is
 * forgotten. */
#include "h248/association/entity.h"

/* What mgc_states says of it becomes the peer's state. Whether it may happen. */
static bool step(struct h248_peer *peer, enum mgc_event event, const char *why)
{
	struct state_step s = state_step(&mgc_states, peer->state, event);

	if (s.allowed)
		peer_set_state(peer, (enum h248_state)s.next, why);
	return s.allowed;
}

static bool is_root_service_change(const struct h248_message *m)
{
	for (const struct h248_transaction *t = m->transactions; t; t = t->next) {
		if (t->kind == H248_REQUEST && root_service_change(t))
			return true;
	}
	return false;
}

static struct h248_peer *find(struct h248_entity *e, const struct h248_mid *mid)
{
	for (struct h248_peer *p = e->peers; p; p = p->next) {
		if (!p->dead && h248_mid_equal(&p->mid, mid))
			return p;
	}
	return NULL;
}

static struct h248_peer *peer_of(struct h248_entity *e, const struct h248_addr *from,
				 const struct h248_message *m)
{
	struct h248_peer *peer = find(e, &m->mid);

	if (peer)
		return peer;
	if (!is_root_service_change(m)) {
		e->counters.strangers++;
		entity_answer(e, from, m, 505);
		return NULL;
	}
	if (e->peer_count >= e->cfg.max_peers) {
		e->counters.refused++;
		entity_answer(e, from, m, 510);
		return NULL;
	}
	return peer_new(e, &m->mid, from);
}

static void cancel(struct h248_peer *peer, enum h248_outcome outcome)
{
	peer->probing = false;
	h248_channel_cancel(peer->channel, outcome);
}

static void failed(struct h248_entity *e, struct h248_peer *peer, const char *why)
{
	if (peer->state != H248_ACTIVE && peer->state != H248_LEAVING)
		return;
	e->counters.lost++;
	step(peer, MGC_EV_FAILED, why);
	cancel(peer, H248_TIMED_OUT);
}

/* ---- registration ---- */

static unsigned negotiate(struct h248_entity *e, struct h248_peer *peer,
			  const struct h248_services *request, struct h248_services *reply)
{
	uint8_t version = request->version ? request->version : 1;

	if (version > e->cfg.version_max)
		version = e->cfg.version_max;
	if (version < e->cfg.version_min)
		return 406;
	reply->version = version;
	if (e->cfg.profile && request->profile.len) {
		if (!slice_eq_nocase(request->profile, slice_str(e->cfg.profile)))
			return 461;
		reply->profile = slice_str(e->cfg.profile);
		reply->profile_version = request->profile_version < e->cfg.profile_version
					     ? request->profile_version
					     : e->cfg.profile_version;
	}
	return e->cfg.registration ? e->cfg.registration(e->cfg.user, peer, request, reply) : 0;
}

static void on_probed(void *user, enum h248_outcome outcome, const struct h248_transaction *reply)
{
	struct h248_peer *peer = user;

	(void)outcome;
	(void)reply;
	if (!peer->dead)
		peer->probing = false;
}

static void send_simple(struct h248_peer *peer, enum h248_command_kind kind,
			enum h248_descriptor_kind what, uint32_t mit_ms, h248_reply_h done)
{
	char memory[BUILD_MEMORY];
	struct h248_arena arena;
	struct h248_action *actions = NULL;
	struct h248_descriptor *d;
	struct h248_event *event;

	h248_arena_init(&arena, memory, sizeof(memory));
	d = h248_new_descriptor(
	    &arena,
	    h248_new_command(&arena, h248_new_action(&arena, &actions, H248_CONTEXT_NULL), kind,
			     H248_ROOT),
	    what);
	if (d && what == H248_D_EVENTS) {
		d->u.events.request =
		    (struct h248_request_id){.present = true, .id = ITO_REQUEST_ID};
		event = h248_new_event(&arena, &d->u.events.list, "it", "ito");
		/* mit counts in 10 ms, H.248.14 */
		if (event)
			h248_new_parm(&arena, &event->parms, "", "mit",
				      h248_printf(&arena, "%u", mit_ms / 10), false);
	}
	if (arena.overflow ||
	    h248_channel_request(peer->channel, actions, done, peer, peer->entity->now, NULL))
		return;
	peer->probing |= what == H248_D_AUDIT;
}

static void answer(struct h248_job *job, const struct h248_services *s, int64_t now_ms)
{
	struct h248_arena *arena = h248_job_arena(job);
	struct h248_action *actions = NULL;
	struct h248_command *c =
	    h248_new_command(arena, h248_new_action(arena, &actions, H248_CONTEXT_NULL),
			     H248_SERVICE_CHANGE, H248_ROOT);
	struct h248_descriptor *d = s ? h248_new_descriptor(arena, c, H248_D_SERVICES) : NULL;

	if (d)
		d->u.services = *s;
	h248_job_reply(job, actions, now_ms);
}

static void registration(struct h248_entity *e, struct h248_peer *peer, struct h248_job *job,
			 const struct h248_services *request)
{
	struct h248_services reply = {0};
	struct h248_addr to = *h248_job_from(job);
	bool restart = request->method == H248_RESTART;
	char stamp[18];
	unsigned code = negotiate(e, peer, request, &reply);

	if (code) {
		e->counters.refused++;
		answer_root_error(job, code, NULL, e->now);
		peer->dead |= !peer->version; /* who never was accepted takes no place */
		return;
	}
	entity_timestamp(e, stamp);
	reply.timestamp = slice_str(stamp);
	if (reply.mgc_to_try.kind) {
		answer(job, &reply, e->now);
		step(peer, MGC_EV_SENT_AWAY, "sent to another MGC");
		peer->dead |= !peer->version;
		return;
	}
	if (request->address.kind && address_of(e, &request->address, h248_job_from(job), &to))
		to = *h248_job_from(job);
	h248_channel_set_address(peer->channel, &to);
	peer->version = reply.version;
	h248_channel_set_version(peer->channel, reply.version);
	if (restart) {
		h248_channel_forget(
		    peer->channel); /* D.1.2.2: ids of its earlier life mean nothing */
		cancel(peer, H248_CANCELLED);
	}
	answer(job, &reply, e->now);
	e->counters.registrations++;
	if (restart && peer->state == H248_ACTIVE)
		step(peer, MGC_EV_RESTARTED, "restarted");
	step(peer, MGC_EV_REGISTERED,
	     restart				    ? "restart"
	     : request->method == H248_DISCONNECTED ? "disconnected and back"
						    : "taken over");
	if (e->cfg.inactivity_ms && !peer->dead)
		send_simple(peer, H248_MODIFY, H248_D_EVENTS, e->cfg.inactivity_ms, NULL);
}

/* What an MG says about the whole of itself. False: not an affair of the association. */
static bool root_change(struct h248_entity *e, struct h248_peer *peer, struct h248_job *job,
			const struct h248_services *s)
{
	bool known = peer->state == H248_ACTIVE || peer->state == H248_LEAVING;

	switch (s->method) {
	case H248_RESTART:
		if (s->reason == 918 && known) {
			answer(job, NULL, e->now);
			step(peer, MGC_EV_STAYS, "graceful cancelled");
			return true;
		}
		if (known && s->reason >= 910 && s->reason != 915)
			return false; /* capabilities or packages changed: the user's affair */
		break;
	case H248_FAILOVER:
		if (s->reason != 908 || !known)
			break;
		/* fall through */
	case H248_FORCED:
		if (!known)
			return false;
		answer(job, NULL, e->now);
		step(peer, MGC_EV_LEFT, "left");
		cancel(peer, H248_CANCELLED);
		return true;
	case H248_GRACEFUL:
		if (!known)
			return false;
		answer(job, NULL, e->now);
		step(peer, MGC_EV_GRACEFUL, "leaves gracefully");
		return true;
	case H248_DISCONNECTED:
	case H248_HANDOFF:
		break;
	default:
		return false;
	}
	registration(e, peer, job, s);
	return true;
}

/* Notify of the it/ito that we armed. */
static bool is_inactivity(const struct h248_entity *e, const struct h248_transaction *t)
{
	const struct h248_action *a = t->actions;
	const struct h248_command *c = a->commands;
	const struct h248_descriptor *d;

	if (!e->cfg.inactivity_ms || a->next || !c || c->next || c->kind != H248_NOTIFY ||
	    !h248_tid_is_root(c->tid.id))
		return false;
	d = h248_descriptor_find(c, H248_D_OBSERVED_EVENTS);
	return d && d->u.events.request.id == ITO_REQUEST_ID;
}

static void request(struct h248_entity *e, struct h248_peer *peer, struct h248_job *job)
{
	const struct h248_transaction *t = h248_job_request(job);
	const struct h248_services *s = root_service_change(t);

	if (s && !services_complete(s)) {
		e->counters.refused++;
		answer_root_error(job, 472, "Method and Reason are mandatory", e->now);
		peer->dead |= !peer->version;
		return;
	}
	if (s && root_change(e, peer, job, s))
		return;
	if (peer->state != H248_ACTIVE && peer->state != H248_LEAVING) {
		h248_job_reply_error(job, 505, NULL, e->now);
		return;
	}
	if (is_inactivity(e, t)) {
		struct h248_arena *arena = h248_job_arena(job);
		struct h248_action *actions = NULL;

		h248_new_command(arena, h248_new_action(arena, &actions, H248_CONTEXT_NULL),
				 H248_NOTIFY, H248_ROOT);
		h248_job_reply(job, actions, e->now);
		return;
	}
	if (e->cfg.request)
		e->cfg.request(e->cfg.user, peer, job, e->now);
	else
		h248_job_reply_error(job, 501, NULL, e->now);
}

/* ---- watching, handing over ---- */

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* When the silence of this gateway has lasted long enough to ask, or to give it up; -1: never. */
static int64_t due_at(const struct h248_entity *e, const struct h248_peer *peer)
{
	uint32_t silence = e->cfg.silence_ms;
	int64_t gone;

	if (!e->cfg.audit_ms || peer->dead ||
	    (peer->state != H248_ACTIVE && peer->state != H248_LEAVING))
		return -1;
	if (!peer->probing && peer->refused && peer->probed_at <= peer->last_heard)
		return peer->last_heard;
	if (!peer->probing)
		return later(peer->last_heard, peer->probed_at) + e->cfg.audit_ms;
	if (!silence)
		return -1;
	gone = later(peer->last_heard + silence, peer->probed_at + silence / 2);
	/* The audit, too. One that lives answers it, whoever says that it does not. */
	return peer->refused > 1 ? sooner(gone, peer->probed_at + silence / 4) : gone;
}

static int64_t peer_timeout(const struct h248_entity *e, const struct h248_peer *peer,
			    int64_t now_ms)
{
	int64_t at = due_at(e, peer);

	return at < 0 ? -1 : later(at - now_ms, 0);
}

static void peer_tick(struct h248_entity *e, struct h248_peer *peer)
{
	int64_t at = due_at(e, peer);

	if (at < 0 || e->now < at)
		return;
	if (peer->probing) {
		failed(e, peer, peer->refused > 1 ? "nobody listens there" : "silent");
		return;
	}
	peer->probed_at = e->now;
	send_simple(peer, H248_AUDIT_VALUE, H248_D_AUDIT, 0, on_probed);
}

int h248_mgc_handoff(struct h248_peer *peer, const struct h248_mid *to, int64_t now_ms)
{
	struct h248_services s = {.method = H248_HANDOFF, .reason = 903, .mgc_to_try = *to};
	struct h248_entity *e = peer->entity;
	int rc;

	if (peer->state != H248_ACTIVE && peer->state != H248_LEAVING)
		return H248_E_STATE;
	s.reason_text = SLICE_LIT("903 MGC Directed Change");
	entity_enter(e, now_ms);
	e->counters.handoffs++;
	rc = send_services(peer, H248_CONTEXT_NULL, H248_ROOT, &s, NULL, NULL);
	entity_leave(e);
	return rc;
}

int h248_mgc_reclaim(struct h248_entity *e, const struct h248_mid *mid, const struct h248_addr *at,
		     const struct h248_mid *us, int64_t now_ms)
{
	struct h248_services s = {.method = H248_HANDOFF, .reason = 903, .mgc_to_try = *us};
	struct h248_peer *peer;
	int rc = H248_E_STATE;

	if (e->cfg.role != H248_ROLE_MGC)
		return H248_E_ARGUMENT;
	s.reason_text = SLICE_LIT("903 MGC Directed Change");
	entity_enter(e, now_ms);
	peer = find(e, mid);
	if (!peer && e->peer_count < e->cfg.max_peers) {
		peer = peer_new(e, mid, at);
		rc = H248_E_MEMORY;
		if (peer)
			peer->state = H248_LOST; /* so far; nobody has been told otherwise */
	}
	if (peer && peer->state == H248_LOST)
		rc = send_services(peer, H248_CONTEXT_NULL, H248_ROOT, &s, NULL, NULL);
	entity_leave(e);
	return rc;
}

static void link_lost(struct h248_entity *e, struct h248_peer *peer)
{
	failed(e, peer, "connection lost");
}

static void tick(struct h248_entity *e)
{
	(void)e;
}

static int64_t timeout(const struct h248_entity *e, int64_t now_ms)
{
	(void)e;
	(void)now_ms;
	return -1;
}

static bool knows_host(const struct h248_entity *e, const struct h248_addr *from)
{
	(void)e;
	(void)from;
	return true;
}

static int start(struct h248_entity *e)
{
	(void)e;
	return H248_OK;
}

static struct h248_peer *peer_next(const struct h248_entity *e, const struct h248_peer *previous)
{
	struct h248_peer *peer = previous ? previous->next : e->peers;

	while (peer && peer->dead)
		peer = peer->next;
	return peer;
}

const struct role mgc_role = {
    .peer_of = peer_of,
    .request = request,
    .failed = failed,
    .link_lost = link_lost,
    .peer_tick = peer_tick,
    .tick = tick,
    .peer_timeout = peer_timeout,
    .timeout = timeout,
    .knows_host = knows_host,
    .start = start,
    .peer_next = peer_next,
};
