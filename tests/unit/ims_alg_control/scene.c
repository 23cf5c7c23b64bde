/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/ims_alg_control/scene.h"

#include <stdio.h>
#include <string.h>

#include "h248/codec.h"
#include "h248/sdp.h"

struct network net;
struct mgc *mgc;
struct fake fakes[GATEWAYS];
struct heard heard[MGC_EVENTS];
struct mgc_config config;

static unsigned gateways_open;

/* ---- the gateways' media plane ---- */

static struct fake_context *find(struct fake *f, uint32_t id)
{
	for (int i = 0; i < CONTEXTS; i++)
		if (id && f->context[i].id == id)
			return &f->context[i];
	return NULL;
}

static struct fake_context *make(struct fake *f)
{
	for (int i = 0; i < CONTEXTS; i++)
		if (!f->context[i].id) {
			memset(&f->context[i], 0, sizeof(f->context[i]));
			f->context[i].id = ++f->next_context;
			return &f->context[i];
		}
	return NULL;
}

static struct fake_termination *in(struct fake_context *c, struct slice tid)
{
	for (unsigned i = 0; c && i < c->n; i++)
		if (slice_eq(tid, slice_str(c->termination[i].id)))
			return &c->termination[i];
	return NULL;
}

/* A descriptor as text: what a test looks for words in. */
static void text_of(const struct h248_descriptor *d, char *out, size_t size)
{
	struct h248_descriptor one = *d;
	struct h248_command c = {.kind = H248_MODIFY, .tid = {.id = SLICE_LIT("t")}};
	struct h248_action a = {.context = 1, .commands = &c};
	size_t len = 0;

	one.next = NULL;
	c.descriptors = &one;
	ck_assert_int_eq(
	    h248_encode_actions(&a, H248_REQUEST, 3, H248_COMPACT, out, size - 1, &len), H248_OK);
	out[len] = 0;
}

static void replace(char *text, size_t size, const char *what, const char *with)
{
	char *at = strstr(text, what), rest[2048];

	if (!at)
		return;
	snprintf(rest, sizeof(rest), "%s", at + strlen(what));
	snprintf(at, size - (size_t)(at - text), "%s%s", with, rest);
}

static void choose(struct fake *f, struct fake_stream *s)
{
	char number[16], address[32];

	snprintf(number, sizeof(number), " %u ", f->no_port ? 0 : (f->port += 2));
	snprintf(address, sizeof(address), "IP4 192.0.2.%u", f->number);
	replace(s->local, sizeof(s->local), "IP4 $", address);
	replace(s->local, sizeof(s->local), "IP6 $", "IP6 2001:db8::7");
	replace(s->local, sizeof(s->local), " $ ", number);
	replace(s->local, sizeof(s->local), "fingerprint:$",
		"fingerprint:SHA-256 "
		"12:DF:3E:5D:49:6B:19:E5:7C:AB:4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:"
		"E5:7C:AB:4A:AD");
	snprintf(number, sizeof(number), "%08u", f->port);
	if (strstr(s->local, "inline:$")) {
		replace(s->local, sizeof(s->local), "inline:$",
			"inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz");
		memcpy(strstr(s->local, "inline:") + 7, number, 8);
	}
}

static void take_stream(struct fake *f, struct fake_termination *t, const struct h248_stream *in_s,
			struct h248_command *reply, struct h248_arena *arena,
			struct h248_descriptor **media)
{
	struct fake_stream *s = NULL;
	struct h248_stream *out;

	for (unsigned i = 0; i < t->n; i++)
		if (t->stream[i].id == in_s->id)
			s = &t->stream[i];
	if (in_s->has_local && !in_s->local.len) {
		ck_assert_ptr_nonnull(s);
		*s = t->stream[--t->n];
		return;
	}
	if (!s) {
		s = &t->stream[t->n++];
		memset(s, 0, sizeof(*s));
		s->id = in_s->id;
	}
	if (in_s->control) {
		struct h248_stream one = {.has_id = true, .id = in_s->id, .control = in_s->control};
		struct h248_descriptor d = {.kind = H248_D_MEDIA, .u.media.streams = &one};

		text_of(&d, s->control, sizeof(s->control));
	}
	if (in_s->has_remote)
		ck_assert_int_eq(slice_copy(in_s->remote, s->remote, sizeof(s->remote)), 0);
	if (!in_s->has_local)
		return;
	ck_assert_int_eq(slice_copy(in_s->local, s->local, sizeof(s->local)), 0);
	if (!strchr(s->local, '$'))
		return;
	choose(f, s);
	if (!*media)
		*media = h248_new_descriptor(arena, reply, H248_D_MEDIA);
	out = h248_new_stream(arena, *media, s->id);
	out->has_local = true;
	out->local = h248_copy(arena, slice_str(s->local));
}

