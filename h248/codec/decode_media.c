/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Media descriptor and what stands in it, clauses 7.1.4 to 7.1.8. */
#include "h248/codec/scan.h"

/*
 * An octet string: from "{" to the first "}" that is not escaped. Blanks around it belong to the
 * frame; "\}" stands for "}". Only a text with such an escape is copied.
 */
int decode_octets(struct scanner *s, struct slice *out)
{
	const char *from, *p;
	bool escaped = false;
	struct slice raw;
	char *copy;
	size_t n = 0;

	if (scan_expect(s, '{'))
		return -1;
	for (from = p = s->p;; p++) {
		p = memchr(p, '}', (size_t)(s->end - p));
		if (!p)
			return scan_fail(s, 0, "session description without end");
		if (p == from || p[-1] != '\\')
			break;
		escaped = true;
	}
	raw = slice_trim(slice_make(from, (size_t)(p - from)));
	if (raw.len && memchr(raw.p, 0, raw.len))
		return scan_fail(s, 0, "zero octet in a session description");
	s->p = p + 1;
	scan_blanks(s);
	*out = raw;
	if (!escaped)
		return 0;
	copy = scan_new(s, raw.len);
	if (!copy)
		return -1;
	for (size_t i = 0; i < raw.len; i++) {
		if (raw.p[i] == '\\' && i + 1 < raw.len && raw.p[i + 1] == '}')
			i++;
		copy[n++] = raw.p[i];
	}
	*out = slice_make(copy, n);
	return 0;
}

/* `name` is what scan_word_or_item() found in the word; without one the word has a wildcard, or is
 * wrong. */
static int decode_property(struct scanner *s, struct slice word, struct h248_name *name,
			   struct h248_parm ***tail)
{
	struct h248_parm *parm = scan_new(s, sizeof(*parm));

	if (!parm || (!name->pkg.len && scan_name(s, word, s->in_audit, name)))
		return -1;
	parm->name = *name;
	if (scan_relation(s, parm, !s->in_audit))
		return -1;
	**tail = parm;
	*tail = &parm->next;
	return 0;
}

int decode_properties(struct scanner *s, struct h248_parm **list)
{
	if (scan_expect(s, '{'))
		return -1;
	do {
		struct h248_name name;
		struct slice word = scan_word_or_item(s, &name);

		if (decode_property(s, word, &name, &list))
			return -1;
	} while (scan_accept(s, ','));
	return scan_expect(s, '}');
}

/* "= x", or in an audit also "< x", "> x", "# x" or nothing: then *asked is set. */
static int selection(struct scanner *s, enum h248_relation *relation, bool *asked)
{
	static const struct {
		char c;
		enum h248_relation relation;
	} signs[] = {{'=', H248_EQ}, {'>', H248_GT}, {'<', H248_LT}, {'#', H248_NEQ}};

	for (size_t i = 0; i < (s->in_audit ? 4u : 1u); i++) {
		if (scan_accept(s, signs[i].c)) {
			*relation = signs[i].relation;
			if (i > 0 || s->in_audit)
				return scan_since(s, 3);
			return 0;
		}
	}
	*asked = true;
	return s->in_audit ? 0 : scan_fail(s, 0, "value missing");
}

static int decode_mode(struct scanner *s, struct h248_local_control *control)
{
	bool asked = false;

	if (selection(s, &control->mode_relation, &asked))
		return -1;
	if (asked) {
		control->ask |= H248_ASK_MODE;
		return 0;
	}
	switch (scan_token(s)) {
	case T_SEND_ONLY:
		control->mode = H248_SEND_ONLY;
		return 0;
	case T_RECEIVE_ONLY:
		control->mode = H248_RECEIVE_ONLY;
		return 0;
	case T_SEND_RECEIVE:
		control->mode = H248_SEND_RECEIVE;
		return 0;
	case T_INACTIVE:
		control->mode = H248_INACTIVE;
		return 0;
	case T_LOOPBACK:
		control->mode = H248_LOOPBACK;
		return 0;
	default:
		return scan_fail(s, 0, "stream mode expected");
	}
}

static int decode_reserved(struct scanner *s, enum h248_switch *out, unsigned ask, unsigned *asked)
{
	if (*out)
		return scan_fail(s, 0, "given twice");
	if (s->in_audit && !scan_peek(s, '=')) {
		*asked |= ask;
		return 0;
	}
	if (scan_expect(s, '='))
		return -1;
	return scan_on_off(s, out);
}

static int decode_local_control(struct scanner *s, struct h248_local_control *control)
{
	struct h248_parm **tail = &control->properties;

	if (scan_expect(s, '{'))
		return -1;
	do {
		struct h248_name name;
		struct slice word = scan_word_or_item(s, &name);
		int rc;

		switch (name.pkg.len ? T_NONE : h248_token_find(word)) {
		case T_MODE:
			if (control->mode || (control->ask & H248_ASK_MODE))
				return scan_fail(s, 0, "Mode given twice");
			rc = decode_mode(s, control);
			break;
		case T_RESERVED_VALUE:
			rc = decode_reserved(s, &control->reserved_value, H248_ASK_RESERVED_VALUE,
					     &control->ask);
			break;
		case T_RESERVED_GROUP:
			rc = decode_reserved(s, &control->reserved_group, H248_ASK_RESERVED_GROUP,
					     &control->ask);
			break;
		default:
			rc = decode_property(s, word, &name, &tail);
			break;
		}
		if (rc)
			return -1;
	} while (scan_accept(s, ','));
	return scan_expect(s, '}');
}

