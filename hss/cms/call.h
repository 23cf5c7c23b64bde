/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A request at one of the two doors as its handler sees it: read whole, and answered now, or later by a partner's answer. It knows no
 * libmicrohttpd.
 */
#ifndef HSS_CMS_CALL_H
#define HSS_CMS_CALL_H

#include <jansson.h>

#include "base/netaddr.h"
#include "hss/cms/access_token.h"
#include "hss/cms/grant.h"
#include "http/path.h"

struct door;
struct call;

/* Makes the answer about a grant. */
typedef void (*call_grant_h)(struct call *call, unsigned int status, const struct grant *g);

/* What the daemon has for its requests. */
struct cms_daemon {
	struct cms cms;
	struct token_keys keys;
	char *master; /* of the initial UE configuration, or NULL */
	size_t master_len;
};

struct call {
	struct cms_daemon *daemon;
	const struct door *door;
	int64_t now; /* seconds since the epoch */
	const char *method;
	struct http_path path;
	struct http_query query;
	struct slice body;
	/* fields of the head; NULL: none */
	const char *authorization, *idempotency_key, *if_none_match;
	struct netaddr from;
	const struct partner *partner; /* who has proved to be it; CMS-CMS */
	char mc_id[NAME_SIZE];	       /* likewise; CSC-4 */
	/* the answer */
	unsigned int status; /* 0: none yet */
	const char *type;
	char *text; /* malloc'ed */
	size_t len;
	char location[128], etag[72];
	unsigned int retry_after;
	bool refused_token; /* 401 is about it */
	/* a handler that answers later: call_later() begins it, call_done() ends it */
	void (*later)(struct call *call);
	void (*done)(struct call *call);
	char grant[ID_SIZE]; /* what it is about, while a partner is asked, or our HSS told */
	bool made;	     /* by this call */
	call_grant_h answer; /* about it, when our HSS knows */
	void *connection;    /* the door's */
};

/* A door: who may ask, and what. */
struct route {
	const char *method, *path; /* "{}" stands for any segment */
	void (*handle)(struct call *call);
	bool open; /* without a proof of who asks */
};
struct door {
	const char *name; /* for the log */
	const struct route *routes;
	size_t n_routes;
	/* Before a route that is not open: who is it? Returns 0, or -1 and an answer is made. */
	int (*identify)(struct call *call);
	int requests, refused; /* of enum cms_counter */
};

/* Carry it out: afterwards there is an answer, or call->later is set. */
void call_handle(struct call *call);
/* Free the answer. */
void call_free(struct call *call);

/* Answers. json is taken over; NULL is 500. */
void call_json(struct call *call, unsigned int status, json_t *json);
void call_empty(struct call *call, unsigned int status);
/* text is taken over, NULL is 500; an ETag is made, and If-None-Match obeyed. */
void call_text(struct call *call, const char *type, char *text, size_t len);
/* A problem (RFC 9457); no name of a user stands in it. */
void call_problem(struct call *call, unsigned int status, const char *type, const char *detail);
/* What a refusal of the core means to the caller. */
void call_refused(struct call *call, enum cms_result r, unsigned int wait);

/* The initial UE configuration of a UE of this system. NULL: there is no master document, or no memory. */
char *daemon_document(const struct cms_daemon *d, const char *ue, size_t *len);

/* What a stranger is refused leaves a line in the audit trail; 30 in a minute at most of each partner, of all without a certificate and of
 * all UEs; the rest is only counted. */
void audit_refusal(struct call *call, const char *event, const char *detail);

/* The doors. */
extern const struct door csc4_door, peer_door;

#endif
