/* SPDX-License-Identifier: GPL-2.0-or-later */
/* $seamless_scscf(name): what the last seamless_scscf_save(), seamless_scscf_route() or linger end of
 * this process was about. */
#include "modules/ims_seamless_scscf/glue.h"
#include "../../core/pvar.h"

#include "modules/common/old_names.h"

enum { PV_KIND, PV_IMPI, PV_CONNECTION, PV_SETS, PV_MOVED, PV_LINGER, PV_SESSIONS, PV_KNOWN };

static const char *const names[] = {"kind",  "impi",   "connection", "sets",
				    "moved", "linger", "sessions",   "known"};

static int parse_name(pv_spec_p sp, str *in)
{
	for (int i = 0; i <= PV_KNOWN; i++) {
		if (!slice_eq(slice_of(*in), slice_str(names[i])))
			continue;
		sp->pvp.pvn.type = PV_NAME_INTSTR;
		sp->pvp.pvn.u.isname.type = 0;
		sp->pvp.pvn.u.isname.name.n = i;
		return 0;
	}
	LM_ERR("$seamless_scscf(%.*s): no such name\n", in->len, in->s);
	return -1;
}

static int parse_old_name(pv_spec_p sp, str *in)
{
	return kam_old_name("$seamless(...)", "$seamless_scscf(...)") ? -1 : parse_name(sp, in);
}

static const char *last_connection(void)
{
	static struct kam_id id;

	id = kam_id_text(seamless_last.connection);
	return id.text;
}

static int get(struct sip_msg *msg, pv_param_t *param, pv_value_t *res)
{
	str s = {0, 0};

	switch (param->pvn.u.isname.name.n) {
	case PV_KIND:
		s.s = (char *)seamless_last.kind;
		break;
	case PV_IMPI:
		s.s = seamless_last.impi;
		break;
	case PV_CONNECTION:
		s.s = (char *)last_connection();
		break;
	case PV_SETS:
		return pv_get_sintval(msg, param, res, seamless_last.sets);
	case PV_MOVED:
		return pv_get_sintval(msg, param, res, seamless_last.moved);
	case PV_LINGER:
		return pv_get_sintval(msg, param, res, seamless_last.linger);
	case PV_SESSIONS:
		return pv_get_sintval(msg, param, res, seamless_last.sessions);
	case PV_KNOWN:
		return pv_get_sintval(msg, param, res, seamless_last.known);
	default:
		return pv_get_null(msg, param, res);
	}
	s.len = (int)strlen(s.s);
	return pv_get_strval(msg, param, res, &s);
}

pv_export_t seamless_pvs[] = {
    {{"seamless_scscf", sizeof("seamless_scscf") - 1}, PVT_OTHER, get, 0, parse_name, 0, 0, 0},
    {{0, 0}, 0, 0, 0, 0, 0, 0, 0}};
pv_export_t seamless_old_pvs[] = {
    {{"seamless", sizeof("seamless") - 1}, PVT_OTHER, get, 0, parse_old_name, 0, 0, 0},
    {{0, 0}, 0, 0, 0, 0, 0, 0, 0}};
