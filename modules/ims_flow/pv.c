/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * $flow(name): after flow_check() or flow_route() about the flow set of this message; in
 * event_route[flow:dead] about the one that ended. Names: id, impi, impu (the default one), asserted
 * (whom to assert), contact, instance, addr, route (the first Service-Route), path, state, reason.
 */
#include "modules/ims_flow/exports.h"
#include "modules/ims_flow/glue.h"
#include "modules/ims_flow/register.h"

#include "modules/common/pv.h"

enum {
	PV_ID,
	PV_IMPI,
	PV_IMPU,
	PV_ASSERTED,
	PV_CONTACT,
	PV_INSTANCE,
	PV_ADDR,
	PV_ROUTE,
	PV_PATH,
	PV_STATE,
	PV_REASON,
	PV_COUNT
};

static const char *const names[PV_COUNT] = {"id",      "impi",	   "impu",  "asserted",
					    "contact", "instance", "addr",  "route",
					    "path",    "state",	   "reason"};

static struct {
	unsigned msg_id;
	int pid;
	bool event;
	uint64_t routed;
	char second[FLOW_API_STR_MAX]; /* the other identity to assert, or empty */
	char text[PV_COUNT][FLOW_API_STR_MAX];
} current;

static void set(int i, struct slice s)
{
	if (slice_copy(s, current.text[i], sizeof(current.text[i])))
		current.text[i][0] = '\0';
}

static struct slice first_line(const char *s)
{
	struct slice all = slice_str(s);

	return slice_cut(&all, '\n');
}

/* Of a request of the UE: what its registration has in Path. */
static void set_path(const sip_msg_t *msg, const struct flow_set *f, bool from_ue)
{
	struct netaddr here = netaddr_of_ip(&msg->rcv.dst_ip);

	if (!from_ue || flow_path_uri(f->id, &here, msg->rcv.dst_port, current.text[PV_PATH],
				      sizeof(current.text[PV_PATH])))
		current.text[PV_PATH][0] = '\0';
}

void pv_set_current(sip_msg_t *msg, const struct flow_set *f, const struct flow_asserted *asserted)
{
	unsigned n = asserted ? asserted->n : 0;

	current.msg_id = msg->id;
	current.pid = msg->pid;
	current.event = false;
	current.routed = asserted ? 0 : f->id;
	set(PV_ID, slice_str(kam_id_text(f->id).text));
	set(PV_IMPI, slice_str(f->impi));
	set(PV_IMPU, first_line(f->impus));
	set(PV_ASSERTED, n > 0 ? asserted->uri[0] : SLICE_NULL);
	if (slice_copy(n > 1 ? asserted->uri[1] : SLICE_NULL, current.second,
		       sizeof(current.second)))
		current.second[0] = '\0';
	set(PV_CONTACT, slice_str(f->contact));
	set(PV_INSTANCE, slice_str(f->instance));
	netaddr_host_text(&f->ue, current.text[PV_ADDR]);
	set(PV_ROUTE, first_line(f->service_route));
	set_path(msg, f, asserted != NULL);
	set(PV_STATE, slice_str(state_name(&flow_set_table, f->state)));
	set(PV_REASON, SLICE_NULL);
}

int pv_asserted(sip_msg_t *msg, char *buf, unsigned size)
{
	const char *first = current.text[PV_ASSERTED], *second = current.second;
	int n;

	if (current.event || current.msg_id != msg->id || current.pid != msg->pid || !first[0])
		return -1;
	n = second[0] ? snprintf(buf, size, "<%s>, <%s>", first, second)
		      : snprintf(buf, size, "<%s>", first);
	return n > 0 && (unsigned)n < size ? 0 : -1;
}

uint64_t pv_routed(sip_msg_t *msg)
{
	return !current.event && current.msg_id == msg->id && current.pid == msg->pid
		   ? current.routed
		   : 0;
}

void pv_set_event(const struct flow_api_info *info, const char *reason)
{
	static const char *const states[] = {"pending", "active", "held", "closing"};

	memset(&current, 0, sizeof(current));
	if (!info)
		return;
	current.event = true;
	set(PV_ID, slice_str(kam_id_text(info->id).text));
	set(PV_IMPI, slice_str(info->impi));
	set(PV_IMPU, first_line(info->impus));
	set(PV_CONTACT, slice_str(info->contact));
	set(PV_INSTANCE, slice_str(info->instance));
	set(PV_ADDR, slice_str(info->ue_addr));
	set(PV_STATE, slice_str(states[info->state]));
	set(PV_REASON, slice_str(reason));
}

static int pv_parse_flow(pv_spec_t *sp, str *in)
{
	str name = *in;

	if (slice_eq_nocase(slice_of(name),
			    SLICE_LIT("speaker"))) /* the name of the first releases */
		name = str_of_text("asserted");
	if (kam_pv_name(sp, &name, names, PV_COUNT) == 0)
		return 0;
	LM_ERR("$flow(%.*s) is not known\n", in->len, in->s);
	return -1;
}

static int pv_get_flow(sip_msg_t *msg, pv_param_t *param, pv_value_t *res)
{
	int i = param->pvn.u.isname.name.n;
	str s;

	if (!current.event && (current.msg_id != msg->id || current.pid != msg->pid))
		return pv_get_null(msg, param, res);
	s.s = current.text[i];
	s.len = strlen(s.s);
	return s.len ? pv_get_strval(msg, param, res, &s) : pv_get_null(msg, param, res);
}

pv_export_t flow_pvs[] = {
    {{"flow", sizeof("flow") - 1}, PVT_OTHER, pv_get_flow, 0, pv_parse_flow, 0, 0, 0},
    {{0, 0}, 0, 0, 0, 0, 0, 0, 0}};
