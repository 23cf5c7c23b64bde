/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the operator says: of all users, of single ones, and by which numbers this server is reached from CS. A text of lines:
 *
 *	default terminating=ims-preferred precedence=operator
 *	user sip:a@home1.net terminating=cs-only precedence=user csrn=+88812 msisdn=+12125551111
 *	vdi sip:domain.xfer@home1.net        a call to this moves the caller's call to IMS (TS 24.216 5.4)
 *	vdn +12125555555                     a call to this moves it to CS (5.5)
 *
 * A '#' begins a comment. Users who have neither a line nor a default are no subscribers of this service.
 */
#ifndef IMS_VCC_POLICY_H
#define IMS_VCC_POLICY_H

#include "base/keyed_hash.h"
#include "modules/ims_vcc/core/users.h"

enum {
	VCC_POLICY_ROWS_MAX = 200000,
	VCC_POLICY_BYTES_MAX = 64 << 20,
	VCC_NUMBERS_MAX = 16,
	VCC_NUMBER_MAX = 48
};

struct vcc_policy_row {
	char user[VCC_IDENTITY_MAX]; /* as vcc_identity_text() writes it */
	char msisdn[VCC_NUMBER_MAX]; /* a tel: URI, written so too; empty: none */
	char csrn[VCC_NUMBER_MAX];   /* the number alone: "+88812"; empty: none */
	uint8_t wish, precedence;
	uint32_t next_user, next_msisdn, next_csrn;
};

struct vcc_policies {
	bool has_default;
	uint8_t wish, precedence;
	unsigned vdis, vdns;
	char vdi[VCC_NUMBERS_MAX][VCC_IDENTITY_MAX], vdn[VCC_NUMBERS_MAX][VCC_NUMBER_MAX];
	struct keyed_hash_key key;
	uint32_t rows, buckets;
	/* then the rows, and three times so many buckets: by user, by msisdn, by csrn */
	struct vcc_policy_row row[];
};

/* Octets that the policies of this text need. */
size_t vcc_policies_bytes(struct slice text);
/*
 * Read the text into memory of that size. 0; else the number of the first line that is wrong, and *why says what of it.
 */
unsigned vcc_policies_read(struct slice text, const struct keyed_hash_key *key,
			   struct vcc_policies *out, const char **why);

/* The row of an identity or MSISDN, in any form; NULL: there is none. */
const struct vcc_policy_row *vcc_policy_of(const struct vcc_policies *p, struct slice identity);
/* Is this Request-URI (sip:, or tel: number) one of the VDIs, of the VDNs? */
bool vcc_policy_is_vdi(const struct vcc_policies *p, struct slice uri);
bool vcc_policy_is_vdn(const struct vcc_policies *p, struct slice uri);

/* Is this Request-URI a number that leads to somebody in CS? A call to it was chosen already. */
bool vcc_policy_is_csrn(const struct vcc_policies *p, struct slice uri);

/*
 * The number of a tel: URI, or of a sip: URI that stands for one (user part of digits, RFC 3261 19.1.6), as a tel: URI.
 * 0, or -1: it is none.
 */
int vcc_number_text(struct slice uri, char out[VCC_NUMBER_MAX]);

#endif
