/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ids of registrations and contacts in documents of the reg event (RFC 3680 5.1). An id is a keyed
 * hash of what it names. So it is the same in every document, whatever became of the contact between
 * them, and whether stock wrote the document or this module; it shows nothing of this process, and
 * without the key nobody can tell it beforehand.
 */
#ifndef SCSCF_REGINFO_IDS_H
#define SCSCF_REGINFO_IDS_H

#include "base/keyed_hash.h"

/* Short enough to stand where stock has written an address, also a low one ("0x412c6090"); 50 bits. */
#define SCSCF_REGINFO_ID_DIGITS 10

struct scscf_reginfo_id {
	char text[SCSCF_REGINFO_ID_DIGITS + 1];
};

/* Of the registration of this identity, in whatever form the identity is written. */
struct scscf_reginfo_id scscf_registration_id(const struct keyed_hash_key *key, struct slice impu);
/* Of the contact with this URI in that registration. */
struct scscf_reginfo_id scscf_contact_id(const struct keyed_hash_key *key, struct slice impu,
					 struct slice contact);

/*
 * A document as stock writes it, of len octets, gets these ids in the place of its own; its length
 * stays. An id of stock that is shorter than ours stays too. Returns how many were replaced.
 */
size_t scscf_reginfo_replace_ids(const struct keyed_hash_key *key, char *document, size_t len);

#endif
