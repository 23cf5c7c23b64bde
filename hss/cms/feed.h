/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Our own HSS is told of each binding over its REST API (docs/hss-rest.md, /api/v1/migrations): before anybody is answered that
 * it was granted, or has ended. What it could not be told is told again; at the start all that lives is, and what it has
 * and we have not is ended there. Without the setting hss nothing is told, and all counts as told.
 */
#ifndef HSS_CMS_FEED_H
#define HSS_CMS_FEED_H

#include "hss/cms/call.h"

/* Called once, on any thread. known: the HSS knows the state that the grant had. */
typedef void (*feed_done_h)(void *arg, bool known);

/* cms must outlive it. After client_start(). */
void feed_start(struct cms *cms);
/* Tell the state of this grant, and then done. It may be called at once. */
void feed_grant(const struct grant *g, feed_done_h done, void *arg);

/*
 * A handler answers when the HSS knows: call->grant has the id; finish(call) then makes the answer. If it cannot be told the answer is
 * 503 and Retry-After. For call->later.
 */
void feed_then(struct call *call, void (*finish)(struct call *call));
/* The same with an answer about the grant itself, if it lives still; status is 201 where call->made, else 200. */
void feed_then_grant(struct call *call, call_grant_h answer);

/* Tell what is due. Once a second; every FEED_SOON_MS while feed_waited(). */
enum { FEED_SOON_MS = 50, FEED_WAIT_S = 15 };
void feed_tick(int64_t now);
/* Call done, on the thread of feed_tick(), when the HSS knows all there is, or in FEED_WAIT_S; with how many states it does not know
 * then. / Does anybody wait so? */
typedef void (*feed_all_h)(void *arg, int64_t unknown);
void feed_all(feed_all_h done, void *arg);
bool feed_waited(void);

#endif
