/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The calls in shared memory, and the orders: what tm sends, and its answers. */
#include "modules/ims_vcc/anchor.h"

#include "../../core/dprint.h"
#include "../../core/locking.h"
#include "../../core/mem/shm_mem.h"
#include "../../core/parser/parse_rr.h"
#include "../../core/timer.h"

#include "modules/common/state_file.h"
#include "modules/common/wait.h"
#include "modules/ims_vcc/core/kept.h"

static struct kam_state_file file = {.fd = -1};

enum { CANCEL_MS = 40000, WAITS_MAX = 1 };

static gen_lock_t *lock;
static struct vcc_calls
    *calls; /* in shared memory; all processes are forks of the one that made it */

static void *shm_take(size_t n)
{
	return shm_malloc(n);
}

static void shm_give(void *p)
{
	if (p)
		shm_free(p);
}

struct vcc_calls *vcc_calls_lock(void)
{
	lock_get(lock);
	return calls;
}

void vcc_calls_unlock(void)
{
	lock_release(lock);
}

/* ---- answers ---- */

static void answered(uint64_t token, const struct vcc_message *m, unsigned code)
{
	vcc_calls_answered(vcc_calls_lock(), token, m, code, vcc_now_ms());
	vcc_calls_unlock();
	vcc_calls_work();
}

/* Each 1xx as it comes in, and the final answer when the transaction is complete. */
static void answer_came(struct cell *t, int type, struct tmcb_params *params)
{
	uint64_t token = (uint64_t)(uintptr_t)*params->param;
	sip_msg_t *rpl = params->rpl;
	struct vcc_message m;
	bool provisional = type == TMCB_LOCAL_RESPONSE_IN;

	(void)t;
	if (!rpl || rpl == FAKED_REPLY) {
		if (!provisional)
			answered(token, NULL, params->code > 299 ? (unsigned)params->code : 408);
		return;
	}
	if (provisional != (rpl->first_line.u.reply.statuscode < 200))
		return;
	if (vcc_message_read(slice_make(rpl->buf, rpl->len), &m)) {
		LM_INFO("an answer that cannot be read\n");
		if (!provisional)
			answered(token, NULL, 500);
		return;
	}
	answered(token, &m, m.code);
}

/* ---- orders ---- */

static void fill_dialog(const struct vcc_dialog *d, dlg_t *dlg)
{
	memset(dlg, 0, sizeof(*dlg));
	dlg->loc_seq.value = d->local_cseq;
	dlg->loc_seq.is_set = 1;
	dlg->id.call_id = str_of_text(d->call_id);
	dlg->id.loc_tag = str_of_text(d->local_tag);
	dlg->id.rem_tag = str_of_text(d->remote_tag);
	dlg->loc_uri = str_of_text(d->local_uri);
	dlg->rem_uri = str_of_text(d->remote_uri);
	dlg->rem_target = str_of_text(d->target);
	dlg->state = d->remote_tag[0] ? DLG_CONFIRMED : DLG_NEW;
}

static void send_request(const struct vcc_order *o)
{
	str method = str_of_text(o->method), headers = str_of(o->headers), body = str_of(o->body);
	unsigned index = 0, label = 0;
	uac_req_t request;
	bool sent = false;
	dlg_t dlg;

	fill_dialog(&o->dialog, &dlg);
	if (!o->dialog.routes[0] ||
	    parse_rr_body((char *)o->dialog.routes, (int)strlen(o->dialog.routes),
			  &dlg.route_set) == 0) {
		set_uac_req(&request, &method, o->headers.len ? &headers : NULL,
			    o->body.len ? &body : NULL, &dlg,
			    TMCB_LOCAL_COMPLETED | TMCB_LOCAL_RESPONSE_IN, answer_came,
			    (void *)(uintptr_t)o->token);
		sent = vcc_tm.t_uac_with_ids(&request, &index, &label) >= 0;
	}
	if (dlg.route_set)
		free_rr(&dlg.route_set);
	vcc_calls_lock();
	if (sent)
		vcc_calls_sent(calls, o->token, (struct vcc_server){index, label});
	else
		vcc_calls_answered(calls, o->token, NULL, 503, vcc_now_ms());
	vcc_calls_unlock();
	if (!sent)
		LM_INFO("%s to %s could not be sent\n", o->method, o->dialog.target);
}

