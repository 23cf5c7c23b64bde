/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Watching the answers to NOTIFYs of the reg event, stock's and ours: so that ours keep their
 * place, and because stock's full documents know nothing of contacts that linger on an Inactive
 * connection: such a watcher is told of them next. A watcher that refuses, or does not answer, loses
 * its subscription.
 */
#include "modules/ims_seamless_scscf/glue.h"

#include "modules/common/version.h"

int notify_own;

/* The shortcuts of a transaction hold header lines; what stands behind name in one of them. */
static struct slice behind(str line, const char *name)
{
	struct slice s = slice_of(line);
	size_t len = strlen(name), at = 0;

	for (size_t i = 0; i + len <= s.len; i++)
		if (!strncasecmp(s.p + i, name, len))
			at = i + len;
	return at ? slice_trim(slice_make(s.p + at, s.len - at)) : SLICE_NULL;
}

/* <URI>;tag=... */
static struct slice uri_in(str from)
{
	struct slice rest = behind(from, "From:"), uri = SLICE_NULL;

	if (rest.len && rest.p[0] == '<') {
		rest.p++;
		rest.len--;
		uri = slice_cut(&rest, '>');
	}
	return uri;
}

static void tell_lingering(struct slice aor, struct slice call_id)
{
	struct scscf_effects e;
	struct scscf_effect *f;

	scscf_effects_init(&e);
	f = scscf_effects_add(&e, SCSCF_EFFECT_TELL);
	if (f) {
		f->contact = scscf_arena_text(&e.arena, aor);
		f->call_id = scscf_arena_text(&e.arena, call_id);
	}
	effects_later(&e);
}

/*
 * RFC 6665 4.2.2: after these answers, and after none at all (408, tm's own too), the subscription is
 * over: who is still there subscribes again, and nobody sends to the others for ever. 430: the flow to
 * the watcher has gone (RFC 5626 5.3.1), and with it the only way that his subscription knows.
 */
static bool ends_subscription(int code)
{
	return code == 404 || code == 405 || code == 408 || code == 410 || code == 416 ||
	       code == 430 || (code >= 480 && code <= 485) || code == 489 || code == 501 ||
	       code == 604;
}

static void end_subscription(struct slice aor, struct slice call_id, struct slice tag)
{
	str impu = str_of(aor);
	reg_subscriber *s = NULL;
	impurecord_t *r;

	seamless_ul.lock_udomain(seamless_domain, &impu);
	if (seamless_ul.get_impurecord(seamless_domain, &impu, &r) == 0)
		s = r->shead;
	while (s &&
	       !(slice_eq(slice_of(s->call_id), call_id) && slice_eq(slice_of(s->to_tag), tag)))
		s = s->next;
	if (s) {
		seamless_ul.external_delete_subscriber(s, seamless_domain, 0);
		counter_inc(seamless_counters.watchers_lost);
	}
	seamless_ul.unlock_udomain(seamless_domain, &impu);
	seamless_notify_forget(call_id, tag);
}

static const char is_own;

static void on_answer(struct cell *t, int type, struct tmcb_params *ps)
{
	struct slice call_id = behind(CELL_HDR(t, callid), "Call-ID:");
	struct slice tag = behind(CELL_HDR(t, from), ";tag=");
	uint64_t cseq;

	if (slice_u64(behind(CELL_CSEQ(t), "CSeq:"), 0xffffffffu, &cseq))
		return;
	if (ends_subscription(ps->code)) {
		LM_INFO("subscription to %.*s ends: its NOTIFY got %d\n",
			(int)uri_in(CELL_HDR(t, from)).len, uri_in(CELL_HDR(t, from)).p, ps->code);
		end_subscription(uri_in(CELL_HDR(t, from)), call_id, tag);
		return;
	}
	if (seamless_notify_answered(call_id, tag, (uint32_t)cseq) && *ps->param != &is_own &&
	    ps->code < 300)
		tell_lingering(uri_in(CELL_HDR(t, from)), call_id);
}

/* Stock names registrations and contacts by the addresses of its records. The message is made, but
 * has not been sent yet. */
static void replace_ids(struct cell *t)
{
	static const char end[] = "\r\n\r\n";
	struct retr_buf *r = &t->uac[0].request;
	char *body;

	if (!r->buffer || r->buffer_len <= 0)
		return;
	body = memmem(r->buffer, (size_t)r->buffer_len, end, 4);
	if (body)
		(void)scscf_reginfo_replace_ids(seamless_id_key(), body + 4,
						(size_t)(r->buffer + r->buffer_len - body - 4));
}

static void on_made(struct cell *t, int type, struct tmcb_params *ps)
{
	if (t->method.len != 6 || memcmp(t->method.s, "NOTIFY", 6))
		return;
	if (!notify_own)
		replace_ids(t);
	if (seamless_tm.register_tmcb(NULL, t, TMCB_LOCAL_COMPLETED, on_answer,
				      notify_own ? (void *)&is_own : NULL, NULL) <= 0)
		counter_inc(seamless_counters.no_memory);
}

int notify_watch_init(void)
{
	return seamless_tm.register_tmcb(NULL, NULL, TMCB_LOCAL_REQUEST_IN, on_made, NULL, NULL) <=
		       0
		   ? -1
		   : 0;
}
