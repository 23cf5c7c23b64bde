/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The partial documents of the reg event (RFC 3680) that tell one watcher of a list of effects. What
 * does not fit into one document is told by the next one: a registration whose contacts are many
 * stands in several, each time with the same id and state.
 */
#ifndef SCSCF_NOTIFY_DOCUMENT_H
#define SCSCF_NOTIFY_DOCUMENT_H

#include "base/keyed_hash.h"
#include "modules/ims_seamless_scscf/core/effects.h"

struct scscf_told_aor {
	struct slice impu;
	bool told; /* stands in documents; else only its watchers count */
	bool active;
};

/* What one watcher is told. */
struct scscf_told {
	struct slice impi;
	const struct scscf_effect *first;
	const struct scscf_told_aor *aors;
	size_t aors_n;
	bool all;	      /* he sees all sets of the subscriber; else the one he watches */
	bool final;	      /* nothing of the subscriber is left */
	struct slice watched; /* the AOR of his subscription */
	const struct keyed_hash_key *id_key;
};

/* Where the next document begins. */
struct scscf_document_place {
	size_t aor;
	const struct scscf_effect *row; /* in that AOR; NULL: from its beginning */
	size_t shortened;		/* rows so far that are told without their parameters */
};

/* Is there anything (more) to be told? Moves to it. */
bool scscf_document_next(const struct scscf_told *t, struct scscf_document_place *at);

/*
 * Write the document that begins at *at, of at most max octets, and move *at to where the next one
 * begins. buf has room for max + SCSCF_DOCUMENT_SLACK octets. good: a document that has reached this
 * many octets is not begun another row in. A row that is too large for a document of its own is told
 * without the parameters of its contact. Returns 0 and *len, or a REGINFO_E_*: max is too small for
 * any row.
 */
#define SCSCF_DOCUMENT_SLACK 1024
int scscf_document_write(const struct scscf_told *t, struct scscf_document_place *at,
			 uint32_t version, size_t good, size_t max, char *buf, size_t *len);

#endif
