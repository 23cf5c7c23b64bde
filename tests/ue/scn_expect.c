/* SPDX-License-Identifier: GPL-2.0-or-later */
/* expect: messages, states, commands. Media and reginfo are in scn_expect_state.c. */
#include <stdio.h>
#include <stdlib.h>

#include "ue/conn.h"
#include "ue/dialog.h"
#include "ue/ipsec.h"
#include "ue/scn_run.h"
#include "ue/sip_msg.h"

static int syntax(struct scn_args *a, const char *what)
{
	return scn_fail(a, SCN_SYNTAX, NULL, "expect: %s", what);
}

/* The part of a message that NAME means: start, body, or a header (all its lines, one below the
 * other). */
static void part_of(struct slice raw, const char *name, struct text *out)
{
	struct ue_sip_msg m;

	ue_sip_parse(raw, &m);
	text_put(out, SLICE_NULL);
	if (strcmp(name, "start") == 0)
		text_put(out, m.start);
	else if (strcmp(name, "body") == 0)
		text_put(out, m.body);
	else
		for (unsigned i = 0; i < m.n; i++)
			if (slice_eq_nocase(m.headers[i].name, slice_str(name))) {
				text_put(out, m.headers[i].value);
				text_char(out, '\n');
			}
}

/* NAME ~ RE at word i (NAME !~ RE): 1 holds, 0 does not, -1 bad. */
static int part_fits(const struct scn_args *a, unsigned i, struct slice raw)
{
	struct text part = {0};
	bool not = strcmp(a->w[i + 1], "!~") == 0;
	int m;

	part_of(raw, a->w[i], &part);
	m = scn_match(a->w[i + 2], text_slice(&part));
	text_free(&part);
	return m < 0 ? -1 : m != not ;
}

static bool is_match(const struct scn_args *a, unsigned i)
{
	return i + 2 < a->n && (strcmp(a->w[i + 1], "~") == 0 || strcmp(a->w[i + 1], "!~") == 0);
}

/* expect A receives METHOD [over CONN] [with NAME ~ RE]... [body ~ RE] */
struct receives {
	const struct scn_args *a;
	struct ue *u;
	bool bad_re;
	char *taken;
};

static bool item_fits(struct receives *r, const struct inbox_item *item)
{
	const struct scn_args *a = r->a;
	struct ue_sip_msg m;
	char code[8];

	ue_sip_parse(slice_str(item->raw), &m);
	snprintf(code, sizeof(code), "%d", m.code);
	if (strcmp(a->w[3], "any") != 0 && strcmp(a->w[3], code) != 0 &&
	    !(m.request && slice_eq(m.method, slice_str(a->w[3]))))
		return false;
	for (unsigned i = 4; i < a->n;) {
		int fits;

		if (strcmp(a->w[i], "over") == 0) {
			if (strcmp(item->conn, a->w[i + 1]) != 0)
				return false;
			i += 2;
			continue;
		}
		if (strcmp(a->w[i], "with") == 0)
			i++;
		fits = part_fits(a, i, slice_str(item->raw));
		if (fits < 0)
			r->bad_re = true;
		if (fits <= 0)
			return false;
		i += 3;
	}
	return true;
}

static bool take_item(void *arg)
{
	struct receives *r = arg;
	struct inbox_item **at = &r->u->inbox, *item;

	for (; (item = *at) != NULL; at = &item->next) {
		if (!item_fits(r, item))
			continue;
		*at = item->next;
		if (r->u->inbox_end == &item->next)
			r->u->inbox_end = at;
		r->u->inbox_n--;
		free(item->raw);
		free(item->conn);
		free(item);
		return true;
	}
	return r->bad_re;
}

