/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The message and its frame: transactions, actions, commands. Where something cannot be read, what
 * stands before it is kept and the error is noted at the deepest level that could still be parsed
 * (clause 8.2.2).
 */
#include "h248/codec/scan.h"

/* The error of the construct just left, with `code` where none was more precise; ready for the next
 * construct. */
static struct h248_error take_error(struct scanner *s, unsigned code,
				    struct h248_decode_error *first)
{
	struct h248_error error = {(uint16_t)(s->code ? s->code : code), SLICE_NULL};

	error.text = slice_str(s->code ? s->what : h248_error_text(code));
	if (!first->code) {
		first->code = error.code;
		first->offset = s->offset;
		first->what = s->what ? s->what : "syntax error";
	}
	s->code = 0;
	s->what = NULL;
	return error;
}

static enum h248_command_kind command_of_token(enum h248_token token)
{
	switch (token) {
	case T_ADD:
		return H248_ADD;
	case T_MOVE:
		return H248_MOVE;
	case T_MODIFY:
		return H248_MODIFY;
	case T_SUBTRACT:
		return H248_SUBTRACT;
	case T_AUDIT_VALUE:
		return H248_AUDIT_VALUE;
	case T_AUDIT_CAP:
		return H248_AUDIT_CAPABILITY;
	case T_NOTIFY:
		return H248_NOTIFY;
	case T_SERVICE_CHANGE:
		return H248_SERVICE_CHANGE;
	default:
		return (enum h248_command_kind)0;
	}
}

/* "= TerminationID", "= [a,b]", or in replies "= Context{a,b}". */
static int decode_command_tid(struct scanner *s, struct h248_command *command)
{
	const char *p;

	if (scan_expect(s, '='))
		return -1;
	if (scan_peek(s, '['))
		return scan_since(s, 3) ? -1 : decode_tids(s, &command->tid, '[', ']');
	p = s->p;
	if (scan_tid(s, &command->tid.id))
		return -1;
	if (s->in_reply && h248_token_find(command->tid.id) == T_CONTEXT && scan_peek(s, '{')) {
		const char *open = s->p;

		command->context_list = true;
		scan_accept(s, '{');
		if (scan_token(s) == T_ERROR && scan_peek(s, '=')) {
			struct h248_descriptor *d = scan_new(s, sizeof(*d));

			if (!d)
				return -1;
			d->kind = H248_D_ERROR;
			command->descriptors = d;
			command->tid.id = slice_make(p, 0);
			return scan_error(s, &d->u.error) ? -1 : scan_expect(s, '}');
		}
		s->p = open;
		return decode_tids(s, &command->tid, '{', '}');
	}
	return 0;
}

static int decode_descriptors(struct scanner *s, struct h248_command *command)
{
	struct h248_descriptor **tail = &command->descriptors;

	if (scan_expect(s, '{'))
		return -1;
	do {
		if (decode_descriptor(s, tail))
			return -1;
		tail = &(*tail)->next;
	} while (scan_accept(s, ','));
	return scan_expect(s, '}');
}

/* The word and its "O-", "W-" were read. -1: its end or its TerminationID is not known. */
static int decode_command(struct scanner *s, struct h248_command *command,
			  struct h248_decode_error *first)
{
	const char *open, *end;

	if (decode_command_tid(s, command))
		return -1;
	if (command->context_list || !scan_peek(s, '{'))
		return 0;
	open = s->p;
	if (decode_descriptors(s, command) == 0)
		return 0;
	end = s->result ? NULL : scan_block_end(open, s->end);
	if (!end || s->in_reply)
		return -1;
	s->p = end;
	command->descriptors = NULL;
	command->error = take_error(s, 442, first);
	scan_blanks(s);
	return s->p < s->end && (*s->p == ',' || *s->p == '}') ? 0 : -1;
}

