/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A media engine with two pools on loopback, and what it reported, for the tests of stream legs.
 * The UE comes from 127.0.1.x, the far end from 127.0.2.x.
 */
#ifndef UNIT_AGW_STREAM_RIG_H
#define UNIT_AGW_STREAM_RIG_H

#include "agw/media/media.h"
#include "unit/agw/endpoint.h"

extern struct stream_test {
	struct media *m;
	struct media_pool *access, *core;
	int count[16];
	struct media_event last[16];
	struct identity ue;
} t;

void setup_ms(uint32_t handshake_ms);
void setup_workers(unsigned n);
void setup_retry(uint32_t retry_ms); /* failures are told so long after they happened */
void setup(void);		     /* with a limit for handshakes that no test meets */
void teardown(void);

/* Deliver what workers report: for ms; until what was asked of the engine is so, as the gateway does before it
 * answers; until an event has come n times (false: in no time). */
void serve(int ms);
void reach(void);
bool wait_for(enum media_event_type e, int n);

struct media_leg *leg(enum media_proto proto, struct media_pool *pool,
		      const struct media_leg_config *c);
struct netaddr local(const struct media_leg *l);
void expect_fingerprint(struct media_leg_config *c, const char *line);
/* A linked pair: access with TLS (or whatever is named), core plain. */
void tls_pair(enum media_proto tls, enum media_proto plain, struct media_leg_config *ca,
	      struct media_leg_config *cc, struct media_leg **a, struct media_leg **c);

#endif
