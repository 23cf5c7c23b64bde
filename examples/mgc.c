/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A media gateway controller: asks each gateway that comes for an address, and gives it back. */
#include <stdio.h>
#include "h248/transport.h"

static void send_text(struct h248_peer *mg, const char *text, h248_reply_h done)
{
	char memory[8192];
	struct h248_arena arena;
	struct h248_action *actions;

	h248_arena_init(&arena, memory, sizeof(memory));
	if (h248_decode_actions(slice_str(text), &arena, &actions, NULL) == H248_OK)
		h248_request(mg, actions, done, mg, h248_now_ms(), NULL);
}

static void on_add(void *mg, enum h248_outcome outcome, const struct h248_transaction *reply)
{
	const struct h248_action *a = outcome == H248_REPLIED ? reply->actions : NULL;
	const struct h248_descriptor *d;
	char text[64];

	if (!a || !a->commands || !(d = h248_descriptor_find(a->commands, H248_D_MEDIA)))
		return;
	printf("%.*s\n", (int)d->u.media.streams->local.len, d->u.media.streams->local.p);
	snprintf(text, sizeof(text), "Context=%u{Subtract=*}", a->context);
	send_text(mg, text, NULL);
}

static void on_state(void *add, struct h248_peer *mg, enum h248_state from, enum h248_state to,
		     const char *why, int64_t now)
{
	printf("%lld %s -> %s: %s\n", (long long)now, h248_state_name(from), h248_state_name(to),
	       why);
	if (to == H248_ACTIVE)
		send_text(mg, add, on_add);
}

int main(int argc, char **argv)
{
	char add[] = "Context=${Add=ip/core/${Media{Local{c=IN IP4 $\nm=audio $ RTP/AVP 8\n}}}}";
	struct h248_entity_config cfg = {.role = H248_ROLE_MGC, .user = add, .state = on_state};
	struct h248_transport *udp;
	struct h248_entity *mgc;

	h248_mid_parse(SLICE_LIT("<mgc.example.net>"), &cfg.mid);
	if (h248_open(&cfg, H248_UDP, argc > 1 ? argv[1] : "127.0.0.1:2944", &mgc, &udp))
		return 1;
	while (h248_run(mgc, udp, -1) == 0)
		fflush(stdout);
}
