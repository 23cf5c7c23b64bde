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
#include "agw/control/events.h"
#include "agw/control/local_control.h"
#include "agw/control/signals.h"
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

/* Descriptors that it may use: an RTP leg one or two, a stream leg a listener and a connection. */
static uint8_t leg_descriptors(enum media_proto proto, bool rtcp_port)
{
	return media_proto_is_tcp(proto) || (rtcp_port && media_proto_is_rtp(proto)) ? 2 : 1;
}

/* What Local asks for: a family (0: any) and, unless it is all zero, an address. */
static unsigned asked_address(struct work *w, const struct h248_sdp *block, struct netaddr *asked)
{
	uint8_t family;

	memset(asked, 0, sizeof(*asked));
	if (!block->has_connection)
		return 0;
	if (slice_eq_nocase(block->address_type, SLICE_LIT("IP6")))
		asked->family = 6;
	else if (slice_eq_nocase(block->address_type, SLICE_LIT("IP4")))
		asked->family = 4;
	else
		return fail(w, 449, "address type");
	if (slice_eq(block->address, SLICE_LIT("$")))
		return 0;
	family = asked->family;
	if (netaddr_parse(block->address, asked) < 0 || asked->family != family ||
	    netaddr_is_any(asked))
		return fail(w, 449, "Local address");
	return 0;
}

/* A Local for what has been reserved leaves address and port to us, or names them. Port 9 of TCP
 * names none (RFC 4145 4.1). */
static unsigned check_reserved(struct work *w, const struct plan *p, const struct h248_sdp *block)
{
	struct netaddr asked, ours;
	unsigned code = asked_address(w, block, &asked);

	if (code)
		return code;
	media_leg_local(p->now.leg, &ours);
	if (asked.family && (asked.family != ours.family ||
			     (!netaddr_is_any(&asked) && !netaddr_ip_eq(&asked, &ours))))
		return fail(w, 449, "Local: another address than was reserved");
	if (!slice_eq(block->port, SLICE_LIT("$")) && block->port_number != ours.port &&
	    !(media_proto_is_tcp(p->now.proto) && block->port_number == 9))
		return fail(w, 449, "Local: another port than was reserved");
	return 0;
}

static unsigned open_leg(struct work *w, struct plan *p, const struct h248_sdp *block)
{
	struct termination *t = w->t;
	struct media_leg_open how = {.own_certificate = w->g->cfg.certificate_per_session,
				     .user = NULL};
	struct netaddr asked;
	bool nowhere, emergency = t->context && t->context->emergency;
	uint8_t cost;
	unsigned code = asked_address(w, block, &asked);
	int rc;

	if (code)
		return code;
	if (!slice_eq(block->port, SLICE_LIT("$")))
		return fail(w, 501, "the port of a new Local must be CHOOSE");
	how.proto = p->now.proto;
	how.rtcp_port = p->now.control.rsb;
	how.pool =
	    realm_pool(t->realm, &asked, emergency, w->g->cfg.ports_reserved_percent, &nowhere);
	if (!how.pool)
		return nowhere ? fail(w, 449,
				      netaddr_is_any(&asked) ? "address type not in this realm"
							     : "Local address is not of this realm")
			       : fail(w, 510, "no ports left");
	for (struct termination *o = t->context->terminations; o; o = o->next_in_context)
		for (struct stream *s = o->streams; s; s = s->next)
			if (s->leg)
				how.near = s->leg;
	cost = leg_descriptors(how.proto, how.rtcp_port);
	if (!limits_have(&w->g->limits, cost, emergency))
		return fail(w, 510, "no descriptors left");
	rc = media_leg_open(w->g->media, &how, &p->now.leg);
	if (rc == MEDIA_ESYSTEM)
		log_line(LOG_WARNING, "realm %s: a socket cannot be opened: %s", t->realm->cfg.name,
			 strerror(errno));
	if (rc < 0)
		return fail(w,
			    rc == MEDIA_ENOPORT || rc == MEDIA_ENOMEM || rc == MEDIA_EDESCRIPTORS
				? 510
				: 500,
			    media_strerror(rc));
	p->opened = true;
	p->now.opened_ms = media_now_ms();
	p->now.descriptors = cost;
	w->g->limits.used += cost;
	return 0;
}

