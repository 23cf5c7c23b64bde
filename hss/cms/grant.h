/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Migrations (TR 23.781 6.2, solution 2), without sockets. A grant is one migration of one user as one of the two systems has it:
 * the primary, whose user he is, or the partner, who takes him in. It binds identities:
 *
 *   primary: own (in the primary's HSS) - pair (what the partner is told) - inbound (what the UE uses there)
 *   partner: pair - inbound, and the primary's HSS or SLF
 *
 * pair is own, or outbound identities that hide them. Each call is one transaction; what it has answered is on the disk. now is
 * seconds since the epoch. A grant that is over never lives again, and its identities are not given away a second
 * time while it is kept (keep_days).
 */
#ifndef HSS_CMS_GRANT_H
#define HSS_CMS_GRANT_H

#include "hss/cms/config.h"
#include "hss/cms/store.h"

enum {
	ID_SIZE = 40, /* of a grant or a message, with NUL */
	UE_SIZE = 128,
	KEY_SIZE = 80,
	REASON_SIZE = 64,
	CONNECTION_SIZE = 4096,
	HASH_LEN = 32,
	CLOCK_SKEW_S = 30,  /* TS 33.180's figure for tokens, here for messages, too */
	MESSAGE_AGE_S = 90, /* an older message, or one of so far in the future, is refused */
};

struct cms {
	const struct cms_config *cfg;
	struct cms_store *store;
};

enum side { SIDE_PRIMARY, SIDE_PARTNER };
/* In the order of life: what is below GRANT_WITHDRAWN lives. */
enum grant_state { GRANT_ASKING, GRANT_ACTIVE, GRANT_WITHDRAWN, GRANT_EXPIRED };

enum cms_result {
	CMS_OK,		 /* it was made, or done */
	CMS_SAME,	 /* it was there already */
	CMS_FORBIDDEN,	 /* this user may not migrate, or not come here */
	CMS_NO_PARTNER,	 /* none serves there, of those that he may go to */
	CMS_NOT_YOURS,	 /* it belongs to another system */
	CMS_CONFLICT,	 /* another is under way or lives */
	CMS_REUSED,	 /* the same key or message with another content */
	CMS_GONE,	 /* it is over */
	CMS_UNKNOWN,	 /* there is no such grant */
	CMS_LATE,	 /* the message is too old, or of the future */
	CMS_QUOTA,	 /* too many */
	CMS_NO_IDENTITY, /* the pool is empty, or there are no random numbers */
	CMS_BROKEN,	 /* the store cannot be used */
};

/* A word for each, for logs, problems and the audit trail. */
const char *cms_result_word(enum cms_result r);

struct grant {
	char id[ID_SIZE];
	enum side side;
	char partner[SYSTEM_SIZE]; /* the other system */
	char mc_id[NAME_SIZE], ue[UE_SIZE], services[SERVICES_SIZE];
	char chosen[12];       /* primary: "request" or "location" */
	char message[ID_SIZE]; /* of the access request between the systems */
	char remote[ID_SIZE];  /* its id at the other system, once it is known there */
	struct names own;      /* primary only */
	struct names pair;
	struct names inbound;	      /* none while it is asked for */
	char database[3 * NAME_SIZE]; /* "hss|slf HOST REALM": the primary's */
	char connection
	    [CONNECTION_SIZE]; /* primary: what the UE is told of the partner's SIP core, JSON */
	enum grant_state state;
	char reason[REASON_SIZE]; /* why it is over */
	bool told;		  /* the other system knows that it is over */
	bool fed;		  /* our HSS knows the state */
	int64_t created, expires, changed;
	int64_t seq; /* of its last change, among all grants */
};

/* What a UE asks for (CSC-4, step 1), who has proved to be mc_id. */
struct ue_request {
	char mc_id[NAME_SIZE], ue[UE_SIZE], services[SERVICES_SIZE];
	char partner[SYSTEM_SIZE]; /* or "" */
	char plmn[8], tac[8];	   /* or "" */
	char key[KEY_SIZE];	   /* Idempotency-Key, or "" */
};

/*
 * Steps 2 to 6: may he migrate, where to, under which identities. CMS_OK: *out asks, and the partner is to be told (then
 * primary_complete() or primary_fail()). CMS_SAME: *out lives already. Else why says it for the caller.
 */
enum cms_result primary_begin(struct cms *cms, const struct ue_request *req, int64_t now,
			      struct grant *out);
/* What the partner answered (step 12). */
struct access_answer {
	char remote[ID_SIZE];
	struct names inbound;
	int64_t expires;
	char connection[CONNECTION_SIZE];
};
/* It lives from now on. CMS_GONE: it was withdrawn meanwhile; CMS_NOT_YOURS: the identities are not of the partner, or
 * not as many as asked for. */
enum cms_result primary_complete(struct cms *cms, const char *id,
				 const struct access_answer *answer, const void *document,
				 size_t len, int64_t now, struct grant *out);
/* The partner has not granted it: it is over, and he is told so if he may know of it. */
enum cms_result primary_fail(struct cms *cms, const char *id, const char *reason,
			     bool partner_may_know, int64_t now);
/* What was asked when the daemon died is over, and the partners are told. At the start. Returns how many, or -1. */
int primary_recover(struct cms *cms, int64_t now);

/* What a primary asks of us (step 7), who has proved to be partner. */
struct access_request {
	char message[ID_SIZE];
	int64_t issued, expires;
	char primary[SYSTEM_SIZE];
	char mc_id[NAME_SIZE], ue[UE_SIZE], services[SERVICES_SIZE];
	char database_kind[8], database_host[NAME_SIZE], database_realm[NAME_SIZE];
	struct names pair;
};
/* Steps 8 to 11. CMS_OK or CMS_SAME: *out lives. *wait: seconds until it may be asked again, for CMS_QUOTA. */
enum cms_result partner_admit(struct cms *cms, const struct partner *partner,
			      const struct access_request *req, int64_t now, struct grant *out,
			      unsigned int *wait);
/* The primary has given up a request that may never have come here: if it comes, it is refused. */
enum cms_result partner_cancel(struct cms *cms, const struct partner *partner, const char *message,
			       int64_t now);

/* Get one of the partner's by its id or, where that is NULL, by the message; any partner's where partner is NULL. */
enum cms_result grant_get(struct cms *cms, enum side side, const char *partner, const char *id,
			  const char *message, struct grant *out);
/* The UE configuration that came with it, of *len octets (the caller's), or NULL: none. */
void *grant_document(struct cms *cms, const char *id, size_t *len);

/* Which are to be withdrawn; a NULL is each. */
struct selection {
	const char *id, *remote, *mc_id, *partner;
	enum side side;
	bool both; /* whatever side */
};
/*
 * End at once and for ever what lives of these. told: the other system knows. bar: mc_id (or everybody) may not go to or come
 * from partner (or any) again. Returns how many, or -1.
 */
int grants_withdraw(struct cms *cms, const struct selection *which, const char *actor,
		    const char *reason, bool told, bool bar, int64_t now);
/* Is or was there one of a user of ours that has this id at the partner, who says that it is over? He needs not be told so. */
bool grants_know(struct cms *cms, const char *partner, const char *remote);
/* End what is over its time; forget what is over for keep_days. Returns how many ended, or -1. */
int grants_expire(struct cms *cms, int64_t now);

/* Those whose other system has to be told that they are over, and is due; at most n. Returns how many, or -1. */
int grants_untold(struct cms *cms, int64_t now, struct grant *out, size_t n);
/* It knows, or does not answer: then it is tried again later, each time twice as long, an hour at most. */
void grant_told(struct cms *cms, const char *id, bool told, int64_t now);

/* Those whose state our HSS is to be told of, and is due; at most n. Returns how many, or -1. */
int grants_unfed(struct cms *cms, int64_t now, struct grant *out, size_t n);
/* It knows the state that the grant had at this seq; or not: then it is told again later, each time after twice as long, half a minute at
 * most. */
void grant_fed(struct cms *cms, const char *id, int64_t seq, bool fed, int64_t now);
/* What lives is told once more: at the start, and now and then. Returns how many, or -1. */
int grants_feed_again(struct cms *cms);
/* How many states it does not know yet. */
int64_t grants_unfed_count(struct cms *cms);
/* The state of a grant of whatever side. */
enum cms_result grant_by_id(struct cms *cms, const char *id, struct grant *out);
/* A grant of a user of ours by its id at the partner. */
enum cms_result grant_by_remote(struct cms *cms, const char *partner, const char *remote,
				struct grant *out);

/* Whose identity it is: the live grants that bind it, among own, pair and inbound. Returns how many, or -1. */
int bindings_find(struct cms *cms, const char *identity, struct grant *out, size_t n);
/* What lives of a user of ours. Returns how many, or -1. */
int grants_of_user(struct cms *cms, const char *mc_id, struct grant *out, size_t n);
/* Grants in the order of their last change, behind seq. Returns how many, or -1. */
int grants_after(struct cms *cms, int64_t seq, struct grant *out, size_t n);

/* Live ones on a side. */
int64_t grants_live(struct cms *cms, enum side side);

/* Inside a transaction; for the files that carry out the above. */
enum cms_result grant_load(struct cms_store *s, sqlite3_stmt *q, struct grant *out);
/* All columns that grant_load() reads, for "SELECT " GRANT_COLUMNS " FROM grants WHERE ...". */
#define GRANT_COLUMNS                                                                              \
	"id, side, partner, mc_id, ue, services, chosen, message, remote, own, pair, inbound, "    \
	"database, connection, state, reason, told, created, expires, changed, seq, hash, fed"
/* The hash of what asked for it, for the row that grant_load() has read last. */
bool grant_hash_is(sqlite3_stmt *q, const uint8_t hash[HASH_LEN]);
void grant_insert(struct cms_store *s, const struct grant *g, const char *key,
		  const uint8_t hash[HASH_LEN]);
/* The names are bound by the grant from now on. */
void names_bind(struct cms_store *s, const char *grant, const struct names *names);
/* The names are given away, for as long as the grant is kept. false: one of them was given away before. */
bool names_take(struct cms_store *s, const char *grant, const struct names *names);
void grant_set_state(struct cms_store *s, const char *id, enum grant_state state,
		     const char *reason, bool told, int64_t now);
/* Draw or take from the pool, and remember them as taken. kind is "inbound" or "outbound". */
enum cms_result names_allocate(struct cms *cms, const char *kind, const char *domain,
			       const char *grant, struct names *out);
bool is_barred(struct cms_store *s, const char *mc_id, const char *partner);

#endif