static int expect_receives(struct ue *u, struct scn_args *a, uint64_t ms)
{
	struct receives r = {.a = a, .u = u};

	if (a->n < 4)
		return syntax(a, "A receives METHOD ...");
	for (unsigned i = 4; i < a->n;) {
		if (strcmp(a->w[i], "over") == 0 && i + 1 < a->n) {
			i += 2;
			continue;
		}
		if (strcmp(a->w[i], "with") == 0)
			i++;
		if (!is_match(a, i))
			return syntax(
			    a, "A receives METHOD [over CONN] [with NAME ~ /RE/]... [body ~ /RE/]");
		i += 3;
	}
	if (a->check_only)
		return SCN_OK;
	if (!scn_wait(take_item, &r, ms, 0))
		return scn_fail(a, SCN_FAILED, u->name, "%s did not receive such a %s in %.1f s",
				u->name, a->w[3], (double)ms / 1000);
	return r.bad_re ? syntax(a, "bad regular expression") : SCN_OK;
}

/* expect nothing on A [over CONN] [METHOD] for T */
static int expect_nothing(struct scn_args *a)
{
	const char *conn = NULL, *method = NULL;
	struct inbox_item *i;
	struct ue *u;
	uint64_t ms = 0;
	unsigned before, k = 4;
	int rc = scn_take_time(a, "for", &ms);

	if (rc < 0)
		return rc;
	if (rc == 0 || a->n < 4 || strcmp(a->w[2], "on") != 0)
		return syntax(a, "nothing on UE [over CONN] [METHOD] for TIME");
	u = ue_find(slice_str(a->w[3]));
	if (!u)
		return a->check_only ? SCN_OK : syntax(a, "no such UE");
	if (k + 1 < a->n && strcmp(a->w[k], "over") == 0) {
		conn = a->w[k + 1];
		k += 2;
	}
	if (k < a->n)
		method = a->w[k];
	if (a->check_only)
		return SCN_OK;
	before = u->inbox_n;
	scn_wait(NULL, NULL, ms, 0);
	i = u->inbox;
	for (unsigned n = 0; i && n < before; n++)
		i = i->next;
	for (; i; i = i->next) {
		struct ue_sip_msg m;

		ue_sip_parse(slice_str(i->raw), &m);
		if (m.request && (!method || slice_eq(m.method, slice_str(method))) &&
		    (!conn || strcmp(conn, i->conn) == 0))
			return scn_fail(a, SCN_FAILED, u->name,
					"nothing was to come, but %s received %.*s", u->name,
					(int)m.start.len, m.start.p);
	}
	return SCN_OK;
}

/* expect A.NAME CODE: an action sent with async */

static bool op_over(void *arg)
{
	return ((struct op *)arg)->code != 0;
}

static int expect_code(struct scn_args *a, uint64_t ms)
{
	const char *rest = "", *want = a->w[2];
	struct ue *u = scn_ue_dot(a->w[1], &rest);
	struct dialog *d;
	struct conn *c;
	struct op *op;
	char code[8];
	bool fits;

	if (a->check_only)
		return SCN_OK;
	if (!u)
		return syntax(a, "no such UE");
	d = dialog_find(u, slice_str(rest));
	c = conn_find(u, slice_str(rest));
	op = d ? &d->op : c ? &c->op : NULL;
	if (!op)
		return scn_fail(a, SCN_FAILED, NULL, "%s has neither session nor connection '%s'",
				u->name, rest);
	if (!scn_wait(op_over, op, ms, 0))
		return scn_fail(a, SCN_FAILED, u->name,
				"expected %s for %s, but nobody answered in %.1f s", want, a->w[1],
				(double)ms / 1000);
	snprintf(code, sizeof(code), "%d", op->code);
	fits =
	    strcmp(want, "any") == 0 || strcmp(want, code) == 0 ||
	    (strcmp(want, "timeout") == 0 && op->code == 408) ||
	    (strcmp(want + 1, "xx") == 0 && want[0] == code[0] && !(op->local && op->code >= 300));
	return fits ? SCN_OK
		    : scn_fail(a, SCN_FAILED, u->name, "expected %s for %s, got %d %s", want,
			       a->w[1], op->code, op->text);
}

