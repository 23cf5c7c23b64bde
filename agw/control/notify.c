/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notify: what the media plane reports and the termination heartbeat, where the MGC has asked for
 * it. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "agw/control/events.h"

enum { NOTIFY_ARENA = 4096 };

struct notice {
	const char *package, *item;
	uint16_t stream;   /* 0 = none */
	const char *type;  /* Type=... of BNCChange */
	const char *cause; /* Generalcause of g/cause */
	const char *text;  /* Failurecause */
};

/* What the answer of the MGC needs; the termination may be gone by then, so it is found again by
 * serial. */
struct waiting {
	struct gateway *g;
	uint64_t serial;
	char id[H248_TID_MAX];
	bool heartbeat;
};

static void timestamp(char out[18])
{
	struct timespec ts;
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &ts);
	gmtime_r(&ts.tv_sec, &tm);
	strftime(out, 18, "%Y%m%dT%H%M%S", &tm);
	out[15] = (char)('0' + ts.tv_nsec / 100000000);
	out[16] = (char)('0' + ts.tv_nsec / 10000000 % 10);
	out[17] = 0;
}

/* An MGC that does not know context or termination any more lets go of it this way (TS 23.334
 * termination heartbeat). */
static bool unknown_to_mgc(const struct h248_transaction *reply)
{
	for (const struct h248_action *a = reply->actions; a; a = a->next) {
		unsigned code = a->error.code;

		for (const struct h248_command *c = a->commands; c && !code; c = c->next) {
			const struct h248_descriptor *d = h248_descriptor_find(c, H248_D_ERROR);

			code = d ? d->u.error.code : 0;
		}
		if (code == 411 || code == 430 || code == 435)
			return true;
	}
	return false;
}

static void answered(void *user, enum h248_outcome outcome, const struct h248_transaction *reply)
{
	struct waiting *w = user;
	struct termination *t = termination_find(&w->g->model, slice_str(w->id));

	if (!w->id[0])
		w->g->root.notify_running = false;
	if (t && t->serial == w->serial) {
		t->notify_running = false;
		if (outcome == H248_REPLIED && w->heartbeat && unknown_to_mgc(reply)) {
			struct context *c = t->context;

			log_line(LOG_INFO, "%s is unknown to the controller: released", t->id);
			w->g->heartbeats_orphaned++;
			termination_free(&w->g->model, t);
			if (!c->n_terminations)
				context_free(&w->g->model, c);
		}
	}
	if (outcome != H248_REPLIED)
		w->g->notifies_lost++;
	free(w);
}

static bool send_notice(struct gateway *g, struct termination *t, const struct notice *n,
			bool heartbeat, int64_t now_ms)
{
	char memory[NOTIFY_ARENA], time[18];
	struct h248_arena a;
	struct h248_action *list = NULL, *action;
	struct h248_command *cmd;
	struct h248_descriptor *d;
	struct h248_event *e;
	struct h248_peer *mgc = h248_peer_next(g->entity, NULL);
	struct waiting *w;

	if (!mgc)
		return false;
	w = calloc(1, sizeof(*w));
	if (!w)
		return false;
	h248_arena_init(&a, memory, sizeof(memory));
	action = h248_new_action(&a, &list, t ? t->context->id : H248_CONTEXT_NULL);
	cmd = h248_new_command(&a, action, H248_NOTIFY, t ? slice_str(t->id) : H248_ROOT);
	d = h248_new_descriptor(&a, cmd, H248_D_OBSERVED_EVENTS);
	if (!d)
		goto fail;
	d->u.events.request =
	    (struct h248_request_id){.present = true, .id = t ? t->request_id : g->root.request_id};
	e = h248_new_event(&a, &d->u.events.list, n->package, n->item);
	if (!e)
		goto fail;
	timestamp(time);
	e->time = slice_str(time);
	if (n->stream) {
		e->has_stream = true;
		e->stream = n->stream;
	}
	if (n->type)
		h248_new_parm(&a, &e->parms, "", "Type", slice_str(n->type), false);
	if (n->cause)
		h248_new_parm(&a, &e->parms, "", "Generalcause", slice_str(n->cause), false);
	if (n->text)
		h248_new_parm(&a, &e->parms, "", "Failurecause", slice_str(n->text), true);
	w->g = g;
	w->heartbeat = heartbeat;
	if (t) {
		w->serial = t->serial;
		strcpy(w->id, t->id);
	}
	if (a.overflow || h248_request(mgc, list, answered, w, now_ms, NULL) != H248_OK)
		goto fail;
	if (t)
		t->notify_running = true;
	else
		g->root.notify_running = true;
	g->notifies++;
	return true;
fail:
	g->notifies_lost++;
	free(w);
	return false;
}

