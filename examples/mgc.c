/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A media gateway controller: asks each gateway that registers for an address in its realm "core",
 * prints it and gives it back. Usage: mgc [ADDRESS:PORT]
 */
#include <stdio.h>
#include "h248/run.h"

/* The end of the Add: called once, with the reply or with the reason why there is none. */
static void on_add(void *mg, enum h248_outcome outcome, const struct h248_transaction *reply)
{
	const struct h248_action *a = outcome == H248_REPLIED ? reply->actions : NULL;
	const struct h248_descriptor *media = NULL;
	char text[64];

	if (a && a->commands)
		media = h248_descriptor_find(a->commands, H248_D_MEDIA);
	if (!media || !media->u.media.streams)
		return;
	printf("%.*s\n", (int)media->u.media.streams->local.len, media->u.media.streams->local.p);
	snprintf(text, sizeof(text), "Context=%u{Subtract=*}", a->context);
	h248_request_text(mg, text, NULL, NULL, h248_now_ms());
}

/* A gateway comes, goes, or is lost. The library has answered its registration by itself. */
static void on_state(void *add, struct h248_peer *mg, enum h248_state from, enum h248_state to,
		     const char *why, int64_t now)
{
	printf("%s -> %s: %s\n", h248_state_name(from), h248_state_name(to), why);
	if (to == H248_ACTIVE)
		h248_request_text(mg, add, on_add, mg, now);
}

int main(int argc, char **argv)
{
	/* $ asks the gateway to choose: the context, the termination, address and port */
	char add[] = "Context=${Add=ip/core/${Media{Local{c=IN IP4 $\nm=audio $ RTP/AVP 8\n}}}}";
	struct h248_entity_config cfg = {.role = H248_ROLE_MGC, .user = add, .state = on_state};
	struct h248_transport *udp;
	struct h248_entity *mgc;

	h248_mid_parse(SLICE_LIT("<mgc.example.net>"), &cfg.mid); /* who we are */
	if (h248_open(&cfg, H248_UDP, argc > 1 ? argv[1] : "127.0.0.1:2944", &mgc, &udp))
		return 1;
	while (h248_run(mgc, udp, -1) == 0)
		fflush(stdout);
}