static void take(struct fake *f, struct fake_termination *t, const struct h248_command *c,
		 struct h248_command *reply, struct h248_arena *arena)
{
	struct h248_descriptor *media = NULL;

	for (const struct h248_descriptor *d = c->descriptors; d; d = d->next) {
		if (d->kind == H248_D_MEDIA)
			for (const struct h248_stream *s = d->u.media.streams; s; s = s->next)
				take_stream(f, t, s, reply, arena, &media);
		if (d->kind == H248_D_EVENTS) {
			t->request = d->u.events.request.id;
			text_of(d, t->events, sizeof(t->events));
		}
		if (d->kind == H248_D_SIGNALS)
			text_of(d, t->signals, sizeof(t->signals));
	}
}

static bool fails(struct fake *f, const struct h248_command *c)
{
	if (!f->code || (f->code_kind && f->code_kind != c->kind) ||
	    (f->code_tid && (c->tid.id.len < strlen(f->code_tid) ||
			     memcmp(c->tid.id.p, f->code_tid, strlen(f->code_tid)) != 0)))
		return false;
	if (f->code_skip) {
		f->code_skip--;
		return false;
	}
	if (f->code_times && --f->code_times == 0)
		f->code = 0;
	return true;
}

static void statistics(struct h248_arena *arena, struct h248_command *reply)
{
	struct h248_descriptor *d = h248_new_descriptor(arena, reply, H248_D_STATISTICS);

	h248_new_parm(arena, &d->u.statistics, "nt", "or", SLICE_LIT("4711"), false);
}

static unsigned subtract(struct fake *f, struct fake_context *c, const struct h248_command *cmd,
			 struct h248_action *out, struct h248_arena *arena)
{
	unsigned hits = 0;

	for (unsigned i = 0; i < c->n;) {
		struct h248_command *reply;

		if (!h248_tid_match(cmd->tid.id, slice_str(c->termination[i].id))) {
			i++;
			continue;
		}
		hits++;
		f->subtracts++;
		if (!cmd->wildcard_response) {
			reply = h248_new_command(arena, out, H248_SUBTRACT,
						 h248_copy(arena, slice_str(c->termination[i].id)));
			if (!h248_descriptor_find(cmd, H248_D_AUDIT))
				statistics(arena, reply);
		}
		c->termination[i] = c->termination[--c->n];
	}
	if (cmd->wildcard_response)
		h248_new_command(arena, out, H248_SUBTRACT, cmd->tid.id);
	return hits ? 0 : 430;
}

static unsigned execute(struct fake *f, struct fake_context *c, const struct h248_command *cmd,
			struct h248_action *out, struct h248_arena *arena)
{
	struct fake_termination *t;
	struct h248_command *reply;

	unsigned code = f->code;

	if (fails(f, cmd))
		return code;
	if (cmd->kind == H248_AUDIT_VALUE) {
		for (unsigned k = 0; k < c->n; k++)
			h248_new_command(arena, out, H248_AUDIT_VALUE,
					 h248_copy(arena, slice_str(c->termination[k].id)));
		f->looks++;
		return 0;
	}
	if (cmd->kind == H248_SUBTRACT)
		return subtract(f, c, cmd, out, arena);
	if (cmd->kind == H248_ADD) {
		t = &c->termination[c->n++];
		memset(t, 0, sizeof(*t));
		snprintf(t->id, sizeof(t->id), "%.*s%u", (int)cmd->tid.id.len - 1, cmd->tid.id.p,
			 ++f->next_termination);
		f->adds++;
	} else {
		t = in(c, cmd->tid.id);
		f->modifies++;
	}
	if (!t)
		return 430;
	reply = h248_new_command(arena, out, cmd->kind, h248_copy(arena, slice_str(t->id)));
	take(f, t, cmd, reply, arena);
	return 0;
}

