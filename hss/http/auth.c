/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/http/auth.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>

#include "daemon/log.h"
#include "daemon/settings.h"
#include "hss/counters.h"

static struct {
	pthread_mutex_t lock;
	char path[IDENTITY_SIZE];
	struct stat read; /* the file as it was read */
	struct tokens tokens;
	struct limiter limiter;
} auth = {.lock = PTHREAD_MUTEX_INITIALIZER};

static bool same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_size == b->st_size && a->st_dev == b->st_dev &&
	       a->st_mode == b->st_mode && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static int read_file(char *why, size_t size)
{
	char reason[256];
	size_t n;
	char *text = settings_read_file(auth.path, TOKEN_FILE_MAX, &n, why, size);
	int err;

	if (!text)
		return -1;
	err = tokens_parse(slice_make(text, n), &auth.tokens, reason, sizeof(reason));
	free(text);
	if (err)
		snprintf(why, size, "%s: %s", auth.path, reason);
	return err;
}

/* Bring the tokens up to what the file has now; none if it cannot be read. */
static int refresh(char *why, size_t size)
{
	struct stat now = {0};
	int err = 0;

	if (stat(auth.path, &now)) {
		snprintf(why, size, "cannot read %s: %s; make a token with: hssctl token add",
			 auth.path, strerror(errno));
		err = -1;
	} else if (same(&now, &auth.read)) {
		return 0;
	} else if (now.st_mode & (S_IWGRP | S_IWOTH)) {
		snprintf(why, size, "%s can be written by others; chmod 600 it", auth.path);
		err = -1;
	}
	if (err == 0)
		err = read_file(why, size);
	auth.read = now;
	if (err) {
		auth.tokens.n = 0;
		memset(&auth.read, 0, sizeof(auth.read)); /* it is looked at again */
	}
	return err;
}

int auth_open(const char *path, char *why, size_t size)
{
	int err = 0;

	pthread_mutex_lock(&auth.lock);
	memset(&auth.read, 0, sizeof(auth.read));
	if (slice_copy(slice_str(path), auth.path, sizeof(auth.path)) ||
	    limiter_init(&auth.limiter)) {
		snprintf(why, size, "no random numbers, or the path of the tokens is too long");
		err = -1;
	}
	if (err == 0)
		err = refresh(why, size);
	pthread_mutex_unlock(&auth.lock);
	return err;
}

/* The role of the token and its name; or ROLE_NONE, and wait has the seconds if there were too many. */
static enum http_role look_up(struct slice secret, const struct netaddr *from, int64_t now_ms,
			      char who[TOKEN_NAME_SIZE], unsigned int *wait)
{
	enum http_role role = ROLE_NONE;
	const struct token *t;
	char why[512] = "";

	pthread_mutex_lock(&auth.lock);
	if (refresh(why, sizeof(why)))
		log_line(LOG_ERR, "%s; until then nobody may anything over HTTP", why);
	t = tokens_find(&auth.tokens, secret);
	if (t) {
		strcpy(who, t->name);
		role = t->role;
	} else {
		*wait = limiter_wrong(&auth.limiter, from, now_ms);
	}
	pthread_mutex_unlock(&auth.lock);
	return role;
}

int auth_check(struct api_call *call, const char *authorization, const struct netaddr *from,
	       int64_t now_ms, char who[TOKEN_NAME_SIZE])
{
	char address[NETADDR_TEXT_MAX];
	enum http_role role;
	unsigned int wait = 0;

	if (call->route->role == ROLE_NONE)
		return 0;
	if (!authorization || strncasecmp(authorization, "Bearer ", 7) != 0) {
		answer_problem(
		    call, 401, "a token is missing",
		    "send the header field Authorization: Bearer TOKEN; hssctl token add "
		    "makes one");
		return -1;
	}
	role = look_up(slice_trim(slice_str(authorization + 7)), from, now_ms, who, &wait);
	if (role == ROLE_NONE)
		counter_add(COUNT_http_wrong_tokens, 1);
	if (wait) {
		call->answer.retry_after = wait;
		answer_problem(call, 429, "too many wrong tokens came from this address",
			       "wait as long as Retry-After says, or send a right one");
		return -1;
	}
	if (role == ROLE_NONE) {
		log_line(LOG_INFO, "HTTP: a wrong token from %s", netaddr_ip_text(from, address));
		answer_problem(call, 401, "the token is wrong",
			       "see hssctl token list; hssctl token add makes a new one");
		return -1;
	}
	call->role = role;
	if (role == ROLE_MIGRATION ? (call->route->flags & FOR_MIGRATION) != 0
				   : role >= call->route->role)
		return 0;
	answer_problem(call, 403, "the token's role does not allow this",
		       "take a token with the role that /openapi.json names");
	return -1;
}