/* expect last A.CONN NAME ~ RE */
static int expect_last(struct scn_args *a)
{
	const char *rest = "";
	struct ue *u;
	struct conn *c;
	int fits;

	if (a->n != 6 || !is_match(a, 3))
		return syntax(a, "last UE.CONN NAME ~ /RE/");
	if (a->check_only)
		return SCN_OK;
	u = scn_ue_dot(a->w[2], &rest);
	c = u ? conn_find(u, slice_str(rest)) : NULL;
	if (!c || !c->last)
		return scn_fail(a, SCN_FAILED, NULL, "%s has had no final response", a->w[2]);
	fits = part_fits(a, 3, slice_str(c->last));
	if (fits < 0)
		return syntax(a, "bad regular expression");
	return fits ? SCN_OK
		    : scn_fail(a, SCN_FAILED, u->name,
			       "the last response on %s does not fit; it was:\n%s", a->w[2],
			       c->last);
}

/* A state that is looked at until it is right. text: what it is now. */
struct state_wait {
	const struct scn_args *a;
	struct ue *u;
	const char *name;
	bool connection;
	char now[32];
};

static bool state_is(void *arg)
{
	struct state_wait *s = arg;
	struct dialog *d = s->connection ? NULL : dialog_find(s->u, slice_str(s->name));
	struct conn *c = s->connection ? conn_find(s->u, slice_str(s->name)) : NULL;

	if (s->connection)
		snprintf(s->now, sizeof(s->now), "%s", c ? conn_state_name(c->state) : "none");
	else
		snprintf(s->now, sizeof(s->now), "%s",
			 d ? dialog_state_name(d->state) : "not there");
	return strcmp(s->now, s->a->w[3]) == 0;
}

static int expect_state(struct scn_args *a, uint64_t ms)
{
	static const char *const words[] = {"confirmed",  "early",    "ended", "calling",
					    "registered", "rejected", "none",  "registering"};
	struct state_wait s = {
	    .a = a, .name = "", .connection = strcmp(a->w[1], "connection") == 0};
	bool known = false;

	for (size_t i = 0; a->n == 4 && i < sizeof(words) / sizeof(words[0]); i++)
		known = known || strcmp(a->w[3], words[i]) == 0;
	if (!known && !(a->check_only && strchr(a->line->raw, '$')))
		return syntax(a, "dialog UE.SESSION confirmed|early|ended, connection UE.CONN "
				 "registered|rejected|none");
	if (a->check_only)
		return SCN_OK;
	s.u = scn_ue_dot(a->w[2], &s.name);
	if (!s.u)
		return syntax(a, "no such UE");
	if (scn_wait(state_is, &s, ms, 0))
		return SCN_OK;
	return scn_fail(a, SCN_FAILED, s.u->name, "%s %s is %s, not %s", a->w[1], a->w[2], s.now,
			a->w[3]);
}

/* expect same session A.S B.S */
static int expect_same(struct scn_args *a)
{
	const char *n1 = "", *n2 = "";
	struct ue *u1, *u2;
	struct dialog *d1, *d2;

	if (a->n != 5 || strcmp(a->w[2], "session") != 0)
		return syntax(a, "same session UE.SESSION UE.SESSION");
	if (a->check_only)
		return SCN_OK;
	u1 = scn_ue_dot(a->w[3], &n1);
	u2 = scn_ue_dot(a->w[4], &n2);
	d1 = u1 ? dialog_find(u1, slice_str(n1)) : NULL;
	d2 = u2 ? dialog_find(u2, slice_str(n2)) : NULL;
	if (!d1 || !d2)
		return scn_fail(a, SCN_FAILED, NULL, "%s is not there", !d1 ? a->w[3] : a->w[4]);
	if (strcmp(d1->callid, d2->callid) == 0 && strcmp(d1->local_tag, d2->remote_tag) == 0 &&
	    strcmp(d1->remote_tag, d2->local_tag) == 0)
		return SCN_OK;
	return scn_fail(a, SCN_FAILED, "", "not the same session: %s;%s;%s and %s;%s;%s",
			d1->callid, d1->local_tag, d1->remote_tag, d2->callid, d2->local_tag,
			d2->remote_tag);
}

