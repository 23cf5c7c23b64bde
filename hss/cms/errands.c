/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/cms/errands.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "daemon/log.h"
#include "hss/cms/client.h"
#include "hss/cms/counters.h"
#include "hss/cms/message.h"

enum { AT_ONCE = 16, UNKNOWN_S = 300 };

struct telling {
	struct cms *cms;
	char id[ID_SIZE], partner[SYSTEM_SIZE];
	bool may_come; /* what the other does not know of yet, it may still learn */
};

static void on_told(void *arg, const struct client_answer *a)
{
	struct telling *t = arg;

	if (a->status == 204 || a->status == 410 || (a->status == 404 && !t->may_come)) {
		grant_told(t->cms, t->id, true, time(NULL));
		count(COUNT_told, 1);
	} else {
		count(COUNT_tell_failed, 1);
		log_line(LOG_INFO, "migration %s: %s is not told of its end yet: %s", t->id,
			 t->partner, a->status ? "it refuses" : a->why);
	}
	free(t);
}

/* The primary deletes its partner's grant, or the request that may have made one; the partner sends an event. */
static void tell(struct cms *cms, const struct grant *g)
{
	const struct partner *p = cms_partner(cms->cfg, g->partner);
	struct telling *t = calloc(1, sizeof(*t));
	const int64_t now = time(NULL);
	char path[128], *body = NULL;
	json_t *event;
	int err = -1;

	if (!t || !p || !p->url[0]) {
		/* it learns by expiry, or by asking; whose section is gone may have one again */
		grant_told(cms, g->id, p && !p->url[0], now);
		free(t);
		return;
	}
	t->cms = cms;
	strcpy(t->id, g->id);
	strcpy(t->partner, g->partner);
	t->may_come = now - g->changed < UNKNOWN_S;
	/* later again, unless it is told: also when we die meanwhile */
	grant_told(cms, g->id, false, now);
	if (g->side == SIDE_PRIMARY) {
		t->may_come = false;
		if (g->remote[0])
			snprintf(path, sizeof(path), "/csc-17/v1/access-grants/%s", g->remote);
		else
			snprintf(path, sizeof(path), "/csc-17/v1/access-grants/by-message/%s",
				 g->message);
		err = client_ask(p, "DELETE", path, NULL, on_told, t);
	} else {
		event = write_event(g, now);
		body = event ? json_dumps(event, JSON_COMPACT) : NULL;
		json_decref(event);
		if (body)
			err = client_ask(p, "POST", "/csc-17/v1/events", body, on_told, t);
		free(body);
	}
	if (err)
		free(t);
}

void errands_tick(struct cms *cms)
{
	const int64_t now = time(NULL);
	struct grant *g = calloc(AT_ONCE, sizeof(*g));
	int n = grants_expire(cms, now);

	count(COUNT_expired, n > 0 ? (uint64_t)n : 0);
	n = g ? grants_untold(cms, now, g, AT_ONCE) : 0;
	for (int i = 0; i < n; i++)
		tell(cms, &g[i]);
	free(g);
}