static void carry_out(const struct vcc_order *o)
{
	struct vcc_server client;
	bool known;

	switch (o->kind) {
	case VCC_ORDER_SEND:
		send_request(o);
		break;
	case VCC_ORDER_REPLY:
		kam_transaction_reply(o->server.index, o->server.label, (int)o->code, o->reason,
				      o->headers, o->body, slice_str(o->tag));
		break;
	case VCC_ORDER_CANCEL:
		known = vcc_calls_client(vcc_calls_lock(), o->token, &client);
		vcc_calls_unlock();
		if (known)
			kam_transaction_cancel(client.index, client.label);
		break;
	}
}

void vcc_calls_work(void)
{
	static bool working; /* in this process: what is sent may come back here at once */
	struct vcc_order *o;

	if (working)
		return;
	working = true;
	do {
		o = vcc_calls_next(vcc_calls_lock());
		vcc_calls_unlock();
		if (o) {
			carry_out(o);
			vcc_calls_done(vcc_calls_lock(), o);
			vcc_calls_unlock();
		}
	} while (o);
	working = false;
}

static void tick(unsigned int ticks, void *arg)
{
	vcc_calls_tick(vcc_calls_lock(), vcc_now_ms());
	vcc_calls_unlock();
	vcc_calls_work();
}

static int kept_init(void)
{
	unsigned max = (unsigned)vcc_params.max_calls, found;

	if (vcc_params.calls_file.len <= 0)
		return 0;
	if (kam_state_file_open(&file, vcc_params.calls_file, vcc_kept_bytes(max), VCC_KEPT_MARK,
				strlen(VCC_KEPT_MARK)))
		return -1;
	found = vcc_kept_attach(calls, file.memory);
	if (found)
		LM_NOTICE("calls file: %u calls go on\n", found);
	return 0;
}

void vcc_calls_destroy(void)
{
	kam_state_file_close(&file);
}

int vcc_calls_init(void)
{
	struct vcc_calls_config cfg = {.max = (unsigned)vcc_params.max_calls,
				       .ack_ms = vcc_params.ack_seconds * 1000LL,
				       .cancel_ms = CANCEL_MS};
	const struct vcc_memory mem = {shm_take, shm_give};
	struct keyed_hash_key key;

	if (kam_wait_init(WAITS_MAX))
		return -1;
	slice_copy(slice_of(vcc_params.as_uri), cfg.contact, sizeof(cfg.contact));
	lock = lock_alloc();
	if (!lock || keyed_hash_key_random(&key)) {
		LM_ERR("no memory, or no random numbers\n");
		return -1;
	}
	lock_init(lock);
	calls = vcc_calls_new(&cfg, &mem, vcc_random_text, &key);
	if (!calls) {
		SHM_MEM_ERROR;
		return -1;
	}
	if (kept_init())
		return -1;
	if (register_timer(tick, NULL, 1) < 0) {
		LM_ERR("cannot register the timer\n");
		return -1;
	}
	return 0;
}

/* ---- RPC ---- */

enum { PAGE_ROWS = 100 };

void rpc_vcc_calls(rpc_t *rpc, void *ctx)
{
	struct vcc_call_view view;
	unsigned at = 0, n = 0;
	bool more = true;

	while (n < PAGE_ROWS) {
		more = vcc_calls_look(vcc_calls_lock(), &at, &view);
		vcc_calls_unlock();
		if (!more)
			break;
		n++;
		rpc->rpl_printf(ctx,
				"%s %s %s access=%s moves=%u access_call_id=%s remote_call_id=%s",
				view.user, view.terminating ? "called" : "calls",
				state_name(&vcc_call_table, view.state),
				vcc_domain_name(view.domain), view.moves, view.access, view.remote);
	}
}

void rpc_vcc_call_stats(rpc_t *rpc, void *ctx)
{
	struct vcc_calls_counts n = vcc_calls_count(vcc_calls_lock());
	void *row;

	vcc_calls_unlock();
	if (rpc->add(ctx, "{", &row) < 0)
		return;
	rpc->struct_add(row, "dddddd", "calls", (int)n.now, "waiting_orders", (int)n.orders,
			"anchored", (int)n.anchored, "moved", (int)n.moved, "moves_failed",
			(int)n.moves_failed, "fallbacks", (int)n.fallbacks);
}
