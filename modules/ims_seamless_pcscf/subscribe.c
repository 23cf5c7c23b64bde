/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Our SUBSCRIBEs to the reg event (TS 24.229 5.2.3) through tm, and their answers. */
#include "seamless.h"

#include "../../core/dprint.h"
#include "../../core/parser/parse_expires.h"
#include "../../core/parser/parse_rr.h"
#include "modules/common/dialog.h"
#include "reginfo/reginfo.h"

#include <stdio.h>

#define HEADERS_MAX 1536

static str method_subscribe = str_init("SUBSCRIBE");

/*
 * The stock registrar (can_subscribe_to_reg) lets a P-CSCF subscribe if P-Asserted-Identity without
 * "sip:" is a part of a Path of the user: pcscf_uri must be written as it stands there.
 */
static int write_headers(const struct pcscf_subscribe *s, char *buf, size_t size)
{
	const struct seamless_params *p = &seamless_params;
	int n =
	    snprintf(buf, size,
		     "Event: reg\r\nAccept: " REGINFO_MIME "\r\nExpires: %u\r\nContact: <%.*s>\r\n"
		     "P-Asserted-Identity: <%.*s>\r\nP-Charging-Vector: icid-value=%s\r\n",
		     s->expires, p->contact_uri.len, p->contact_uri.s, p->pcscf_uri.len,
		     p->pcscf_uri.s, s->call_id);

	return n > 0 && (size_t)n < size ? n : -1;
}

/* A header of an answer that holds a number of seconds; 0 when it is not there. */
static uint32_t seconds_of(sip_msg_t *rpl, const char *name)
{
	uint64_t v = 0;

	slice_u64(kam_header(rpl, name, NULL), UINT32_MAX, &v);
	return (uint32_t)v;
}

static void answered(uint64_t request_id, const struct pcscf_answer *a)
{
	if (a->code >= 300)
		counter_inc(seamless_counters.subscribe_failures);
	pcscf_subscribe_answered(seamless_lock(), request_id, a, seamless_now_ms());
	seamless_unlock();
}

/* Runs inside tm: what follows from the answer is left to the timer, at most a second later. */
static void answer_came(struct cell *t, int type, struct tmcb_params *params)
{
	struct pcscf_answer a = {.code = params->code};
	uint64_t request_id = (uint64_t)(uintptr_t)*params->param;
	struct kam_dialog_parts dialog = {0};

	(void)t;
	(void)type;
	if (params->rpl && params->rpl != FAKED_REPLY && !kam_dialog_read(params->rpl, &dialog)) {
		a.expires = seconds_of(params->rpl, "Expires");
		a.min_expires = seconds_of(params->rpl, "Min-Expires");
		a.remote_tag = dialog.remote_tag;
		a.contact = dialog.contact;
		a.routes = slice_of(dialog.routes);
	}
	if (a.code >= 300)
		LM_INFO("SUBSCRIBE to the reg event was answered with %d\n", a.code);
	answered(request_id, &a);
	if (dialog.routes.s)
		pkg_free(dialog.routes.s);
}

static void fill_dialog(const struct pcscf_subscribe *s, dlg_t *dlg)
{
	struct seamless_params *p = &seamless_params;

	memset(dlg, 0, sizeof(*dlg));
	dlg->loc_seq.value = s->cseq;
	dlg->loc_seq.is_set = 1;
	dlg->id.call_id = str_of_text(s->call_id);
	dlg->id.loc_tag = str_of_text(s->local_tag);
	dlg->id.rem_tag = str_of_text(s->remote_tag);
	dlg->loc_uri = p->pcscf_uri;
	dlg->rem_uri = str_of_text(s->identity);
	if (s->remote_tag[0]) {
		dlg->state = DLG_CONFIRMED;
		dlg->rem_target = str_of_text(s->target);
		return;
	}
	dlg->state = DLG_NEW;
	dlg->rem_target = dlg->rem_uri;
	if (p->subscribe_route.len > 0)
		dlg->dst_uri = p->subscribe_route;
	else if (s->next_hop[0])
		dlg->dst_uri = str_of_text(s->next_hop);
}

void seamless_subscribe(const struct pcscf_subscribe *s)
{
	const struct pcscf_answer failed = {.code = 408};
	char headers[HEADERS_MAX];
	int len = write_headers(s, headers, sizeof(headers));
	str extra = {headers, len};
	uac_req_t request;
	dlg_t dlg;

	fill_dialog(s, &dlg);
	if (len < 0 || (s->routes[0] && parse_rr_body((char *)s->routes, (int)strlen(s->routes),
						      &dlg.route_set) < 0)) {
		LM_ERR("cannot build SUBSCRIBE for %s\n", s->identity);
		answered(s->request_id, &failed);
		return;
	}
	set_uac_req(&request, &method_subscribe, &extra, NULL, &dlg, TMCB_LOCAL_COMPLETED,
		    answer_came, (void *)(uintptr_t)s->request_id);
	counter_inc(seamless_counters.subscribes);
	if (seamless_tm.t_uac(&request) < 0) {
		LM_INFO("SUBSCRIBE for %s could not be sent\n", s->identity);
		answered(s->request_id, &failed);
	}
	if (dlg.route_set)
		free_rr(&dlg.route_set);
}
