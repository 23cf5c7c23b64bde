/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * $alg(..): what the controller tells in its event routes, and where the media of a message's call
 * go, for those who make rules for them (Rx, N5).
 */
#include "modules/ims_alg/calls.h"

#include "modules/common/ids.h"

enum {
	PV_EVENT,
	PV_GATEWAY,
	PV_CALL,
	PV_SIDE,
	PV_STREAM,
	PV_TEXT,
	PV_LINES,
	PV_KIND,
	PV_PROTOCOL,
	PV_UE_ADDRESS,
	PV_UE_PORT,
	PV_GW_ADDRESS,
	PV_GW_PORT,
	PVS
};
static const char *const names[PVS] = {"event",	  "gateway",	"call",	  "side",     "stream",
				       "text",	  "lines",	"kind",	  "protocol", "ue_address",
				       "ue_port", "gw_address", "gw_port"};

/* NAME, or NAME,LINE for what an m-line has; the first one if none is named. */
static int parse(pv_spec_t *spec, str *in)
{
	struct slice text = slice_of(*in), name = slice_trim(slice_cut(&text, ','));
	str digits = str_of(slice_trim(text));
	unsigned line = 0;

	for (int i = 0; i < PVS; i++) {
		if (!slice_eq(name, slice_str(names[i])))
			continue;
		if (text.p &&
		    (i <= PV_LINES || str2int(&digits, &line) < 0 || line >= ALG_FLOWS_MAX))
			break;
		spec->pvp.pvn.type = PV_NAME_INTSTR;
		spec->pvp.pvn.u.isname.name.n = i + (int)line * PVS;
		return 0;
	}
	LM_ERR("$alg(%.*s) is not known: event, gateway, call, side, stream, text, lines, or with "
	       ",LINE (0 to %d) kind, protocol, ue_address, ue_port, gw_address, gw_port\n",
	       in->len, in->s, ALG_FLOWS_MAX - 1);
	return -1;
}

static int text_value(sip_msg_t *msg, pv_param_t *param, pv_value_t *res, const char *text)
{
	str s = str_of_text(pv_get_buffer());

	snprintf(s.s, (size_t)pv_get_buffer_size(), "%s", text);
	s.len = (int)strlen(s.s);
	return s.len ? pv_get_strval(msg, param, res, &s) : pv_get_null(msg, param, res);
}

static int of_event(sip_msg_t *msg, pv_param_t *param, pv_value_t *res, int name,
		    const struct mgc_event *event)
{
	switch (name) {
	case PV_EVENT:
		return text_value(msg, param, res, mgc_event_name(event->type));
	case PV_GATEWAY:
		return text_value(msg, param, res, event->gateway);
	case PV_CALL:
		return text_value(msg, param, res,
				  event->call ? kam_id_text(event->call).text : "");
	case PV_SIDE:
		return text_value(msg, param, res, event->call ? alg_side_name(event->side) : "");
	case PV_STREAM:
		return event->stream ? pv_get_uintval(msg, param, res, event->stream)
				     : pv_get_null(msg, param, res);
	case PV_TEXT:
		return text_value(msg, param, res, event->text);
	default:
		return pv_get_null(msg, param, res);
	}
}

struct flows {
	unsigned n;
	struct alg_flow flow[ALG_FLOWS_MAX];
};

static void copy_flows(struct alg_entry *e, void *arg)
{
	struct flows *f = arg;

	f->n = e->lines;
	memcpy(f->flow, e->line, f->n * sizeof(f->flow[0]));
}

static int address_value(sip_msg_t *msg, pv_param_t *param, pv_value_t *res,
			 const struct netaddr *a)
{
	char text[NETADDR_TEXT_MAX];

	return netaddr_known(a) ? text_value(msg, param, res, netaddr_ip_text(a, text))
				: pv_get_null(msg, param, res);
}

static int of_call(sip_msg_t *msg, pv_param_t *param, pv_value_t *res, int name, unsigned line)
{
	static struct flows f;
	struct alg_note note;
	const struct alg_flow *at = &f.flow[line];

	if (alg_note_load(&note) || !alg_calls_look(note.call, copy_flows, &f))
		return pv_get_null(msg, param, res);
	if (name == PV_CALL)
		return text_value(msg, param, res, kam_id_text(note.call).text);
	if (name == PV_LINES)
		return pv_get_uintval(msg, param, res, f.n);
	if (line >= f.n || name < PV_LINES)
		return pv_get_null(msg, param, res);
	switch (name) {
	case PV_KIND:
		return text_value(msg, param, res, alg_kind_name(at->kind));
	case PV_PROTOCOL:
		return at->protocol ? pv_get_uintval(msg, param, res, at->protocol)
				    : pv_get_null(msg, param, res);
	case PV_UE_ADDRESS:
		return address_value(msg, param, res, &at->ue);
	case PV_GW_ADDRESS:
		return address_value(msg, param, res, &at->gateway);
	case PV_UE_PORT:
		return pv_get_uintval(msg, param, res, at->ue.port);
	default:
		return pv_get_uintval(msg, param, res, at->gateway.port);
	}
}

static int get(sip_msg_t *msg, pv_param_t *param, pv_value_t *res)
{
	const struct mgc_event *event = alg_event_current();
	int name = param->pvn.u.isname.name.n % PVS;

	if (event)
		return of_event(msg, param, res, name, event);
	return of_call(msg, param, res, name, (unsigned)param->pvn.u.isname.name.n / PVS);
}

pv_export_t alg_pvs[] = {{{"alg", sizeof("alg") - 1}, PVT_OTHER, get, 0, parse, 0, 0, 0},
			 {{0, 0}, 0, 0, 0, 0, 0, 0, 0}};
