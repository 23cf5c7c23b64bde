/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The message and its frame: transactions, actions, commands. */
#include "h248/codec/write.h"

static const enum h248_token token_of_command[H248_COMMANDS] = {
    [H248_ADD] = T_ADD,
    [H248_MOVE] = T_MOVE,
    [H248_MODIFY] = T_MODIFY,
    [H248_SUBTRACT] = T_SUBTRACT,
    [H248_AUDIT_VALUE] = T_AUDIT_VALUE,
    [H248_AUDIT_CAPABILITY] = T_AUDIT_CAP,
    [H248_NOTIFY] = T_NOTIFY,
    [H248_SERVICE_CHANGE] = T_SERVICE_CHANGE,
};

const char *h248_command_name(enum h248_command_kind kind)
{
	return kind > 0 && kind < H248_COMMANDS ? h248_token_text(token_of_command[kind], false).p
						: "?";
}

#define BIT(kind) (1u << (kind))
#define AMM                                                                                        \
	(BIT(H248_D_MEDIA) | BIT(H248_D_MODEM) | BIT(H248_D_MUX) | BIT(H248_D_EVENTS) |            \
	 BIT(H248_D_SIGNALS) | BIT(H248_D_DIGIT_MAP) | BIT(H248_D_EVENT_BUFFER) |                  \
	 BIT(H248_D_STATISTICS))
#define RETURNED                                                                                   \
	(AMM | BIT(H248_D_OBSERVED_EVENTS) | BIT(H248_D_PACKAGES) | BIT(H248_D_ERROR) |            \
	 BIT(H248_D_TOKEN))

/* The descriptors of ammRequest, subtractRequest, .. and of ammsReply, auditReply, .. */
static const struct {
	unsigned request, reply;
} has[H248_COMMANDS] = {
    [H248_ADD] = {AMM | BIT(H248_D_AUDIT), RETURNED},
    [H248_MOVE] = {AMM | BIT(H248_D_AUDIT), RETURNED},
    [H248_MODIFY] = {AMM | BIT(H248_D_AUDIT), RETURNED},
    [H248_SUBTRACT] = {BIT(H248_D_AUDIT), RETURNED},
    [H248_AUDIT_VALUE] = {BIT(H248_D_AUDIT), RETURNED},
    [H248_AUDIT_CAPABILITY] = {BIT(H248_D_AUDIT), RETURNED},
    [H248_NOTIFY] = {BIT(H248_D_OBSERVED_EVENTS) | BIT(H248_D_ERROR), BIT(H248_D_ERROR)},
    [H248_SERVICE_CHANGE] = {BIT(H248_D_SERVICES), BIT(H248_D_SERVICES) | BIT(H248_D_ERROR)},
};

static void encode_command(struct writer *w, const struct h248_command *c)
{
	bool first = true;

	put_must(w, !w->in_reply || !(c->optional || c->wildcard_response));
	put_must(w, w->in_reply || !c->context_list);
	if (c->optional)
		put_slice(w, SLICE_LIT("O-"));
	if (c->wildcard_response)
		put_slice(w, SLICE_LIT("W-"));
	if (c->kind <= 0 || c->kind >= H248_COMMANDS) {
		put_fail(w, H248_E_VALUE);
		return;
	}
	put_token(w, token_of_command[c->kind]);
	put_equal(w);
	if (c->context_list) {
		put_token(w, T_CONTEXT);
		if (!c->descriptors) {
			put_tids(w, &c->tid, '{', '}');
			return;
		}
	} else if (c->tid.next) {
		put_since(w, 3);
		put_tids(w, &c->tid, '[', ']');
	} else {
		put_tid(w, c->tid.id);
	}
	if (!c->descriptors)
		return;
	put_open(w);
	for (const struct h248_descriptor *d = c->descriptors; d; d = d->next) {
		put_comma(w, &first);
		if (d->kind == H248_D_STATISTICS && !w->in_reply)
			put_since(w, 3);
		put_must(w, (w->in_reply ? has[c->kind].reply : has[c->kind].request) &
				BIT(d->kind & 31));
		encode_descriptor(w, d);
	}
	put_close(w);
}

static void encode_action(struct writer *w, const struct h248_action *a)
{
	bool first = true;

	put_token(w, T_CONTEXT);
	put_equal(w);
	switch (a->context) {
	case H248_CONTEXT_NULL:
		put_char(w, '-');
		break;
	case H248_CONTEXT_CHOOSE:
		put_char(w, '$');
		break;
	case H248_CONTEXT_ALL:
		put_char(w, '*');
		break;
	default:
		put_number(w, a->context);
		break;
	}
	if (!a->properties && !a->audit && !a->commands && !a->error.code) {
		put_must(w, w->in_reply);
		put_since(w, 3);
		return;
	}
	put_open(w);
	encode_context(w, a, &first);
	for (const struct h248_command *c = a->commands; c; c = c->next) {
		put_comma(w, &first);
		encode_command(w, c);
	}
	if (a->error.code) {
		put_must(w, w->in_reply);
		put_comma(w, &first);
		put_error(w, &a->error);
	}
	put_must(w, !first);
	put_close(w);
}

