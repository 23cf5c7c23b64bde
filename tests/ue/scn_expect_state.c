/* SPDX-License-Identifier: GPL-2.0-or-later */
/* expect: what the media measured, and what the reg event says. */
#include <stdio.h>
#include <stdlib.h>

#include "ue/conn.h"
#include "ue/dialog.h"
#include "ue/reg_event.h"
#include "ue/scn_run.h"

enum { ENDS_MAX = 8 };

/* The ends of a session that are looked at, and where their counters stood. */
struct flow_wait {
	struct dialog *d[ENDS_MAX];
	uint64_t from[ENDS_MAX];
	unsigned n;
	uint64_t packets;
	const char *session;
	char names[128];
};

/* "S": every end of it in this process; "A.S": that one; "S/M" one m-line of it. */
static void find_ends(const char *word, struct flow_wait *f)
{
	const char *rest = word;
	struct ue *only = scn_ue_dot(word, &rest);

	f->session = rest;

	for (struct ue *u = ues; u && f->n < ENDS_MAX; u = u->next) {
		struct dialog *d = only && only != u ? NULL : scn_session(u, rest);

		if (d)
			f->d[f->n++] = d;
	}
}

/* Packets an end has received so far; its dialog may end meanwhile. */
static uint64_t received_by(const struct dialog *d, const char *session)
{
	const struct media_line *l = scn_media_line(d, session);
	struct media_figures f = {0};

	if (l && l->kind)
		l->kind->figures(l, &f);
	return f.received;
}

static bool flows(void *arg)
{
	struct flow_wait *f = arg;
	bool all = f->n > 0;

	f->names[0] = '\0';
	for (unsigned i = 0; i < f->n; i++) {
		uint64_t now = received_by(f->d[i], f->session);

		if (now < f->from[i]) /* the counters were reset, or the media is gone */
			f->from[i] = now;
		if (now - f->from[i] >= f->packets)
			continue;
		all = false;
		snprintf(f->names + strlen(f->names), sizeof(f->names) - strlen(f->names),
			 " %.20s.%.20s (%llu)", f->d[i]->ue->name, f->d[i]->name,
			 (unsigned long long)(now - f->from[i]));
	}
	return all;
}

static int expect_flows(struct scn_args *a, uint64_t ms, bool timed)
{
	struct flow_wait f = {.packets = 5};
	int64_t packets;

	if (a->n == 6 && strcmp(a->w[5], "packets") == 0 && scn_number(a->w[4], &packets) == 0 &&
	    packets > 0)
		f.packets = (uint64_t)packets;
	else if (a->n != 4)
		return scn_fail(a, SCN_SYNTAX, NULL, "expect media SESSION flows [N packets]");
	if (a->check_only)
		return SCN_OK;
	find_ends(a->w[2], &f);
	if (f.n == 0)
		return scn_fail(a, SCN_FAILED, "", "there is no session '%s'", a->w[2]);
	for (unsigned i = 0; i < f.n; i++)
		f.from[i] = received_by(f.d[i], f.session);
	if (scn_wait(flows, &f, timed ? ms : scn_default_within(), 0))
		return SCN_OK;
	return scn_fail(a, SCN_FAILED, "", "media does not flow to:%s", f.names);
}

static int expect_silent(struct scn_args *a)
{
	struct flow_wait f = {.packets = 1};
	uint64_t ms = 0;
	int rc = scn_take_time(a, "for", &ms);

	if (rc < 0)
		return rc;
	if (rc == 0 || a->n != 4)
		return scn_fail(a, SCN_SYNTAX, NULL, "expect media SESSION silent for TIME");
	if (a->check_only)
		return SCN_OK;
	find_ends(a->w[2], &f);
	for (unsigned i = 0; i < f.n; i++)
		f.from[i] = received_by(f.d[i], f.session);
	scn_wait(NULL, NULL, ms, 0);
	for (unsigned i = 0; i < f.n; i++)
		if (received_by(f.d[i], f.session) > f.from[i])
			return scn_fail(
			    a, SCN_FAILED, "", "%s.%s received %llu packets", f.d[i]->ue->name,
			    f.d[i]->name,
			    (unsigned long long)(received_by(f.d[i], f.session) - f.from[i]));
	return SCN_OK;
}

struct figure_wait {
	const struct scn_args *a;
	const struct dialog *d;
	const char *session;
	char now[32];
};

static bool figure_is(void *arg)
{
	struct figure_wait *f = arg;
	const struct media_line *l = scn_media_line(f->d, f->session);
	struct media_figures m;
	const struct {
		const char *name;
		const uint64_t *value;
	} figures[] = {
	    {"loss", &m.lost},	     {"reordered", &m.reordered}, {"received", &m.received},
	    {"sent", &m.sent},	     {"repeated", &m.repeated},	  {"wrong", &m.wrong},
	    {"refused", &m.refused}, {"faults", &m.faults},	  {"hz", &m.hz}};
	const char *what = f->a->w[3];

	if (!l || !l->kind) {
		snprintf(f->now, sizeof(f->now), "no media");
		return false;
	}
	l->kind->figures(l, &m);
	if (strcmp(what, "gap") == 0)
		snprintf(f->now, sizeof(f->now), "%llums", (unsigned long long)m.max_gap_us / 1000);
	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
		if (strcmp(what, figures[i].name) == 0)
			snprintf(f->now, sizeof(f->now), "%llu",
				 (unsigned long long)*figures[i].value);
	return scn_compare(f->now, f->a->w[4], f->a->w[5]) == 1;
}

