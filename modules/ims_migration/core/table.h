/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bindings: which name inside stands for which name on the wire to a partner (TR 23.781 6.2, solution 2). At the primary,
 * own identities are inside and the pair that the partner was told is on the wire; at the partner, inbound identities are
 * inside and the pair is on the wire. Both ways are a look-up in a table whose hash has a secret key, so that no
 * stranger can make its rows meet. Pure: memory comes from the caller's functions, the time (seconds since the
 * epoch) is an argument, and the caller holds whatever lock the table needs.
 */
#ifndef IMS_MIGRATION_TABLE_H
#define IMS_MIGRATION_TABLE_H

#include "base/keyed_hash.h"
#include "modules/ims_migration/core/name.h"

enum {
	MIGRATION_ID_MAX = 39,	 /* octets of a binding's id */
	MIGRATION_NAMES_MAX = 8, /* pairs of names in a binding */
};

enum migration_side { MIGRATION_INSIDE, MIGRATION_WIRE };

/* Who has brought a binding. A feed never changes what an operator has bound, and the other way round. */
enum migration_source { MIGRATION_BY_HAND, MIGRATION_BY_FEED };

struct migration_memory {
	void *(*get)(size_t size); /* NULL: there is none */
	void (*put)(void *p);
};

struct migration_table;

struct migration_pair {
	struct migration_name inside;
	/* Without a user: nothing may stand for it on the wire. */
	struct migration_name wire;
};

/* A binding as it is given, or shown. */
struct migration_binding {
	struct slice id;
	unsigned partner; /* a number that the caller gives his partners, from 0 */
	enum migration_source source;
	int64_t expires; /* it ends then by itself */
	int64_t
	    ended; /* since when it is over; 0: it lives. Set by the table, but for migration_restore() */
	unsigned n;
	struct migration_pair pair[MIGRATION_NAMES_MAX];
};

enum migration_err {
	MIGRATION_DONE = 0,
	MIGRATION_E_NAME = -1, /* no id, no or too many names, an identity that is none */
	MIGRATION_E_TAKEN =
	    -2, /* a name of it belongs to another binding with this partner, or stands in it twice */
	MIGRATION_E_SOURCE =
	    -3, /* the id belongs to a binding of another source, or with another partner */
	MIGRATION_E_FULL = -4, /* as many bindings as there may be */
	MIGRATION_E_MEMORY = -5,
	MIGRATION_E_ABSENT = -6, /* there is no such binding */
};
const char *migration_strerror(int err);

/* A table for max bindings, or NULL: no memory. linger: seconds for which a binding that is over still swaps, for the
 * dialogs that it began. */
struct migration_table *migration_table_new(const struct migration_memory *memory,
					    const struct keyed_hash_key *key, unsigned max,
					    int64_t linger);
void migration_table_free(struct migration_table *t);

/*
 * Bind. A binding with this id is replaced as a whole, or, if nothing can be changed, stays; one that is over lives
 * again only with a later end. Names are copied. Returns 0 or an error, which changes nothing.
 */
int migration_bind(struct migration_table *t, const struct migration_binding *b, int64_t now);
/* The same for what was stored: with its ended. */
int migration_restore(struct migration_table *t, const struct migration_binding *b);
/* It is over from now on. Returns 0, MIGRATION_E_ABSENT or MIGRATION_E_SOURCE. */
int migration_end(struct migration_table *t, struct slice id, enum migration_source source,
		  int64_t now);
/* End what is past its time, forget what has been over for the table's linger. Returns how many were changed. */
unsigned migration_expire(struct migration_table *t, int64_t now);

/* The binding with this id, or NULL. Valid until the next change. */
const struct migration_binding *migration_get(const struct migration_table *t, struct slice id);
/* The n-th of all, in no particular order, or NULL behind the last. */
const struct migration_binding *migration_at(const struct migration_table *t, unsigned n);
unsigned migration_table_count(const struct migration_table *t);
/* Changes so far. */
uint64_t migration_changes(const struct migration_table *t);

/* How a name is looked for. */
enum migration_how {
	MIGRATION_URI_FIRST, /* user and host: of a sip: URI, else a private identity */
	MIGRATION_NAI_FIRST, /* the other way round */
	MIGRATION_USER,	     /* a user part alone, of any kind */
	MIGRATION_NUMBER,    /* of a tel: URI */
};

struct migration_query {
	unsigned partner;
	enum migration_side side; /* where the name is valid */
	enum migration_how how;
	struct slice user, host;
};

/* What stands for a name on the other side. Copied: it outlives changes of the table. */
struct migration_hit {
	enum migration_kind from; /* the kind that was found */
	enum migration_kind kind; /* of what stands for it */
	bool unmapped;		  /* nothing does */
	bool ended;		  /* the binding is over */
	uint16_t user_len, host_len, from_host_len;
	char user[MIGRATION_USER_MAX], host[MIGRATION_HOST_MAX];
	char from_host[MIGRATION_HOST_MAX]; /* of the name that was found; of a TEL: its domain */
};

bool migration_find(const struct migration_table *t, const struct migration_query *q, int64_t now,
		    struct migration_hit *hit);

#endif
