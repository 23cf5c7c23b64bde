/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The association of a media gateway, clauses 11.2 to 11.5: what is sent, and when. Its states are a
 * table, association_state.c. */
#include <stdio.h>

#include "h248/transaction/channel.h"
#include "h248/association/entity.h"

static const char *reason_text(unsigned reason)
{
	switch (reason) {
	case 900:
		return "Service Restored";
	case 901:
		return "Cold Boot";
	case 902:
		return "Warm Boot";
	case 903:
		return "MGC Directed Change";
	case 904:
		return "Termination malfunctioning";
	case 905:
		return "Term taken out of service";
	case 906:
		return "Loss of lower layer connectivity";
	case 907:
		return "Transmission Failure";
	case 908:
		return "MG Impending Failure";
	case 909:
		return "MGC Impending Failure";
	case 916:
		return "Packages Change";
	case 917:
		return "Capabilities Change";
	case 918:
		return "Cancel Graceful";
	default:
		return "";
	}
}

void mg_set_reason(struct h248_services *services, uint16_t reason, char text[64])
{
	snprintf(text, 64, "%u%s%s", reason, *reason_text(reason) ? " " : "", reason_text(reason));
	services->reason = reason;
	services->reason_text = slice_str(text);
}

void mg_step(struct h248_entity *e, struct h248_peer *peer, enum mg_event event, const char *why)
{
	enum h248_state from = e->state;
	struct state_step step = state_step(&mg_states, from, event);

	if (!step.allowed)
		return;
	e->state = (enum h248_state)step.next;
	if (peer)
		peer_set_state(peer, e->state, why);
	else if (from != e->state && e->cfg.state)
		e->cfg.state(e->cfg.user, NULL, from, e->state, why, e->now);
}

static void next_candidate(struct h248_entity *e);

static void wait_a_while(struct h248_entity *e, uint32_t at_least, const char *why)
{
	uint32_t mwd = e->cfg.mwd_ms;

	e->timer = e->now + at_least + (mwd ? entity_random(e) % (mwd + 1) : 0);
	mg_step(e, NULL, e->state == H248_IDLE ? MG_EV_START : MG_EV_WAIT, why);
}

static size_t index_of(const struct h248_entity *e, const struct h248_addr *addr)
{
	for (size_t i = 0; i < e->cfg.mgc_count; i++) {
		if (h248_addr_equal(&e->mgcs[i], addr))
			return i;
	}
	return SIZE_MAX;
}

/* ---- registration ---- */

static void on_registered(void *user, enum h248_outcome outcome,
			  const struct h248_transaction *reply);

static void register_at(struct h248_entity *e, const struct h248_addr *to, enum h248_method method,
			uint16_t reason)
{
	static const struct h248_mid unknown;
	struct h248_peer *peer = e->mgc;
	struct h248_services s = {.method = method, .version = e->cfg.version_max};
	char text[64], stamp[18];

	if (!peer || peer->dead || !h248_addr_equal(h248_channel_address(peer->channel), to)) {
		if (e->next_mgc && e->next_mgc != e->mgc)
			e->next_mgc->dead = true;
		peer = peer_new(e, &unknown, to);
		if (!peer) {
			wait_a_while(e, RETRY_MIN_MS, "out of memory");
			return;
		}
	}
	e->next_mgc = peer;
	e->method = method;
	e->reason = reason;
	h248_channel_set_version(peer->channel, e->header_version);
	mg_set_reason(&s, reason, text);
	entity_timestamp(e, stamp);
	s.timestamp = slice_str(stamp);
	if (e->cfg.profile) {
		s.profile = slice_str(e->cfg.profile);
		s.profile_version = e->cfg.profile_version;
	}
	mg_step(e, peer, MG_EV_REGISTER,
		method == H248_RESTART ? "restart" : "association to be restored");
	if (send_services(peer, H248_CONTEXT_NULL, H248_ROOT, &s, on_registered, peer))
		wait_a_while(e, RETRY_MIN_MS, "ServiceChange could not be sent");
}

static void register_index(struct h248_entity *e)
{
	const struct h248_addr *to = &e->mgcs[e->index];

	if (!e->was_active)
		register_at(e, to, H248_RESTART, e->cfg.first_reason);
	else if (h248_addr_equal(to, &e->last))
		register_at(e, to, H248_DISCONNECTED, 900);
	else
		register_at(e, to, H248_FAILOVER, 909);
}

