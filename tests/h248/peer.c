/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Our end of an association with another implementation:
 *   h248-peer mgc|mg pretty|compact 1|2|3 udp|tpkt|sctp PORT [ADDRESS]
 * As mg it registers with ADDRESS:PORT and answers like a small gateway; as mgc it listens there
 * and drives whatever gateway registers. Each check prints "ok <what>" or "FAILED <what>".
 */
#include <stdio.h>
#include <stdlib.h>

#include "h248/check.h"
#include "h248/packages.h"
#include "h248/sdp.h"
#include "h248/run.h"
#include "h248/record.h"

#define RUN_MS 100000

static struct h248_entity *entity;
static struct h248_transport *transport;
static bool is_mg, finished, active_once;
static unsigned step, failures;
static bool left, ticked;
static char build_memory[16384];
static struct h248_arena build;
static int64_t active_at;
static uint8_t h248_version;

static void check(const char *what, bool good)
{
	printf("%s %s\n", good ? "ok" : "FAILED", what);
	failures += !good;
}

/* ---- gateway ---- */

static const char *const packages[] = {"g",    "root",	 "rtp",	     "gm",   "tman",
				       "ipdc", "ipnapt", "hangterm", "adid", "it"};

/* One termination for each of the two realms that the controllers ask for. */
struct place {
	const char *realm, *tid, *address, *port;
	uint32_t context;
};
static const struct place places[] = {{"ip/core/", "ip/core/7", "10.0.0.254", "40002", 5},
				      {"ip/access/", "ip/access/3", "10.0.0.254", "30001", 9}};

static const struct place *place_of(struct slice tid, uint32_t context)
{
	for (size_t i = 0; i < 2; i++) {
		struct slice realm = slice_str(places[i].realm);

		if (context == places[i].context ||
		    (tid.len > realm.len && slice_eq_nocase(slice_make(tid.p, realm.len), realm)))
			return &places[i];
	}
	return &places[0];
}

static void answer_add(struct h248_arena *arena, struct h248_command *reply,
		       const struct h248_command *command, const struct place *place)
{
	const struct h248_descriptor *media = h248_descriptor_find(command, H248_D_MEDIA);
	struct h248_stream *s;
	struct h248_sdp *sdp;
	char text[512];
	size_t len;

	reply->tid.id = slice_str(place->tid);
	if (!media || h248_sdp_parse(media->u.media.streams->local, arena, &sdp) || !sdp)
		return;
	sdp->address = slice_str(place->address);
	sdp->port = slice_str(place->port);
	if (h248_sdp_write(sdp, true, text, sizeof(text), &len))
		return;
	s = h248_new_stream(arena, h248_new_descriptor(arena, reply, H248_D_MEDIA), 1);
	if (s) {
		s->has_local = true;
		s->local = h248_copy(arena, slice_make(text, len));
	}
}

static void answer_audit(struct h248_arena *arena, struct h248_command *reply,
			 const struct h248_command *command)
{
	const struct h248_descriptor *audit = h248_descriptor_find(command, H248_D_AUDIT);
	struct h248_descriptor *d;

	if (!audit || !audit->u.audit || audit->u.audit->kind != H248_D_PACKAGES)
		return;
	d = h248_new_descriptor(arena, reply, H248_D_PACKAGES);
	for (size_t i = 0; i < sizeof(packages) / sizeof(packages[0]); i++) {
		const struct h248_package_info *info = h248_package_find(slice_str(packages[i]));

		h248_new_package(arena, d, info->name, info->version);
	}
}

