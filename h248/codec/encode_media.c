/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h248/codec/write.h"

/*
 * A session description on lines of its own. "}" is written "\}" (Annex B.2); a zero octet and a
 * backslash at the very end cannot be said.
 */
static void put_octets(struct writer *w, enum h248_token token, struct slice text)
{
	put_token(w, token);
	if (!w->compact)
		put_char(w, ' ');
	put_slice(w, SLICE_LIT("{\n"));
	text = slice_trim(text);
	if (text.len) {
		const char *p = text.p, *end = text.p + text.len, *brace;

		if (memchr(p, 0, text.len) || p[0] == ';')
			put_fail(w, H248_E_VALUE);
		while ((brace = memchr(p, '}', (size_t)(end - p)))) {
			put_slice(w, slice_make(p, (size_t)(brace - p)));
			put_slice(w, SLICE_LIT("\\}"));
			p = brace + 1;
		}
		put_slice(w, slice_make(p, (size_t)(end - p)));
		put_char(w, '\n');
	}
	put_char(w, '}');
}

static void put_on_off(struct writer *w, enum h248_token token, enum h248_switch value, bool asked,
		       bool *first)
{
	if (!value && !asked)
		return;
	put_comma(w, first);
	put_token(w, token);
	if (value) {
		put_equal(w);
		put_slice(w, value == H248_ON ? SLICE_LIT("ON") : SLICE_LIT("OFF"));
	}
}

static void encode_control(struct writer *w, const struct h248_local_control *c)
{
	static const enum h248_token modes[] = {T_NONE,		T_SEND_ONLY, T_RECEIVE_ONLY,
						T_SEND_RECEIVE, T_INACTIVE,  T_LOOPBACK};
	bool first = true;

	put_token(w, T_LOCAL_CONTROL);
	put_open(w);
	if (c->mode || (c->ask & H248_ASK_MODE)) {
		put_comma(w, &first);
		put_token(w, T_MODE);
		if (c->mode) {
			put_sign(w, c->mode_relation);
			put_token(w, modes[c->mode]);
		}
	}
	put_on_off(w, T_RESERVED_VALUE, c->reserved_value, c->ask & H248_ASK_RESERVED_VALUE,
		   &first);
	put_on_off(w, T_RESERVED_GROUP, c->reserved_group, c->ask & H248_ASK_RESERVED_GROUP,
		   &first);
	for (const struct h248_parm *p = c->properties; p; p = p->next) {
		put_comma(w, &first);
		put_parm(w, p);
	}
	if (first)
		put_fail(w, H248_E_VALUE); /* LocalControl{} is not in the grammar */
	put_close(w);
}

static void encode_stream_parts(struct writer *w, const struct h248_stream *s, bool *first)
{
	put_must(w,
		 !w->in_audit ||
		     (s->control != NULL) + s->has_local + s->has_remote + s->has_statistics <= 1);
	if (s->control) {
		put_comma(w, first);
		encode_control(w, s->control);
	}
	if (s->has_local) {
		put_comma(w, first);
		put_octets(w, T_LOCAL, s->local);
	}
	if (s->has_remote) {
		put_comma(w, first);
		put_octets(w, T_REMOTE, s->remote);
	}
	if (s->has_statistics) {
		put_comma(w, first);
		put_since(w, 3);
		put_token(w, T_STATISTICS);
		encode_statistics(w, s->statistics);
	}
}

static void encode_state(struct writer *w, const struct h248_termination_state *t)
{
	static const enum h248_token states[] = {T_NONE, T_TEST, T_OUT_OF_SERVICE, T_IN_SERVICE};
	bool first = true;

	put_token(w, T_TERMINATION_STATE);
	put_open(w);
	if (t->service_state || (t->ask & H248_ASK_SERVICE_STATES)) {
		put_comma(w, &first);
		put_token(w, T_SERVICE_STATES);
		if (t->service_state) {
			put_sign(w, t->service_relation);
			put_token(w, states[t->service_state]);
		}
	}
	if (t->event_buffer || (t->ask & H248_ASK_BUFFER)) {
		put_comma(w, &first);
		put_token(w, T_BUFFER);
		if (t->event_buffer) {
			put_equal(w);
			if (t->event_buffer == H248_ON)
				put_token(w, T_LOCK_STEP);
			else
				put_slice(w, SLICE_LIT("OFF"));
		}
	}
	for (const struct h248_parm *p = t->properties; p; p = p->next) {
		put_comma(w, &first);
		put_parm(w, p);
	}
	put_must(w, !first);
	if (w->in_audit) /* one thing of it */
		put_must(w, (t->service_state || (t->ask & H248_ASK_SERVICE_STATES)) +
					(t->event_buffer || (t->ask & H248_ASK_BUFFER)) +
					(t->properties != NULL) ==
				    1 &&
				!(t->properties && t->properties->next));
	put_close(w);
}

void encode_media(struct writer *w, const struct h248_media *media)
{
	bool first = true;

	put_open(w);
	for (const struct h248_stream *s = media->streams; s; s = s->next) {
		bool part = true;

		if (!s->has_id) {
			if (s->next || s != media->streams)
				put_fail(w, H248_E_VALUE);
			encode_stream_parts(w, s, &first);
			continue;
		}
		put_comma(w, &first);
		put_token(w, T_STREAM);
		put_equal(w);
		put_number(w, s->id);
		put_open(w);
		encode_stream_parts(w, s, &part);
		if (part)
			put_fail(w, H248_E_VALUE);
		put_close(w);
	}
	if (media->state) {
		put_comma(w, &first);
		encode_state(w, media->state);
	}
	if (first)
		put_fail(w, H248_E_VALUE);
	put_close(w);
}
