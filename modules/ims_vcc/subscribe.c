/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Our SUBSCRIBEs to the reg event (TS 24.229 5.7.1.1) through tm, and their answers. */
#include "modules/ims_vcc/vcc.h"

#include "../../core/dprint.h"
#include "../../core/parser/parse_rr.h"

#include "modules/common/dialog.h"
#include "reginfo/reginfo.h"

#include <stdio.h>

enum { HEADERS_MAX = 1024 };

static str method_subscribe = str_init("SUBSCRIBE");

/* Which request an answer is to: the place of the user's record, and its number. */
static void *name_of(const struct vcc_subscribe *s)
{
	return (void *)(uintptr_t)((uint64_t)(uint32_t)s->user << 32 | s->serial);
}

static void answered(uint64_t name, const struct vcc_answer *a)
{
	uint32_t at = (uint32_t)(name >> 32) - 1;
	struct vcc_store *s = vcc_lock();
	struct vcc_user *u = vcc_users_next(s, &at);
	struct vcc_outcome out = {0};

	if (u && u->number == (uint32_t)(name >> 32))
		vcc_watch_answered(s, u, (uint32_t)name, a, vcc_policy(), vcc_now_ms(), &out);
	vcc_unlock();
	if (a->code >= 300)
		counter_inc(vcc_counters.subscribe_failures);
	vcc_carry_out(&out);
}

static void answer_came(struct cell *t, int type, struct tmcb_params *params)
{
	struct vcc_answer a = {.code = params->code};
	struct kam_dialog_parts dialog = {0};
	uint64_t seconds = 0;

	(void)t;
	(void)type;
	if (params->rpl && params->rpl != FAKED_REPLY && !kam_dialog_read(params->rpl, &dialog)) {
		slice_u64(kam_header(params->rpl, "Expires", NULL), UINT32_MAX, &seconds);
		a.expires = (uint32_t)seconds;
		a.remote_tag = dialog.remote_tag;
		a.contact = dialog.contact;
		a.routes = slice_of(dialog.routes);
	}
	if (a.code >= 300)
		LM_INFO("SUBSCRIBE to the reg event was answered with %d\n", a.code);
	answered((uint64_t)(uintptr_t)*params->param, &a);
	if (dialog.routes.s)
		pkg_free(dialog.routes.s);
}

static void fill_dialog(const struct vcc_subscribe *s, dlg_t *dlg)
{
	memset(dlg, 0, sizeof(*dlg));
	dlg->loc_seq.value = s->cseq;
	dlg->loc_seq.is_set = 1;
	dlg->id.call_id = str_of_text(s->call_id);
	dlg->id.loc_tag = str_of_text(s->local_tag);
	dlg->id.rem_tag = str_of_text(s->remote_tag);
	dlg->loc_uri = vcc_params.as_uri;
	dlg->rem_uri = str_of_text(s->identity);
	if (s->remote_tag[0]) {
		dlg->state = DLG_CONFIRMED;
		dlg->rem_target = str_of_text(s->target);
		return;
	}
	dlg->state = DLG_NEW;
	dlg->rem_target = dlg->rem_uri;
	dlg->dst_uri = str_of_text(s->scscf);
}

void vcc_subscribe(const struct vcc_subscribe *s)
{
	const struct vcc_answer failed = {.code = 408};
	const str *me = &vcc_params.as_uri;
	char headers[HEADERS_MAX];
	uac_req_t request;
	dlg_t dlg;
	str extra;

	extra.s = headers;
	extra.len = snprintf(headers, sizeof(headers),
			     "Event: reg\r\nAccept: " REGINFO_MIME "\r\nExpires: %u\r\n"
			     "Contact: <%.*s>\r\nP-Asserted-Identity: <%.*s>\r\n",
			     s->expires, me->len, me->s, me->len, me->s);
	fill_dialog(s, &dlg);
	counter_inc(vcc_counters.subscribes);
	set_uac_req(&request, &method_subscribe, &extra, NULL, &dlg, TMCB_LOCAL_COMPLETED,
		    answer_came, name_of(s));
	if (extra.len >= HEADERS_MAX ||
	    (s->routes[0] &&
	     parse_rr_body((char *)s->routes, (int)strlen(s->routes), &dlg.route_set) < 0) ||
	    vcc_tm.t_uac(&request) < 0) {
		LM_INFO("SUBSCRIBE for %s could not be sent\n", s->identity);
		answered((uint64_t)(uintptr_t)name_of(s), &failed);
	}
	if (dlg.route_set)
		free_rr(&dlg.route_set);
}
