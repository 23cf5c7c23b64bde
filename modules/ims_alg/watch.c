/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tm tells of transactions: final answers, CANCEL, their end; whatever makes them. */
#include "modules/ims_alg/calls.h"

#include <string.h>

#include "../../core/usr_avp.h"
#include "../../modules/tm/tm_load.h"

static struct tm_binds tm;

int alg_watch_init(void)
{
	if (load_tm_api(&tm) == 0)
		return 0;
	LM_ERR("load tm.so before ims_alg.so (transactions)\n");
	return -1;
}

static int_str note_name(void)
{
	return (int_str){.s = str_init("ims_alg_call")};
}

int alg_note_load(struct alg_note *n)
{
	int_str value;

	if (!search_first_avp(AVP_NAME_STR | AVP_VAL_STR, note_name(), &value, NULL) ||
	    value.s.len != sizeof(*n))
		return -1;
	memcpy(n, value.s.s, sizeof(*n));
	return 0;
}

static int note_store(const struct alg_note *n)
{
	int_str value = {.s = {(char *)n, sizeof(*n)}};

	return add_avp(AVP_NAME_STR | AVP_VAL_STR, note_name(), value) < 0 ? -1 : 0;
}

static enum alg_method method_of(const struct cell *t)
{
	const struct sip_msg *request = t->uas.request;

	switch (request ? request->first_line.u.request.method_value : METHOD_OTHER) {
	case METHOD_INVITE:
		return ALG_INVITE;
	case METHOD_PRACK:
		return ALG_PRACK;
	case METHOD_UPDATE:
		return ALG_UPDATE;
	default:
		return ALG_OTHER_METHOD;
	}
}

/* Between the callbacks of one transaction; what tm gives back to each. */
struct watched {
	uint64_t call;
	uint32_t cseq;
	bool from_caller, initial, bye;
};

static void on_refused(const struct watched *w, const struct cell *t, int code)
{
	struct alg_message m = {.method = method_of(t),
				.code = (uint16_t)code,
				.initial = w->initial,
				.cseq = w->cseq,
				.from_caller = !w->from_caller};

	alg_tell(w->call, ALG_HELD_NOTE, &m, 0);
}

static void on_sent(const struct watched *w, const struct tmcb_params *p, unsigned party,
		    bool request)
{
	if (p->send_buf.s)
		alg_party_sent(w->call, party, slice_of(p->send_buf), request);
}

/* A BYE of ours. Its transaction may go without an answer; that it does at a shutdown, too, reaches no file. */
static void on_bye(const struct watched *w, int type, int code, unsigned sender)
{
	bool answered = !(type & TMCB_DESTROY) && code >= 200;

	if (answered || type & TMCB_DESTROY)
		alg_bye_over(w->call, sender);
	if (answered)
		(void)alg_task_for(w->call, alg_calls_store);
}

static void on_tm(struct cell *t, int type, struct tmcb_params *p)
{
	struct watched *w = *p->param;
	unsigned sender = w->from_caller ? ALG_CALLER : ALG_CALLEE;

	if (w->bye) {
		on_bye(w, type, p->code, sender);
	} else if (type & TMCB_DESTROY) {
		if (w->initial)
			alg_calls_settled(w->call);
	} else if (type & TMCB_E2ECANCEL_IN) {
		if (w->initial)
			alg_tell(w->call, ALG_HELD_EVENT, NULL, ALG_EV_CANCEL);
	} else if (type & TMCB_REQUEST_OUT) {
		on_sent(w, p, ALG_PARTIES - 1 - sender, true);
	} else if (p->code >= 300) {
		on_refused(w, t, p->code);
	} else if (p->code >= 200 && method_of(t) == ALG_INVITE) {
		on_sent(w, p, sender, false);
	}
}

static void watched_free(void *w)
{
	shm_free(w);
}

int alg_watch(sip_msg_t *msg, struct alg_entry *e, const struct alg_note *note)
{
	int types = TMCB_RESPONSE_READY | TMCB_DESTROY | TMCB_E2ECANCEL_IN;
	struct alg_note known;
	struct kam_wait w;
	struct watched *p;
	int rc = kam_transaction(msg, &w.tindex, &w.tlabel);

	if (rc)
		return rc;
	if (alg_note_load(&known) == 0 && known.call == note->call)
		return 0;
	p = shm_malloc(sizeof(*p));
	if (!p) {
		SHM_MEM_ERROR;
		return -1;
	}
	*p = (struct watched){note->call, 0, note->from_caller, note->initial, note->bye};
	(void)str2int(&get_cseq(msg)->number, &p->cseq);
	if (msg->REQ_METHOD == METHOD_INVITE)
		types |= TMCB_REQUEST_OUT;
	if (note_store(note) || tm.register_tmcb(msg, NULL, types, on_tm, p, watched_free) < 0) {
		shm_free(p);
		return -1;
	}
	if (note->initial) {
		e->invite = w;
		e->invite_live = true;
	}
	return 0;
}
