/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines in which a UE does something. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "ue/reg_event.h"
#include "ue/scn_action.h"

static int syntax(struct action *x, const char *what)
{
	return scn_fail(x->a, SCN_SYNTAX, NULL, "%s", what);
}

/* expect CODE, within T, async at the end of the line, in any order. */
static int take_trailer(struct action *x)
{
	struct scn_args *a = x->a;

	x->within = scn_default_within();
	for (;;) {
		int rc = scn_take_time(a, "within", &x->within);

		if (rc < 0)
			return rc;
		if (rc > 0)
			continue;
		if (a->n > 2 && strcmp(a->w[a->n - 1], "async") == 0) {
			x->async = true;
			a->n--;
		} else if (a->n > 3 && strcmp(a->w[a->n - 2], "expect") == 0) {
			x->want = a->w[a->n - 1];
			a->n -= 2;
		} else {
			break;
		}
	}
	if (x->want && strcmp(x->want, "none") == 0)
		x->async = true;
	/* Silence needs no patience. */
	if (x->want && strcmp(x->want, "timeout") == 0)
		x->within /= scn_patience();
	return SCN_OK;
}

static struct access *need_access(struct action *x)
{
	struct access *acc = access_find(slice_str(x->over));

	if (!acc)
		scn_fail(x->a, SCN_SYNTAX, NULL, "no access is called '%s'", x->over);
	return acc;
}

/* A failure to send: the machine's, or of the state of things. */
static int send_failed(struct action *x)
{
	int err = errno;
	bool machine = err == EADDRNOTAVAIL || err == EADDRINUSE || err == EPERM || err == EACCES ||
		       err == ENODEV;

	return scn_fail(x->a, machine ? SCN_MACHINE : SCN_FAILED, x->ue->name,
			"nothing could be sent: %s", strerror(err));
}

static int set_conn_options(struct action *x, struct conn *c)
{
	/* Later REGISTERs may be for other identities; requests go on as the first. */
	if (x->impu)
		ue_set(strcmp(x->a->w[1], "register") == 0 ? &c->impu : &x->reg.impu,
		       slice_str(x->impu));
	if (x->reg_id)
		c->reg_id = x->reg_id;
	if (x->transport)
		c->tcp = strcmp(x->transport, "tcp") == 0;
	if (x->ipsec)
		c->ipsec = strcmp(x->ipsec, "no") != 0;
	if (x->alg && sec_agree_offer_parse(slice_str(x->alg), &c->offer) != 0)
		return syntax(x, "alg= is not a list like \"hmac-sha-1-96/aes-cbc\"");
	if (x->mediasec)
		ue_set(&c->mediasec, slice_str(x->mediasec));
	if (x->mediasec_form)
		c->mediasec_form = (enum mediasec_form)x->mediasec_form;
	c->via_uc = c->via_uc || x->via_uc;
	x->reg.expires = x->expires;
	x->reg.has_expires = x->has_expires;
	x->reg.edits = x->edits;
	x->edits.n = 0;
	x->op = &c->op;
	x->conn = c;
	return SCN_OK;
}

static int do_register(struct action *x)
{
	struct ue_system *in =
	    x->system ? ue_system_find(x->ue, slice_str(x->system)) : &x->ue->home;
	struct access *acc = need_access(x);
	struct conn *c;
	int rc;

	if (!acc)
		return SCN_SYNTAX;
	if (!in)
		return scn_fail(x->a, SCN_FAILED, NULL, "%s has no identities of a system '%s'",
				x->ue->name, x->system);
	c = conn_new(x->ue, slice_str(x->a->w[2]), acc);
	if (conn_set_system(c, in) != 0)
		return scn_fail(x->a, SCN_FAILED, NULL, "its P-CSCF %s has no address here",
				in->pcscf);
	rc = set_conn_options(x, c);
	if (rc == SCN_OK && registration_start(c, &x->reg, false) != 0)
		rc = send_failed(x);
	return rc;
}

static int do_reregister(struct action *x)
{
	struct conn *c = x->conn;
	int rc = set_conn_options(x, c);

	x->reg.deregister = strcmp(x->a->w[1], "deregister") == 0;
	if (rc == SCN_OK && registration_start(c, &x->reg, true) != 0)
		rc = send_failed(x);
	return rc;
}