static struct slice command_prefix(struct slice word, struct h248_command *command)
{
	while (word.len > 2 && word.p[1] == '-') {
		if ((word.p[0] == 'O' || word.p[0] == 'o') && !command->optional)
			command->optional = true;
		else if ((word.p[0] == 'W' || word.p[0] == 'w') && !command->wildcard_response)
			command->wildcard_response = true;
		else
			break;
		word.p += 2;
		word.len -= 2;
	}
	return word;
}

static int decode_action_items(struct scanner *s, struct h248_action *action, bool *malformed,
			       struct h248_decode_error *first)
{
	struct h248_command **tail = &action->commands;

	do {
		struct h248_command *command;
		struct slice word = scan_word(s);
		enum h248_token token = h248_token_find(word);
		int rc = decode_context_item(s, token, action);

		if (rc < 0)
			return -1;
		if (rc > 0)
			continue;
		if (token == T_ERROR && s->in_reply) {
			if (scan_error(s, &action->error))
				return -1;
			break;
		}
		command = scan_new(s, sizeof(*command));
		if (!command)
			return -1;
		command->kind = command_of_token(h248_token_find(command_prefix(word, command)));
		if (!command->kind)
			return scan_fail(s, word.len ? 443 : 0, "unknown command");
		/* without a delimiter behind it nobody knows whether this was all of the command */
		if (decode_command(s, command, first) ||
		    (!scan_peek(s, ',') && !scan_peek(s, '}') &&
		     scan_fail(s, 442, "end of the command is not known"))) {
			if (!s->code)
				s->code = 442;
			return -1;
		}
		*malformed |= command->error.code != 0;
		*tail = command;
		tail = &command->next;
	} while (scan_accept(s, ','));
	return scan_expect(s, '}');
}

static int decode_context_id(struct scanner *s, uint32_t *out)
{
	struct slice word = scan_word(s);
	uint64_t v;

	if (word.len == 1 && word.p[0] == '*')
		*out = H248_CONTEXT_ALL;
	else if (word.len == 1 && word.p[0] == '-')
		*out = H248_CONTEXT_NULL;
	else if (word.len == 1 && word.p[0] == '$')
		*out = H248_CONTEXT_CHOOSE;
	else if (scan_number(s, word, H248_CONTEXT_CHOOSE - 1, &v) == 0)
		*out = (uint32_t)v;
	else
		return -1;
	return 0;
}

/* Returns 1 when the actions behind this one cannot be read or must not be run. */
static int decode_action(struct scanner *s, struct h248_transaction *t, struct h248_action ***tail,
			 struct h248_decode_error *first)
{
	struct h248_action *action = NULL;

	if (scan_token(s) != T_CONTEXT || scan_expect(s, '=')) {
		scan_fail(s, 0, "Context expected");
		t->error = take_error(s, 422, first);
		return 1;
	}
	action = scan_new(s, sizeof(*action));
	if (!action)
		return 1;
	if (decode_context_id(s, &action->context)) {
		t->error = take_error(s, 422, first);
		return 1;
	}
	**tail = action;
	*tail = &action->next;
	if (s->in_reply && !scan_peek(s, '{'))
		return 0;
	if (scan_expect(s, '{') || decode_action_items(s, action, &t->malformed, first)) {
		action->error = take_error(s, 422, first);
		return 1;
	}
	return 0;
}

static int decode_actions(struct scanner *s, struct h248_transaction *t,
			  struct h248_decode_error *first)
{
	struct h248_action **tail = &t->actions;

	do {
		if (decode_action(s, t, &tail, first)) {
			t->malformed = true;
			return -1;
		}
	} while (scan_accept(s, ','));
	if (scan_expect(s, '}')) {
		t->malformed = true;
		t->error = take_error(s, 403, first);
		return -1;
	}
	return 0;
}

