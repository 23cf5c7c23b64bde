/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Route sets of dialogs (RFC 3261 12.1) and how one is rebuilt when the dialog moves to another
 * P-CSCF. */
#ifndef UE_ROUTE_SET_H
#define UE_ROUTE_SET_H

#include "ue/sip_msg.h"

struct route_set {
	char *uri[UE_SIP_VALUES_MAX]; /* URIs without <>, owned; the first is the next hop */
	unsigned n;
};

/* Take the Record-Route of a request (UAS: in order) or of a response (UAC: reversed). Replaces
 * what was there. */
void route_set_take(struct route_set *r, const struct ue_sip_msg *m, bool reverse);
/* Append one URI; silently ignored when full. */
void route_set_add(struct route_set *r, struct slice uri);
void route_set_free(struct route_set *r);
/* "Route: <..>, <..>\r\n" into buf; nothing for an empty set. Returns the length, or -1 if it does
 * not fit. */
int route_set_write(const struct route_set *r, char *buf, size_t size);

/*
 * The same dialog through another P-CSCF: first_hop, then old without the entries of the old P-CSCF
 * at its head. Those are the leading entries whose host is old_pcscf, and after one with r2=on its
 * partner, which has r2=on too and may name the proxy's other side (double Record-Route). to must
 * be empty.
 */
void route_set_rebuild(const struct route_set *old, struct slice old_pcscf, struct slice first_hop,
		       struct route_set *to);

#endif