/* Clause 11.5: from the primary on; not the one that was just lost. */
static void next_candidate(struct h248_entity *e)
{
	e->redirects = 0;
	do
		e->index = e->index == SIZE_MAX ? 0 : e->index + 1;
	while (e->index == e->failed);
	if (e->index >= e->cfg.mgc_count) {
		wait_a_while(e, RETRY_MIN_MS, "no MGC of the list accepted");
		return;
	}
	if (e->was_active)
		e->counters.failovers++;
	register_index(e);
}

static void accepted(struct h248_entity *e, struct h248_peer *peer, const struct h248_services *s)
{
	struct h248_peer *old = e->mgc != peer ? e->mgc : NULL;
	struct h248_addr to;

	peer->version = s->version ? s->version : e->header_version;
	h248_channel_set_version(peer->channel, peer->version);
	if (s->address.kind &&
	    address_of(e, &s->address, h248_channel_address(peer->channel), &to) == 0)
		h248_channel_set_address(peer->channel, &to);
	else
		to = *h248_channel_address(peer->channel);
	e->mgc = peer;
	e->next_mgc = NULL;
	e->last = to;
	e->was_active = true;
	e->failed = SIZE_MAX;
	e->redirects = 0;
	e->timer = 0;
	e->counters.registrations++;
	peer->probing = false;
	if (old) {
		/* Copies of its requests may still come for a while; what we wait for is now asked
		 * of the new one. */
		if (e->method == H248_HANDOFF)
			channel_move_requests(old->channel, peer->channel, e->now);
		else
			h248_channel_cancel(old->channel, H248_CANCELLED);
		old->free_at = e->now + e->cfg.timers.long_timer_ms;
		old->state = H248_IDLE;
	} else if (e->method == H248_DISCONNECTED) {
		h248_channel_repeat(peer->channel, e->now);
	}
	mg_step(e, peer, MG_EV_ACCEPTED, "accepted");
}

/* The Services of the reply to our ServiceChange, its error code, or 0 when neither is there. */
static unsigned read_reply(const struct h248_transaction *reply,
			   const struct h248_services **services)
{
	static const struct h248_services empty;
	const struct h248_action *a = reply->actions;
	const struct h248_command *c = a ? a->commands : NULL;
	const struct h248_descriptor *d;

	*services = &empty;
	if (reply->error.code)
		return reply->error.code;
	if (a && a->error.code)
		return a->error.code;
	if (!c || c->kind != H248_SERVICE_CHANGE)
		return 500;
	d = h248_descriptor_find(c, H248_D_ERROR);
	if (d)
		return d->u.error.code;
	d = h248_descriptor_find(c, H248_D_SERVICES);
	if (d)
		*services = &d->u.services;
	return 0;
}

static void on_registered(void *user, enum h248_outcome outcome,
			  const struct h248_transaction *reply)
{
	struct h248_peer *peer = user;
	struct h248_entity *e = peer->entity;
	const struct h248_services *s;
	struct h248_addr to;
	unsigned code;

	if (e->dead || peer->dead || peer != e->next_mgc || outcome == H248_CANCELLED)
		return;
	if (outcome != H248_REPLIED) {
		next_candidate(e);
		return;
	}
	code = read_reply(reply, &s);
	to = *h248_channel_address(peer->channel);
	if (code == 406 && e->header_version > e->cfg.version_min) {
		e->header_version--;
		register_at(e, &to, e->method, e->reason);
	} else if (code || s->version > e->cfg.version_max ||
		   (s->version && s->version < e->cfg.version_min)) {
		e->counters.refused++;
		next_candidate(e);
	} else if (s->mgc_to_try.kind && ++e->redirects <= REDIRECTS_MAX &&
		   address_of(e, &s->mgc_to_try, &to, &to) == 0) {
		register_at(e, &to, e->method, e->reason);
	} else if (s->mgc_to_try.kind) {
		next_candidate(e);
	} else {
		accepted(e, peer, s);
	}
}

static int start(struct h248_entity *e)
{
	if (e->state != H248_IDLE)
		return H248_E_STATE;
	e->index = e->failed = SIZE_MAX;
	e->was_active = false;
	wait_a_while(e, 0, "restart avalanche delay");
	if (e->timer <= e->now) {
		e->timer = 0;
		next_candidate(e);
	}
	return H248_OK;
}