/* "id", "id/seg", "id/seg/END". */
static int decode_segment_id(struct scanner *s, struct h248_transaction *t, bool must)
{
	struct slice rest = scan_word(s), id = slice_cut(&rest, '/'), seg;
	uint64_t v;

	if (scan_number(s, id, UINT32_MAX, &v))
		return -1;
	t->id = (uint32_t)v;
	if (!rest.p)
		return must ? scan_fail(s, 0, "segment number missing") : 0;
	t->segmented = true;
	seg = slice_cut(&rest, '/');
	if (scan_since(s, 3) || scan_number(s, seg, UINT16_MAX, &v))
		return -1;
	t->segment = (uint16_t)v;
	if (!rest.p)
		return 0;
	if (h248_token_find(rest) != T_END)
		return scan_fail(s, 0, "END expected");
	t->segment_end = true;
	return 0;
}

static int decode_reply(struct scanner *s, struct h248_transaction *t,
			struct h248_decode_error *first)
{
	const char *p;

	if (scan_expect(s, '=') || decode_segment_id(s, t, false) || scan_expect(s, '{'))
		return -1;
	p = s->p;
	if (scan_token(s) == T_IMM_ACK) {
		t->imm_ack = true;
		if (scan_expect(s, ','))
			return -1;
		p = s->p;
	} else {
		s->p = p;
	}
	if (scan_token(s) == T_ERROR)
		return scan_error(s, &t->error) ? -1 : scan_expect(s, '}');
	s->p = p;
	return decode_actions(s, t, first);
}

static int decode_acks(struct scanner *s, struct h248_transaction *t)
{
	struct h248_ack_range **tail = &t->acks;

	if (scan_expect(s, '{'))
		return -1;
	do {
		struct slice last = scan_word(s), from = slice_cut(&last, '-');
		struct h248_ack_range *range = scan_new(s, sizeof(*range));
		uint64_t a, b;

		if (!range || scan_number(s, from, UINT32_MAX, &a))
			return -1;
		b = a;
		if (last.p && scan_number(s, last, UINT32_MAX, &b))
			return -1;
		if (b < a)
			return scan_fail(s, 0, "acknowledged range runs backwards");
		range->first = (uint32_t)a;
		range->last = (uint32_t)b;
		*tail = range;
		tail = &range->next;
	} while (scan_accept(s, ','));
	return scan_expect(s, '}');
}

static int decode_transaction_body(struct scanner *s, enum h248_token token,
				   struct h248_transaction *t, struct h248_decode_error *first)
{
	switch (token) {
	case T_TRANSACTION:
		t->kind = H248_REQUEST;
		if (scan_expect(s, '=') || scan_u32(s, &t->id)) {
			t->id = 0;
			return -1;
		}
		return scan_expect(s, '{') ? -1 : decode_actions(s, t, first);
	case T_REPLY:
		t->kind = H248_REPLY;
		s->in_reply = true;
		return decode_reply(s, t, first);
	case T_PENDING:
		t->kind = H248_PENDING;
		return scan_expect(s, '=') || scan_u32(s, &t->id) || scan_expect(s, '{') ||
			       scan_expect(s, '}')
			   ? -1
			   : 0;
	case T_RESPONSE_ACK:
		t->kind = H248_ACK;
		return decode_acks(s, t);
	default: /* T_SEGMENT */
		t->kind = H248_SEGMENT;
		return scan_since(s, 3) || scan_expect(s, '=') ? -1 : decode_segment_id(s, t, true);
	}
}

static bool is_transaction(enum h248_token token)
{
	return token == T_TRANSACTION || token == T_REPLY || token == T_PENDING ||
	       token == T_RESPONSE_ACK || token == T_SEGMENT;
}

/* False: nothing behind this can be read. */
static bool decode_transaction(struct scanner *s, struct h248_transaction ***tail,
			       struct h248_decode_error *first)
{
	const char *from = s->p, *end;
	enum h248_token token = scan_token(s);
	struct h248_transaction *t;

