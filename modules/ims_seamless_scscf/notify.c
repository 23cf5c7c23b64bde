/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Our own reg-event NOTIFYs (RFC 3680): partial documents to every watcher, where stock sends a
 * full one to the UE that registered only. Subscriptions stay stock's; version and CSeq are taken
 * from and written back to its records, and stock's documents get our ids (notify_watch.c), so that
 * both kinds of NOTIFY can alternate. This file knows who is told of what; notify_send.c writes and sends.
 */
#include "modules/ims_seamless_scscf/notify.h"

#include "sip/uri.h"

#define WATCHERS_MAX  1024 /* per event and subscriber; more are told in a later event only */
#define QUEUE_BUCKETS 4096

static struct scscf_told_aor *find_aor(struct scscf_notify_event *ev, struct slice impu)
{
	for (size_t k = 0; k < ev->aors_n; k++)
		if (slice_eq(ev->aors[k].impu, impu))
			return &ev->aors[k];
	return NULL;
}

/* impu must live as long as the event. */
static struct scscf_told_aor *add_aor(struct scscf_notify_event *ev, struct slice impu)
{
	struct scscf_told_aor *a;

	if (ev->aors_n == NOTIFY_AORS_MAX || !impu.len)
		return NULL;
	a = &ev->aors[ev->aors_n++];
	memset(a, 0, sizeof(*a));
	a->impu = impu;
	return a;
}

static void watch_too(struct scscf_notify_event *ev, struct slice impu)
{
	if (!find_aor(ev, impu))
		(void)add_aor(ev, scscf_arena_text(&ev->arena, impu));
}

/* What stands in the document, and what else is watched: other sets of the same user. */
static void collect_aors(struct scscf_notify_event *ev)
{
	struct scscf_told_aor *a;
	struct scscf_subscriber *s;
	struct scscf_model *m;

	for (const struct scscf_effect *f = ev->first; f; f = f->next) {
		if (!slice_eq(f->impi, ev->impi) ||
		    (f->kind != SCSCF_EFFECT_CONTACT && f->kind != SCSCF_EFFECT_SUBSCRIBER_GONE))
			continue;
		for (size_t i = 0; i < f->impus_n; i++) {
			a = find_aor(ev, f->impus[i]);
			if (!a && !(a = add_aor(ev, f->impus[i])))
				continue;
			a->told = true;
			/* The last row of an AOR knows best. */
			a->active = f->kind == SCSCF_EFFECT_CONTACT && f->impu_active[i];
		}
		if (f->kind == SCSCF_EFFECT_CONTACT)
			ev->only_call_id = f->only_call_id;
		else
			ev->final = true;
	}
	m = seamless_lock();
	s = scscf_model_subscriber(m, ev->impi);
	for (struct scscf_implicit_set *set = s ? s->sets : NULL; set; set = set->next)
		for (size_t i = 0; i < set->n; i++)
			if (!set->impu[i].barred)
				watch_too(ev, set->impu[i].impu);
	for (struct scscf_former_impu *f = s ? s->former : NULL; f; f = f->next)
		watch_too(ev, f->impu);
	seamless_unlock();
}

static struct slice host_of(struct slice uri)
{
	struct sip_uri_parts u;

	return sip_uri_parse(uri, &u) ? SLICE_NULL : u.host;
}

/*
 * The user himself and the P-CSCFs he is connected through learn of all his implicit sets; anybody
 * else, an AS say, only of the one he watches, because nothing else shows that the sets belong
 * together.
 */
static bool sees_all(const struct scscf_notify_event *ev, struct slice uri, struct slice contact)
{
	struct slice host = host_of(contact), from_host = host_of(uri);
	struct scscf_subscriber *s;
	struct scscf_model *m;
	bool yes = false;

	for (size_t i = 0; i < ev->aors_n; i++)
		if (slice_eq(ev->aors[i].impu, uri))
			return true;
	m = seamless_lock();
	s = scscf_model_subscriber(m, ev->impi);
	for (struct scscf_connection *c = s ? s->connections : NULL; c && !yes; c = c->next) {
		struct slice rest = c->way.path;
		struct sip_name_addr hop;

		if (host.len && sip_host_eq(c->way.host, host))
			yes = true;
		while (!yes && sip_name_addr_next(&rest, &hop) == 1) {
			struct slice h = host_of(hop.uri);

			yes = h.len && (sip_host_eq(h, host) || sip_host_eq(h, from_host));
		}
	}
	seamless_unlock();
	return yes;
}

static struct notify_watcher *new_watcher(struct scscf_notify_event *ev)
{
	if (ev->watchers_n == ev->watchers_size) {
		size_t size = ev->watchers_size ? ev->watchers_size * 2 : 8;
		struct notify_watcher *w =
		    size <= WATCHERS_MAX ? realloc(ev->watchers, size * sizeof(*w)) : NULL;

		if (!w) {
			counter_inc(seamless_counters.no_memory);
			return NULL;
		}
		ev->watchers = w;
		ev->watchers_size = size;
	}
	memset(&ev->watchers[ev->watchers_n], 0, sizeof(*ev->watchers));
	return &ev->watchers[ev->watchers_n++];
}