static unsigned take_local(struct work *w, struct plan *p, struct slice text)
{
	const struct h248_sdp *block;
	struct h248_sdp *list = NULL, full;
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
	if (!p->now.leg)
		stream_proto(block->proto, &p->now.proto);
	code = p->now.leg ? check_reserved(w, p, block) : open_leg(w, p, block);
	if (code)
		return code;
	if (stream_fill_local(block, p->now.leg, w->a, &full) < 0)
		return fail(w, 449, "CHOOSE in Local");
	p->now.local = stream_text(&full, true);
	p->new_local = true;
	if (!p->now.local)
		return fail(w, 500, "Local cannot be written");
	return stream_take_local(&p->now, &full, w->why);
}

static unsigned take_remote(struct work *w, struct plan *p, struct slice text)
{
	struct h248_sdp *list = NULL;
	const struct h248_sdp *block;
	bool why_proto;

	p->now.remote = NULL;
	p->new_remote = true;
	if (!slice_trim(text).len) {
		stream_drop_remote(&p->now);
		return 0;
	}
	if (h248_sdp_parse(text, w->a, &list) < 0 || h248_sdp_has_choose(list))
		return fail(w, 474, "Remote");
	block = stream_choose_block(list, p->now.leg ? &p->now.proto : NULL, &why_proto);
	if (!block)
		return fail(w, p->now.leg && why_proto ? 473 : 474, "m= line of Remote");
	if (!p->now.leg)
		stream_proto(block->proto, &p->now.proto);
	p->now.remote = stream_text(block, false);
	if (!p->now.remote)
		return fail(w, 474, "Remote");
	return stream_take_remote(&p->now, block, w->why);
}

/* A leg speaks the family of its own address; "0.0.0.0" of a call on hold is nobody's (RFC 3264
 * 8.4). */
static bool out_of_reach(const struct netaddr *ours, const struct netaddr *peer)
{
	return netaddr_known(peer) && !netaddr_is_any(peer) && peer->family != ours->family;
}

/* Why a peer cannot be there; NULL: it can. Who names this host or this very leg would have us speak
 * with our own services, or with ourselves without end. */
static const char *no_peer(const struct netaddr *ours, bool pair, const struct netaddr *peer)
{
	if (!netaddr_known(peer) || netaddr_is_any(peer))
		return NULL;
	if (out_of_reach(ours, peer))
		return "Remote: address type is not Local's";
	if (!netaddr_is_unicast(peer) || (netaddr_is_loopback(peer) && !netaddr_is_loopback(ours)))
		return "Remote: no address of a peer";
	if (netaddr_ip_eq(ours, peer) &&
	    (peer->port == ours->port || (pair && peer->port == ours->port + 1)))
		return "Remote: Local's own address and port";
	return NULL;
}

/* What the descriptors of a stream say together. */
static unsigned check_stream(struct work *w, const struct plan *p)
{
	const struct media_leg_config *c = &p->now.config;
	struct netaddr ours;
	bool pair = p->now.control.rsb && media_proto_is_rtp(p->now.proto);
	const char *why;

	if (p->release)
		return p->new_remote && p->now.remote ? fail(w, 449, "Remote without Local") : 0;
	if (p->now.leg && p->now.control.rsb && media_proto_is_rtp(p->now.proto) &&
	    p->now.descriptors < leg_descriptors(p->now.proto, true))
		return fail(w, 449, "rtcph/rsb: the port was reserved without one for RTCP");
	if (!p->now.leg)
		return 0;
	media_leg_local(p->now.leg, &ours);
	if (out_of_reach(&ours, &p->now.control.filter.prefix))
		return fail(w, 449, "gm/sam: address type is not Local's");
	if (!p->now.remote)
		return 0;
	why = no_peer(&ours, pair, &c->remote);
	if (!why)
		why = no_peer(&ours, pair, &c->remote_rtcp);
	return why ? fail(w, 449, why) : 0;
}

static unsigned take_stream(struct work *w, const struct h248_stream *in)
{
	struct plan *p = plan_find(w, in->has_id ? in->id : 1);
	unsigned code = 0;

	if (!p)
		return fail(w, 510, "too many streams");
	if (in->control) {
		struct slice realm = local_control_realm(in->control);

		code = local_control_parse(in->control, &p->now.control, w->why);
		if (code)
			return code;
		if (realm.p && realm_find(&w->g->realms, realm) != w->t->realm)
			return fail(w, p->old ? 473 : 449, "ipdc/realm");
	}
	if (in->has_statistics)
		p->now.statistics = true;
	if (in->has_local)
		code = take_local(w, p, in->local);
	if (!code && in->has_remote)
		code = take_remote(w, p, in->remote);
	return code ? code : check_stream(w, p);
}

