/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signals descriptor, clause 7.1.11. */
#include "h248/codec/scan.h"

static int decode_type(struct scanner *s, struct h248_signal *signal)
{
	if (signal->type)
		return scan_fail(s, 0, "SignalType given twice");
	switch (scan_token(s)) {
	case T_ON_OFF:
		signal->type = H248_SIGNAL_ON_OFF;
		return 0;
	case T_TIMEOUT:
		signal->type = H248_SIGNAL_TIMEOUT;
		return 0;
	case T_BRIEF:
		signal->type = H248_SIGNAL_BRIEF;
		return 0;
	default:
		return scan_fail(s, 0, "signal type expected");
	}
}

static int decode_direction(struct scanner *s, struct h248_signal *signal)
{
	if (scan_since(s, 3))
		return -1;
	switch (scan_token(s)) {
	case T_EXTERNAL:
		signal->direction = H248_EXTERNAL;
		return 0;
	case T_INTERNAL:
		signal->direction = H248_INTERNAL;
		return 0;
	case T_BOTH:
		signal->direction = H248_BOTH;
		return 0;
	default:
		return scan_fail(s, 0, "External, Internal or Both expected");
	}
}

static int decode_completion(struct scanner *s, struct h248_signal *signal)
{
	if (signal->notify_completion)
		return scan_fail(s, 0, "NotifyCompletion given twice");
	if (scan_expect(s, '{'))
		return -1;
	do {
		switch (scan_token(s)) {
		case T_TIMEOUT:
			signal->notify_completion |= H248_NC_TIMEOUT;
			break;
		case T_INT_BY_EVENT:
			signal->notify_completion |= H248_NC_EVENT;
			break;
		case T_INT_BY_SIGNALS:
			signal->notify_completion |= H248_NC_SIGNALS;
			break;
		case T_OTHER_REASON:
			signal->notify_completion |= H248_NC_OTHER;
			break;
		case T_ITERATION:
			signal->notify_completion |= H248_NC_ITERATION;
			if (scan_since(s, 3))
				return -1;
			break;
		default:
			return scan_fail(s, 0, "reason of completion expected");
		}
	} while (scan_accept(s, ','));
	return scan_expect(s, '}');
}

/* A parameter that has a value; the "=" was read. */
static int decode_valued(struct scanner *s, enum h248_token token, struct h248_signal *signal)
{
	switch (token) {
	case T_STREAM:
		if (signal->has_stream)
			return scan_fail(s, 0, "Stream given twice");
		signal->has_stream = true;
		return scan_u16(s, &signal->stream);
	case T_SIGNAL_TYPE:
		return decode_type(s, signal);
	case T_DURATION:
		if (signal->has_duration)
			return scan_fail(s, 0, "Duration given twice");
		signal->has_duration = true;
		return scan_u16(s, &signal->duration);
	case T_NOTIFY_COMPLETION:
		return decode_completion(s, signal);
	case T_DIRECTION:
		return decode_direction(s, signal);
	case T_REQUEST_ID:
		if (scan_since(s, 3))
			return -1;
		return scan_request_id(s, &signal->request);
	default: /* T_INTERSIGNAL */
		signal->has_intersignal = true;
		if (scan_since(s, 3))
			return -1;
		return scan_u16(s, &signal->intersignal);
	}
}

static bool is_valued(enum h248_token token)
{
	return token == T_STREAM || token == T_SIGNAL_TYPE || token == T_DURATION ||
	       token == T_NOTIFY_COMPLETION || token == T_DIRECTION || token == T_REQUEST_ID ||
	       token == T_INTERSIGNAL;
}

static int decode_parms(struct scanner *s, struct h248_signal *signal)
{
	struct h248_parm **tail = &signal->parms;

	do {
		struct slice word = scan_word(s);
		enum h248_token token = h248_token_find(word);
		bool valued = scan_peek(s, '=');

		if (valued && is_valued(token)) {
			scan_accept(s, '=');
			if (decode_valued(s, token, signal))
				return -1;
		} else if (!valued && token == T_KEEP_ACTIVE) {
			signal->keep_active = true;
		} else {
			struct h248_parm *parm;

			if (!scan_is_name(word))
				return scan_fail(s, 0, "signal parameter expected");
			parm = scan_new(s, sizeof(*parm));
			if (!parm)
				return -1;
			parm->name.item = word;
			if (scan_relation(s, parm, !s->in_audit))
				return -1;
			*tail = parm;
			tail = &parm->next;
		}
	} while (scan_accept(s, ','));
	return scan_expect(s, '}');
}

static int decode_signal(struct scanner *s, struct slice word, struct h248_signal *signal)
{
	if (scan_name(s, word, false, &signal->name))
		return -1;
	return scan_accept(s, '{') ? decode_parms(s, signal) : 0;
}

static int decode_signal_list(struct scanner *s, struct h248_signal *signal)
{
	struct h248_signal **tail = &signal->list;

	signal->is_list = true;
	if (scan_expect(s, '=') || scan_u16(s, &signal->list_id))
		return -1;
	if (s->in_audit && !scan_peek(s, '{'))
		return 0;
	if (scan_expect(s, '{'))
		return -1;
	do {
		*tail = scan_new(s, sizeof(**tail));
		if (!*tail || decode_signal(s, scan_word(s), *tail))
			return -1;
		tail = &(*tail)->next;
	} while (scan_accept(s, ','));
	return scan_expect(s, '}');
}

/* Behind "Signals". Version 1 wants the braces; later ones take the word alone for "none". */
int decode_signals(struct scanner *s, struct h248_signals *signals)
{
	struct h248_signal **tail = &signals->list;

	if (!scan_accept(s, '{') || scan_accept(s, '}'))
		return 0;
	do {
		struct slice word = scan_word(s);
		int rc;

		*tail = scan_new(s, sizeof(**tail));
		if (!*tail)
			return -1;
		if (h248_token_find(word) == T_SIGNAL_LIST)
			rc = decode_signal_list(s, *tail);
		else
			rc = decode_signal(s, word, *tail);
		if (rc)
			return -1;
		tail = &(*tail)->next;
	} while (scan_accept(s, ','));
	return scan_expect(s, '}');
}
