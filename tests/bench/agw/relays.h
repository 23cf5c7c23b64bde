/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The relays that the RTP load goes through, each between the same far ends (load.h). */
#ifndef TESTS_BENCH_AGW_RELAYS_H
#define TESTS_BENCH_AGW_RELAYS_H

#include <stdbool.h>
#include <sys/types.h>

struct relay {
	const char *name;
	bool clear;	   /* it has no SRTP */
	pid_t (*up)(void); /* all streams set up, keys taken; negative when it does not start */
	void (*down)(pid_t pid);
};

extern const struct relay relay_agw, relay_rtpengine;
/* Without source filters: anybody may send to its ports. */
extern const struct relay relay_agw_open;
/* A system call for each packet received and sent: without io_uring. */
extern const struct relay relay_agw_calls;
/* The gateway that BENCH_BEFORE names, with and without source filters. */
extern const struct relay relay_before, relay_before_open;
/* The floor: epoll, one recv and one send a packet, and nothing else. */
extern const struct relay relay_plain;

#endif
