/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The module's process: it follows the bindings of ims-cms over its control socket ("bindings after=N"), and lets bindings end in
 * time. Nobody else waits for the socket, so it is read as it comes, with a limit.
 */
#include "modules/ims_migration/migration.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "../../core/dprint.h"
#include "../../core/sr_module.h"

#include "modules/common/process.h"
#include "modules/ims_migration/core/feed.h"

enum { LINE_ROOM = 16 * 1024, ANSWER_SECONDS = 10, SEEN_STEP = 1024 };

static struct {
	uint64_t seq;	       /* of the last change that was read */
	uint64_t next_ms;      /* when it is asked again */
	uint64_t next_full_ms; /* when all is read again */
	bool failed;	       /* and said so */
	/* While all is read: ids of bindings that live. */
	bool full;
	char (*seen)[MIGRATION_ID_MAX + 1];
	size_t seen_n, seen_max;
} feed;

static int connect_cms(void)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	const struct timeval limit = {.tv_sec = ANSWER_SECONDS};
	int fd;

	if (slice_copy(slice_of(migration_params.feed), addr.sun_path, sizeof(addr.sun_path))) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) == 0 &&
	    connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* Remember that it was named. Returns 0, or -1 without memory. */
static int see(struct slice id)
{
	if (feed.seen_n == feed.seen_max) {
		size_t max = feed.seen_max + SEEN_STEP;
		void *more = realloc(feed.seen, max * sizeof(*feed.seen));

		if (!more)
			return -1;
		feed.seen = more;
		feed.seen_max = max;
	}
	return slice_copy(id, feed.seen[feed.seen_n++], sizeof(*feed.seen));
}

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void cannot(struct slice line, const char *why)
{
	struct slice rest = line, seq = slice_cut(&rest, ' '), id = slice_cut(&rest, ' ');

	counter_inc(migration_counters.feed_refused);
	LM_ERR("binding %.*s of ims-cms (change %.*s) is not swapped: %s\n",
	       (int)(id.len > MIGRATION_ID_MAX ? MIGRATION_ID_MAX : id.len), id.p,
	       (int)(seq.len > 20 ? 20 : seq.len), seq.p, why);
}

/* 0, or -1: no memory. */
static int take_line(struct slice line)
{
	struct migration_fed fed;
	int partner, rc;

	if (migration_feed_line(line, &fed)) {
		cannot(
		    line,
		    "its identities cannot be told from the text around them, or it is no binding");
		return 0;
	}
	if (fed.seq > feed.seq)
		feed.seq = fed.seq;
	if (!fed.lives) {
		migration_shared_end(fed.binding.id, MIGRATION_BY_FEED);
		return 0;
	}
	if (!fed.binding.n)
		return 0;
	if (feed.full && see(fed.binding.id))
		return -1;
	partner = migration_partner_named(&migration_partners, fed.partner);
	if (partner < 0) {
		cannot(line, "its partner has no modparam(\"ims_migration\", \"partner\", ...)");
		return 0;
	}
	fed.binding.partner = (unsigned)partner;
	rc = migration_shared_bind(&fed.binding);
	if (rc)
		cannot(line, migration_strerror(rc));
	return rc == MIGRATION_E_MEMORY ? -1 : 0;
}

/* Lines until "ok". 0, or -1 with why. */
static int read_answer(FILE *f, const char **why)
{
	static char line[LINE_ROOM];

	while (fgets(line, sizeof(line), f)) {
		struct slice text = slice_trim(slice_str(line));

		if (slice_eq(text, SLICE_LIT("ok")))
			return 0;
		if (!strncmp(line, "error ", 6)) {
			*why = "it answers with an error";
			return -1;
		}
		if (take_line(text)) {
			*why = "no memory";
			return -1;
		}
	}
	*why = "its answer does not end";
	return -1;
}

/* What was not named does not live any more: the store of ims-cms is another one, or has forgotten it. */
static void end_unseen(void)
{
	char room[MIGRATION_COPY_ROOM], id[MIGRATION_ID_MAX + 1];
	struct migration_binding b;

	if (feed.seen_n)
		qsort(feed.seen, feed.seen_n, sizeof(*feed.seen), by_text);
	for (unsigned n = 0; migration_shared_at(n, &b, room); n++) {
		if (b.source != MIGRATION_BY_FEED || b.ended || slice_copy(b.id, id, sizeof(id)))
			continue;
		if (!feed.seen_n ||
		    !bsearch(id, feed.seen, feed.seen_n, sizeof(*feed.seen), by_text))
			migration_shared_end(b.id, MIGRATION_BY_FEED);
	}
}

static int ask(bool full, const char **why)
{
	char command[64];
	int fd = connect_cms(), rc = -1;
	size_t n;
	FILE *f;

	*why = NULL;
	if (fd < 0)
		return -1;
	n = (size_t)snprintf(command, sizeof(command), "bindings after=%llu\n",
			     full ? 0ULL : (unsigned long long)feed.seq);
	feed.full = full;
	feed.seen_n = 0;
	f = send(fd, command, n, MSG_NOSIGNAL) == (ssize_t)n ? fdopen(fd, "r") : NULL;
	if (!f) {
		close(fd);
		return -1;
	}
	if (full)
		feed.seq = 0;
	rc = read_answer(f, why);
	fclose(f);
	if (rc == 0 && full)
		end_unseen();
	return rc;
}

static void follow(uint64_t now_ms)
{
	bool full = now_ms >= feed.next_full_ms;
	const char *why;

	feed.next_ms = now_ms + (uint64_t)migration_params.feed_seconds * 1000;
	if (ask(full, &why)) {
		/* What was read of it may be a part only. */
		feed.next_full_ms = now_ms;
		counter_inc(migration_counters.feed_failed);
		if (!feed.failed)
			LM_ERR(
			    "ims-cms cannot be asked for its bindings at %.*s: %s; those that are "
			    "known stay until they end\n",
			    migration_params.feed.len, migration_params.feed.s,
			    why ? why : strerror(errno));
		feed.failed = true;
		return;
	}
	if (feed.failed)
		LM_NOTICE("ims-cms is asked for its bindings again\n");
	feed.failed = false;
	if (full) {
		feed.next_full_ms = now_ms + (uint64_t)migration_params.feed_full_seconds * 1000;
		migration_set_ready();
	}
}

static void on_tick(uint64_t now_ms, void *arg)
{
	char why[640];

	if (migration_shared_expire() && migration_store_save(why, sizeof(why)))
		LM_ERR("%s\n", why);
	if (migration_params.feed.len && now_ms >= feed.next_ms)
		follow(now_ms);
}

static struct kam_process process = {
    .name = "ims_migration bindings", .rank = PROC_TIMER, .tick_ms = 250, .tick = on_tick};

int migration_feed_init(void)
{
	return kam_process_register(&process);
}

int migration_feed_fork(void)
{
	return kam_process_fork(&process);
}