	if (!is_transaction(token)) {
		s->p = from;
		scan_fail(s, 403, "transaction expected");
		t = **tail == NULL ? scan_new(s, sizeof(*t)) : NULL;
		if (t) {
			t->kind = H248_REQUEST;
			t->malformed = true;
			t->error = take_error(s, 403, first);
			**tail = t;
		}
		return false;
	}
	t = scan_new(s, sizeof(*t));
	if (!t)
		return false;
	**tail = t;
	*tail = &t->next;
	s->in_reply = false;
	s->in_audit = false;
	if (decode_transaction_body(s, token, t, first) == 0)
		return true;
	if (s->result)
		return false;
	if (!t->malformed)
		t->error = take_error(s, 403, first);
	t->malformed = true;
	from = memchr(from, '{', (size_t)(s->end - from));
	end = from ? scan_block_end(from, s->end) : NULL;
	if (end)
		s->p = end;
	return end != NULL;
}

static int finish(struct scanner *s, int result, struct h248_decode_error *first)
{
	if (!s->what && !first->code)
		scan_fail(s, 400, "syntax error");
	if (s->what)
		take_error(s, 400, first);
	return s->result ? s->result : result;
}

static int decode_body(struct scanner *s, struct h248_message *m, struct h248_decode_error *first)
{
	struct h248_transaction **tail = &m->transactions;
	const char *p;

	scan_blanks(s);
	p = s->p;
	if (scan_token(s) == T_ERROR) {
		if (scan_error(s, &m->error))
			return finish(s, H248_E_SYNTAX, first);
		scan_blanks(s);
		return s->p == s->end ? H248_OK : finish(s, H248_E_SYNTAX, first);
	}
	s->p = p;
	if (p == s->end) {
		scan_fail(s, 400, "message without transactions");
		return finish(s, H248_E_SYNTAX, first);
	}
	do {
		if (!decode_transaction(s, &tail, first))
			break;
		scan_blanks(s);
	} while (s->p < s->end);
	return s->result ? finish(s, s->result, first) : H248_OK;
}

int h248_decode(struct slice text, const struct h248_decode_options *options,
		struct h248_arena *arena, struct h248_message **message,
		struct h248_decode_error *error)
{
	struct scanner s = {
	    .p = text.p, .start = text.p, .end = text.p + text.len, .arena = arena, .needs = 1};
	struct h248_decode_error first = {0};
	struct h248_message *m = NULL;
	int rc;

	*message = NULL;
	if (options)
		s.strict = options->strict_version;
	if (text.len > (options && options->text_max ? options->text_max : H248_TEXT_MAX)) {
		scan_fail(&s, 400, "message too long");
		rc = finish(&s, H248_E_SIZE, &first);
	} else if (!(m = scan_new(&s, sizeof(*m)))) {
		rc = finish(&s, H248_E_MEMORY, &first);
	} else if (text.len == 0 || decode_header(&s, m)) {
		rc = finish(&s, H248_E_SYNTAX, &first);
	} else if (m->version < 1 || m->version > H248_VERSION_MAX) {
		scan_fail(&s, 406, "version of the protocol not supported");
		rc = finish(&s, H248_E_VERSION, &first);
	} else {
		s.version = m->version;
		rc = decode_body(&s, m, &first);
		m->needs_version = s.needs;
	}
	if (rc == H248_OK)
		*message = m;
	if (error)
		*error = first;
	return rc;
}

int h248_decode_actions(struct slice text, struct h248_arena *arena, struct h248_action **actions,
			struct h248_decode_error *error)
{
	struct scanner s = {
	    .p = text.p, .start = text.p, .end = text.p + text.len, .arena = arena, .needs = 1};
	struct h248_decode_error first = {0};
	struct h248_transaction t = {0};
	struct h248_action **tail = &t.actions;
	int rc = H248_OK;

	s.version = H248_VERSION_MAX;
	*actions = NULL;
	scan_blanks(&s);
	do {
		if (decode_action(&s, &t, &tail, &first) || first.code)
			rc = finish(&s, H248_E_SYNTAX, &first);
	} while (!rc && scan_accept(&s, ','));
	if (!rc && s.p != s.end) {
		scan_fail(&s, 422, "something behind the actions");
		rc = finish(&s, H248_E_SYNTAX, &first);
	}
	if (rc == H248_OK)
		*actions = t.actions;
	if (error)
		*error = first;
	return rc;
}