/* expect media A.S[/M] gap < T, loss < N, reordered < N, received > N, ... */
int scn_expect_media(struct scn_args *a, uint64_t ms, bool has_time)
{
	static const char *const figures[] = {"gap",	  "loss",  "reordered", "received", "sent",
					      "repeated", "wrong", "refused",	"faults",   "hz"};
	struct figure_wait f = {.a = a};
	const char *rest = "";
	bool known = false;
	struct ue *u;

	if (a->n >= 4 && strcmp(a->w[3], "flows") == 0)
		return expect_flows(a, ms, has_time);
	if (a->n >= 4 && strcmp(a->w[3], "silent") == 0)
		return expect_silent(a);
	for (size_t i = 0; a->n == 6 && i < sizeof(figures) / sizeof(figures[0]); i++)
		known = known || strcmp(a->w[3], figures[i]) == 0;
	if (!known || scn_compare("1", a->w[4], "1") < 0)
		return scn_fail(
		    a, SCN_SYNTAX, NULL,
		    "expect media S flows [N packets], S silent for T, U.S "
		    "gap|loss|reordered|received|sent|repeated|wrong|refused|faults|hz < N");
	if (a->check_only)
		return SCN_OK;
	u = scn_ue_dot(a->w[2], &rest);
	f.d = scn_session(u, rest);
	f.session = rest;
	if (!f.d)
		return scn_fail(a, SCN_FAILED, NULL, "there is no session '%s'", a->w[2]);
	if (scn_wait(figure_is, &f, ms, 0))
		return SCN_OK;
	return scn_fail(a, SCN_FAILED, NULL, "%s of %s is %s", a->w[3], a->w[2], f.now);
}

struct reginfo_wait {
	const struct scn_args *a;
	struct ue *u;
	char now[256];
};

static const struct reginfo_contact *find_contact(struct reginfo_wait *w, const char *name)
{
	const char *uri = conn_contact(w->u, slice_str(name));
	const struct reginfo_registration *r = reg_event_aor(w->u, slice_str(w->a->w[3]));

	return r ? reginfo_registration_contact(r, slice_str(uri ? uri : name)) : NULL;
}

/* expect A reginfo AOR contact CONN|URI STATE [event E] */
static bool contact_is(void *arg)
{
	struct reginfo_wait *w = arg;
	const struct scn_args *a = w->a;
	const struct reginfo_contact *x = find_contact(w, a->w[5]);
	const char *want = a->w[6];
	bool fits;

	if (!x) {
		snprintf(w->now, sizeof(w->now), "absent");
		return strcmp(want, "absent") == 0;
	}
	snprintf(w->now, sizeof(w->now), "%s, event %s%s%s", reginfo_contact_state_name(x->state),
		 reginfo_event_name(x->event),
		 x->connection != REGINFO_CONN_NONE ? ", connection " : "",
		 x->connection != REGINFO_CONN_NONE ? reginfo_connection_name(x->connection) : "");
	if (strcmp(want, "inactive") == 0)
		fits = x->connection == REGINFO_CONN_INACTIVE;
	else
		fits = strcmp(want, reginfo_contact_state_name(x->state)) == 0;
	if (fits && a->n == 9)
		fits = strcmp(a->w[8], reginfo_event_name(x->event)) == 0;
	return fits;
}

/* expect A reginfo AOR active|terminated|init */
static bool aor_is(void *arg)
{
	struct reginfo_wait *w = arg;
	const struct reginfo_registration *r = reg_event_aor(w->u, slice_str(w->a->w[3]));

	snprintf(w->now, sizeof(w->now), "%s", r ? reginfo_reg_state_name(r->state) : "unknown");
	return strcmp(w->now, w->a->w[4]) == 0;
}

/* expect A reginfo contacts AOR == N */
static bool contacts_are(void *arg)
{
	struct reginfo_wait *w = arg;
	const struct reginfo_registration *r = reg_event_aor(w->u, slice_str(w->a->w[4]));
	unsigned n = 0;

	for (size_t i = 0; r && i < r->contacts_n; i++)
		n += r->contacts[i].state == REGINFO_CONTACT_ACTIVE;
	snprintf(w->now, sizeof(w->now), "%u", n);
	return scn_compare(w->now, w->a->w[5], w->a->w[6]) == 1;
}

int scn_expect_reginfo(struct ue *u, struct scn_args *a, uint64_t ms)
{
	struct reginfo_wait w = {.a = a, .u = u};
	bool (*is)(void *) = NULL;

	if (a->n == 7 && strcmp(a->w[3], "contacts") == 0 && scn_compare("1", a->w[5], "1") >= 0)
		is = contacts_are;
	else if ((a->n == 7 || (a->n == 9 && strcmp(a->w[7], "event") == 0)) &&
		 strcmp(a->w[4], "contact") == 0)
		is = contact_is;
	else if (a->n == 5)
		is = aor_is;
	if (!is)
		return scn_fail(a, SCN_SYNTAX, NULL,
				"expect UE reginfo AOR contact C STATE [event E], AOR STATE, "
				"contacts AOR == N");
	if (a->check_only)
		return SCN_OK;
	if (scn_wait(is, &w, ms, 0))
		return SCN_OK;
	return scn_fail(a, SCN_FAILED, u->name, "the reg event says: %s", w.now);
}