static int decode_service_states(struct scanner *s, struct h248_termination_state *state)
{
	bool asked = false;

	if (selection(s, &state->service_relation, &asked))
		return -1;
	if (asked) {
		state->ask |= H248_ASK_SERVICE_STATES;
		return 0;
	}
	switch (scan_token(s)) {
	case T_TEST:
		state->service_state = H248_TEST;
		return 0;
	case T_OUT_OF_SERVICE:
		state->service_state = H248_OUT_OF_SERVICE;
		return 0;
	case T_IN_SERVICE:
		state->service_state = H248_IN_SERVICE;
		return 0;
	default:
		return scan_fail(s, 0, "service state expected");
	}
}

static int decode_buffer(struct scanner *s, struct h248_termination_state *state)
{
	struct slice word;

	if (s->in_audit && !scan_peek(s, '=')) {
		state->ask |= H248_ASK_BUFFER;
		return 0;
	}
	if (scan_expect(s, '='))
		return -1;
	word = scan_word(s);
	if (h248_token_find(word) == T_LOCK_STEP)
		state->event_buffer = H248_ON;
	else if (slice_eq_nocase(word, SLICE_LIT("off")))
		state->event_buffer = H248_OFF;
	else
		return scan_fail(s, 0, "OFF or LockStep expected");
	return 0;
}

static int decode_termination_state(struct scanner *s, struct h248_termination_state *state)
{
	struct h248_parm **tail = &state->properties;

	if (scan_expect(s, '{'))
		return -1;
	do {
		struct h248_name name;
		struct slice word = scan_word_or_item(s, &name);
		enum h248_token token = name.pkg.len ? T_NONE : h248_token_find(word);
		int rc;

		if (token == T_SERVICE_STATES)
			rc = state->service_state || (state->ask & H248_ASK_SERVICE_STATES)
				 ? scan_fail(s, 0, "ServiceStates given twice")
				 : decode_service_states(s, state);
		else if (token == T_BUFFER)
			rc = state->event_buffer ? scan_fail(s, 0, "Buffer given twice")
						 : decode_buffer(s, state);
		else
			rc = decode_property(s, word, &name, &tail);
		if (rc)
			return -1;
	} while (scan_accept(s, ','));
	return scan_expect(s, '}');
}

/* One part of a stream. 1 = it was one; 0 = another token; -1 = error. */
static int decode_stream_part(struct scanner *s, enum h248_token token, struct h248_stream *stream)
{
	switch (token) {
	case T_LOCAL:
		if (stream->has_local)
			return scan_fail(s, 448, "Local given twice");
		stream->has_local = true;
		return decode_octets(s, &stream->local) ? -1 : 1;
	case T_REMOTE:
		if (stream->has_remote)
			return scan_fail(s, 448, "Remote given twice");
		stream->has_remote = true;
		return decode_octets(s, &stream->remote) ? -1 : 1;
	case T_LOCAL_CONTROL:
		if (stream->control)
			return scan_fail(s, 448, "LocalControl given twice");
		stream->control = scan_new(s, sizeof(*stream->control));
		if (!stream->control)
			return -1;
		return decode_local_control(s, stream->control) ? -1 : 1;
	case T_STATISTICS:
		if (stream->has_statistics)
			return scan_fail(s, 448, "Statistics given twice");
		stream->has_statistics = true;
		if (scan_since(s, 3))
			return -1;
		return decode_statistics(s, &stream->statistics) ? -1 : 1;
	default:
		return 0;
	}
}

static int decode_stream(struct scanner *s, struct h248_stream *stream)
{
	stream->has_id = true;
	if (scan_expect(s, '=') || scan_u16(s, &stream->id) || scan_expect(s, '{'))
		return -1;
	do {
		int rc = decode_stream_part(s, scan_token(s), stream);

		if (rc <= 0)
			return rc ? -1
				  : scan_fail(s, 0,
					      "Local, Remote, LocalControl or Statistics expected");
	} while (scan_accept(s, ','));
	return scan_expect(s, '}');
}

int decode_media(struct scanner *s, struct h248_media *media)
{
	struct h248_stream **tail = &media->streams, *plain = NULL;

	if (scan_expect(s, '{'))
		return -1;
	do {
		enum h248_token token = scan_token(s);
		int rc;

		switch (token) {
		case T_STREAM:
			if (plain)
				return scan_fail(s, 0,
						 "Stream beside stream parameters without one");
			*tail = scan_new(s, sizeof(**tail));
			if (!*tail || decode_stream(s, *tail))
				return -1;
			tail = &(*tail)->next;
			break;
		case T_TERMINATION_STATE:
			if (media->state)
				return scan_fail(s, 448, "TerminationState given twice");
			media->state = scan_new(s, sizeof(*media->state));
			if (!media->state || decode_termination_state(s, media->state))
				return -1;
			break;
		default:
			if (!plain && media->streams)
				return scan_fail(s, 0, "stream parameters beside Stream");
			if (!plain)
				plain = *tail = scan_new(s, sizeof(*plain));
			if (!plain)
				return -1;
			rc = decode_stream_part(s, token, plain);
			if (rc <= 0)
				return rc ? -1
					  : scan_fail(s, 444, "unknown part of a Media descriptor");
			break;
		}
	} while (scan_accept(s, ','));
	return scan_expect(s, '}');
}
