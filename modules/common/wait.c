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

/*
 * t_lookup_ident() makes what it finds the process's current transaction. There it would stay: the next
 * message of this process would be taken for its, and end it once more.
 */
struct current {
	struct cell *t;
	int branch;
};

static struct cell *find(const struct kam_wait *w, struct current *before)
{
	struct cell *t;

	*before = (struct current){tm.t_gett(), tm.t_gett_branch()};
	if (tm.t_lookup_ident(&t, w->tindex, w->tlabel) >= 0)
		return t;
	tm.t_sett(before->t, before->branch);
	return NULL;
}

int kam_wait_watch_reply(const struct kam_wait *w,
			 void (*f)(struct cell *t, int type, struct tmcb_params *ps))
{
	struct current before;
	struct cell *t = find(w, &before);
	int rc;

	if (!t)
		return -1;
	rc = tm.register_tmcb(NULL, t, TMCB_RESPONSE_OUT, f, NULL, NULL);
	tm.unref_cell(t);
	tm.t_sett(before.t, before.branch);
	return rc > 0 ? 0 : -1;
}

int kam_transaction_reply(unsigned index, unsigned label, int status, const char *reason,
			  struct slice headers, struct slice content, struct slice to_tag)
{
	const struct kam_wait w = {.tindex = index, .tlabel = label};
	str text = str_of_text(reason), lines = str_of(headers), body = str_of(content);
	str tag = str_of(to_tag);
	struct current before;
	struct cell *t = find(&w, &before);
	int rc;

	if (!t) {
		LM_INFO("a transaction has gone before its %d\n", status);
		return -1;
	}
	/* Releases the reference of find(). */
	rc = tm.t_reply_with_body(t, (unsigned)status, &text, &body, headers.len ? &lines : NULL,
				  &tag);
	tm.t_sett(before.t, before.branch);
	if (rc >= 0)
		return 0;
	LM_ERR("cannot send %d %s\n", status, reason);
	return -1;
}

int kam_transaction_cancel(unsigned index, unsigned label)
{
	const struct kam_wait w = {.tindex = index, .tlabel = label};
	struct current before;
	struct cell *t = find(&w, &before);

	if (!t)
		return -1;
	tm.cancel_all_uacs(t, 0);
	tm.unref_cell(t);
	tm.t_sett(before.t, before.branch);
	return 0;
}

int kam_wait_reply(const struct kam_wait *w, int status, const char *reason, struct slice headers)
{
	char tag[64];
	int n = snprintf(tag, sizeof(tag), "%llx-%x", (unsigned long long)kam_now_ms(), w->tlabel);

	return kam_transaction_reply(w->tindex, w->tlabel, status, reason, headers, SLICE_NULL,
				     slice_make(tag, (size_t)n));
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

enum { AVP_LISTS = 6 };

/* The process's AVPs are these, and *lists those that they were. */
static void swap_avps(avp_list_t *lists[AVP_LISTS])
{
	static const avp_flags_t kinds[AVP_LISTS] = {
	    AVP_TRACK_FROM | AVP_CLASS_URI,    AVP_TRACK_TO | AVP_CLASS_URI,
	    AVP_TRACK_FROM | AVP_CLASS_USER,   AVP_TRACK_TO | AVP_CLASS_USER,
	    AVP_TRACK_FROM | AVP_CLASS_DOMAIN, AVP_TRACK_TO | AVP_CLASS_DOMAIN,
	};

	for (int i = 0; i < AVP_LISTS; i++)
		lists[i] = set_avp_list(kinds[i], lists[i]);
}

void kam_wait_set_avp(const struct kam_wait *w, const char *name, int number)
{
	int_str key = {.s = str_of_text(name)}, value = {.n = number};
	struct current before;
	struct cell *t = find(w, &before);
	avp_list_t *lists[AVP_LISTS];

	if (!t)
		return;
	lists[0] = &t->uri_avps_from;
	lists[1] = &t->uri_avps_to;
	lists[2] = &t->user_avps_from;
	lists[3] = &t->user_avps_to;
	lists[4] = &t->domain_avps_from;
	lists[5] = &t->domain_avps_to;
	swap_avps(lists);
	if (add_avp(AVP_NAME_STR, key, value) < 0)
		LM_ERR("no memory for $avp(%s)\n", name);
	swap_avps(lists);
	tm.unref_cell(t);
	tm.t_sett(before.t, before.branch);
}

int kam_waits(void)
{
	return atomic_get(waiting);
}
