/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls through a P-CSCF, both ends of them: phones in its access network, and a core that answers as
 * registrar and as far end. INVITE, 183 and 200 with a description, ACK, BYE; half of the calls come from
 * a phone, half go to one, and half of each are ended by who was called. The phone's side speaks
 * RTP/SAVP with SDES, the core's RTP/AVP. What arrives is looked at: a description that still names the
 * sender, or has no key where there must be one, is a failure.
 */
#ifndef BENCH_ALG_CALLS_H
#define BENCH_ALG_CALLS_H

#include <netinet/in.h>
#include <stdbool.h>

#include "bench/alg/message.h"

enum { PHONES = 50 };

enum call_state {
	CALL_NEW = 0,
	CALL_INVITED,  /* the INVITE is on its way */
	CALL_RINGING,  /* the 183 is */
	CALL_ANSWERED, /* the 200 is */
	CALL_ACKED,    /* the ACK is */
	CALL_UP,
	CALL_ENDING, /* the BYE is on its way */
	CALL_ENDED,  /* its 200 is */
	CALL_OVER
};

/* One end of a call. */
struct call_end {
	char tag[24], peer_tag[64], route[1000], target[300];
};

struct call {
	unsigned id, phone, media;
	bool from_phone, callee_ends;
	enum call_state state;
	struct call_end caller, callee;
	/* What was sent last, for when nothing comes back. */
	struct writing last;
	bool last_by_phone;
	uint64_t due;
	unsigned tries;
	struct writing invite; /* as it came to the callee */
};

/* Calls by id, which begin with first. */
struct call_list {
	struct call *call;
	unsigned first, n;
};

/* Both sides of one P-CSCF, and the calls that are under way. */
struct side {
	const char *name;
	int phone[PHONES], core, poll; /* descriptors */
	char path[PHONES][300];	       /* to each phone, from its registration */
	bool registered[PHONES];
	struct call_list now;
	unsigned next; /* id */
	unsigned done;
	enum call_state until;
	unsigned long again; /* sent again */
	bool failed;
};

/* Sockets in this network namespace (/run/netns). 0, or -1 (told on stderr). */
int side_open(struct side *s, const char *netns);

/* Register all phones for as long as the bench may take. False: told on stderr. */
bool side_register(struct side *s);

/* s->now becomes new calls with so many m-lines each; what was there is the caller's. False: no memory. */
bool side_new_calls(struct side *s, unsigned n, unsigned media);

/*
 * Bring the calls of s->now to CALL_UP or CALL_OVER, at most window of them under way at a time. False: told on
 * stderr.
 */
bool side_run(struct side *s, enum call_state until, unsigned window);

#endif