static unsigned answer_command(struct h248_arena *arena, struct h248_action *action,
			       const struct h248_command *c)
{
	struct h248_command *reply = h248_new_command(arena, action, c->kind, c->tid.id);
	struct h248_error error = {0};
	unsigned code = h248_check_command(c, action->context, NULL, &error);

	if (!code && slice_eq(c->tid.id, SLICE_LIT("ip/core/99")))
		code = 430;
	if (code) {
		h248_new_error(arena, reply, code, NULL);
		return c->optional ? 0 : code;
	}
	if (c->kind == H248_ADD)
		answer_add(arena, reply, c, place_of(c->tid.id, 0));
	else if (c->kind == H248_AUDIT_VALUE)
		answer_audit(arena, reply, c);
	else if (c->kind == H248_SUBTRACT) {
		struct h248_descriptor *d = h248_new_descriptor(arena, reply, H248_D_STATISTICS);

		reply->tid.id = slice_str(place_of(c->tid.id, action->context)->tid);
		h248_new_parm(arena, &d->u.statistics, "rtp", "ps", SLICE_LIT("1200"), false);
		h248_new_parm(arena, &d->u.statistics, "nt", "dur", SLICE_LIT("45000"), false);
	}
	return 0;
}

static void gateway_request(void *user, struct h248_peer *peer, struct h248_job *job, int64_t now)
{
	struct h248_arena *arena = h248_job_arena(job);
	struct h248_action *actions = NULL;

	(void)user;
	(void)peer;
	for (const struct h248_action *a = h248_job_request(job)->actions; a; a = a->next) {
		uint32_t context = a->context != H248_CONTEXT_CHOOSE ? a->context
				   : a->commands ? place_of(a->commands->tid.id, 0)->context
						 : 5;
		struct h248_action *reply = h248_new_action(arena, &actions, context);

		if (context > 9) {
			reply->error = (struct h248_error){411, slice_str(h248_error_text(411))};
			break;
		}
		for (const struct h248_command *c = a->commands; c; c = c->next) {
			if (answer_command(arena, reply, c))
				break;
			step += c->kind == H248_SUBTRACT;
		}
	}
	h248_job_reply(job, actions, now);
}

static void on_notified(void *user, enum h248_outcome outcome, const struct h248_transaction *reply)
{
	(void)user;
	check("Notify is answered",
	      outcome == H248_REPLIED && !reply->error.code && reply->actions);
	step++;
}

static void on_forced(void *user, enum h248_outcome outcome, const struct h248_transaction *reply)
{
	(void)user;
	check("Forced is answered", outcome == H248_REPLIED && !reply->error.code);
	step++;
}

static void notify(int64_t now)
{
	struct h248_action *actions = NULL;
	struct h248_descriptor *d;
	struct h248_event *event;

	h248_arena_reset(&build);
	d = h248_new_descriptor(&build,
				h248_new_command(&build, h248_new_action(&build, &actions, 5),
						 H248_NOTIFY, SLICE_LIT("ip/core/7")),
				H248_D_OBSERVED_EVENTS);
	d->u.events.request = (struct h248_request_id){.present = true, .id = 2001};
	event = h248_new_event(&build, &d->u.events.list, "hangterm", "thb");
	event->time = SLICE_LIT("20261121T12003000");
	check("Notify is sent", h248_request(h248_peer_next(entity, NULL), actions, on_notified,
					     NULL, now, NULL) == 0);
}

/* After the controller's Subtract: Notify, Forced for some terminations, leave. */
static void gateway_step(int64_t now)
{
	static unsigned done;

	if (step == done)
		return;
	done = step;
	if (step == 1)
		notify(now);
	else if (step == 2)
		h248_mg_service_change(entity, H248_CONTEXT_ALL, SLICE_LIT("ip/access/*"),
				       H248_FORCED, 906, 0, on_forced, NULL, now);
	else if (step == 3)
		h248_mg_leave(entity, H248_FORCED, 0, now);
}

/* ---- controller ---- */

static bool find(const struct h248_transaction *reply, enum h248_command_kind kind, const char *tid)
{
	const struct h248_command *c = reply->actions ? reply->actions->commands : NULL;

	return c && c->kind == kind && slice_eq_nocase(c->tid.id, slice_str(tid)) &&
	       !h248_descriptor_find(c, H248_D_ERROR);
}