static const char *tls_cause_text(enum media_tls_cause cause)
{
	switch (cause) {
	case MEDIA_TLS_CAUSE_FINGERPRINT:
		return "TLS fingerprint mismatch";
	case MEDIA_TLS_CAUSE_NO_CERTIFICATE:
		return "TLS peer without certificate";
	case MEDIA_TLS_CAUSE_TIMEOUT:
		return "TLS handshake timeout";
	default:
		return "TLS handshake failed";
	}
}

/* The notice for a media event, by what is armed: the specific event first, g/cause for the rest.
 */
static bool make_notice(const struct termination *t, const struct stream *s,
			const struct media_event *ev, struct notice *n)
{
	*n = (struct notice){.stream = s->id};
	switch (ev->type) {
	case MEDIA_EV_TLS_FAILED:
		n->text = tls_cause_text(ev->cause);
		if (events_armed(t, EVENT_TLS_CHANGE, s->id)) {
			*n = (struct notice){"tlsbsc", "BNCChange", s->id, "EstFail", NULL, NULL};
			return true;
		}
		n->cause = "FP";
		break;
	case MEDIA_EV_TCP_FAILED:
		n->text = "TCP connection failed";
		if (events_armed(t, EVENT_TCP_CHANGE, s->id)) {
			*n = (struct notice){"tcpbcc", "BNCChange", s->id, "EstFail", NULL, NULL};
			return true;
		}
		n->cause = "FT";
		break;
	case MEDIA_EV_TCP_LOST:
		n->cause = "FT";
		n->text = "connection lost";
		break;
	case MEDIA_EV_PROTOCOL:
		n->cause = "FP";
		n->text = "message framing broken";
		break;
	case MEDIA_EV_TCP_CLOSED:
		n->cause = "NR";
		break;
	case MEDIA_EV_INACTIVE:
		if (!events_armed(t, EVENT_IPSTOP, s->id))
			return false;
		n->package = "adid";
		n->item = "ipstop";
		return true;
	default:
		return false;
	}
	if (events_armed(t, EVENT_CAUSE, s->id)) {
		n->package = "g";
		n->item = "cause";
		return true;
	}
	if (events_armed(t, EVENT_TCP_CHANGE, s->id)) {
		*n = (struct notice){"tcpbcc", "BNCChange", s->id, "Rel", NULL, NULL};
		return true;
	}
	return false;
}

/* What happens in every call is for those who look for it. */
static bool is_usual(enum media_event_type type)
{
	return type == MEDIA_EV_TCP_UP || type == MEDIA_EV_TLS_UP || type == MEDIA_EV_TCP_CLOSED ||
	       type == MEDIA_EV_LATCHED;
}

static const char *reason_of(const struct media_event *ev)
{
	if (ev->type == MEDIA_EV_TLS_FAILED || ev->type == MEDIA_EV_TLS_RETRY ||
	    ev->type == MEDIA_EV_STRANGER)
		return media_tls_cause_name(ev->cause);
	return ev->error && ev->type != MEDIA_EV_INACTIVE ? strerror(ev->error) : NULL;
}

void notify_media_event(const struct media_event *ev, void *gateway)
{
	struct gateway *g = gateway;
	struct stream *s = ev->user;
	struct termination *t = s->termination;
	struct notice n;
	char addr[NETADDR_TEXT_MAX];
	const char *reason = reason_of(ev);

	if ((unsigned)ev->type < MEDIA_EVENTS_MAX)
		g->media_events[ev->type]++;
	log_line(is_usual(ev->type) ? LOG_DEBUG : LOG_INFO,
		 "context %u %s stream %u: %s, peer %s%s%s", t->context->id, t->id, s->id,
		 media_event_name(ev->type), netaddr_text(&ev->addr, addr), reason ? ", " : "",
		 reason ? reason : "");
	if (make_notice(t, s, ev, &n))
		send_notice(g, t, &n, false, media_now_ms());
}

static void heartbeat(struct termination *t, void *arg)
{
	static const struct notice n = {.package = "hangterm", .item = "thb"};
	struct gateway *g = arg;
	int64_t now = media_now_ms();

	if (!t->heartbeat_due_ms || now < t->heartbeat_due_ms || t->notify_running)
		return;
	events_heartbeat_again(t, now);
	send_notice(g, t, &n, true, now);
}

void notify_second(struct gateway *g, int64_t now_ms)
{
	(void)now_ms;
	model_each_termination(&g->model, heartbeat, g);
}

void notify_realms_changed(struct gateway *g, int64_t now_ms)
{
	static const struct notice n = {.package = "ipra", .item = "arc"};

	if (g->root.realm_change)
		send_notice(g, NULL, &n, false, now_ms);
}

/* H.248.11: the controller learns it with the calls that it sets up, and paces itself. */
void notify_new_call(struct gateway *g, int64_t now_ms)
{
	static const struct notice n = {.package = "ocp", .item = "mg_overload"};

	if (!g->root.overload)
		return;
	gateway_measure(g);
	if (g->overload.on && !g->root.notify_running)
		send_notice(g, NULL, &n, false, now_ms);
}
