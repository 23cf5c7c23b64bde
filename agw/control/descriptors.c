/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Add, Modify and Move: the descriptors of one command are worked out for copies of the streams;
 * only when all of it is possible does the termination change (H.248.1 8: a failed command is
 * undone).
 */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include "agw/control/gateway.h"
#include "agw/control/local_control.h"
#include "agw/control/stream_sdp.h"

struct plan {
	struct stream *old; /* NULL: a new stream */
	struct stream now;  /* the copy that is worked on */
	bool new_local, new_remote, choose, release, opened;
};

struct work {
	struct gateway *g;
	struct termination *t;
	struct h248_arena *a;
	const char **why;
	struct slice realm;
	size_t n;
	struct plan plans[MODEL_STREAMS_MAX]; /* n of them */
};

static struct plan *plan_find(struct work *w, uint16_t id)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->plans[i].now.id == id)
			return &w->plans[i];
	if (w->n == MODEL_STREAMS_MAX)
		return NULL;
	struct plan *p = &w->plans[w->n++];

	memset(p, 0, sizeof(*p));
	p->now.id = id;
	p->now.termination = w->t;
	p->now.control.mode = H248_INACTIVE;
	return p;
}

static void drop_text(char *s)
{
	if (s)
		explicit_bzero(s, strlen(s));
	free(s);
}

static unsigned fail(struct work *w, unsigned code, const char *why)
{
	*w->why = why;
	return code;
}

/* ---- one stream's descriptors ---- */

static unsigned open_leg(struct work *w, struct plan *p, const struct h248_sdp *block)
{
	struct termination *t = w->t;
	struct media_leg_open how = {.own_certificate = w->g->cfg.certificate_per_session,
				     .user = NULL};
	struct netaddr wanted;
	bool wrong_family, emergency = t->context && t->context->emergency;
	uint8_t family = 0;
	int rc;

	if (block->has_connection) {
		if (slice_eq_nocase(block->address_type, SLICE_LIT("IP6")))
			family = 6;
		else if (slice_eq_nocase(block->address_type, SLICE_LIT("IP4")))
			family = 4;
		else
			return fail(w, 449, "address type");
		if (!slice_eq(block->address, SLICE_LIT("$"))) {
			bool ours = false;

			if (netaddr_parse(block->address, &wanted) < 0)
				return fail(w, 449, "Local address");
			for (size_t i = 0; i < t->realm->cfg.n_addresses; i++)
				ours |= netaddr_ip_eq(&wanted, &t->realm->cfg.addresses[i]);
			if (!ours)
				return fail(w, 449, "Local address is not of this realm");
		}
	}
	if (!slice_eq(block->port, SLICE_LIT("$")))
		return fail(w, 501, "the port of a new Local must be CHOOSE");
	how.proto = p->now.proto;
	how.rtcp_port = p->now.control.rsb;
	how.pool = realm_pool(t->realm, family, emergency, w->g->cfg.ports_reserved_percent,
			      &wrong_family);
	if (!how.pool)
		return wrong_family ? fail(w, 449, "address type not in this realm")
				    : fail(w, 510, "no ports left");
	for (struct termination *o = t->context->terminations; o; o = o->next_in_context)
		for (struct stream *s = o->streams; s; s = s->next)
			if (s->leg)
				how.near = s->leg;
	rc = media_leg_open(w->g->media, &how, &p->now.leg);
	if (rc == MEDIA_ESYSTEM)
		gateway_log(w->g, LOG_WARNING, "realm %s: a socket cannot be opened: %s",
			    t->realm->cfg.name, strerror(errno));
	if (rc < 0)
		return fail(w, rc == MEDIA_ENOPORT || rc == MEDIA_ENOMEM ? 510 : 500,
			    media_strerror(rc));
	p->opened = true;
	p->now.opened_ms = media_now_ms();
	return 0;
}

