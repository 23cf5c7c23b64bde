/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A gateway, or some of its terminations, goes out of service and comes back: clauses 7.2.8, 11.4.
 */
#include "h248/association/entity.h"

enum h248_state h248_mg_state(const struct h248_entity *e)
{
	return e->state;
}

int h248_mg_service_change(struct h248_entity *e, uint32_t context, struct slice tid,
			   enum h248_method method, uint16_t reason, uint32_t delay_s,
			   h248_reply_h done, void *user, int64_t now_ms)
{
	struct h248_services s = {.method = method, .has_delay = delay_s != 0, .delay = delay_s};
	char text[64], stamp[18];
	int rc;

	if (!e->mgc || (e->state != H248_ACTIVE && e->state != H248_LEAVING))
		return H248_E_STATE;
	entity_enter(e, now_ms);
	mg_set_reason(&s, reason, text);
	entity_timestamp(e, stamp);
	s.timestamp = slice_str(stamp);
	rc = send_services(e->mgc, context, tid, &s, done, user);
	entity_leave(e);
	return rc;
}

void mg_left(struct h248_entity *e, struct h248_peer *peer, const char *why)
{
	e->timer = 0;
	e->mit_ms = 0;
	mg_step(e, peer, MG_EV_LEFT, why);
}

static void on_forced(void *user, enum h248_outcome outcome, const struct h248_transaction *reply)
{
	struct h248_peer *peer = user;

	(void)outcome;
	(void)reply;
	if (!peer->entity->dead && !peer->dead && peer == peer->entity->mgc)
		mg_left(peer->entity, peer, "left");
}

int h248_mg_leave(struct h248_entity *e, enum h248_method method, uint32_t delay_s, int64_t now_ms)
{
	int rc;

	if (method != H248_FORCED && method != H248_GRACEFUL)
		return H248_E_ARGUMENT;
	rc = h248_mg_service_change(e, H248_CONTEXT_NULL, H248_ROOT, method, 908, delay_s,
				    method == H248_FORCED ? on_forced : NULL, e->mgc, now_ms);
	if (rc || method == H248_FORCED)
		return rc;
	entity_enter(e, now_ms);
	e->timer = delay_s ? now_ms + (int64_t)delay_s * 1000 : 0;
	mg_step(e, e->mgc, MG_EV_GRACEFUL, "graceful");
	entity_leave(e);
	return H248_OK;
}

int h248_mg_stay(struct h248_entity *e, int64_t now_ms)
{
	int rc = e->state == H248_LEAVING
		     ? h248_mg_service_change(e, H248_CONTEXT_NULL, H248_ROOT, H248_RESTART, 918, 0,
					      NULL, NULL, now_ms)
		     : H248_E_STATE;

	if (rc)
		return rc;
	entity_enter(e, now_ms);
	e->timer = 0;
	mg_step(e, e->mgc, MG_EV_STAY, "graceful cancelled");
	entity_leave(e);
	return H248_OK;
}