void h248_mg_activity(struct h248_entity *e, int64_t now_ms)
{
	if (e->state == H248_WAITING)
		e->timer = now_ms;
}

/* ---- loss ---- */

static void lost(struct h248_entity *e, struct h248_peer *peer, const char *why)
{
	struct h248_addr to = *h248_channel_address(peer->channel);

	e->counters.lost++;
	e->mit_ms = 0; /* the MGC arms it anew */
	e->failed = index_of(e, &to);
	e->index = SIZE_MAX;
	e->timer = 0;
	(void)why;
	register_at(e, &to, H248_DISCONNECTED, 900);
}

static void failed(struct h248_entity *e, struct h248_peer *peer, const char *why)
{
	if (peer == e->mgc && (e->state == H248_ACTIVE || e->state == H248_LEAVING))
		lost(e, peer, why);
}

static void link_lost(struct h248_entity *e, struct h248_peer *peer)
{
	if (peer == e->next_mgc)
		h248_channel_cancel(
		    peer->channel,
		    H248_TIMED_OUT); /* the registration among them: on_registered() */
	else
		failed(e, peer, "connection lost");
}

/* ---- input ---- */

static struct h248_peer *peer_of(struct h248_entity *e, const struct h248_addr *from,
				 const struct h248_message *m)
{
	const struct h248_mid *mid = &m->mid;
	struct h248_peer *p;

	if (e->next_mgc && same_host(from, h248_channel_address(e->next_mgc->channel)) &&
	    !h248_mid_equal(&e->next_mgc->mid, mid))
		peer_set_mid(e->next_mgc, mid);
	for (p = e->peers; p; p = p->next) {
		if (!p->dead && h248_mid_equal(&p->mid, mid))
			return p;
	}
	e->counters.strangers++;
	return NULL;
}

/* A reply of one command on ROOT without anything in it. */
static void answer_root(struct h248_entity *e, struct h248_job *job, enum h248_command_kind kind)
{
	struct h248_arena *arena = h248_job_arena(job);
	struct h248_action *actions = NULL;

	h248_new_command(arena, h248_new_action(arena, &actions, H248_CONTEXT_NULL), kind,
			 H248_ROOT);
	h248_job_reply(job, actions, e->now);
}

static bool is_empty_audit(const struct h248_transaction *t)
{
	const struct h248_action *a = t->actions;
	const struct h248_command *c = a->commands;

	return !a->next && a->context == H248_CONTEXT_NULL && !a->properties && !a->audit &&
	       !a->error.code && c && !c->next && c->kind == H248_AUDIT_VALUE && !c->error.code &&
	       !c->tid.next && h248_tid_is_root(c->tid.id) && c->descriptors &&
	       !c->descriptors->next && c->descriptors->kind == H248_D_AUDIT &&
	       !c->descriptors->u.audit;
}

static void handoff(struct h248_entity *e, struct h248_job *job, const struct h248_services *s)
{
	struct h248_addr to;
	int rc = address_of(e, &s->mgc_to_try, h248_job_from(job), &to);

	if (rc) {
		h248_job_reply_error(job, 410, "MgcIdToTry cannot be resolved", e->now);
		return;
	}
	answer_root(e, job, H248_SERVICE_CHANGE);
	e->counters.handoffs++;
	e->index = SIZE_MAX;
	e->failed = SIZE_MAX;
	register_at(e, &to, H248_HANDOFF, 903);
}

static void request(struct h248_entity *e, struct h248_peer *peer, struct h248_job *job)
{
	const struct h248_transaction *t = h248_job_request(job);
	const struct h248_services *s = root_service_change(t);

	if (peer != e->mgc || (peer->state != H248_ACTIVE && peer->state != H248_LEAVING))
		h248_job_reply_error(job, peer == e->next_mgc ? 505 : 504, NULL, e->now);
	else if (s && !services_complete(s))
		answer_root_error(job, 472, "Method and Reason are mandatory", e->now);
	else if (s && s->method == H248_HANDOFF && s->mgc_to_try.kind)
		handoff(e, job, s);
	else if (is_empty_audit(t))
		answer_root(e, job, H248_AUDIT_VALUE);
	else if (e->cfg.request)
		e->cfg.request(e->cfg.user, peer, job, e->now);
	else
		h248_job_reply_error(job, 501, NULL, e->now);
}