static unsigned take_local(struct work *w, struct plan *p, struct slice text)
{
	const struct h248_sdp *block;
	struct h248_sdp *list = NULL;
	bool why_proto;
	unsigned code;

	if (!slice_trim(text).len) { /* release what was reserved (7.1.8) */
		p->release = true;
		return 0;
	}
	if (h248_sdp_parse(text, w->a, &list) < 0)
		return fail(w, 474, "Local");
	block = stream_choose_block(list, p->now.leg ? &p->now.proto : NULL, &why_proto);
	if (!block)
		return p->now.leg ? fail(w, 510, "another protocol than was reserved")
				  : fail(w, why_proto ? 515 : 474, "m= line");
	p->choose = h248_sdp_has_choose(list) || list->next;
	if (!p->now.leg) {
		stream_proto(block->proto, &p->now.proto);
		code = open_leg(w, p, block);
		if (code)
			return code;
	}
	p->now.local = NULL;
	p->new_local = true;
	if (stream_fill_local(block, p->now.leg, p->now.proto, w->a, &p->now.local) < 0)
		return fail(w, 449, "CHOOSE in Local");
	return 0;
}

static unsigned take_remote(struct work *w, struct plan *p, struct slice text)
{
	struct h248_sdp *list = NULL;
	const struct h248_sdp *block;
	bool why_proto;
	char *buf;
	size_t len;

	p->now.remote = NULL;
	p->new_remote = true;
	if (!slice_trim(text).len)
		return 0;
	if (h248_sdp_parse(text, w->a, &list) < 0 || h248_sdp_has_choose(list))
		return fail(w, 474, "Remote");
	block = stream_choose_block(list, p->now.leg ? &p->now.proto : NULL, &why_proto);
	if (!block)
		return fail(w, p->now.leg && why_proto ? 473 : 474, "m= line of Remote");
	struct h248_sdp one = *block;

	one.next = NULL;
	buf = malloc(text.len + 256);
	if (!buf)
		return fail(w, 500, "memory");
	if (h248_sdp_write(&one, false, buf, text.len + 255, &len) != H248_OK) {
		free(buf);
		return fail(w, 474, "Remote");
	}
	buf[len] = 0;
	p->now.remote = buf;
	return 0;
}

static unsigned take_stream(struct work *w, const struct h248_stream *in)
{
	struct plan *p = plan_find(w, in->has_id ? in->id : 1);
	unsigned code = 0;

	if (!p)
		return fail(w, 510, "too many streams");
	if (in->control) {
		struct slice realm;

		code = local_control_parse(in->control, &p->now.control, &realm, w->why);
		if (code)
			return code;
		if (realm.len && realm_find(&w->g->realms, realm) != w->t->realm)
			return fail(w, p->old ? 473 : 449, "ipdc/realm");
	}
	if (in->has_local)
		code = take_local(w, p, in->local);
	if (!code && in->has_remote)
		code = take_remote(w, p, in->remote);
	return code;
}

/* ---- signals ---- */

static bool signal_hits(const struct h248_signal *s, const struct plan *p)
{
	return !s->has_stream || !s->stream || s->stream == p->now.id;
}

static unsigned latch_signal(struct work *w, const struct h248_signal *s, struct plan *p)
{
	const struct h248_parm *napt = h248_parm_find(s->parms, "", "napt");

	if (!napt)
		return fail(w, 457, "ipnapt/latch needs napt");
	if (slice_eq_nocase(napt->value.text, SLICE_LIT("LATCH")))
		p->now.latch = MEDIA_LATCH_ON;
	else if (slice_eq_nocase(napt->value.text, SLICE_LIT("RELATCH")))
		p->now.latch = MEDIA_LATCH_RELATCH;
	else
		p->now.latch = MEDIA_LATCH_OFF;
	p->now.latch_serial++;
	return 0;
}