struct sa_wait {
	const struct scn_args *a;
	struct conn *c;
	struct access *acc;
	bool moved;
	char now[64];
};

static bool sa_is(void *arg)
{
	struct sa_wait *s = arg;
	uint64_t out = 0, in = 0;
	char n[16];

	if (s->moved) {
		sa_packets(s->c, &out, &in);
		snprintf(s->now, sizeof(s->now), "%llu packets out, %llu in",
			 (unsigned long long)out, (unsigned long long)in);
		return out && in;
	}
	snprintf(n, sizeof(n), "%d", s->c ? sa_count(s->c) : s->acc ? s->acc->sa_count : 0);
	snprintf(s->now, sizeof(s->now), "%s SAs", n);
	return scn_compare(n, s->a->w[4], s->a->w[5]) == 1;
}

/* expect sa A.CONN moved | A.CONN count == N | ACCESS count == N */
static int expect_sa(struct scn_args *a, uint64_t ms)
{
	struct sa_wait s = {.a = a, .moved = a->n == 4 && strcmp(a->w[3], "moved") == 0};
	const char *rest = "";
	struct ue *u;

	if (!s.moved &&
	    !(a->n == 6 && strcmp(a->w[3], "count") == 0 && scn_compare("1", a->w[4], "1") >= 0))
		return syntax(a, "sa UE.CONN moved, sa UE.CONN count == N, sa ACCESS count == N");
	if (a->check_only)
		return SCN_OK;
	u = scn_ue_dot(a->w[2], &rest);
	s.c = u ? conn_find(u, slice_str(rest)) : NULL;
	s.acc = access_find(slice_str(a->w[2]));
	if (!s.acc && !u)
		return syntax(a, "no such connection or access");
	if (s.moved && !s.c)
		return scn_fail(a, SCN_FAILED, NULL, "%s is not there", a->w[2]);
	if (scn_wait(sa_is, &s, ms, 100))
		return SCN_OK;
	return scn_fail(a, SCN_FAILED, u ? u->name : NULL, "%s has %s", a->w[2], s.now);
}

static int expect_clear(struct scn_args *a)
{
	struct access *acc = a->n == 5 ? access_find(slice_str(a->w[2])) : NULL;
	char n[24];

	if (a->n != 5 || scn_compare("1", a->w[3], "1") < 0)
		return syntax(a, "clear ACCESS == N");
	if (a->check_only)
		return SCN_OK;
	if (!acc)
		return syntax(a, "no such access");
	snprintf(n, sizeof(n), "%llu", (unsigned long long)acc->clear_count);
	if (scn_compare(n, a->w[3], a->w[4]) == 1)
		return SCN_OK;
	return scn_fail(a, SCN_FAILED, "",
			"%s SIP messages went in clear over %s since the last 401", n, acc->name);
}

/* Index of the last word w of the line's own words, from from on; 0: none. */
static unsigned last_word(const struct scn_line *l, unsigned from, const char *w)
{
	unsigned found = 0;

	for (unsigned i = from; i < l->n; i++)
		if (!l->w[i].quoted && strcmp(l->w[i].text, w) == 0)
			found = i;
	return found;
}