static int do_subscribe(struct action *x)
{
	struct conn *c = x->conn;
	int rc;

	x->op = &c->op;
	if (strcmp(x->a->w[1], "unsubscribe") == 0)
		rc = reg_unsubscribe(c, &x->edits);
	else
		rc = reg_subscribe(c, slice_str(x->impu ? x->impu : c->impu),
				   x->has_expires ? x->expires : 600000, &x->edits);
	return rc ? send_failed(x) : SCN_OK;
}

static int do_drop(struct action *x)
{
	struct conn *c;

	if (strcmp(x->a->w[2], "all") == 0) {
		while (x->ue->dialogs)
			dialog_free(x->ue->dialogs);
		while (x->ue->conns)
			conn_drop(x->ue->conns);
		return SCN_OK;
	}
	c = conn_find(x->ue, slice_str(x->a->w[2]));
	if (!c)
		return scn_fail(x->a, SCN_FAILED, NULL, "%s has no connection '%s'", x->ue->name,
				x->a->w[2]);
	conn_drop(c);
	return SCN_OK;
}

static int check_plans(struct action *x, const char *plans)
{
	struct slice unknown = SLICE_NULL;

	return !plans || scn_plans_known(plans, &unknown)
		   ? SCN_OK
		   : scn_fail(x->a, SCN_SYNTAX, NULL, "no media is called '%.*s'", (int)unknown.len,
			      unknown.p);
}

static int do_call(struct action *x)
{
	int rc;

	if (check_plans(x, x->call.media) != SCN_OK)
		return SCN_SYNTAX;
	rc = dialog_call(x->conn, slice_str(x->a->w[2]), slice_str(x->to), &x->call);
	x->dialog = dialog_find(x->ue, slice_str(x->a->w[2]));
	x->op = x->dialog ? &x->dialog->op : NULL;
	return rc ? send_failed(x) : SCN_OK;
}

static int do_replace(struct action *x)
{
	const char *name = x->as;
	int rc = dialog_replace(x->dialog, x->conn, slice_str(name), &x->call);

	x->dialog = dialog_find(x->ue, slice_str(name));
	x->op = x->dialog ? &x->dialog->op : NULL;
	return rc ? send_failed(x) : SCN_OK;
}

static int do_in_dialog(struct action *x)
{
	const char *verb = x->a->w[1];
	struct dialog *d = x->dialog;
	int rc;

	x->op = &d->op;
	if (check_plans(x, x->call.add) != SCN_OK)
		return SCN_SYNTAX;
	if (strcmp(verb, "move") == 0)
		rc = dialog_reinvite(d, x->conn, &x->call);
	else if (strcmp(verb, "reinvite") == 0)
		rc = dialog_reinvite(d, NULL, &x->call);
	else if (strcmp(verb, "update") == 0)
		rc = dialog_update(d, &x->call);
	else
		rc = dialog_bye(d, &x->call);
	return rc ? send_failed(x) : SCN_OK;
}

static int do_cancel(struct action *x)
{
	return dialog_cancel(x->dialog, &x->call) ? send_failed(x) : SCN_OK;
}

static int do_by_hand(struct action *x)
{
	const char *verb = x->a->w[1], *plans = NULL;
	bool with_answer = false;
	int64_t code = 0;
	int rc;

	if (x->a->n > x->at && scn_number(x->a->w[x->at], &code) == 0)
		x->at++;
	for (; x->a->n > x->at; x->at++) {
		const char *w = x->a->w[x->at];

		if (strcmp(w, "reliable") == 0)
			x->reliable = true;
		else if (strcmp(w, "sdp") == 0)
			with_answer = true;
		else if (strncmp(w, "media=", 6) == 0)
			plans = w + 6;
		else
			return scn_fail(x->a, SCN_SYNTAX, NULL, "what is '%s'?", w);
	}
	if (check_plans(x, plans) != SCN_OK)
		return SCN_SYNTAX;
	if (strcmp(verb, "ring") == 0)
		rc = dialog_ring(x->dialog, code ? (int)code : 180, x->reliable, with_answer);
	else if (strcmp(verb, "answer") == 0)
		rc = dialog_answer(x->dialog, plans);
	else
		rc = dialog_reject(x->dialog, code ? (int)code : 486);
	return rc ? scn_fail(x->a, SCN_FAILED, x->ue->name, "%s has nothing to answer",
			     x->dialog->name)
		  : SCN_OK;
}

