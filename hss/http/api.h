/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The REST API without HTTP's own matters: a call with its path, query and body becomes an answer, and
 * perhaps something that the network must do first (enum call_follow). It knows neither libmicrohttpd nor freeDiameter.
 * The table of what there is, api_routes[], is in api.c; page/openapi.json describes it for others.
 */
#ifndef HSS_HTTP_API_H
#define HSS_HTTP_API_H

#include <jansson.h>

#include "hss/cx/push.h"
#include "hss/cx/service.h"
#include "hss/http/tag.h"
#include "hss/http/token.h"
#include "hss/migration/leave.h"
#include "http/path.h"

_Static_assert((int)PATH_SEGMENT_SIZE == (int)IDENTITY_SIZE, "an identity is a segment of a path");

enum { HTTP_BODY_MAX = 256 << 10, API_WHY_SIZE = 512 };

/* What the API needs of the daemon. */
struct api_daemon {
	struct service *svc;
	const char *identity, *realm;
	unsigned int answer_seconds; /* how long an S-CSCF's answer is waited for */
	void (*each_peer)(void (*each)(const char *, const char *, void *), void *arg);
	void (*metrics)(struct outbuf *out); /* in Prometheus' format */
	uint64_t (*uptime)(void);	     /* seconds */
	/* leave_end() of hss/migration/leave.h */
	void (*end_migration)(const struct migration_selection *which, const char *actor,
			      const char *reason, leave_done_h done, void *arg);
};

/* What is to be sent before the answer. */
enum call_follow { FOLLOW_NOTHING, FOLLOW_PUSH, FOLLOW_DEREGISTER, FOLLOW_WITHDRAW, FOLLOW_END };

struct api_answer {
	unsigned int status;
	const char *type; /* Content-Type; NULL: none */
	const char *text; /* static, if not NULL; else out has the body */
	size_t text_len;
	struct outbuf out;
	char location[3 * IDENTITY_SIZE + 32]; /* of what was made, or "" */
	const char *allow;		       /* 405: methods */
	char tag[TAG_SIZE];		       /* ETag of a subscription, or "" */
	unsigned int retry_after;
};

struct api_call;

/* A row of what there is. */
struct route {
	const char *method, *path; /* "{}" stands for any segment */
	enum http_role role;
	const char *query; /* names of arguments, each with a blank behind it; NULL: none */
	enum { BODY_NONE, BODY_JSON, BODY_OPTIONAL, BODY_IMPORT } body;
	void (*handle)(struct api_call *call);
	enum {
		FOR_MIGRATION = 1, /* for tokens of ROLE_MIGRATION, too */
		TAGGED = 2, /* GET has the ETag of the subscription; others heed If-Match with it */
	} flags;
};

struct api_call {
	const struct api_daemon *daemon;
	const struct route *route;
	enum http_role role; /* of the token that came; ROLE_NONE: none was needed */
	int64_t now_ms;	     /* monotonic */
	struct http_path path;
	struct http_query query;
	json_t *body; /* NULL where there is none */
	/* tags that came, of a route that is tagged: */
	bool conditional; /* it is for what if_match names alone */
	bool only_new;	  /* only where nothing is */
	char if_match[TAG_LIST_SIZE], if_none_match[TAG_LIST_SIZE];
	struct api_answer answer;
	/* what follows */
	enum call_follow follow;
	char impi[IDENTITY_SIZE];
	char impus[SUB_IMPUS_MAX][IDENTITY_SIZE]; /* those of a deregistration; none: all */
	size_t n_impus;
	enum deregistration_reason reason;
	char info[128];
	bool force;
	struct subscription *sub; /* what was read or changed */
	bool importing;		  /* the body is for api_import_feed() */
	struct outbuf steps;	  /* a line for each message that was sent */
	/* of FOLLOW_END; which one or ones stands in the path and query */
	struct leave_outcome ended;
	push_done_h ended_done;
	void *ended_arg;
};

/*
 * Find what the method and path name: call->route is set, or an answer 400, 404 or 405 is there and -1
 * is returned. target is without its query.
 */
int api_find(struct api_call *call, const char *method, struct slice target);
/* Do it. The answer is there afterwards, unless call->follow wants something first; api_followed()
 * makes it then. */
void api_handle(struct api_call *call);
/* Begin what follows; done is called as push_done_h says. */
void api_follow(struct api_call *call, push_done_h done, void *arg);
/* It is over; error is NULL when all went well. */
void api_followed(struct api_call *call, const char *error);
void api_call_free(struct api_call *call);

/*
 * An import, whose body comes in pieces: begun by its handler, which sets importing or makes an answer.
 * One at a time. What is wrong in the text is told at the end; what follows it is passed over.
 */
void api_import_feed(struct api_call *call, struct slice text);
/* All has come: makes the answer. */
void api_import_end(struct api_call *call);
/* No more will come. Without a call for an end or this, no other import can begin. */
void api_import_break(struct api_call *call);

/* Answers. */
void answer_json(struct api_call *call, unsigned int status, json_t *json);
/* A name as a path or query has it (RFC 3986 2.1), with NUL; what has no room is left out. */
void put_encoded(const char *name, char *out, size_t size);
/* A problem (RFC 9457); action says what the caller can do. */
void answer_problem(struct api_call *call, unsigned int status, const char *detail,
		    const char *action);
/* A condition of the request is not met. / Is sub, as it is stored, what the request is for? / call->sub with its tag, or that
 * it is what the caller has already. */
void answer_unmet(struct api_call *call);
bool api_is_meant(const struct api_call *call, const struct subscription *sub);
void answer_subscription(struct api_call *call);
/* What an error of hss/provision means to the caller. */
void answer_refused(struct api_call *call, int err, const char *why);

/* Handlers. */
void api_status(struct api_call *call);
void api_metrics(struct api_call *call);
void api_list(struct api_call *call);
void api_add(struct api_call *call);
void api_get(struct api_call *call);
void api_remove(struct api_call *call);
void api_private(struct api_call *call);
void api_public(struct api_call *call);
void api_ifc(struct api_call *call);
void api_shared(struct api_call *call);
void api_sets(struct api_call *call);
void api_set(struct api_call *call);
void api_set_ifc(struct api_call *call);
void api_set_remove(struct api_call *call);
void api_bearers(struct api_call *call);
void api_bearer(struct api_call *call);
void api_capabilities(struct api_call *call);
void api_charging(struct api_call *call);
void api_visited(struct api_call *call);
void api_deregister(struct api_call *call);
void api_push(struct api_call *call);
void api_migrations(struct api_call *call);
void api_migration(struct api_call *call);
void api_migration_put(struct api_call *call);
void api_migration_end(struct api_call *call);
void api_migrations_end(struct api_call *call);
/* What follows api_migration_end() and api_migrations_end(), as api_follow() and api_followed(). */
void api_migration_follow(struct api_call *call, push_done_h done, void *arg);
void api_migration_followed(struct api_call *call, const char *error);
void api_import_state(struct api_call *call);
void api_import_begin(struct api_call *call);
void page_index(struct api_call *call);
void page_script(struct api_call *call);
void page_style(struct api_call *call);
void page_openapi(struct api_call *call);

#endif
