/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests to the CMS-CMS doors of partners and to our own HSS, on one thread of its own that waits for none of them: TLS 1.2 or more with our
 * certificate, theirs by the authority of their section and the host of their url. No redirect is followed, nothing else
 * is fetched.
 */
#ifndef HSS_CMS_CLIENT_H
#define HSS_CMS_CLIENT_H

#include "hss/cms/config.h"

enum {
	CLIENT_ANSWER_MAX = 64 << 10,
	CLIENT_MAX = 64,
	CLIENT_PER_PARTNER = 24,
	CLIENT_HSS_MAX = 64
};

struct client_answer {
	unsigned int status; /* 0: there is none */
	bool may_know;	     /* the partner may have received the request */
	struct slice body;
	const char *why; /* there is none because, for the log */
};

/* Called once, on the client's thread. */
typedef void (*client_done_h)(void *arg, const struct client_answer *answer);

/* Returns 0, or -1 with why. cfg must outlive it. */
int client_start(const struct cms_config *cfg, char *why, size_t size);
/* Ask; path begins with '/', body is JSON or NULL, both are copied. Returns 0, or -1: too many are under way, to this partner or
 * at all, or it stops; done is not called then. */
int client_ask(const struct partner *partner, const char *method, const char *path,
	       const char *body, client_done_h done, void *arg);
/* The same of our own HSS, with its token; CLIENT_HSS_MAX at a time. */
int client_ask_hss(const char *method, const char *path, const char *body, client_done_h done,
		   void *arg);
/* End the thread: what is under way ends without an answer. */
void client_stop(void);

#endif