static int do_forget(struct action *x)
{
	dialog_free(x->dialog);
	x->dialog = NULL;
	return SCN_OK;
}

static int do_request(struct action *x)
{
	const char *verb = x->a->w[1];
	const char *method = strcmp(verb, "message") == 0   ? "MESSAGE"
			     : strcmp(verb, "options") == 0 ? "OPTIONS"
							    : x->a->w[2];

	x->op = &x->conn->op;
	if (conn_send_request(x->conn, method, slice_str(x->to),
			      x->text ? slice_str(x->text) : SLICE_NULL, &x->edits) != 0)
		return send_failed(x);
	return SCN_OK;
}

static int do_raw(struct action *x)
{
	struct hop hop;

	if (conn_hop(x->conn, &hop) != 0 ||
	    tl_send(&hop, slice_str(x->text), x->ue->name, x->conn->name, false) != 0)
		return send_failed(x);
	return SCN_OK;
}

/* auto answer [after T] [ring] [media=PLANS] | auto off | auto reject CODE */
static int do_auto(struct action *x)
{
	struct scn_args *a = x->a;
	struct ue *u = x->ue;
	uint64_t after = 0;
	int64_t code;
	unsigned i = 3;

	free(u->auto_media);
	u->auto_media = NULL;
	if (strcmp(a->w[2], "off") == 0 && a->n == 3) {
		u->auto_mode = AUTO_OFF;
		return SCN_OK;
	}
	if (strcmp(a->w[2], "reject") == 0 && a->n == 4 && scn_number(a->w[3], &code) == 0 &&
	    code >= 300 && code < 700) {
		u->auto_mode = AUTO_REJECT;
		u->auto_code = (int)code;
		return SCN_OK;
	}
	if (strcmp(a->w[2], "answer") != 0)
		return syntax(
		    x, "auto answer [after TIME] [ring] [media=PLANS], auto off, auto reject CODE");
	u->auto_ring = false;
	for (; i < a->n; i++) {
		if (strcmp(a->w[i], "ring") == 0)
			u->auto_ring = true;
		else if (strcmp(a->w[i], "after") == 0 && i + 1 < a->n &&
			 scn_time(a->w[i + 1], &after) == 0)
			i++;
		else if (strncmp(a->w[i], "media=", 6) == 0 &&
			 check_plans(x, a->w[i] + 6) == SCN_OK)
			ue_set(&u->auto_media, slice_str(a->w[i] + 6));
		else
			return syntax(x, "auto answer [after TIME] [ring] [media=PLANS]");
	}
	u->auto_mode = AUTO_ANSWER;
	u->auto_ms = (uint32_t)after;
	return SCN_OK;
}

/*
 * shape: what stands between the verb and the options. c a connection that is there, n a new name,
 * s a session that is there, l one of its m-lines (SESSION[/M]), a "over ACCESS", o "over CONN", t "to URI", T "to CONN", A "as NAME",
 * x one word of text, m a method, C "at CMS".
 */
static const struct verb {
	const char *name, *shape;
	bool (*option)(struct action *x, const char *w);
	int (*run)(struct action *x);
} verbs[] = {
    {"register", "na", option_register, do_register},
    {"reregister", "c", option_register, do_reregister},
    {"deregister", "c", option_register, do_reregister},
    {"subscribe", "c", option_subscribe, do_subscribe},
    {"unsubscribe", "c", option_subscribe, do_subscribe},
    {"drop", "n", option_none, do_drop},
    {"call", "not", option_call, do_call},
    {"move", "sT", option_call, do_in_dialog},
    {"replace", "soA", option_call, do_replace},
    {"reinvite", "s", option_call, do_in_dialog},
    {"update", "s", option_call, do_in_dialog},
    {"hangup", "s", option_call, do_in_dialog},
    {"cancel", "s", option_call, do_cancel},
    {"forget", "s", option_none, do_forget},
    {"ring", "s*", option_none, do_by_hand},
    {"answer", "s*", option_none, do_by_hand},
    {"reject", "s*", option_none, do_by_hand},
    {"message", "otx", option_none, do_request},
    {"options", "ot", option_none, do_request},
    {"request", "mot", option_none, do_request},
    {"raw", "ox", option_none, do_raw},
    {"auto", "n*", option_none, do_auto},
    {"send", "lx", option_send, do_send},
    {"send-file", "l", option_send, do_send},
    {"floor", "lm", option_none, do_floor},
    {"disconnect", "l", option_none, do_disconnect},
    {"ask-config", "nCa", option_config, do_ask_config},
    {"look-config", "na", option_none, do_look_config},
    {"return-config", "na", option_none, do_look_config},
};

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

