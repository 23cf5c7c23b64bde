/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * h248-bench-transactions memory|udp CALLS   Calls of three transactions each (Add, Modify,
 * Subtract) between a controller and a gateway in one process: what the library costs both ends,
 * with every check and the session descriptions read and written, but without any media. In memory
 * the bytes are handed over directly; with udp they go over loopback. Prints transactions per
 * second of CPU.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "h248/check.h"
#include "h248/sdp.h"
#include "h248/run.h"

#define AT_ONCE 64    /* calls in progress */
#define GOAL	50000 /* transactions per second of CPU */

static const char *const stories[3] = {
    "Context=${Add=ip/core/${Media{Stream=1{LocalControl{Mode=SendReceive,ipdc/realm=\"core\","
    "gm/saf=ON},Local{v=0\nc=IN IP4 $\nm=audio $ RTP/AVP 8\n},Remote{v=0\nc=IN IP4 10.0.0.1\n"
    "m=audio 4000 RTP/AVP 8\n}}},Events=1{g/cause,hangterm/thb{timerx=300}}}}",
    "Context=1{Modify=ip/core/1{Media{Stream=1{LocalControl{Mode=Inactive,ipdc/realm=\"core\"}}}}}",
    "Context=1{Subtract=ip/core/1{Audit{Statistics}}}"};

struct end {
	struct h248_entity *entity;
	struct h248_transport *transport;
	struct h248_addr addr;
};
static struct end mg, mgc;
static bool over_udp;
static int64_t now;
static long started, ended, calls, failures;
static struct h248_action *actions[3];
static struct h248_peer *gateway;

/* ---- the way between them: a ring of messages in memory */
#define RING 1024
static struct {
	bool to_mg;
	size_t len;
	char bytes[2048];
} ring[RING];
static unsigned head, tail;

static void on_send(void *user, const struct h248_addr *to, const char *bytes, size_t len)
{
	struct end *from = user;

	if (over_udp) {
		h248_transport_send(from->transport, to, bytes, len);
		return;
	}
	if (tail - head == RING || len > sizeof(ring[0].bytes))
		abort();
	ring[tail % RING].to_mg = from == &mgc;
	ring[tail % RING].len = len;
	memcpy(ring[tail % RING].bytes, bytes, len);
	tail++;
}

static void on_receive(void *user, const struct h248_addr *from, struct slice text, int64_t at)
{
	h248_entity_receive(((struct end *)user)->entity, from, text, at);
}

static void deliver(void)
{
	while (head != tail) {
		struct end *to = ring[head % RING].to_mg ? &mg : &mgc;

		h248_entity_receive(to->entity, &(to == &mg ? &mgc : &mg)->addr,
				    slice_make(ring[head % RING].bytes, ring[head % RING].len),
				    now);
		head++;
	}
}

/* ---- gateway */
static void answer_add(struct h248_arena *arena, struct h248_command *done,
		       const struct h248_command *c)
{
	const struct h248_descriptor *d = h248_descriptor_find(c, H248_D_MEDIA);
	struct h248_sdp *local = NULL, *remote = NULL;
	struct h248_stream *s;
	char text[512];
	size_t len;

	if (!d || h248_sdp_parse(d->u.media.streams->local, arena, &local) || !local ||
	    h248_sdp_parse(d->u.media.streams->remote, arena, &remote))
		return;
	done->tid.id = SLICE_LIT("ip/core/1");
	local->address = SLICE_LIT("10.0.0.254");
	local->port = SLICE_LIT("40002");
	if (h248_sdp_write(local, true, text, sizeof(text), &len))
		return;
	s = h248_new_stream(arena, h248_new_descriptor(arena, done, H248_D_MEDIA), 1);
	if (!s)
		return;
	s->has_local = true;
	s->local = h248_copy(arena, slice_make(text, len));
}

static void gateway_request(void *user, struct h248_peer *peer, struct h248_job *job, int64_t at)
{
	static uint32_t last;
	struct h248_arena *arena = h248_job_arena(job);
	const struct h248_action *a = h248_job_request(job)->actions;
	const struct h248_command *c = a->commands;
	struct h248_action *reply = NULL;
	struct h248_command *done;
	struct h248_error error;

	(void)user;
	(void)peer;
	done = h248_new_command(
	    arena,
	    h248_new_action(arena, &reply, a->context == H248_CONTEXT_CHOOSE ? ++last : a->context),
	    c->kind, c->tid.id);
	if (h248_check_command(c, a->context, NULL, &error)) {
		h248_new_error(arena, done, error.code, NULL);
	} else if (c->kind == H248_ADD) {
		answer_add(arena, done, c);
	} else if (c->kind == H248_SUBTRACT) {
		struct h248_descriptor *d = h248_new_descriptor(arena, done, H248_D_STATISTICS);

		h248_new_parm(arena, &d->u.statistics, "rtp", "ps", SLICE_LIT("1200"), false);
		h248_new_parm(arena, &d->u.statistics, "nt", "dur", SLICE_LIT("45000"), false);
	}
	h248_job_reply(job, reply, at);
}

