/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HTTPS of a phone over one of its accesses, in the event loop: from the access's address, device and namespace. The server
 * shows a certificate below the given authority for the host of its URL; TLS 1.2 or more; no proxy, no redirect, no
 * connection that an earlier request left.
 */
#ifndef UE_HTTPS_H
#define UE_HTTPS_H

#include "ue/access.h"
#include "ue/text.h"

enum { HTTPS_ANSWER_MAX = 64 << 10, HTTPS_WAIT_MS = 30000 };

struct https_request {
	const char *method, *url, *ca; /* ca: file with the authority */
	const char *token;	       /* Authorization: Bearer; NULL: none is sent */
	const char *body;	       /* JSON; NULL: none */
};

struct https_answer {
	int status; /* 0: nobody answered, or not as HTTPS should be */
	struct slice body;
	const char *why;  /* status 0: what was wrong */
	const char *peer; /* "ip:port", "" where there was no connection */
};

/* Called once. answer ends with the call. */
typedef void (*https_done_h)(void *owner, const struct https_answer *answer);

struct https_transfer;

/* Ask; all texts are copied. Returns the transfer, which ends with done or https_drop(); NULL: no memory or no libcurl. */
struct https_transfer *https_ask(struct access *access, const struct https_request *request,
				 https_done_h done, void *owner);
/* Give it up; done is not called. */
void https_drop(struct https_transfer *t);
/* At the end of the program; nothing may be under way. */
void https_end(void);

#endif
