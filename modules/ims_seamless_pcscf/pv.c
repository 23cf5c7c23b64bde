/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * $seamless_pcscf(tag)      1 when the request has the option tag, else 0
 * $seamless_pcscf(state)    state of the connection the message came or goes over
 * $seamless_pcscf(sessions) sessions on it
 * $seamless_pcscf(set), $seamless_pcscf(impu), $seamless_pcscf(contact), $seamless_pcscf(cause)
 *                     in event_route[seamless-pcscf:set-dropped]
 */
#include "seamless.h"

#include "modules/common/pv.h"

enum pv_name { PV_TAG, PV_STATE, PV_SESSIONS, PV_SET, PV_IMPU, PV_CONTACT, PV_CAUSE, PV_NAMES };

static const char *const names[PV_NAMES] = {"tag",  "state",   "sessions", "set",
					    "impu", "contact", "cause"};

static int pv_parse(pv_spec_t *spec, str *in)
{
	return kam_pv_name(spec, in, names, PV_NAMES);
}

static int get_text(sip_msg_t *msg, pv_param_t *param, pv_value_t *res, const char *text)
{
	str s = {(char *)text, (int)strlen(text)};

	return pv_get_strval(msg, param, res, &s);
}

static int get_of_event(sip_msg_t *msg, pv_param_t *param, pv_value_t *res, enum pv_name name)
{
	const struct pcscf_todo *now = seamless_event_now;
	/* pv_get_strval() keeps the pointer; one process, one event at a time */
	static struct kam_id id;

	if (!now)
		return pv_get_null(msg, param, res);
	switch (name) {
	case PV_SET:
		id = kam_id_text(now->set_id);
		return get_text(msg, param, res, id.text);
	case PV_IMPU:
		return get_text(msg, param, res, now->identity);
	case PV_CONTACT:
		return get_text(msg, param, res, now->contact);
	default:
		return get_text(msg, param, res, now->cause);
	}
}

static int get_of_connection(sip_msg_t *msg, pv_param_t *param, pv_value_t *res, enum pv_name name)
{
	struct pcscf_connection_view view;
	bool from_ue;
	flow_id_t id;
	int err;

	if (msg->first_line.type != SIP_REQUEST || seamless_set_of(msg, &id, &from_ue))
		return pv_get_null(msg, param, res);
	err = pcscf_look(seamless_lock(), id, &view);
	seamless_unlock();
	if (err)
		return pv_get_null(msg, param, res);
	if (name == PV_SESSIONS)
		return pv_get_uintval(msg, param, res, view.sessions);
	return get_text(msg, param, res, state_name(&pcscf_connection_table, view.state));
}

static int pv_get(sip_msg_t *msg, pv_param_t *param, pv_value_t *res)
{
	enum pv_name name = (enum pv_name)param->pvn.u.isname.name.n;

	switch (name) {
	case PV_TAG:
		if (msg->first_line.type != SIP_REQUEST || parse_headers(msg, HDR_EOH_F, 0) < 0)
			return pv_get_null(msg, param, res);
		return pv_get_uintval(msg, param, res, seamless_has_tag(msg));
	case PV_STATE:
	case PV_SESSIONS:
		return get_of_connection(msg, param, res, name);
	default:
		return get_of_event(msg, param, res, name);
	}
}

/* $seamless(...), for one release. */
static int pv_parse_old(pv_spec_t *spec, str *in)
{
	return kam_old_name("$seamless(...)", "$seamless_pcscf(...)") ? -1 : pv_parse(spec, in);
}

pv_export_t seamless_pvs[] = {
    {{"seamless_pcscf", sizeof("seamless_pcscf") - 1}, PVT_OTHER, pv_get, 0, pv_parse, 0, 0, 0},
    {{0, 0}, 0, 0, 0, 0, 0, 0, 0},
};

pv_export_t seamless_old_pvs[] = {
    {{"seamless", sizeof("seamless") - 1}, PVT_OTHER, pv_get, 0, pv_parse_old, 0, 0, 0},
    {{0, 0}, 0, 0, 0, 0, 0, 0, 0},
};
