/* SPDX-License-Identifier: GPL-2.0-or-later */
/* $migration(name): what the last function call for this message has found. Names: partner, direction, reason, names. */
#include "modules/ims_migration/migration.h"

#include <stdio.h>

#include "modules/common/pv.h"

enum { PV_PARTNER, PV_DIRECTION, PV_REASON, PV_NAMES, PV_COUNT };

static const char *const names[PV_COUNT] = {"partner", "direction", "reason", "names"};

static struct {
	unsigned msg_id;
	int pid;
	char text[PV_COUNT][MIGRATION_PLACE_MAX];
} current;

void migration_pv_set(const sip_msg_t *msg, int partner, enum migration_direction d,
		      const struct migration_result *r)
{
	current.msg_id = msg->id;
	current.pid = msg->pid;
	snprintf(current.text[PV_PARTNER], MIGRATION_PLACE_MAX, "%s",
		 migration_partners.partner[partner].name);
	snprintf(current.text[PV_DIRECTION], MIGRATION_PLACE_MAX, "%s",
		 d == MIGRATION_OUT ? "out" : "in");
	snprintf(current.text[PV_REASON], MIGRATION_PLACE_MAX, "%s",
		 migration_verdict_name(r->verdict));
	snprintf(current.text[PV_NAMES], MIGRATION_PLACE_MAX, "%u", r->names);
}

static int parse(pv_spec_t *sp, str *in)
{
	if (kam_pv_name(sp, in, names, PV_COUNT) == 0)
		return 0;
	LM_ERR("$migration(%.*s) is not known: partner, direction, reason or names\n", in->len,
	       in->s);
	return -1;
}

static int get(sip_msg_t *msg, pv_param_t *param, pv_value_t *res)
{
	str s = str_of_text(current.text[param->pvn.u.isname.name.n]);

	if (current.msg_id != msg->id || current.pid != msg->pid)
		return pv_get_null(msg, param, res);
	return pv_get_strval(msg, param, res, &s);
}

pv_export_t migration_pvs[] = {
    {{"migration", sizeof("migration") - 1}, PVT_OTHER, get, 0, parse, 0, 0, 0},
    {{0, 0}, 0, 0, 0, 0, 0, 0, 0}};
