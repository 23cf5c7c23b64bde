/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When control is told that TLS (or DTLS) did not come up. A handshake that fails shows a failure,
 * not whose it was: somebody behind the peer's NAT has the peer's address too, and anybody can write
 * it on a datagram. So the peer may try again for tls_retry_ms after the first failure; control is
 * told when nobody got through by then, with the last failure's cause. A worker's; private to
 * agw/media.
 */
#ifndef AGW_MEDIA_VERDICT_H
#define AGW_MEDIA_VERDICT_H

#include <stdbool.h>
#include "agw/media/media.h"
#include "agw/media/source.h"

struct verdict {
	struct leg_timer timer;
	int64_t due_ms; /* 0: nothing has failed, or control knows */
	int error;
	enum media_tls_cause cause;
	struct netaddr peer;
};

/* A handshake has failed that the peer may have made, or may make again. */
void verdict_failed(struct media_leg *leg, enum media_tls_cause cause, int error,
		    const struct netaddr *peer);
/* One has failed after which the peer has no other way: control is told at once. */
void verdict_final(struct media_leg *leg, enum media_tls_cause cause, int error,
		   const struct netaddr *peer);
/* Is the time running? */
bool verdict_is_open(const struct media_leg *leg);
/* The peer got through, or signalling begins anew, or the leg ends: there is nothing to tell. */
void verdict_clear(struct media_leg *leg);
/* The leg leaves its worker; it is with another now. */
void verdict_pause(struct media_leg *leg);
void verdict_rearm(struct media_leg *leg);

#endif
