/* SPDX-License-Identifier: GPL-2.0-or-later */
/* freeDiameter as this HSS runs it: configuration, named peers, start and stop. */
#ifndef HSS_DIAMETER_NODE_H
#define HSS_DIAMETER_NODE_H

#include "hss/config.h"
#include "hss/cx/service.h"

/*
 * Bring the framework up to the point where it serves. Returns 0, or -1 with a line in why that
 * says what to mend; the process must then exit, as freeDiameter cannot be started twice. cfg and
 * svc must outlive it.
 */
int node_start(const struct config *cfg, struct service *svc, char *why, size_t size);

/* Say good-bye to the peers and stop all threads of the framework. Returns false if it had ended by
 * itself before: the process then sent itself SIGTERM. */
bool node_stop(void);

/* Call each() for every peer known at the moment, with its state as RFC 6733 5.6 names it. */
void node_each_peer(void (*each)(const char *name, const char *state, void *arg), void *arg);

/* Can that peer be sent to (1), has it gone (-1), or is it on its way to one of both (0)? */
int node_peer_open(const char *name);

#endif