static void encode_actions(struct writer *w, const struct h248_transaction *t, bool *first)
{
	w->in_reply = t->kind == H248_REPLY;
	for (const struct h248_action *a = t->actions; a; a = a->next) {
		put_comma(w, first);
		encode_action(w, a);
	}
}

static void put_head(struct writer *w, enum h248_token token, const struct h248_transaction *t)
{
	put_token(w, token);
	put_equal(w);
	put_number(w, t->id);
	if (!t->segmented)
		return;
	put_since(w, 3);
	put_char(w, '/');
	put_number(w, t->segment);
	if (t->segment_end) {
		put_char(w, '/');
		put_token(w, T_END);
	}
}

static void encode_reply(struct writer *w, const struct h248_transaction *t)
{
	bool first = true;

	put_head(w, T_REPLY, t);
	put_open(w);
	if (t->imm_ack) {
		put_comma(w, &first);
		put_token(w, T_IMM_ACK);
	}
	if (t->error.code) {
		put_comma(w, &first);
		put_error(w, &t->error);
		if (t->actions)
			put_fail(w, H248_E_VALUE);
	} else if (!t->actions) {
		put_fail(w, H248_E_VALUE);
	}
	encode_actions(w, t, &first);
	put_close(w);
}

static void encode_acks(struct writer *w, const struct h248_ack_range *range)
{
	if (!range)
		put_fail(w, H248_E_VALUE);
	put_token(w, T_RESPONSE_ACK);
	put_char(w, '{');
	for (; range; range = range->next) {
		put_number(w, range->first);
		if (range->last != range->first) {
			put_char(w, '-');
			put_number(w, range->last);
		}
		if (range->next)
			put_char(w, ',');
	}
	put_char(w, '}');
}

static void encode_transaction(struct writer *w, const struct h248_transaction *t)
{
	bool first = true;

	switch (t->kind) {
	case H248_REQUEST:
		put_head(w, T_TRANSACTION, t);
		put_open(w);
		if (!t->actions || t->segmented)
			put_fail(w, H248_E_VALUE);
		encode_actions(w, t, &first);
		put_close(w);
		break;
	case H248_REPLY:
		encode_reply(w, t);
		break;
	case H248_PENDING:
		put_head(w, T_PENDING, t);
		put_slice(w, SLICE_LIT("{}"));
		break;
	case H248_ACK:
		encode_acks(w, t->acks);
		break;
	case H248_SEGMENT:
		put_head(w, T_SEGMENT, t);
		put_since(w, 3);
		put_must(w, !t->next); /* the grammar has nothing that would end it */
		break;
	default:
		put_fail(w, H248_E_VALUE);
		break;
	}
}

int h248_encode_actions(const struct h248_action *actions, enum h248_transaction_kind kind,
			uint8_t version, enum h248_style style, char *buf, size_t size, size_t *len)
{
	struct writer w = {.p = buf, .start = buf, .end = buf + size, .version = version};
	const struct h248_transaction t = {.kind = kind, .actions = (struct h248_action *)actions};
	bool first = true;

	if (kind != H248_REQUEST && kind != H248_REPLY)
		return H248_E_ARGUMENT;
	if (version < 1 || version > H248_VERSION_MAX)
		return H248_E_VERSION;
	w.compact = style == H248_COMPACT;
	encode_actions(&w, &t, &first);
	if (w.result)
		return w.result;
	*len = (size_t)(w.p - buf);
	return H248_OK;
}

int h248_encode(const struct h248_message *m, enum h248_style style, char *buf, size_t size,
		size_t *len)
{
	struct writer w = {.p = buf, .start = buf, .end = buf + size, .version = m->version};

	w.compact = style == H248_COMPACT;
	if (m->version < 1 || m->version > H248_VERSION_MAX)
		return H248_E_VERSION;
	if (m->has_auth) {
		put_token(&w, T_AUTH);
		put_slice(&w, SLICE_LIT("=0x"));
		put_safe(&w, m->auth_spi);
		put_slice(&w, SLICE_LIT(":0x"));
		put_safe(&w, m->auth_sequence);
		put_slice(&w, SLICE_LIT(":0x"));
		put_safe(&w, m->auth_data);
		put_char(&w, '\n');
	}
	put_token(&w, T_MEGACO);
	put_char(&w, '/');
	put_number(&w, m->version);
	put_char(&w, ' ');
	put_mid(&w, &m->mid);
	put_char(&w, '\n');
	if (m->error.code)
		put_error(&w, &m->error);
	else if (!m->transactions)
		put_fail(&w, H248_E_VALUE);
	for (const struct h248_transaction *t = m->transactions; t; t = t->next) {
		encode_transaction(&w, t);
		if (t->next || (!w.compact && t->kind != H248_SEGMENT))
			put_char(&w, '\n');
	}
	if (w.result)
		return w.result;
	*len = (size_t)(w.p - buf);
	return H248_OK;
}