static unsigned take_signal(struct work *w, const struct h248_signal *s)
{
	for (size_t i = 0; i < w->n; i++) {
		struct plan *p = &w->plans[i];

		if (!signal_hits(s, p))
			continue;
		if (h248_name_is(&s->name, "ipnapt", "latch")) {
			unsigned code = latch_signal(w, s, p);

			if (code)
				return code;
		} else if (h248_name_is(&s->name, "tcpbcc", "EstBNC")) {
			p->now.config.tcp_establish = true;
		} else if (h248_name_is(&s->name, "tcpbcc", "RelBNC")) {
			p->now.config.tcp_establish = false;
			p->now.control.mode = H248_INACTIVE;
		} else if (h248_name_is(&s->name, "tlsbsc", "EstablishBNC")) {
			p->now.tls_client = true;
		} else if (h248_name_is(&s->name, "tlsbsc", "ReleaseBNC")) {
			p->now.tls_client = false;
			p->now.control.mode = H248_INACTIVE;
		} else {
			return fail(w, 513, "signal");
		}
	}
	return 0;
}

static unsigned take_signals(struct work *w, const struct h248_signals *signals)
{
	for (const struct h248_signal *s = signals->list; s; s = s->next) {
		unsigned code = 0;

		if (s->is_list)
			for (const struct h248_signal *one = s->list; one && !code; one = one->next)
				code = take_signal(w, one);
		else
			code = take_signal(w, s);
		if (code)
			return code;
	}
	return 0;
}

/* ---- events ---- */

static unsigned take_event(struct work *w, const struct h248_event *e)
{
	struct termination *t = w->t;
	struct armed_event *x;
	const struct h248_parm *p;
	uint64_t v;

	if (t->n_events == MODEL_EVENTS_MAX)
		return fail(w, 510, "too many events");
	x = &t->events[t->n_events];
	memset(x, 0, sizeof(*x));
	if (slice_copy(e->name.pkg, x->package, sizeof(x->package)) < 0 ||
	    slice_copy(e->name.item, x->item, sizeof(x->item)) < 0)
		return fail(w, 512, "event");
	x->has_stream = e->has_stream;
	x->stream = e->stream;
	x->keep_active = e->keep_active;
	if (h248_name_is(&e->name, "hangterm", "thb")) {
		p = h248_parm_find(e->parms, "", "timerx");
		x->seconds = w->g->cfg.heartbeat_s;
		if (p && (h248_parm_u64(p, 86400 * 7, &v) < 0 || !v))
			return fail(w, 449, "timerx");
		if (p)
			x->seconds = (uint32_t)v;
	} else if (h248_name_is(&e->name, "adid", "ipstop")) {
		p = h248_parm_find(e->parms, "", "dt");
		if (!p || h248_parm_u64(p, 86400, &v) < 0 || !v)
			return fail(w, p ? 449 : 457, "dt");
		x->seconds = (uint32_t)v;
		x->direction = 3;
		p = h248_parm_find(e->parms, "", "dir");
		if (p && slice_eq_nocase(p->value.text, SLICE_LIT("IN")))
			x->direction = 1;
		else if (p && slice_eq_nocase(p->value.text, SLICE_LIT("OUT")))
			x->direction = 2;
	}
	t->n_events++;
	return 0;
}

static unsigned take_events(struct work *w, const struct h248_events *events, int64_t now_ms)
{
	struct termination *t = w->t;

	t->n_events = 0;
	t->heartbeat_due_ms = 0;
	t->events_given = events->request.present;
	t->request_id = events->request.id;
	for (const struct h248_event *e = events->list; e; e = e->next) {
		unsigned code = take_event(w, e);

		if (code)
			return code;
	}
	for (size_t i = 0; i < t->n_events; i++)
		if (strcmp(t->events[i].package, "hangterm") == 0)
			t->heartbeat_due_ms = now_ms + (int64_t)t->events[i].seconds * 1000;
	return 0;
}

/* ---- all of it ---- */

static void undo(struct work *w)
{
	for (size_t i = 0; i < w->n; i++) {
		struct plan *p = &w->plans[i];

		if (p->opened)
			media_leg_close(p->now.leg);
		if (p->new_local)
			drop_text(p->now.local);
		if (p->new_remote)
			drop_text(p->now.remote);
		explicit_bzero(&p->now, sizeof(p->now));
	}
}