static void audit(struct fake *f, struct h248_action **list, struct h248_arena *arena)
{
	if (f->code && f->code_kind == H248_AUDIT_VALUE) {
		h248_new_action(arena, list, H248_CONTEXT_ALL)->error.code = (uint16_t)f->code;
		if (f->code_times && --f->code_times == 0)
			f->code = 0;
		return;
	}
	for (int i = 0; i < CONTEXTS; i++) {
		struct fake_context *c = &f->context[i];
		struct h248_action *out;

		if (!c->id)
			continue;
		out = h248_new_action(arena, list, c->id);
		for (unsigned k = 0; k < c->n; k++)
			h248_new_command(arena, out, H248_AUDIT_VALUE,
					 h248_copy(arena, slice_str(c->termination[k].id)));
	}
	if (!*list)
		h248_new_action(arena, list, H248_CONTEXT_ALL)->error.code = 431;
}

static void watch(struct fake *f, const struct h248_events *events)
{
	for (const struct h248_event *e = events->list; e; e = e->next) {
		uint64_t mit;

		if (h248_name_is(&e->name, "it", "ito") &&
		    h248_parm_u64(h248_parm_find(e->parms, "", "mit"), 10000, &mit) == 0)
			h248_mg_set_inactivity(f->entity, (uint32_t)mit * 10, events->request.id,
					       net.now);
	}
}

static void root(struct fake *f, const struct h248_command *cmd, struct h248_action *out,
		 struct h248_arena *arena)
{
	const struct h248_descriptor *d = h248_descriptor_find(cmd, H248_D_EVENTS);
	struct h248_command *reply = h248_new_command(arena, out, cmd->kind, H248_ROOT);

	f->root_events++;
	if (d) {
		text_of(d, f->root, sizeof(f->root));
		watch(f, &d->u.events);
	}
	if (fails(f, cmd))
		h248_new_error(arena, reply, f->code, NULL);
}

static void on_request(void *user, struct h248_peer *peer, struct h248_job *job, int64_t now)
{
	struct fake *f = user;
	struct h248_arena *arena = h248_job_arena(job);
	struct h248_action *list = NULL;

	(void)peer;
	f->transactions++;
	for (const struct h248_action *a = h248_job_request(job)->actions; a; a = a->next) {
		struct fake_context *c;
		struct h248_action *out;
		unsigned code = 0;

		if (a->context == H248_CONTEXT_ALL) {
			audit(f, &list, arena);
			break;
		}
		c = a->context == H248_CONTEXT_CHOOSE ? make(f) : find(f, a->context);
		out = h248_new_action(arena, &list, c ? c->id : a->context);
		if (a->context == H248_CONTEXT_NULL) {
			root(f, a->commands, out, arena);
			continue;
		}
		if (!c) {
			out->error.code = 411;
			break;
		}
		c->emergency |= a->properties && a->properties->emergency == H248_ON;
		for (const struct h248_command *cmd = a->commands; cmd && !code; cmd = cmd->next) {
			code = execute(f, c, cmd, out, arena);
			if (code)
				h248_new_error(arena,
					       h248_new_command(arena, out, cmd->kind, cmd->tid.id),
					       code, "as the test wants it");
		}
		if (!c->n) {
			if (a->context == H248_CONTEXT_CHOOSE)
				out->context = H248_CONTEXT_CHOOSE;
			c->id = 0;
		}
		if (code)
			break;
	}
	ck_assert(!arena->overflow);
	if (f->late) {
		/* The media plane is slow: the answer exists, and is sent when the test says. */
		f->n_held++;
		ck_assert_int_eq(h248_job_reply_later(job, list, f->n_held), H248_OK);
	} else {
		h248_job_reply(job, list, now);
	}
}

static bool reached(void *user, uint64_t mark)
{
	(void)user;
	(void)mark;
	return true;
}

