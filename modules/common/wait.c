/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/common/wait.h"

#include <stdio.h>

#include "../../core/dprint.h"
#include "../../core/kemi.h"
#include "../../core/mem/shm_mem.h"
#include "../../core/route.h"
#include "../../core/sr_module.h"
#include "../../core/usr_avp.h"
#include "../../modules/tm/tm_load.h"

#include "modules/common/clock.h"

static struct tm_binds tm;
static atomic_t *waiting; /* in shared memory */
static int waiting_max;

int kam_wait_init(unsigned max)
{
	if (!find_module_by_name("tm") || load_tm_api(&tm) < 0) {
		LM_ERR("tm is not loaded: load tm.so before " MOD_NAME ".so (transactions)\n");
		return -1;
	}
	waiting = shm_malloc(sizeof(*waiting));
	if (!waiting) {
		SHM_MEM_ERROR;
		return -1;
	}
	atomic_set(waiting, 0);
	waiting_max = (int)max;
	return 0;
}

int kam_transaction(sip_msg_t *msg, unsigned *index, unsigned *label)
{
	struct cell *t = tm.t_gett();

	if (!t || t == T_UNDEFINED) {
		int rc = tm.t_newtran(msg);

		if (rc <= 0)
			return rc < 0 ? -1 : 1;
		t = tm.t_gett();
	}
	*index = t->hash_index;
	*label = t->label;
	return 0;
}

int kam_wait_begin(sip_msg_t *msg, struct kam_wait *w)
{
	if (atomic_add(waiting, 1) > waiting_max) {
		LM_INFO("more than %d transactions would wait\n", waiting_max);
	} else if (tm.t_suspend(msg, &w->tindex, &w->tlabel) == 0) {
		/* 1 would be: it is being cancelled. */
		atomic_set(&w->out, 1);
		return 0;
	}
	atomic_dec(waiting);
	return -1;
}

void kam_wait_expect(struct kam_wait *w)
{
	mb_atomic_inc(&w->out);
}

bool kam_wait_done(struct kam_wait *w)
{
	return mb_atomic_dec_and_test(&w->out);
}

void kam_wait_cancel(struct kam_wait *w)
{
	atomic_dec(waiting);
	tm.t_cancel_suspend(w->tindex, w->tlabel);
}

int kam_wait_reply(const struct kam_wait *w, int status, const char *reason, struct slice headers)
{
	str text = str_of_text(reason), lines = str_of(headers), body = STR_NULL;
	char tag_text[64];
	str tag = {tag_text, 0};
	struct cell *t;

	if (tm.t_lookup_ident(&t, w->tindex, w->tlabel) < 0) {
		LM_INFO("a transaction has gone before its %d\n", status);
		return -1;
	}
	tag.len = snprintf(tag_text, sizeof(tag_text), "%llx-%x", (unsigned long long)kam_now_ms(),
			   w->tlabel);
	/* Releases the reference of t_lookup_ident(). */
	if (tm.t_reply_with_body(t, (unsigned)status, &text, &body, headers.len ? &lines : NULL,
				 &tag) >= 0)
		return 0;
	LM_ERR("cannot send %d %s\n", status, reason);
	return -1;
}

void kam_wait_continue(struct kam_wait *w, struct action *route)
{
	atomic_dec(waiting);
	tm.t_continue_skip_timer(w->tindex, w->tlabel, route);
}

bool kam_wait_route_is_there(const char *route)
{
	int at = sr_kemi_eng_get() ? 0 : route_lookup(&main_rt, (char *)route);

	return at >= 0 && (sr_kemi_eng_get() || main_rt.rlist[at]);
}

void kam_wait_continue_at(struct kam_wait *w, const char *route)
{
	str name = str_of_text(route), none = STR_NULL;
	int at;

	if (sr_kemi_eng_get()) {
		atomic_dec(waiting);
		tm.t_continue_cb(w->tindex, w->tlabel, &name, &none);
		return;
	}
	at = route_lookup(&main_rt, (char *)route);
	kam_wait_continue(w, at < 0 ? NULL : main_rt.rlist[at]);
}

void kam_wait_set_avp(const struct kam_wait *w, const char *name, int number)
{
	int_str key = {.s = str_of_text(name)}, value = {.n = number};
	struct cell *t;

	if (tm.t_lookup_ident(&t, w->tindex, w->tlabel) < 0)
		return;
	set_avp_list(AVP_TRACK_FROM | AVP_CLASS_URI, &t->uri_avps_from);
	set_avp_list(AVP_TRACK_TO | AVP_CLASS_URI, &t->uri_avps_to);
	set_avp_list(AVP_TRACK_FROM | AVP_CLASS_USER, &t->user_avps_from);
	set_avp_list(AVP_TRACK_TO | AVP_CLASS_USER, &t->user_avps_to);
	set_avp_list(AVP_TRACK_FROM | AVP_CLASS_DOMAIN, &t->domain_avps_from);
	set_avp_list(AVP_TRACK_TO | AVP_CLASS_DOMAIN, &t->domain_avps_to);
	if (add_avp(AVP_NAME_STR, key, value) < 0)
		LM_ERR("no memory for $avp(%s)\n", name);
	tm.unref_cell(t);
}

int kam_waits(void)
{
	return atomic_get(waiting);
}