static void copy_watcher(struct scscf_notify_event *ev, const reg_subscriber *s, bool all)
{
	struct notify_watcher *w = new_watcher(ev);

	if (!w)
		return;
	w->all = all;
	w->aor = scscf_arena_text(&ev->arena, slice_of(s->presentity_uri));
	w->uri = scscf_arena_text(&ev->arena, slice_of(s->watcher_uri));
	w->contact = scscf_arena_text(&ev->arena, slice_of(s->watcher_contact));
	w->call_id = scscf_arena_text(&ev->arena, slice_of(s->call_id));
	w->local_tag = scscf_arena_text(&ev->arena, slice_of(s->to_tag));
	w->remote_tag = scscf_arena_text(&ev->arena, slice_of(s->from_tag));
	w->route = scscf_arena_text(&ev->arena, slice_of(s->record_route));
	w->socket = scscf_arena_text(&ev->arena, slice_of(s->sockinfo_str));
	if (ev->arena.failed)
		ev->watchers_n--;
}

static void collect_from(struct scscf_notify_event *ev, const struct scscf_told_aor *a,
			 impurecord_t *r, time_t now)
{
	for (const reg_subscriber *s = r->shead; s; s = s->next) {
		bool all;

		if (s->expires <= now ||
		    (ev->only_call_id.len && !slice_eq(slice_of(s->call_id), ev->only_call_id)))
			continue;
		all = sees_all(ev, slice_of(s->watcher_uri), slice_of(s->watcher_contact));
		if (!a->told && !all)
			continue;
		copy_watcher(ev, s, all);
	}
}

static void collect_watchers(struct scscf_notify_event *ev)
{
	time_t now = time(NULL);

	for (size_t i = 0; i < ev->aors_n; i++) {
		str impu = str_of(ev->aors[i].impu);
		impurecord_t *r;

		seamless_ul.lock_udomain(seamless_domain, &impu);
		if (seamless_ul.get_impurecord(seamless_domain, &impu, &r) == 0)
			collect_from(ev, &ev->aors[i], r, now);
		seamless_ul.unlock_udomain(seamless_domain, &impu);
	}
}

/* Who waits for a turn, in this process only. */
static struct scscf_notify_queue *the_queue(void)
{
	static struct scscf_store heap = {.alloc = malloc, .release = free};
	static struct scscf_notify_queue queue;
	struct keyed_hash_key key;

	if (!queue.buckets && (keyed_hash_key_random(&key) ||
			       scscf_notify_queue_init(&queue, &heap, &key, QUEUE_BUCKETS)))
		return NULL;
	return &queue;
}

/* When the list of watchers does not move any more. */
static void wait_for_turns(struct scscf_notify_event *ev)
{
	struct scscf_notify_queue *q = the_queue();

	for (size_t i = 0; i < ev->watchers_n; i++) {
		struct notify_watcher *w = &ev->watchers[i];

		if (!q || scscf_notify_queue_join(q, &w->turn, w->call_id, w->local_tag))
			counter_inc(seamless_counters.no_memory);
	}
}

static void free_events(struct scscf_notify_event *ev)
{
	while (ev) {
		struct scscf_notify_event *next = ev->next;

		scscf_arena_free(&ev->arena);
		free(ev->watchers);
		free(ev);
		ev = next;
	}
}

/* One event for each subscriber of the list. */
struct scscf_notify_event *notify_begin(const struct scscf_effect *first)
{
	struct scscf_notify_event *events = NULL, **last = &events, *ev;

	for (const struct scscf_effect *f = first; f; f = f->next) {
		if (f->kind != SCSCF_EFFECT_CONTACT && f->kind != SCSCF_EFFECT_SUBSCRIBER_GONE)
			continue;
		for (ev = events; ev && !slice_eq(ev->impi, f->impi);)
			ev = ev->next;
		if (ev)
			continue;
		ev = malloc(sizeof(*ev));
		if (!ev) {
			counter_inc(seamless_counters.no_memory);
			break;
		}
		memset(ev, 0, offsetof(struct scscf_notify_event, aors));
		ev->first = first;
		ev->impi = f->impi;
		collect_aors(ev);
		collect_watchers(ev);
		wait_for_turns(ev);
		*last = ev;
		last = &ev->next;
	}
	return events;
}

static bool is_registered(struct slice impi)
{
	struct scscf_model *m = seamless_lock();
	bool yes = scscf_model_subscriber(m, impi) != NULL;

	seamless_unlock();
	return yes;
}

/* Tell a watcher whose turn it is. */
static void tell(struct scscf_notify_event *ev, struct notify_watcher *w, bool may_wait)
{
	if (w->told || !scscf_notify_queue_is_first(&w->turn) || !notify_send(ev, w, may_wait))
		return;
	w->told = true;
	if (w->turn.dialog)
		scscf_notify_queue_leave(the_queue(), &w->turn);
}

bool notify_go_on(struct scscf_packed_effects *p, bool may_wait)
{
	bool all = true;

	for (struct scscf_notify_event *ev = p->told; ev; ev = ev->next) {
		/* Registered again meanwhile: it goes on. */
		ev->final = ev->final && !is_registered(ev->impi);
		for (size_t i = 0; i < ev->watchers_n; i++) {
			tell(ev, &ev->watchers[i], may_wait);
			all = all && ev->watchers[i].told;
		}
	}
	if (all) {
		free_events(p->told);
		p->told = NULL;
	}
	return all;
}