static void on_reply(void *user, enum h248_outcome outcome, const struct h248_transaction *reply)
{
	(void)user;
	if (outcome != H248_REPLIED) {
		check("a reply", false);
		finished = true;
		return;
	}
	switch (step) {
	case 1: {
		const struct h248_descriptor *d;
		struct h248_sdp *sdp = NULL;

		check("Add: termination and context are chosen",
		      find(reply, H248_ADD, "ip/access/3") && reply->actions->context == 9);
		d = reply->actions ? h248_descriptor_find(reply->actions->commands, H248_D_MEDIA)
				   : NULL;
		h248_arena_reset(&build);
		check("Add: address and port are chosen",
		      d && h248_sdp_parse(d->u.media.streams->local, &build, &sdp) == 0 && sdp &&
			  sdp->port_number == 30001 &&
			  slice_eq(sdp->address, SLICE_LIT("10.0.0.254")));
		break;
	}
	case 2:
		check("Modify", find(reply, H248_MODIFY, "ip/access/3"));
		break;
	case 3:
		check("empty AuditValue", find(reply, H248_AUDIT_VALUE, "ROOT"));
		break;
	default:
		check("Subtract brings statistics",
		      find(reply, H248_SUBTRACT, "ip/access/3") &&
			  h248_descriptor_find(reply->actions->commands, H248_D_STATISTICS));
		break;
	}
	ticked = true;
}

/* The texts of the Iq procedures, decoded and sent from the model. */
static const char *const requests[] = {
    "Context=${Add=ip/access/${Media{Stream=1{LocalControl{Mode=SendReceive,ipdc/"
    "realm=\"access.ims\",gm/saf=ON,gm/"
    "sam=\"10.0.0.1\"},Local{\nv=0\nc=IN IP4 $\nm=message $ TCP/TLS/MSRP "
    "*\na=setup:actpass\na=fingerprint:$\n},"
    "Remote{\nv=0\nc=IN IP4 10.0.0.1\nm=message 20001 TCP/TLS/MSRP "
    "*\n}}},Events=2002{g/cause,hangterm/"
    "thb{timerx=300},tlsbsc/BNCChange}}}",
    "Context=9{Modify=ip/access/3{Media{Stream=1{LocalControl{Mode=SendReceive,ipdc/"
    "realm=\"access.ims\",gm/"
    "spf=OFF}}},Signals{tlsbsc/EstablishBNC{Stream=1}}}}",
    "Context=-{AuditValue=ROOT{Audit{}}}",
    "Context=9{Subtract=*{Audit{Statistics}}}",
};

static void next_request(int64_t now)
{
	static char memory[16384];
	struct h248_arena arena;
	struct h248_action *actions;
	struct h248_peer *peer = h248_peer_next(entity, NULL);

	if (step >= sizeof(requests) / sizeof(requests[0]))
		return;
	h248_arena_init(&arena, memory, sizeof(memory));
	if (h248_decode_actions(slice_str(requests[step]), &arena, &actions, NULL) ||
	    h248_request(peer, actions, on_reply, NULL, now, NULL)) {
		check("request can be sent", false);
		return;
	}
	step++;
}

static void controller_request(void *user, struct h248_peer *peer, struct h248_job *job,
			       int64_t now)
{
	const struct h248_action *a = h248_job_request(job)->actions;
	const struct h248_command *c = a->commands;
	struct h248_arena *arena = h248_job_arena(job);
	struct h248_action *actions = NULL;

	(void)user;
	(void)peer;
	if (c && c->kind == H248_SERVICE_CHANGE)
		check("Forced came", slice_eq_nocase(c->tid.id, SLICE_LIT("ip/access/*")));
	else
		check("Notify came", c && c->kind == H248_NOTIFY &&
					 slice_eq_nocase(c->tid.id, SLICE_LIT("ip/core/7")));
	h248_new_command(arena, h248_new_action(arena, &actions, a->context), c->kind, c->tid.id);
	h248_job_reply(job, actions, now);
	ticked |= step == 0;
}