bool scn_is_verb(const char *word)
{
	return find_verb(word) != NULL;
}

/* The word after a fixed one, or NULL. */
static char *after_word(struct action *x, const char *word)
{
	struct scn_args *a = x->a;

	if (x->at + 1 >= a->n || strcmp(a->w[x->at], word) != 0)
		return NULL;
	x->at += 2;
	return a->w[x->at - 1];
}

static int take_conn(struct action *x, const char *name)
{
	if (x->a->check_only)
		return SCN_OK;
	x->conn = conn_find(x->ue, slice_str(name));
	return x->conn ? SCN_OK
		       : scn_fail(x->a, SCN_FAILED, NULL, "%s has no connection '%s'", x->ue->name,
				  name);
}

static int take_session(struct action *x, const char *name)
{
	if (x->a->check_only)
		return SCN_OK;
	x->dialog = dialog_find(x->ue, slice_str(name));
	return x->dialog ? SCN_OK
			 : scn_fail(x->a, SCN_FAILED, x->ue->name, "%s has no session '%s'",
				    x->ue->name, name);
}

static int take_line(struct action *x, const char *name)
{
	if (x->a->check_only)
		return SCN_OK;
	x->dialog = scn_session(x->ue, name);
	x->mline = scn_media_line(x->dialog, name);
	return x->mline ? SCN_OK
			: scn_fail(x->a, SCN_FAILED, x->ue->name,
				   "%s has no session with an m-line '%s'", x->ue->name, name);
}

static int take_shape(struct action *x, const struct verb *v)
{
	static const char *const words[256] = {
	    ['a'] = "over", ['o'] = "over", ['t'] = "to", ['T'] = "to", ['A'] = "as", ['C'] = "at"};
	struct scn_args *a = x->a;

	for (const char *s = v->shape; *s; s++) {
		const char *fixed = words[(unsigned char)*s];
		char *w = NULL;
		int rc = SCN_OK;

		if (*s == '*')
			return SCN_OK;
		w = fixed ? after_word(x, fixed) : x->at < a->n ? a->w[x->at++] : NULL;
		if (!w)
			return scn_fail(a, SCN_SYNTAX, NULL, "%s: %s%s", v->name,
					fixed ? "here should be: " : "something is missing",
					fixed ? fixed : "");
		if (*s == 'c' || *s == 'o' || *s == 'T')
			rc = take_conn(x, w);
		else if (*s == 's')
			rc = take_session(x, w);
		else if (*s == 'l')
			rc = take_line(x, w);
		else if (*s == 'a')
			ue_set(&x->over, slice_str(w));
		else if (*s == 'C')
			ue_set(&x->config.at, slice_str(w));
		else if (*s == 't')
			ue_set(&x->to, slice_str(w));
		else if (*s == 'A')
			ue_set(&x->as, slice_str(w));
		else if (*s == 'x')
			ue_set(&x->text, slice_str(w));
		if (rc != SCN_OK)
			return rc;
		if (*s == 'a' && a->check_only && !strchr(a->line->raw, '$') && !need_access(x))
			return SCN_SYNTAX;
	}
	return SCN_OK;
}

static int take_options(struct action *x, const struct verb *v)
{
	if (strchr(v->shape, '*'))
		return SCN_OK;
	for (; x->at < x->a->n; x->at++) {
		const char *w = x->a->w[x->at];

		if (v->option(x, w) || option_edit(x, w))
			continue;
		if (x->a->check_only && strchr(x->a->line->raw, '$'))
			continue;
		return scn_fail(x->a, SCN_SYNTAX, NULL, "%s: unknown option '%s'", v->name, w);
	}
	return SCN_OK;
}