/* ---- controller */
static void next_step(uint32_t context, uintptr_t step);

static void on_reply(void *user, enum h248_outcome outcome, const struct h248_transaction *reply)
{
	uintptr_t step = (uintptr_t)user;
	const struct h248_command *c =
	    outcome == H248_REPLIED && reply->actions ? reply->actions->commands : NULL;

	if (!c || h248_descriptor_find(c, H248_D_ERROR)) {
		failures++;
		ended++;
	} else if (step == 2) {
		ended++;
	} else {
		next_step(reply->actions->context, step + 1);
	}
}

static void next_step(uint32_t context, uintptr_t step)
{
	if (step)
		actions[step]->context = context;
	if (h248_request(gateway, actions[step], on_reply, (void *)step, now, NULL)) {
		failures++;
		ended++;
	}
}

static void on_state(void *user, struct h248_peer *peer, enum h248_state from, enum h248_state to,
		     const char *why, int64_t at)
{
	(void)user;
	(void)from;
	(void)why;
	(void)at;
	if (to == H248_ACTIVE)
		gateway = peer;
}

static int open_end(struct end *end, enum h248_role role, const char *mid, const char *local)
{
	struct h248_transport_config t = {.kind = H248_UDP, .receive = on_receive, .user = end};
	struct h248_entity_config cfg = {.role = role,
					 .style = H248_COMPACT,
					 .mgcs = &mgc.addr,
					 .mgc_count = role == H248_ROLE_MG,
					 .send = on_send,
					 .user = end};

	if (role == H248_ROLE_MG)
		cfg.request = gateway_request;
	else
		cfg.state = on_state;
	h248_timers_default(&cfg.timers, false);
	cfg.timers.max_remembered = UINT32_MAX;
	if (h248_mid_parse(slice_str(mid), &cfg.mid) || h248_addr_parse(local, 0, &t.local) ||
	    (over_udp && h248_transport_open(&t, &end->transport)))
		return -1;
	end->addr = t.local;
	if (over_udp)
		h248_transport_local(end->transport, &end->addr);
	return h248_entity_new(&cfg, &end->entity);
}

static void turn(void)
{
	now = h248_now_ms();
	if (over_udp) {
		struct pollfd fds[2] = {{h248_transport_fd(mg.transport), POLLIN, 0},
					{h248_transport_fd(mgc.transport), POLLIN, 0}};

		poll(fds, 2, 1);
		if (fds[0].revents)
			h248_transport_ready(mg.transport, now);
		if (fds[1].revents)
			h248_transport_ready(mgc.transport, now);
	} else {
		deliver();
	}
	h248_entity_tick(mg.entity, now);
	h248_entity_tick(mgc.entity, now);
}

static double cpu(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	static char memory[65536];
	struct h248_arena arena;
	double begun;

	if (argc != 3)
		return 2;
	over_udp = !strcmp(argv[1], "udp");
	calls = atol(argv[2]);
	h248_arena_init(&arena, memory, sizeof(memory));
	for (int i = 0; i < 3; i++) {
		if (h248_decode_actions(slice_str(stories[i]), &arena, &actions[i], NULL))
			return 1;
	}
	if (open_end(&mgc, H248_ROLE_MGC, "<mgc.example.net>", "127.0.0.1") ||
	    open_end(&mg, H248_ROLE_MG, "<mg.example.net>", "127.0.0.1"))
		return 1;
	h248_entity_start(mg.entity, h248_now_ms());
	while (!gateway)
		turn();
	begun = cpu();
	while (ended < calls) {
		while (started < calls && started - ended < AT_ONCE) {
			started++;
			next_step(0, 0);
		}
		turn();
	}
	begun = cpu() - begun;
	printf("%s: %.0f transactions/s of CPU, both ends in one (%.2f us each), %ld failed\n",
	       argv[1], 3.0 * (double)calls / begun, begun / (3.0 * (double)calls) * 1e6, failures);
	h248_entity_free(mg.entity);
	h248_entity_free(mgc.entity);
	return failures || begun > 3.0 * (double)calls / GOAL;
}