static unsigned commit_stream(struct work *w, struct plan *p, struct h248_descriptor **media,
			      struct h248_command *reply)
{
	struct stream *s = p->old;

	if (!s) {
		s = stream_new(w->t, p->now.id);
		if (!s)
			return fail(w, 500, "memory");
	} else {
		if (p->new_local)
			drop_text(s->local);
		if (p->new_remote)
			drop_text(s->remote);
	}
	p->now.next = s->next;
	*s = p->now;
	explicit_bzero(&p->now, sizeof(p->now));
	p->new_local = p->new_remote = false;
	if (s->leg) {
		media_leg_set_user(s->leg, s);
		media_leg_configure(s->leg, &s->config);
	}
	p->opened = false;
	if (p->choose) {
		struct h248_stream *out;

		if (!*media)
			*media = h248_new_descriptor(w->a, reply, H248_D_MEDIA);
		out = h248_new_stream(w->a, *media, s->id);
		if (out) {
			out->has_local = true;
			out->local = slice_str(s->local);
		}
	}
	return 0;
}

unsigned descriptors_apply(struct gateway *g, struct termination *t, const struct h248_command *cmd,
			   struct h248_arena *a, struct h248_command *reply, const char **why,
			   int64_t now_ms)
{
	struct work *w =
	    malloc(sizeof(*w));		/* its plans are cleared one by one, as they are used */
	struct termination before = *t; /* its events; pointers are not followed */
	struct h248_descriptor *media = NULL;
	unsigned code = 0;

	if (!w)
		return 500;
	memset(w, 0, offsetof(struct work, plans));
	w->g = g;
	w->t = t;
	w->a = a;
	w->why = why;
	for (struct stream *s = t->streams; s && w->n < MODEL_STREAMS_MAX; s = s->next)
		w->plans[w->n++] = (struct plan){.old = s, .now = *s};
	for (const struct h248_descriptor *d = cmd->descriptors; d && !code; d = d->next) {
		if (d->kind == H248_D_MEDIA)
			for (const struct h248_stream *s = d->u.media.streams; s && !code;
			     s = s->next)
				code = take_stream(w, s);
		else if (d->kind == H248_D_EVENTS)
			code = take_events(w, &d->u.events, now_ms);
		else if (d->kind == H248_D_MODEM || d->kind == H248_D_MUX ||
			 d->kind == H248_D_DIGIT_MAP || d->kind == H248_D_EVENT_BUFFER)
			code = fail(w, 444, "descriptor");
	}
	/* Signals act on streams that may have come with the same command, whatever the order. */
	for (const struct h248_descriptor *d = cmd->descriptors; d && !code; d = d->next)
		if (d->kind == H248_D_SIGNALS)
			code = take_signals(w, &d->u.signals);
	for (size_t i = 0; i < w->n && !code; i++) {
		struct plan *p = &w->plans[i];

		if (p->now.leg && !p->release)
			code = stream_make_config(&p->now, p->now.local, p->now.remote,
						  &p->now.control, p->now.tls_client,
						  g->cfg.msrp_rewrite, a, &p->now.config, why);
	}
	for (size_t i = 0; i < w->n && !code; i++)
		code = w->plans[i].release ? 0 : commit_stream(w, &w->plans[i], &media, reply);
	if (!code)
		for (size_t i = 0; i < w->n; i++)
			if (w->plans[i].release && w->plans[i].old)
				stream_free(t, w->plans[i].old);
	if (code) {
		t->n_events = before.n_events;
		memcpy(t->events, before.events, sizeof(t->events));
		t->events_given = before.events_given;
		t->request_id = before.request_id;
		t->heartbeat_due_ms = before.heartbeat_due_ms;
		undo(w);
	} else {
		context_relink(t->context);
	}
	explicit_bzero(w->plans, w->n * sizeof(w->plans[0])); /* keys */
	free(w);
	return code;
}