static bool op_done(void *arg)
{
	return ((struct op *)arg)->code != 0;
}

/* Does the code fit "403", "4xx", "any", "timeout", or 2xx without a wish? */
static bool code_fits(const struct op *op, const char *want)
{
	char code[8];

	if (!want)
		return op->code >= 200 && op->code < 300;
	if (strcmp(want, "any") == 0)
		return true;
	if (strcmp(want, "timeout") == 0)
		return op->code == 408;
	if (op->local && op->code >= 300)
		return false;
	snprintf(code, sizeof(code), "%d", op->code);
	return strlen(want) == 3 && code[0] == want[0] &&
	       (strcmp(want + 1, "xx") == 0 || strcmp(want, code) == 0);
}

static bool first_notify(void *arg)
{
	struct conn *c = arg;

	return !c->sub || c->sub->notifies > 0;
}

/* What a person should look at first when nobody answers; empty where nothing is known. */
static const char *why_silent(const struct action *x, char buf[160])
{
	const struct access *a = x->conn ? x->conn->access : NULL;

	buf[0] = '\0';
	if (a && access_is_down(a))
		snprintf(buf, 160, "; its access %s is down: restore %s", a->name, a->name);
	return buf;
}

static int await(struct action *x)
{
	const char *wish = x->want ? x->want : "2xx";
	char hint[160];
	bool subscribed;

	if (!x->op || x->async)
		return SCN_OK;
	if (!scn_wait(op_done, x->op, x->within, 0)) {
		if (x->want && strcmp(x->want, "timeout") == 0)
			return SCN_OK;
		return scn_fail(x->a, SCN_FAILED, x->ue->name,
				"%s %s: expected %s, but nobody answered in %.1f s%s", x->ue->name,
				x->a->w[1], wish, (double)x->within / 1000, why_silent(x, hint));
	}
	if (!code_fits(x->op, x->want))
		return scn_fail(x->a, SCN_FAILED, x->ue->name, "%s %s: expected %s, got %s%d %s%s",
				x->ue->name, x->a->w[1], wish, x->op->local ? "(no answer) " : "",
				x->op->code, x->op->text, x->op->local ? why_silent(x, hint) : "");
	subscribed = strcmp(x->a->w[1], "subscribe") == 0 && x->op->code < 300;
	if (subscribed && !scn_wait(first_notify, x->conn, x->within, 0))
		return scn_fail(x->a, SCN_FAILED, x->ue->name,
				"subscribe: no NOTIFY came in %.1f s", (double)x->within / 1000);
	if (strcmp(x->a->w[1], "deregister") == 0 && x->op->code < 300)
		conn_drop(x->conn);
	if (strcmp(x->a->w[1], "ask-config") == 0 && x->op->code < 300)
		config_variables(x);
	return SCN_OK;
}

static void action_free(struct action *x)
{
	ue_sip_edits_free(&x->edits);
	register_options_free(&x->reg);
	config_options_free(&x->config);
	free(x->system);
	free(x->over);
	free(x->to);
	free(x->as);
	free(x->impu);
	free(x->transport);
	free(x->ipsec);
	free(x->alg);
	free(x->text);
	free(x->mediasec);
	free(x->call.impu);
	free(x->call.replaces);
	free(x->call.to);
	free(x->call.media);
	free(x->call.add);
	free(x->call.off);
}

int scn_action(struct ue *u, struct scn_args *a)
{
	struct action x = {.ue = u, .a = a, .at = 2};
	const struct verb *v = a->n > 1 ? find_verb(a->w[1]) : NULL;
	int rc;

	if (!v)
		return scn_fail(a, SCN_SYNTAX, NULL, "a UE cannot '%s'", a->n > 1 ? a->w[1] : "");
	rc = take_trailer(&x);
	if (rc == SCN_OK)
		rc = take_shape(&x, v);
	if (rc == SCN_OK)
		rc = take_options(&x, v);
	x.call.edits = &x.edits;
	if (rc == SCN_OK && !a->check_only)
		rc = v->run(&x);
	if (rc == SCN_OK && !a->check_only)
		rc = await(&x);
	action_free(&x);
	return rc;
}
