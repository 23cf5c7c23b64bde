/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each message of a call brings about. */
#include "bench/alg/calls.h"

#include <stdio.h>
#include <stdlib.h>

#include "bench/alg/descriptions.h"
#include "bench/alg/ends.h"
#include "bench/measure.h"

enum { REGISTER_AGAIN_MS = 5000, REGISTER_MS = 120000 };

static void fail(struct side *s, const struct call *c, const char *what, const struct writing *got)
{
	if (!s->failed)
		fprintf(stderr, "bench-alg: %s, call %u %s: %s\n%.*s\n", s->name, c->id,
			c->from_phone ? "from a phone" : "to a phone", what,
			got ? (int)got->len : 0, got ? got->p : "");
	s->failed = true;
}

static void copy(struct slice s, char *buf, size_t size)
{
	if (slice_copy(s, buf, size))
		buf[0] = '\0';
}

static struct slice tag_of(const struct message *m, const char *header)
{
	struct slice v = message_header(m, header);
	const char *at = memmem(v.p, v.len, ";tag=", 5);

	return at ? slice_make(at + 5, v.len - (size_t)(at + 5 - v.p)) : slice_make("", 0);
}

/* ---- what is sent ---- */

static void say(struct side *s, struct call *c, bool by_phone)
{
	c->last_by_phone = by_phone;
	c->tries = 0;
	ends_send(s, c);
}

static void begin(struct side *s, struct call *c)
{
	struct writing sdp = {.len = 0}, *w = &c->last;

	description_offer(&sdp, c->from_phone, c->media);
	w->len = 0;
	if (c->from_phone)
		write_text(w, "INVITE sip:far@home1.net SIP/2.0\r\n");
	else
		write_text(w, "INVITE sip:p%u@" PHONE_IP ":%u SIP/2.0\r\n", c->phone,
			   PHONE_PORT + c->phone);
	ends_via(w, c, c->from_phone, "invite");
	if (!c->from_phone)
		write_text(w, "Route: %s\r\n", s->path[c->phone]);
	write_text(w, "From: <sip:%s@home1.net>;tag=%s\r\nTo: <sip:%s@home1.net>\r\n",
		   c->from_phone ? "near" : "far", c->caller.tag, c->from_phone ? "far" : "near");
	ends_rest(w, c, c->from_phone, "1 INVITE");
	write_body(w, slice_make(sdp.p, sdp.len));
	c->state = CALL_INVITED;
	say(s, c, c->from_phone);
}

static void answer(struct side *s, struct call *c, const char *status, bool with_body)
{
	struct writing sdp = {.len = 0}, *w = &c->last;
	struct message m;

	if (message_read(slice_make(c->invite.p, c->invite.len), &m))
		return;
	if (with_body)
		description_answer(&sdp, !c->from_phone, c->media);
	w->len = 0;
	ends_answer(w, &m, c, !c->from_phone, status, c->callee.tag);
	write_body(w, slice_make(sdp.p, sdp.len));
	say(s, c, !c->from_phone);
}

static void inside(struct side *s, struct call *c, bool by_caller, const char *method,
		   const char *cseq)
{
	const struct call_end *e = by_caller ? &c->caller : &c->callee;
	bool by_phone = by_caller == c->from_phone;
	struct writing *w = &c->last;

	w->len = 0;
	write_text(w, "%s %s SIP/2.0\r\n", method, e->target);
	ends_via(w, c, by_phone, method);
	write_text(w, "%sFrom: <sip:%s@home1.net>;tag=%s\r\nTo: <sip:%s@home1.net>;tag=%s\r\n",
		   e->route, by_phone ? "near" : "far", e->tag, by_phone ? "far" : "near",
		   e->peer_tag);
	ends_rest(w, c, by_phone, cseq);
	write_body(w, slice_make("", 0));
	say(s, c, by_phone);
}

static void end(struct side *s, struct call *c)
{
	c->state = CALL_ENDING;
	inside(s, c, !c->callee_ends, "BYE", c->callee_ends ? "1 BYE" : "2 BYE");
}

/* ---- what comes ---- */

static void learn(struct call_end *e, const struct message *m, const char *peer, bool backwards)
{
	struct writing route = {.len = 0};

	write_headers(&route, m, "Record-Route", "Route", backwards);
	copy(slice_make(route.p, route.len), e->route, sizeof(e->route));
	copy(message_uri(message_header(m, "Contact")), e->target, sizeof(e->target));
	copy(tag_of(m, peer), e->peer_tag, sizeof(e->peer_tag));
}

static void on_invite(struct side *s, struct call *c, const struct message *m, struct slice text)
{
	if (!description_is_right(m->body, !c->from_phone, c->media)) {
		c->invite.len = 0;
		write_text(&c->invite, "%.*s", (int)text.len, text.p);
		fail(s, c, "the offer came wrong", &c->invite);
		return;
	}
	c->invite.len = 0;
	write_text(&c->invite, "%.*s", (int)text.len, text.p);
	learn(&c->callee, m, "From", false);
	c->state = CALL_RINGING;
	answer(s, c, "183 Session Progress", true);
}

