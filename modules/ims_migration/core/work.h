/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the swap share while one message is worked on. */
#ifndef IMS_MIGRATION_WORK_H
#define IMS_MIGRATION_WORK_H

#include "modules/ims_migration/core/letters.h"
#include "modules/ims_migration/core/swap.h"

struct migration_work {
	const struct migration_view *view;
	const struct migration_policy *policy;
	enum migration_direction direction;
	struct slice all; /* edits count from its start */
	struct migration_edits *e;
	struct migration_result *r;
	bool begins; /* a request outside of a dialog: what is over is over for it */
};

/* The first verdict stays. */
static inline void work_refuse(struct migration_work *w, enum migration_verdict v)
{
	if (w->r->verdict == MIGRATION_OK)
		w->r->verdict = v;
}

static inline size_t work_at(const struct migration_work *w, const char *p)
{
	return (size_t)(p - w->all.p);
}

static inline bool list_has(const struct migration_list *l, struct slice word)
{
	for (unsigned i = 0; i < l->n; i++)
		if (slice_eq_nocase(l->word[i], word))
			return true;
	return false;
}

/* scan.c: all names in a text, which lies in w->all. */
void scan_text(struct migration_work *w, struct slice text, enum migration_text kind);
/* uri.c: a name was found; what becomes of it. text is the whole text that is scanned, offsets are in it. */
struct uri_place {
	struct slice text;
	enum migration_text kind;
	size_t scheme, scheme_len; /* "sip"; 0 octets: an address without one */
	size_t user, user_len;	   /* up to the first ';' or ':' in the user part */
	size_t host, host_len;
	uint8_t deep;	    /* how often the separators are escaped */
	struct slice name;  /* the user as it is meant */
	struct slice where; /* the host as it is meant */
	bool marked;	    /* each letter of the user is escaped with small hex digits */
	bool uri;
};
/* True: it was a name of a binding, or a user alone. */
bool uri_swap(struct migration_work *w, const struct uri_place *u);
/* A number of a tel: URI, from the scheme on; digits are '+' and digits. */
void tel_swap(struct migration_work *w, const struct uri_place *u);
/* A user part alone. deep: how often what is around it is escaped. True: it was one. */
bool bare_swap(struct migration_work *w, size_t at, size_t len, struct slice user, bool marked,
	       uint8_t deep);
bool work_find(const struct migration_work *w, bool from_side, enum migration_how how,
	       struct slice user, struct slice host, struct migration_hit *hit);
/* May a user part alone be a user's at this host? An address, or one of the setting's. */
bool is_local_host(const struct migration_work *w, struct slice host);

/* message.c */
void message_swap(struct migration_work *w, struct slice text, unsigned depth, bool top);
/* Headers with their blank line, as they stand before a body or a part of one. */
struct head {
	struct slice type, encoding, transfer; /* Content-Type, ...: empty where there is none */
	size_t length_at, length_len;	       /* the digits of Content-Length; 0 octets: none */
	struct slice body;
};
void headers_swap(struct migration_work *w, struct slice text, struct head *out);
/* Content-Length as the edits from number first on change the body. */
void length_swap(struct migration_work *w, const struct head *h, unsigned first);

/* body.c */
void body_swap(struct migration_work *w, const struct head *h, unsigned depth);

#endif
