/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ticket of a dialog. The P-CSCF keeps no table of dialogs: it writes what it must know into the
 * Record-Route entry that the phone will send back as the first Route of each request inside the
 * dialog, sealed with a secret key. A request with a ticket that opens belongs to a dialog in which
 * this subscriber takes part, and its Route is that of the dialog (TS 24.229 5.2.6.3.5). So dialogs
 * outlive a restart as long as the key does, and nobody can fill a table.
 *
 * Text: base64url without padding of
 *
 *	nonce (8 octets) | icid, encrypted | first 12 octets of the HMAC
 *
 * The HMAC (SHA-256) covers the nonce, the encrypted icid, the private identity, the Call-ID, the
 * far end's tag and the places of the route set behind our own entries. The icid is encrypted with
 * the key's HMAC in counter mode: the phone is not to know it (RFC 7315 4.6.2.2).
 */
#ifndef IMS_BORDER_TICKET_H
#define IMS_BORDER_TICKET_H

#include "base/base64.h"
#include "base/hmac_sha256.h"
#include "modules/ims_border/core/charging.h"

#define BORDER_TICKET_NONCE 8
#define BORDER_TICKET_MAC   12
#define BORDER_TICKET_MAX                                                                          \
	(B64URL_LEN(BORDER_TICKET_NONCE + BORDER_ICID_MAX - 1 + BORDER_TICKET_MAC) + 1)
#define BORDER_ROUTES_MAX 32

/* What the dialog is, from the side of the phone. */
struct border_dialog {
	struct slice impi;
	struct slice call_id;
	struct slice far_tag; /* the tag of the far end */
	struct slice
	    route[BORDER_ROUTES_MAX]; /* URIs in the order of the phone's Route, without ours */
	size_t routes_n;
	struct slice target; /* the remote target; counts where there is no route */
};

/* Make the ticket, NUL-terminated. 0, or -1: a route or the target cannot be read, or the icid is
 * too long. */
int border_ticket_make(const struct hmac_sha256_key *key, const struct border_dialog *d,
		       const char *icid, const uint8_t nonce[BORDER_TICKET_NONCE],
		       char out[BORDER_TICKET_MAX]);

/* Open one. 0 and the icid, or -1: not of ours, or of another dialog. Time does not depend on where
 * a forged one differs. */
int border_ticket_open(const struct hmac_sha256_key *key, const struct border_dialog *d,
		       struct slice text, char icid[BORDER_ICID_MAX]);

#endif