/* expect output of CMD matches RE, does not match RE; expect exit of CMD is N */
static int expect_command(struct scn_args *a, uint64_t ms)
{
	bool exit_code = strcmp(a->w[1], "exit") == 0;
	unsigned at = last_word(a->line, 3, exit_code ? "is" : "matches"), end = at;
	bool not = false;
	struct text out = {0};
	char *cmd, number[16];
	uint64_t stop;
	int rc, m = 0;

	if (!exit_code && !at) {
		at = last_word(a->line, 3, "match");
		not = true;
		end = at >= 2 ? at - 2 : 0;
	}
	if (at < 4 || end < 4 || a->n < 4 || strcmp(a->w[2], "of") != 0)
		return syntax(a, "output of COMMAND matches /RE/, ... does not match /RE/, exit of "
				 "COMMAND is N");
	if (a->check_only)
		return SCN_OK;
	cmd = scn_raw(a, 3, end);
	if (!cmd)
		return SCN_SYNTAX;
	stop = loop_now_ms() + ms;
	for (;;) {
		text_clear(&out);
		rc = scn_shell(cmd, &out, 60000);
		snprintf(number, sizeof(number), "%d", rc);
		m = exit_code ? strcmp(number, a->w[a->n - 1]) == 0
			      : scn_match(a->w[a->n - 1],
					  slice_make(out.p ? out.p : "", out.len)) != not ;
		if (m || loop_now_ms() >= stop)
			break;
		scn_wait(NULL, NULL, 150, 0);
	}
	rc = SCN_OK;
	if (!m)
		rc = scn_fail(a, SCN_FAILED, NULL, "`%s` ended with %s, its output:\n%.700s", cmd,
			      number, out.p ? out.p : "");
	free(cmd);
	text_free(&out);
	return rc;
}

/* expect VALUE OP VALUE, VALUE ~ RE */
static int expect_value(struct scn_args *a)
{
	int rc;

	if (a->n == 4 && (strcmp(a->w[2], "~") == 0 || strcmp(a->w[2], "!~") == 0)) {
		rc = scn_match(a->w[3], slice_str(a->w[1]));
		if (rc >= 0 && a->w[2][0] == '!')
			rc = !rc;
	} else {
		rc = a->n == 4 ? scn_compare(a->w[1], a->w[2], a->w[3]) : -1;
	}
	if (rc < 0)
		return syntax(a, "what is to be expected here?");
	if (a->check_only || rc)
		return SCN_OK;
	return scn_fail(a, SCN_FAILED, NULL, "'%s' %s '%s' does not hold", a->w[1], a->w[2],
			a->w[3]);
}

int scn_expect(struct scn_args *a)
{
	uint64_t ms = 0;
	bool timed, mine;
	struct ue *u;
	int rc;

	if (a->n < 3)
		return syntax(a, "what?");
	if (strcmp(a->w[1], "nothing") == 0)
		return expect_nothing(a);
	rc = scn_take_time(a, "within", &ms);
	if (rc < 0)
		return rc;
	timed = rc > 0;
	rc = scn_expect_stream(a, timed ? ms : 0, &mine);
	if (rc != SCN_OK || mine)
		return rc;
	if (strcmp(a->w[1], "output") == 0 || strcmp(a->w[1], "exit") == 0)
		return expect_command(a, ms);
	if (strcmp(a->w[1], "media") == 0)
		return scn_expect_media(a, ms, timed);
	if (strcmp(a->w[1], "last") == 0)
		return expect_last(a);
	if (strcmp(a->w[1], "dialog") == 0 || strcmp(a->w[1], "connection") == 0)
		return expect_state(a, ms);
	if (strcmp(a->w[1], "same") == 0)
		return expect_same(a);
	if (strcmp(a->w[1], "sa") == 0)
		return expect_sa(a, ms);
	if (strcmp(a->w[1], "clear") == 0)
		return expect_clear(a);
	u = ue_find(slice_str(a->w[1]));
	if (a->n > 2 && strcmp(a->w[2], "receives") == 0) {
		if (!u && !a->check_only)
			return syntax(a, "no such UE");
		return u ? expect_receives(u, a, timed ? ms : scn_default_within()) : SCN_OK;
	}
	if (a->n > 2 && strcmp(a->w[2], "reginfo") == 0) {
		if (!u && !a->check_only)
			return syntax(a, "no such UE");
		return u ? scn_expect_reginfo(u, a, ms) : SCN_OK;
	}
	if (a->n == 3 && strchr(a->w[1], '.'))
		return expect_code(a, timed ? ms : scn_default_within());
	return expect_value(a);
}
