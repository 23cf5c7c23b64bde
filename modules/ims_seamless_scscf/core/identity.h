/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Public identities compared as RFC 3261 10.3 step 5 and RFC 3966 4 have it: an address-of-record
 * without parameters and headers, escapes resolved, scheme and host in lower case; a telephone
 * number without visual separators.
 */
#ifndef SCSCF_IDENTITY_H
#define SCSCF_IDENTITY_H

#include "base/slice.h"

#define SCSCF_IDENTITY_MAX 512 /* bytes of an identity */

/*
 * The canonical form of a sip:, sips: or tel: URI, in buf; what is none of these stays as it is.
 * Returns 0 and *out (in buf), or -1: empty or too long.
 */
int scscf_identity_key(struct slice uri, char buf[SCSCF_IDENTITY_MAX], struct slice *out);

/*
 * The canonical tel: form of a SIP URI that carries a global telephone number (RFC 3261 19.1.6:
 * user=phone, or a user part that begins with '+'). Returns 1 and *out (in buf), 0 if it is none.
 */
int scscf_identity_tel(struct slice uri, char buf[SCSCF_IDENTITY_MAX], struct slice *out);

#endif