static void on_ringing(struct side *s, struct call *c, const struct message *m)
{
	if (!description_is_right(m->body, c->from_phone, c->media))
		fail(s, c, "the answer came wrong in the 183", NULL);
	c->state = CALL_ANSWERED;
	answer(s, c, "200 OK", true);
}

static void on_answered(struct side *s, struct call *c, const struct message *m, struct slice text)
{
	struct writing got = {.len = 0};

	if (!description_is_right(m->body, c->from_phone, c->media)) {
		write_text(&got, "%.*s", (int)text.len, text.p);
		fail(s, c, "the answer came wrong", &got);
	}
	learn(&c->caller, m, "To", true);
	c->state = CALL_ACKED;
	inside(s, c, true, "ACK", "1 ACK");
}

static void on_bye(struct side *s, struct call *c, const struct message *m)
{
	bool to_phone = c->callee_ends == c->from_phone;

	c->state = CALL_ENDED;
	c->last.len = 0;
	ends_answer(&c->last, m, c, to_phone, "200 OK", NULL);
	write_body(&c->last, slice_make("", 0));
	say(s, c, to_phone);
}

static void reach(struct side *s, struct call *c, enum call_state state)
{
	c->state = state;
	if (state == s->until)
		s->done++;
}

static void on_message(struct side *s, struct call *c, const struct message *m, struct slice text)
{
	bool invite = slice_eq(m->method, SLICE_LIT("INVITE")),
	     bye = slice_eq(m->method, SLICE_LIT("BYE"));

	if (m->code >= 300) {
		struct writing got = {.len = 0};

		write_text(&got, "%.*s", (int)text.len, text.p);
		fail(s, c, "it was refused", &got);
	} else if (!m->code && invite && c->state == CALL_INVITED) {
		on_invite(s, c, m, text);
	} else if (m->code > 100 && m->code < 200 && c->state == CALL_RINGING) {
		on_ringing(s, c, m);
	} else if (m->code >= 200 && invite && c->state == CALL_ANSWERED) {
		on_answered(s, c, m, text);
	} else if (slice_eq(m->method, SLICE_LIT("ACK")) && c->state == CALL_ACKED) {
		reach(s, c, CALL_UP);
		if (s->until == CALL_OVER)
			end(s, c);
	} else if (!m->code && bye && c->state == CALL_ENDING) {
		on_bye(s, c, m);
	} else if (m->code >= 200 && bye && c->state == CALL_ENDED) {
		reach(s, c, CALL_OVER);
	}
}

static struct call *call_of(struct side *s, const struct message *m)
{
	struct slice id = message_header(m, "Call-ID");
	unsigned n = id.len > 5 && memcmp(id.p, "call-", 5) == 0
			 ? (unsigned)strtoul(id.p + 5, NULL, 10) - s->now.first
			 : s->now.n;

	return n < s->now.n ? &s->now.call[n] : NULL;
}

static void take(struct side *s, struct slice text)
{
	struct message m;
	struct call *c;

	if (message_read(text, &m))
		return;
	if (!ends_registration(s, &m) && (c = call_of(s, &m)))
		on_message(s, c, &m, text);
}

/* ---- many ---- */

bool side_new_calls(struct side *s, unsigned n, unsigned media)
{
	s->now = (struct call_list){calloc(n, sizeof(struct call)), s->next, n};
	s->next += n;
	for (unsigned i = 0; s->now.call && i < n; i++) {
		struct call *c = &s->now.call[i];

		c->id = s->now.first + i;
		c->phone = c->id % PHONES;
		c->media = media;
		c->from_phone = c->id & 1;
		c->callee_ends = (c->id >> 1) & 1;
		snprintf(c->caller.tag, sizeof(c->caller.tag), "a%u", c->id);
		snprintf(c->callee.tag, sizeof(c->callee.tag), "b%u", c->id);
	}
	return s->now.call;
}

bool side_run(struct side *s, enum call_state until, unsigned window)
{
	const struct call *given_up;
	unsigned begun = 0;

	s->until = until;
	s->done = 0;
	while (!s->failed && s->done < s->now.n) {
		for (; begun < s->now.n && begun - s->done < window; begun++) {
			struct call *c = &s->now.call[begun];

			if (c->state == CALL_NEW)
				begin(s, c);
			else
				end(s, c);
		}
		ends_wait(s, take);
		given_up = ends_again(s, begun);
		if (given_up)
			fail(s, given_up, "nothing came back for a long time", NULL);
	}
	return !s->failed;
}

bool side_register(struct side *s)
{
	uint64_t begun = bench_now_ms(), again = begun;

	while (!ends_registered(s)) {
		uint64_t now = bench_now_ms();

		if (now >= again)
			ends_register(s);
		if (now >= again)
			again = now + REGISTER_AGAIN_MS;
		ends_wait(s, take);
		if (now > begun + REGISTER_MS) {
			fprintf(stderr, "bench-alg: %s: a phone's registration was not answered\n",
				s->name);
			return false;
		}
	}
	return true;
}
