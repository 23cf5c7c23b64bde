/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a UE sends its request where its registration says (TS 24.229 5.2.6.3). Pure. */
#ifndef IMS_FLOW_HOME_ROUTE_H
#define IMS_FLOW_HOME_ROUTE_H

#include "base/slice.h"

#define HOME_ROUTE_MAX 8 /* Route entries behind ours; a Service-Route has one or two */

/*
 * uris: the n Route URIs behind our own, of a request that begins something. service_route: that of
 * the 200 to the REGISTER, a URI a line. True if the two name the same places in the same order, or
 * one of them is empty: a phone that names no place says nothing, and without a Service-Route there
 * is nothing to compare with. User, host, port and maddr count, and lr where the network wrote it: a
 * request that is routed strictly has the place as its target (RFC 3261 16.4).
 */
bool flow_home_route_fits(const struct slice *uris, unsigned n, struct slice service_route);

/* Has this URI of a route the parameter lr? */
bool flow_route_is_loose(struct slice uri);

/* Write a Service-Route, a URI a line, as one header value, "<uri>, <uri>", NUL-terminated. -1: no
 * room, and buf is empty. */
int flow_home_route_text(struct slice service_route, char *buf, size_t size);

#endif
