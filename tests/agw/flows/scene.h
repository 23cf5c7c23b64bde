/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A call of one of the four flows, and the moments of it that the capture has seen. */
#ifndef TESTS_AGW_FLOWS_SCENE_H
#define TESTS_AGW_FLOWS_SCENE_H

#include "agw/flows/steps.h"
#include "agw/flows/wire.h"

#define CONTROLLER "10.0.0.11"

/* What differs between the four flows. Who is TLS client: RFC 6135 6 for MSRP, RFC 8856 8 for
 * BFCP. */
struct flow {
	const char *name, *media, *access, *core;
	bool gateway_is_tls_client;
};
enum { FLOWS = 4 }; /* MSRP and BFCP, aware and agnostic */
extern const struct flow originating[FLOWS], terminating[FLOWS];

/* A call in progress with both peers and the moment from which the capture counts. */
struct scene {
	const struct flow *flow;
	struct call c;
	struct netaddr ue_addr, far_addr;
	struct tls_peer tls;
	size_t mark;
	int64_t start;
	int listener, ue, far; /* -1: not there */
};

/* The UE's certificate is made and a socket listens at UE or FAR. */
void scene_begin(struct scene *s, const struct flow *f, const char *listener_at);
/* Everything of a call that H.248 does (closed: with delayed establishment), so that the peer who
 * is the active one can come. */
void scene_prepare(struct scene *s, const struct flow *f, bool closed);
/* Both peers connect, TLS comes up, and media passes both ways. */
void scene_connect(struct scene *s);
/* The two together. */
void scene_talk(struct scene *s, const struct flow *f);
/* The peers' side closed, without a word to the gateway. */
void scene_break(struct scene *s);
/* Everything closed and subtracted. */
void scene_end(struct scene *s);
/* One message each way, fit for the protocol. */
void exchange(struct scene *s);
/* ", Signals {..}" for flows in which the gateway is TLS client, or "". */
const char *tls_signal(const struct flow *f);

/* Moments, in microseconds of the capture's clock; the test fails if they were never seen. n counts
 * retransmissions. */
int64_t seen(const struct packet *k, const char *what);
int64_t syn_to_core(const struct scene *s, unsigned n);
int64_t syn_ack_to_far(const struct scene *s);
int64_t syn_to_ue(const struct scene *s);
int64_t syn_of_ue(const struct scene *s, unsigned n);
int64_t syn_to_far(const struct scene *s);
/* The ClientHello, and that it came from the right side only. */
int64_t hello(const struct scene *s);
/* The first H.248 message from this address with these words (more may be NULL). */
int64_t told(const struct scene *s, const char *from, const char *word, const char *more);
/* The n-th segment with something in it that the gateway sends to the UE, or NULL. */
const struct packet *flight_to_ue(const struct scene *s, unsigned n);

/* Each moment not before the one ahead of it. */
void in_order(const char *name, ...);
#define IN_ORDER(name, ...) in_order(name, __VA_ARGS__, (int64_t)-1)

#endif
