/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For tests of what decides: answers to what a gateway is asked for (addresses, ports, certificate,
 * keys), and the wanted state of one end as a line of text. The gateway itself is asked in the tests
 * of control/ and in the lab.
 */
#ifndef UNIT_IMS_ALG_GATEWAY_H
#define UNIT_IMS_ALG_GATEWAY_H

#include "modules/ims_alg/core/session.h"

/* Fill in `given` of what lives in m and has none of it yet: access 10.0.0.254 or fd00::fe, ports
 * 30000 + 2 * id, 100 more for each termination before this one; core 198.51.100.2 or 2001:db8:c::2,
 * ports 40000 + 2 * id. */
void gateway_give(struct alg_media *m);

/* "message TCP/TLS/MSRP setup=passive cert=sha-256 peer=10.20.0.7:42020 .." Returns buf. */
const char *gateway_text(const struct alg_stream *s, enum alg_side side, char buf[1024]);

/* Fingerprints and keys by name in texts of tests: "@GW256" and so on. Writes text with them in
 * their places, LF as CRLF unless lf. Returns the length. */
size_t gateway_expand(const char *text, size_t n, bool lf, char *buf, size_t size);

#endif
