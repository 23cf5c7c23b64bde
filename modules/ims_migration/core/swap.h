/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The swap of identities in a SIP message that crosses from one system of partners to the other (TR 23.781 6.2, solution 2).
 * Every name of a binding is found wherever it stands and however it is spelt, in the start line, in headers and in
 * bodies, and replaced by what stands for it on the other side; all else stays byte for byte. The swap keeps nothing: the way
 * back is the same function in the other direction, and gives the first message again. Where that could not be so, or a
 * name could not be replaced, the message is refused.
 *
 * Pure: look-ups go through a function of the caller's. Any octets may be given.
 */
#ifndef IMS_MIGRATION_SWAP_H
#define IMS_MIGRATION_SWAP_H

#include "modules/ims_migration/core/edits.h"
#include "modules/ims_migration/core/table.h"

enum {
	MIGRATION_DEPTH_MAX = 4, /* bodies in bodies */
	MIGRATION_LIST_MAX = 16
};

/* Words of one setting: domains, hosts, media types. */
struct migration_list {
	unsigned n;
	struct slice word[MIGRATION_LIST_MAX];
};

struct migration_policy {
	/* No name of the inside is to reach the wire: what could hide one is refused. */
	bool hide;
	/* Call-ID and all that names one (Replaces, In-Reply-To, ...) stay as they are. */
	bool keep_call_id;
	/* Credentials whose response was computed with the name are swapped, too; else they are refused. */
	bool swap_digest;
	/* Domains of identities and of nothing else; another name there is of nobody. */
	struct migration_list inside_domains, wire_domains;
	/* Hosts beside addresses at which a user part alone may be a user's: Contact, Path. */
	struct migration_list hosts;
	/* Media types that nobody can read, and which pass all the same. */
	struct migration_list opaque;
};

enum migration_direction { MIGRATION_OUT, MIGRATION_IN }; /* to the wire, from it */

enum migration_verdict {
	MIGRATION_OK,
	MIGRATION_FOREIGN,   /* a name of the inside came from the wire */
	MIGRATION_UNKNOWN,   /* a name in a domain of identities that is of nobody */
	MIGRATION_OVER,	     /* the binding is over, and the request would begin something */
	MIGRATION_UNMAPPED,  /* nothing may stand for a name on the other side */
	MIGRATION_LEFT,	     /* a name of the inside would still be there */
	MIGRATION_OPAQUE,    /* a body that nobody can read */
	MIGRATION_SEALED,    /* a signed body that would have to be changed */
	MIGRATION_DIGEST,    /* a name that a digest response is computed with */
	MIGRATION_AMBIGUOUS, /* the way back would not give the same */
	MIGRATION_MALFORMED, /* no SIP message, or a body whose parts cannot be told apart */
	MIGRATION_TOO_MUCH,  /* more changes than there is room for */
	MIGRATION_VERDICTS,
};

/* "foreign", and so on: names of counters, too. */
const char *migration_verdict_name(enum migration_verdict v);
/* Status and reason phrase for a request. */
int migration_verdict_status(enum migration_verdict v, const char **reason);

typedef bool (*migration_find_f)(void *arg, const struct migration_query *q,
				 struct migration_hit *hit);

struct migration_view {
	migration_find_f find;
	void *arg;
	unsigned partner;
};

/* What a call has found. */
struct migration_result {
	enum migration_verdict verdict;
	unsigned names;	     /* replaced */
	unsigned others;     /* names of the other side that stood there already */
	unsigned opaque;     /* bodies that passed without being read */
	unsigned signatures; /* Identity headers that were cut (RFC 8224) */
	bool body;	     /* something in the body changes */
	size_t start_line;   /* octets of the start line */
	size_t
	    length_at; /* where the digits of the message's own Content-Length begin; 0: nowhere */
};

/*
 * What has to be changed in a message. e (cleared here) is sorted then and valid with MIGRATION_OK; with the change of
 * the message's own Content-Length. Takes time in proportion to the message.
 */
void migration_swap(const struct migration_view *view, const struct migration_policy *policy,
		    enum migration_direction direction, struct slice message,
		    struct migration_edits *e, struct migration_result *r);

/* The same for a part: the URI of a start line, the body of a header. */
void migration_swap_part(const struct migration_view *view, const struct migration_policy *policy,
			 enum migration_direction direction, struct slice part,
			 struct migration_edits *e, struct migration_result *r);

/*
 * An answer that cannot cross: the same without all that its receiver can do without, and, unless it is provisional, as a 500 with
 * this reason phrase. Via, From, To, Call-ID and CSeq stay, swapped. Returns 0 and *len, or -1: not even these can cross, it is no
 * answer, or size is too small. e is used.
 */
int migration_empty_answer(const struct migration_view *view, const struct migration_policy *policy,
			   enum migration_direction direction, struct slice message,
			   const char *reason, struct migration_edits *e, char *out, size_t size,
			   size_t *len);

/*
 * Is a name of the inside left in a text? Written by other means than the swap: all is unescaped, level by level, and each
 * address and number is looked up. room has text.len octets.
 */
bool migration_left(const struct migration_view *view, struct slice text, char *room);

#endif
