/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the controller tells: counters, event_route[alg:..], and $alg(..) in it. */
#include "modules/ims_alg/calls.h"

#include <stdio.h>

#include "modules/common/event_route.h"
#include "modules/common/ids.h"

KAM_COUNTERS_DEFINE(alg, ALG_COUNTERS)

static struct kam_event_route routes[MGC_EVENTS];
static char names[MGC_EVENTS][40];

/* The event that a route is being run for. */
static const struct mgc_event *current;

int alg_events_init(void)
{
	for (int i = 0; i < MGC_EVENTS; i++) {
		snprintf(names[i], sizeof(names[i]), "alg:%s",
			 mgc_event_name((enum mgc_event_type)i));
		if (kam_event_route_find(&routes[i], names[i], NULL))
			return -1;
	}
	return alg_counters_init("alg", NULL);
}

static void count(enum mgc_event_type type)
{
	switch (type) {
	case MGC_EV_GATEWAY_UP:
		counter_inc(alg_counters.gateways_up);
		break;
	case MGC_EV_GATEWAY_DOWN:
		counter_inc(alg_counters.gateways_lost);
		break;
	case MGC_EV_CONTEXT_LOST:
		counter_inc(alg_counters.contexts_lost);
		break;
	case MGC_EV_TLS_FAILED:
		counter_inc(alg_counters.tls_failures);
		break;
	case MGC_EV_CONNECT_FAILED:
		counter_inc(alg_counters.connect_failures);
		break;
	case MGC_EV_CONNECTION_LOST:
		counter_inc(alg_counters.connections_lost);
		break;
	case MGC_EV_MEDIA_STOPPED:
		counter_inc(alg_counters.media_stopped);
		break;
	default:
		break;
	}
}

void alg_event(void *user, const struct mgc_event *event)
{
	count(event->type);
	LM_INFO("%s: gateway %s%s%s\n", mgc_event_name(event->type), event->gateway,
		event->text[0] ? ": " : "", event->text);
	if (event->type == MGC_EV_CONTEXT_LOST && event->call)
		alg_tell(event->call, ALG_HELD_EVENT, NULL, ALG_EV_LOST);
	current = event;
	kam_event_route_run(&routes[event->type]);
	current = NULL;
}

/* ---- $alg(..) ---- */

enum { PV_EVENT, PV_GATEWAY, PV_CALL, PV_SIDE, PV_STREAM, PV_TEXT, PVS };
static const char *const pv_names[PVS] = {"event", "gateway", "call", "side", "stream", "text"};

static int pv_parse(pv_spec_t *spec, str *in)
{
	for (int i = 0; i < PVS; i++)
		if (slice_eq(slice_of(*in), slice_str(pv_names[i]))) {
			spec->pvp.pvn.type = PV_NAME_INTSTR;
			spec->pvp.pvn.u.isname.name.n = i;
			return 0;
		}
	LM_ERR("$alg(%.*s) is not known: event, gateway, call, side, stream, text\n", in->len,
	       in->s);
	return -1;
}

static int pv_get(sip_msg_t *msg, pv_param_t *param, pv_value_t *res)
{
	const char *text = NULL;
	struct kam_id call;
	str s;

	if (!current)
		return pv_get_null(msg, param, res);
	switch (param->pvn.u.isname.name.n) {
	case PV_EVENT:
		text = mgc_event_name(current->type);
		break;
	case PV_GATEWAY:
		text = current->gateway;
		break;
	case PV_CALL:
		call = kam_id_text(current->call);
		text = current->call ? call.text : "";
		break;
	case PV_SIDE:
		text = current->call ? alg_side_name(current->side) : "";
		break;
	case PV_STREAM:
		return current->stream ? pv_get_uintval(msg, param, res, current->stream)
				       : pv_get_null(msg, param, res);
	default:
		text = current->text;
	}
	s = str_of_text(pv_get_buffer());
	snprintf(s.s, (size_t)pv_get_buffer_size(), "%s", text);
	s.len = (int)strlen(s.s);
	return s.len ? pv_get_strval(msg, param, res, &s) : pv_get_null(msg, param, res);
}

pv_export_t alg_pvs[] = {{{"alg", sizeof("alg") - 1}, PVT_OTHER, pv_get, 0, pv_parse, 0, 0, 0},
			 {{0, 0}, 0, 0, 0, 0, 0, 0, 0}};
