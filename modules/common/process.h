/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process of a module's own, which waits for descriptors, for its tick and for being woken by the
 * workers. Run-time settings are current whenever it calls the module.
 *
 *   static struct kam_process p = {.name = "EXAMPLE", .rank = PROC_TIMER, .sends = true,
 *                                  .tick_ms = 100, .tick = on_tick, .woken = on_woken};
 *
 *   kam_process_register(&p) in mod_init; kam_process_fork(&p) in child_init(PROC_MAIN);
 *   kam_process_wake(&p) anywhere.
 */
#ifndef KAM_PROCESS_H
#define KAM_PROCESS_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#define KAM_PROCESS_WATCHED_MAX 16

/* revents: as of poll(2). */
typedef void (*kam_ready_f)(int fd, short revents, void *arg);

struct kam_process {
	const char *name;	   /* in the list of processes */
	int rank;		   /* PROC_TIMER; PROC_NOCHLDINIT: no module's child_init() runs */
	bool sends;		   /* SIP, over TCP too */
	unsigned tick_ms;	   /* 0: no tick */
	int (*started)(void *arg); /* in the process, first of all; not 0 ends Kamailio */
	void (*tick)(uint64_t now_ms, void *arg); /* monotonic */
	void (*woken)(
	    void *
		arg); /* there may be work; called before each sleep, too, so it is cheap without */
	void *arg;

	int wake_fd; /* the rest belongs to process.c */
	int *asleep; /* shared */
	unsigned watched_n;
	struct pollfd watched[KAM_PROCESS_WATCHED_MAX + 1]; /* [0]: wake_fd */
	kam_ready_f ready[KAM_PROCESS_WATCHED_MAX + 1];
	void *ready_arg[KAM_PROCESS_WATCHED_MAX + 1];
};

/* In mod_init. 0, or -1 (logged). */
int kam_process_register(struct kam_process *p);
/* In child_init(PROC_MAIN). 0 in the main process, -1 (logged). */
int kam_process_fork(struct kam_process *p);
/*
 * Let p->woken() see what was queued before this call. From any process, under any lock: it never waits. True: p
 * slept and was woken. False: it looks by itself before it sleeps, and nothing had to be done.
 */
bool kam_process_wake(const struct kam_process *p);
/*
 * Call f when events (as of poll(2)) happen on fd. Before the fork or in the process. 0, or -1 if
 * KAM_PROCESS_WATCHED_MAX descriptors are watched already.
 */
int kam_process_watch(struct kam_process *p, int fd, short events, kam_ready_f f, void *arg);
/* In the process; from a kam_ready_f, too. The descriptor stays open. */
void kam_process_unwatch(struct kam_process *p, int fd);

#endif
