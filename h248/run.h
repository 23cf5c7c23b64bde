/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An entity on a transport, for programs without an event loop of their own. */
#ifndef H248_RUN_H
#define H248_RUN_H

#include "h248/association.h"
#include "h248/transport.h"

/* Monotonic milliseconds. */
int64_t h248_now_ms(void);
/*
 * A transport bound to `local` ("192.0.2.1:2944") and an entity on it: config->transport and, where
 * they are all zero, config->timers are set here. Close both at the end, the entity first.
 */
int h248_open(struct h248_entity_config *config, enum h248_transport_kind kind, const char *local,
	      struct h248_entity **entity, struct h248_transport **transport);
/* Wait at most wait_ms (-1 = no limit) for something to do and do it once. 0, or -1 (errno; EINTR
 * too). */
int h248_run(struct h248_entity *entity, struct h248_transport *transport, int wait_ms);

#endif
