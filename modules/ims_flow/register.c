/* SPDX-License-Identifier: GPL-2.0-or-later */
/* flow_register(): a REGISTER on its way from the UE to the home network (TS 24.229 5.2.2). */
#include "modules/ims_flow/register.h"
#include "modules/ims_flow/attempt.h"
#include "modules/ims_flow/changes.h"
#include "modules/ims_flow/exports.h"
#include "modules/ims_flow/nat.h"

#include <sys/random.h>

uint64_t flow_new_id(void)
{
	uint64_t id = 0;

	while (id == 0)
		if (getrandom(&id, sizeof(id), 0) != sizeof(id))
			id = 0;
	return id;
}

int ki_flow_register(sip_msg_t *msg)
{
	struct flow_reading r;
	struct flow_attempt a;
	const char *wrong;
	bool offered;
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
	if (a.protected_) {
		nat_learn_before(msg);
		rc = register_check_protected(msg, &r, &a);
		if (rc <= 0)
			return rc;
	}
	if (settings.ipsec == IPSEC_OTHERS)
		register_find_others(&r, &a);
	offered = r.client.n > 0;
	if (offered)
		register_look_for_nat(msg, &r, &a);
	rc = register_negotiate(msg, &r, offered, &a);
	if (rc < 0)
		return -1;
	if (!a.protected_) {
		int slot;
		struct flow_set *f;

		/* Without IPsec the same flow again is the same set. */
		TABLE_LOCK();
		f = a.ipsec ? NULL : set_of_received(msg, &slot);
		a.over_set = f && slot < 0 && f->state == FLOW_ACTIVE &&
			     strcmp(f->impi, a.impi) == 0 && f->reg_id == a.reg_id;
		a.set_id = a.over_set ? f->id : flow_new_id();
		TABLE_UNLOCK();
	} else {
		struct flow_effects *fx;
		struct flow_set *f;
		bool matters = false;

		TABLE_LOCK();
		f = flow_by_id(table, a.set_id);
		for (int i = 0; f && i < FLOW_SA_SETS; i++)
			if (f->sa[i].spi_ps == a.over_spi)
				matters = flow_seen_matters(f, i);
		TABLE_UNLOCK();
		if (matters) {
			fx = changes_begin();
			TABLE_LOCK();
			f = flow_by_id(table, a.set_id);
			for (int i = 0; f && i < FLOW_SA_SETS; i++)
				if (f->sa[i].spi_ps == a.over_spi)
					flow_seen(table, f, i, &settings.timers, flow_now(), fx);
			TABLE_UNLOCK();
			changes_end(fx);
		}
	}
	leave_by_open_port(msg);
	a.spare_id = flow_new_id();
	if (register_strip_sec_agree(msg)) {
		LM_INFO("REGISTER refused: Require too long\n");
		COUNT(bad_header);
		kam_reply(msg, 400, "Require Too Long", NULL);
		return -1;
	}
	if (attempt_store(&a) || register_mark_integrity(msg, a.protected_) ||
	    register_add_path(msg, &r, &a)) {
		LM_ERR("cannot rewrite a REGISTER\n");
		kam_reply(msg, 500, "Server Internal Error", NULL);
		return -1;
	}
	return 1;
}