void fake_answer(unsigned n)
{
	fakes[n].late = false;
	fakes[n].n_held = 0;
	h248_entity_release(fakes[n].entity, reached, NULL, net.now);
}

unsigned fake_contexts(unsigned n)
{
	unsigned k = 0;

	for (int i = 0; i < CONTEXTS; i++)
		k += fakes[n].context[i].id != 0;
	return k;
}

struct fake_context *fake_only(unsigned n)
{
	struct fake_context *only = NULL;

	ck_assert_uint_eq(fake_contexts(n), 1);
	for (int i = 0; i < CONTEXTS; i++)
		if (fakes[n].context[i].id)
			only = &fakes[n].context[i];
	return only;
}

struct fake_termination *fake_side(unsigned n, const char *label)
{
	struct fake_context *c = fake_only(n);

	for (unsigned i = 0; i < c->n; i++)
		if (strstr(c->termination[i].id, label))
			return &c->termination[i];
	return NULL;
}

static void on_notified(void *user, enum h248_outcome outcome, const struct h248_transaction *reply)
{
	struct fake *f = user;
	const struct h248_action *a;

	ck_assert_int_eq(outcome, H248_REPLIED);
	f->notify_count++;
	f->notify_code = reply->error.code;
	for (a = reply->actions; a; a = a->next) {
		const struct h248_descriptor *d =
		    a->commands ? h248_descriptor_find(a->commands, H248_D_ERROR) : NULL;

		if (d)
			f->notify_code = d->u.error.code;
	}
}

void fake_notify(unsigned n, uint32_t context, const char *tid, uint32_t request, const char *event)
{
	char text[512], id[16];

	snprintf(id, sizeof(id), "%u", context);
	snprintf(text, sizeof(text),
		 "Context=%s{Notify=%s{ObservedEvents=%u{20261121T12003100:%s}}}",
		 context ? id : "-", tid, request, event);
	ck_assert_int_eq(h248_request_text(h248_peer_next(fakes[n].entity, NULL), text, on_notified,
					   &fakes[n], net.now),
			 H248_OK);
	run(100);
}

/* ---- the network ---- */

static void fake_send(void *user, const struct h248_addr *to, const char *bytes, size_t len)
{
	network_send(&net, ((struct fake *)user)->number, to, bytes, len);
}

static void fake_receive(void *user, const struct h248_addr *from, struct slice text, int64_t now)
{
	struct fake *f = user;

	if (f->entity)
		h248_entity_receive(f->entity, from, text, now);
}

static int64_t fake_timeout(void *user, int64_t now)
{
	struct fake *f = user;

	return f->entity ? h248_entity_timeout(f->entity, now) : -1;
}

static void fake_tick(void *user, int64_t now)
{
	struct fake *f = user;

	if (f->entity)
		h248_entity_tick(f->entity, now);
}

static uint32_t any_random(void *user)
{
	(void)user;
	return network_random(&net, 1u << 31);
}

static void mgc_send(void *user, const struct h248_addr *to, const char *bytes, size_t len)
{
	(void)user;
	network_send(&net, 0, to, bytes, len);
}

static void node_receive(void *user, const struct h248_addr *from, struct slice text, int64_t now)
{
	(void)user;
	if (mgc)
		mgc_receive(mgc, 0, from, text, now);
}

static int64_t node_timeout(void *user, int64_t now)
{
	(void)user;
	return mgc ? mgc_timeout(mgc, now) : -1;
}

static void node_tick(void *user, int64_t now)
{
	(void)user;
	if (mgc)
		mgc_tick(mgc, now);
}

static void on_event(void *user, const struct mgc_event *e)
{
	struct heard *h = &heard[e->type];

	(void)user;
	h->last = *e;
	snprintf(h->text, sizeof(h->text), "%s", e->text);
	h->calls[h->n++ % 64] = e->call;
}

static void on_log(void *user, int level, const char *line)
{
	(void)user;
	(void)level;
	if (getenv("ALG_TEST_LOG"))
		fprintf(stderr, "%lld %s\n", (long long)net.now, line);
}

void run(int64_t ms)
{
	network_run(&net, net.now + ms);
}