static void on_state(void *user, struct h248_peer *peer, enum h248_state from, enum h248_state to,
		     const char *why, int64_t now)
{
	(void)user;
	(void)from;
	if (to == H248_ACTIVE) {
		active_once = true;
		active_at = now;
		check("the association is active in this version",
		      h248_peer_version(peer) == h248_version);
	}
	if (to == H248_IDLE) {
		left = true;
		finished = true;
		check("left in order", active_once);
	}
	if (to == H248_LOST)
		check(why, false);
}

/* h248_open(), with all that passes shown to record.c. */
static void on_send(void *user, const struct h248_addr *to, const char *bytes, size_t len)
{
	(void)user;
	record_sent(bytes, len);
	h248_transport_send(transport, to, bytes, len);
}

static void on_receive(void *user, const struct h248_addr *from, struct slice text, int64_t now)
{
	(void)user;
	record_received(text);
	h248_entity_receive(entity, from, text, now);
}

static void on_link_lost(void *user, const struct h248_addr *from, int64_t now)
{
	(void)user;
	h248_entity_link_lost(entity, from, now);
}

static int open_recorded(struct h248_entity_config *cfg, enum h248_transport_kind kind,
			 const char *local)
{
	struct h248_transport_config t = {.kind = kind,
					  .listen = cfg->role == H248_ROLE_MGC,
					  .receive = on_receive,
					  .link_lost = on_link_lost};

	record_open(cfg->style, cfg->version_max);
	cfg->send = on_send;
	h248_timers_default(&cfg->timers, kind != H248_UDP);
	return h248_addr_parse(local, 2944, &t.local) || h248_transport_open(&t, &transport) ||
	       h248_entity_new(cfg, &entity);
}

int main(int argc, char **argv)
{
	struct h248_entity_config cfg = {
	    .profile = "threegpp_iq", .profile_version = 1, .state = on_state};
	enum h248_transport_kind kind = H248_UDP;
	struct h248_addr mgc;
	char local[80], mid[80];
	int64_t end = h248_now_ms() + RUN_MS;
	const char *address = argc > 6 ? argv[6] : "127.0.0.1";

	if (argc < 6)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	is_mg = !strcmp(argv[1], "mg");
	cfg.role = is_mg ? H248_ROLE_MG : H248_ROLE_MGC;
	cfg.style = !strcmp(argv[2], "pretty") ? H248_PRETTY : H248_COMPACT;
	cfg.version_max = h248_version = (uint8_t)atoi(argv[3]);
	kind = !strcmp(argv[4], "udp")	  ? H248_UDP
	       : !strcmp(argv[4], "sctp") ? H248_SCTP
					  : H248_TPKT;
	snprintf(local, sizeof(local), "[%s]:%s", address, is_mg ? "0" : argv[5]);
	snprintf(mid, sizeof(mid), "[%s]:%s", address, argv[5]);
	h248_mid_parse(slice_str(is_mg ? "<mg.example.net>" : mid), &cfg.mid);
	h248_addr_parse(address, (uint16_t)atoi(argv[5]), &mgc);
	cfg.mgcs = &mgc;
	cfg.mgc_count = is_mg;
	cfg.request = is_mg ? gateway_request : controller_request;
	h248_arena_init(&build, build_memory, sizeof(build_memory));
	if (open_recorded(&cfg, kind, local)) {
		perror(local);
		return 1;
	}
	printf("ready\n");
	if (is_mg)
		h248_entity_start(entity, h248_now_ms());
	while (!finished && h248_now_ms() < end && !h248_run(entity, transport, 100)) {
		if (is_mg)
			gateway_step(h248_now_ms());
		/* a gateway that says nothing first is asked after a while */
		else if (ticked || (step == 0 && active_once && h248_now_ms() - active_at > 1000)) {
			ticked = false;
			next_request(h248_now_ms());
		}
	}
	if (!left)
		check("the whole story within the time", false);
	check("all that came was in this style and version", record_received_right());
	for (int i = 0; i < 5; i++)
		h248_run(entity, transport, 20); /* what is still on its way */
	h248_entity_free(entity);
	h248_transport_close(transport);
	return failures ? 1 : 0;
}
