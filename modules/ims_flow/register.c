/* SPDX-License-Identifier: GPL-2.0-or-later */
/* flow_register(): a REGISTER on its way from the UE to the home network (TS 24.229 5.2.2). */
#include "modules/ims_flow/register.h"
#include "modules/ims_flow/attempt.h"
#include "modules/ims_flow/changes.h"
#include "modules/ims_flow/exports.h"
#include "modules/ims_flow/nat.h"

#include <sys/random.h>

#include "modules/ims_flow/core/flow_pending.h"

uint64_t flow_new_id(void)
{
	uint64_t id = 0;

	while (id == 0)
		if (getrandom(&id, sizeof(id), 0) != sizeof(id))
			id = 0;
	return id;
}

/* Where SAs protect it: who it is, and whether it is a sign of life that changes something. */
static int receive_protected(sip_msg_t *msg, const struct flow_reading *r, struct flow_attempt *a)
{
	struct flow_effects *fx;
	struct flow_set *f;
	int rc, slot = -1;
	bool matters;

	nat_learn_before(msg);
	rc = register_check_protected(msg, r, a);
	if (rc <= 0)
		return rc;
	TABLE_LOCK();
	f = flow_by_id(table, a->set_id);
	slot = f ? flow_slot_of_spi(f, a->over_spi) : -1;
	matters = slot >= 0 && (flow_seen_matters(f, slot) || f->sa[slot].missing);
	TABLE_UNLOCK();
	if (!matters)
		return 1;
	fx = changes_begin();
	TABLE_LOCK();
	f = flow_by_id(table, a->set_id);
	slot = f ? flow_slot_of_spi(f, a->over_spi) : -1;
	if (slot >= 0) {
		flow_take_spis(table, f, (unsigned)slot, flow_now(), fx);
		flow_seen(table, f, slot, &settings.timers, flow_now(), fx);
	}
	TABLE_UNLOCK();
	changes_end(fx);
	return 1;
}

/* Which set a REGISTER in clear belongs to: without IPsec the same flow again is the same set. */
static void find_plain_set(sip_msg_t *msg, struct flow_attempt *a)
{
	struct flow_set *f;
	int slot;

	TABLE_LOCK();
	f = a->ipsec ? NULL : set_of_received(msg, &slot);
	a->over_set = f && slot < 0 && f->state == FLOW_ACTIVE && strcmp(f->impi, a->impi) == 0 &&
		      f->reg_id == a->reg_id;
	a->set_id = a->over_set ? f->id : flow_new_id();
	TABLE_UNLOCK();
}

/* The home network shall register nobody for whom there is no place here. */
static int check_room(sip_msg_t *msg, const struct flow_attempt *a)
{
	int rc;

	if (a->over_set)
		return 0;
	TABLE_LOCK();
	rc = flow_may_begin(table, a, (unsigned)settings.max_sets_per_impi);
	TABLE_UNLOCK();
	if (rc == FLOW_LIFE_OK)
		return 0;
	COUNT(table_full);
	LM_INFO("REGISTER refused: %s\n", rc == FLOW_LIFE_MANY
					      ? "its subscriber has max_sets_per_impi flow sets"
					      : "max_sets is reached");
	kam_reply(msg, 503, "Too Many Registrations", "Retry-After: 60\r\n");
	return -1;
}

static int rewrite(sip_msg_t *msg, const struct flow_reading *r, const struct flow_attempt *a)
{
	if (register_strip_sec_agree(msg)) {
		LM_INFO("REGISTER refused: Require too long\n");
		COUNT(bad_header);
		kam_reply(msg, 400, "Require Too Long", NULL);
		return -1;
	}
	if (attempt_store(a) || register_mark_integrity(msg, a->protected_) ||
	    register_add_path(msg, r, a)) {
		LM_ERR("cannot rewrite a REGISTER\n");
		kam_reply(msg, 500, "Server Internal Error", NULL);
		return -1;
	}
	return 1;
}

int ki_flow_register(sip_msg_t *msg)
{
	struct flow_reading r;
	struct flow_attempt a;
	const char *wrong;
	int rc;

	if (parse_headers(msg, HDR_EOH_F, 0) < 0 || !msg->via1 || !msg->to)
		return -1;
	COUNT(registers);
	if (register_read_headers(msg, &r, &wrong) || register_read_attempt(msg, &r, &a, &wrong)) {
		LM_INFO("REGISTER refused: %s\n", wrong);
		COUNT(bad_header);
		kam_reply(msg, 400, wrong, NULL);
		return -1;
	}
	register_read_media(&r, &a);
	if (a.protected_) {
		rc = receive_protected(msg, &r, &a);
		if (rc <= 0)
			return rc;
	}
	if (settings.ipsec == IPSEC_OTHERS)
		register_find_others(&r, &a);
	else if (!a.protected_ && register_check_media(msg, &r, &a))
		return -1;
	rc = register_look_for_nat(msg, &r, &a);
	if (rc == 0)
		rc = register_negotiate(msg, &r, &a);
	if (rc < 0)
		return -1;
	if (!a.protected_)
		find_plain_set(msg, &a);
	if (check_room(msg, &a))
		return -1;
	leave_by_open_port(msg);
	a.spare_id = flow_new_id();
	return rewrite(msg, &r, &a);
}