/* ---- watching the MGC (H.248.14) and time ---- */

void h248_mg_set_inactivity(struct h248_entity *e, uint32_t mit_ms, uint32_t request_id,
			    int64_t now_ms)
{
	e->mit_ms = mit_ms;
	e->mit_request = request_id;
	if (e->mgc)
		e->mgc->last_heard = now_ms;
}

static void on_probed(void *user, enum h248_outcome outcome, const struct h248_transaction *reply)
{
	struct h248_peer *peer = user;

	if (peer->dead)
		return;
	peer->probing = false;
	/* 505: it has restarted and does not know us any more. */
	if (outcome == H248_REPLIED && reply->error.code == 505)
		failed(peer->entity, peer, "the MGC does not know us");
}

static void notify_inactivity(struct h248_entity *e, struct h248_peer *peer)
{
	char memory[BUILD_MEMORY], stamp[18];
	struct h248_arena arena;
	struct h248_action *actions = NULL;
	struct h248_descriptor *d;
	struct h248_event *event;

	h248_arena_init(&arena, memory, sizeof(memory));
	d = h248_new_descriptor(
	    &arena,
	    h248_new_command(&arena, h248_new_action(&arena, &actions, H248_CONTEXT_NULL),
			     H248_NOTIFY, H248_ROOT),
	    H248_D_OBSERVED_EVENTS);
	event = d ? h248_new_event(&arena, &d->u.events.list, "it", "ito") : NULL;
	if (!event)
		return;
	entity_timestamp(e, stamp);
	event->time = slice_str(stamp);
	d->u.events.request = (struct h248_request_id){.present = true, .id = e->mit_request};
	peer->probing =
	    h248_channel_request(peer->channel, actions, on_probed, peer, e->now, NULL) == H248_OK;
	peer->last_heard = e->now;
}

static bool watching(const struct h248_entity *e)
{
	return e->mgc && e->mit_ms && !e->mgc->probing &&
	       (e->state == H248_ACTIVE || e->state == H248_LEAVING);
}

static int64_t timeout(const struct h248_entity *e, int64_t now_ms)
{
	int64_t at = e->timer;

	if (watching(e) && (!at || e->mgc->last_heard + e->mit_ms < at))
		at = e->mgc->last_heard + e->mit_ms;
	for (const struct h248_peer *p = e->peers; p; p = p->next) {
		if (p->free_at && (!at || p->free_at < at))
			at = p->free_at;
	}
	if (!at)
		return -1;
	return at > now_ms ? at - now_ms : 0;
}

static void tick(struct h248_entity *e)
{
	for (struct h248_peer *p = e->peers; p; p = p->next) {
		if (p->free_at && p->free_at <= e->now && p != e->mgc && p != e->next_mgc)
			p->dead = true;
	}
	if (e->timer && e->timer <= e->now) {
		e->timer = 0;
		if (e->state == H248_WAITING) {
			e->index = e->failed = SIZE_MAX;
			next_candidate(e);
		} else if (e->state == H248_LEAVING) {
			mg_left(e, e->mgc, "graceful delay is over");
		}
	}
	if (watching(e) && e->now - e->mgc->last_heard >= e->mit_ms)
		notify_inactivity(e, e->mgc);
}

static void peer_tick(struct h248_entity *e, struct h248_peer *peer)
{
	(void)e;
	(void)peer;
}

static int64_t peer_timeout(const struct h248_entity *e, const struct h248_peer *peer,
			    int64_t now_ms)
{
	(void)e;
	(void)peer;
	(void)now_ms;
	return -1;
}

/* The hosts of its MGCs: of those in its list, and of those it was sent to. */
static bool knows_host(const struct h248_entity *e, const struct h248_addr *from)
{
	for (const struct h248_peer *p = e->peers; p; p = p->next) {
		if (same_host(from, h248_channel_address(p->channel)))
			return true;
	}
	for (size_t i = 0; i < e->cfg.mgc_count; i++) {
		if (same_host(from, &e->mgcs[i]))
			return true;
	}
	return false;
}

static struct h248_peer *peer_next(const struct h248_entity *e, const struct h248_peer *previous)
{
	return previous ? NULL : e->mgc ? e->mgc : e->next_mgc;
}

const struct role mg_role = {
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