/* ---- signals ---- */

/* On the stream that it names, or on all that can have it. */
static unsigned take_signal(struct work *w, const struct h248_signal *s)
{
	const struct signal_item *item = signal_item_find(&s->name);
	bool named = s->has_stream && s->stream, hit = false;

	if (!item)
		return fail(w, 513, "signal");
	for (size_t i = 0; i < w->n; i++) {
		struct stream *now = &w->plans[i].now;
		unsigned code;

		if ((named && s->stream != now->id) || !now->leg || !item->fits(now->proto))
			continue;
		code = item->apply(s, now, w->why);
		if (code)
			return code;
		hit = true;
	}
	return hit ? 0 : fail(w, 513, "no stream for this signal");
}

static unsigned take_signals(struct work *w, const struct h248_signal *list)
{
	unsigned code = 0;

	for (const struct h248_signal *s = list; s && !code; s = s->next)
		code = s->is_list ? take_signals(w, s->list) : take_signal(w, s);
	return code;
}

/* ---- all of it ---- */

static void undo(struct work *w)
{
	for (size_t i = 0; i < w->n; i++) {
		struct plan *p = &w->plans[i];

		if (p->opened) {
			w->g->limits.used -= p->now.descriptors;
			media_leg_close(p->now.leg);
		}
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
			return fail(w, 510, "memory");
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

static unsigned take_descriptors(struct work *w, const struct h248_command *cmd, int64_t now_ms)
{
	unsigned code = 0;

	for (const struct h248_descriptor *d = cmd->descriptors; d && !code; d = d->next) {
		if (d->kind == H248_D_MEDIA)
			for (const struct h248_stream *s = d->u.media.streams; s && !code;
			     s = s->next)
				code = take_stream(w, s);
		else if (d->kind == H248_D_EVENTS)
			code = events_take(w->t, &d->u.events, &w->g->cfg, w->why, now_ms);
	}
	/* Signals act on streams that may have come with the same command, whatever the order. */
	for (const struct h248_descriptor *d = cmd->descriptors; d && !code; d = d->next)
		if (d->kind == H248_D_SIGNALS)
			code = take_signals(w, d->u.signals.list);
	return code;
}

static unsigned commit(struct work *w, struct h248_command *reply)
{
	struct h248_descriptor *media = NULL;
	unsigned code = 0;

	for (size_t i = 0; i < w->n; i++)
		if (w->plans[i].now.leg && !w->plans[i].release)
			stream_finish_config(&w->plans[i].now, w->g->cfg.msrp_rewrite);
	for (size_t i = 0; i < w->n && !code; i++)
		code = w->plans[i].release ? 0 : commit_stream(w, &w->plans[i], &media, reply);
	for (size_t i = 0; i < w->n && !code; i++)
		if (w->plans[i].release && w->plans[i].old)
			stream_free(&w->g->model, w->t, w->plans[i].old);
	return code;
}

/* What the termination has beside its streams, as it was. */
static void restore_events(struct termination *t, const struct termination *before)
{
	t->n_events = before->n_events;
	memcpy(t->events, before->events, sizeof(t->events));
	t->events_given = before->events_given;
	t->request_id = before->request_id;
	t->heartbeat_due_ms = before->heartbeat_due_ms;
}

unsigned descriptors_apply(struct gateway *g, struct termination *t, const struct h248_command *cmd,
			   struct h248_arena *a, struct h248_command *reply, const char **why,
			   int64_t now_ms)
{
	struct work *w =
	    malloc(sizeof(*w));		/* its plans are cleared one by one, as they are used */
	struct termination before = *t; /* its events; pointers are not followed */
	unsigned code;

	if (!w)
		return 510;
	memset(w, 0, offsetof(struct work, plans));
	w->g = g;
	w->t = t;
	w->a = a;
	w->why = why;
	for (struct stream *s = t->streams; s && w->n < MODEL_STREAMS_MAX; s = s->next)
		w->plans[w->n++] = (struct plan){.old = s, .now = *s};
	code = take_descriptors(w, cmd, now_ms);
	if (!code)
		code = commit(w, reply);
	if (code) {
		restore_events(t, &before);
		undo(w);
	} else {
		context_relink(t->context);
	}
	explicit_bzero(w->plans, w->n * sizeof(w->plans[0])); /* keys */
	free(w);
	return code;
}