/* ---- life ---- */

void fake_live(unsigned n)
{
	struct fake *f = &fakes[n];

	ck_assert_int_eq(h248_entity_new(&f->cfg, &f->entity), H248_OK);
	ck_assert_int_eq(h248_entity_start(f->entity, net.now), H248_OK);
}

void fake_die(unsigned n)
{
	h248_entity_free(fakes[n].entity);
	fakes[n].entity = NULL;
	memset(fakes[n].context, 0, sizeof(fakes[n].context));
	fakes[n].n_held = 0;
}

enum h248_transport_kind controller_kind;

static void controller_open(void)
{
	struct h248_addr here = network_addr(0);

	ck_assert_int_eq(mgc_new(&config, &mgc), 0);
	ck_assert_int_eq(mgc_listen(mgc, controller_kind, &here.at), 0);
	for (unsigned i = 0; i < gateways_open; i++) {
		struct mgc_gateway_config g = {.weight = 1};

		snprintf(g.name, sizeof(g.name), "agw%u", i);
		snprintf(g.mid, sizeof(g.mid), "<agw%u.example.net>", i);
		g.address = network_addr(i + 1).at;
		ck_assert_int_eq(mgc_gateway_add(mgc, &g), (int)i);
	}
}

void controller_restart(void)
{
	mgc_free(mgc);
	mgc = NULL;
	controller_open();
}

void scene_prepare(void)
{
	memset(fakes, 0, sizeof(fakes));
	memset(heard, 0, sizeof(heard));
	controller_kind = H248_UDP;
	network_init(&net, 11);
	mgc_config_default(&config);
	config.event = on_event;
	config.log = on_log;
	config.random = any_random;
	config.send = mgc_send;
}

void scene_open(unsigned n)
{
	static struct h248_addr list[1];
	static char names[GATEWAYS][32];

	gateways_open = n;
	list[0] = network_addr(0);
	net.nodes = n + 1;
	net.node[0] = (struct link_node){.addr = network_addr(0),
					 .receive = node_receive,
					 .timeout = node_timeout,
					 .tick = node_tick};
	controller_open();
	mgc_start(mgc, net.now);
	for (unsigned i = 0; i < n; i++) {
		struct fake *f = &fakes[i];
		int len = snprintf(names[i], sizeof(names[i]), "agw%u.example.net", i);

		f->number = i + 1;
		f->port = 40000;
		f->cfg = (struct h248_entity_config){
		    .role = H248_ROLE_MG,
		    .mid = {.kind = H248_MID_DOMAIN, .name = slice_make(names[i], (size_t)len)},
		    .mgcs = list,
		    .mgc_count = 1,
		    .user = f,
		    .send = fake_send,
		    .request = on_request,
		    .random = any_random};
		net.node[i + 1] = (struct link_node){.addr = network_addr(i + 1),
						     .user = f,
						     .receive = fake_receive,
						     .timeout = fake_timeout,
						     .tick = fake_tick};
		fake_live(i);
	}
	run(1000);
	for (unsigned i = 0; i < n; i++)
		ck_assert_int_eq(view(i).state, MGC_UP);
}

void scene_close(void)
{
	mgc_free(mgc);
	mgc = NULL;
	for (unsigned i = 0; i < gateways_open; i++)
		h248_entity_free(fakes[i].entity);
	network_free(&net);
}

/* ---- orders ---- */

static void on_done(void *user, const struct mgc_result *r)
{
	struct done *d = user;

	d->n++;
	d->result = *r;
	if (r->media)
		memcpy(&d->media, r->media, alg_media_bytes(r->media));
	d->result.media = NULL;
}

void apply(uint64_t call, const struct alg_media *media, struct done *d)
{
	ck_assert_int_eq(mgc_apply(mgc, call, media, on_done, d, net.now), 0);
}

void release(uint64_t call, struct done *d)
{
	ck_assert_int_eq(mgc_release(mgc, call, d ? on_done : NULL, d, net.now), 0);
}

struct mgc_gateway_view view(unsigned n)
{
	struct mgc_gateway_view v;

	mgc_gateway_view(mgc, n, &v);
	return v;
}
