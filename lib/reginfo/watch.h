/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The watcher's side of RFC 3680 5.2: what to do with a document by its version, and a table of
 * rows that documents are merged into.
 */
#ifndef REGINFO_WATCH_H
#define REGINFO_WATCH_H

#include "reginfo/reginfo.h"

/* Version state of one subscription; plain data, may live in shared memory. Zero means: nothing
 * seen yet. */
struct reginfo_watch {
	bool seen;
	uint32_t version;
};

enum reginfo_verdict {
	REGINFO_APPLY,		   /* use the document */
	REGINFO_APPLY_AND_REFRESH, /* use it, and refresh the subscription: something was missed */
	REGINFO_DISCARD		   /* old or repeated: do nothing with it (still answer 200) */
};

/* "apply", "apply and refresh", "discard". */
const char *reginfo_verdict_name(enum reginfo_verdict v);

/*
 * Judge a document by version and kind and take its version over unless it is discarded. local+1:
 * apply; larger: apply and refresh unless it is full anyway; equal or smaller: discard. The first
 * document of a subscription is applied whatever its version, and asks for a refresh when it is
 * partial.
 */
enum reginfo_verdict reginfo_watch_judge(struct reginfo_watch *w, uint32_t version, bool full);

/* A copy of everything currently known, by AOR and contact id; rows terminated are kept until the
 * next full. */
struct reginfo_table;

/* A new empty table (malloc), or NULL. */
struct reginfo_table *reginfo_table_new(void);
void reginfo_table_free(struct reginfo_table *t);

/*
 * Judge doc with *w and, unless discarded, merge it: full empties the table first, partial replaces
 * the rows it names. Returns 0 and sets *verdict, or REGINFO_E_NOMEM / REGINFO_E_TOO_BIG with table
 * and *w unchanged.
 */
int reginfo_table_merge(struct reginfo_table *t, struct reginfo_watch *w,
			const struct reginfo_doc *doc, enum reginfo_verdict *verdict);

/* The table as a document (full, version of the last merge); valid until the next merge or free. */
const struct reginfo_doc *reginfo_table_view(const struct reginfo_table *t);

/*
 * The row of an AOR, or NULL; of a contact by its URI (compared byte by byte), or NULL. A contact that
 * came back may stand there twice, with another id (RFC 3680 5.1): what is not terminated counts,
 * else what was told last. Valid as the view.
 */
const struct reginfo_registration *reginfo_table_aor(const struct reginfo_table *t,
						     struct slice aor);
const struct reginfo_contact *reginfo_registration_contact(const struct reginfo_registration *r,
							   struct slice uri);

#endif
