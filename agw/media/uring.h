/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Many receives or sends of datagrams by one system call, where the kernel has io_uring (Linux 6.1)
 * and lets us: each does what recv(), recvmsg(), send() or sendmsg() on that socket would do at that
 * moment, in the order in which they were asked for. Nothing is left under way when uring_run()
 * returns, so sockets and memory need no care afterwards. One thread's.
 */
#ifndef AGW_MEDIA_URING_H
#define AGW_MEDIA_URING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct io_uring_cqe;
struct io_uring_sqe;

/* All zero is one that is closed. */
struct uring {
	bool open;
	int fd;
	unsigned n; /* asked for, not run yet */
	void *rings;
	struct io_uring_sqe *entries;
	struct io_uring_cqe *completions;
	size_t rings_size, entries_size;
	unsigned *tail, *head;		 /* of what is asked for */
	unsigned *done_head, *done_tail; /* of what is done */
	unsigned mask, done_mask;
};

/* Make one for size requests at a time, in any thread. 0, or a negative errno: there is none to be
 * had, and *u is closed. */
int uring_open(struct uring *u, unsigned size);
/* To be called once by the thread that uses it from then on. As uring_open(). */
int uring_begin(struct uring *u);
/* Harmless on a closed one. */
void uring_close(struct uring *u);

/*
 * Ask for one datagram (its whole length is told, as by MSG_TRUNC), or to send one. p, h and what h
 * names stay where they are until uring_run(). tag: less than the size; where the result will stand.
 * At most as many requests as the size.
 */
void uring_receive(struct uring *u, int fd, void *p, size_t size, unsigned tag);
void uring_receive_from(struct uring *u, int fd, struct msghdr *h, unsigned tag);
void uring_send(struct uring *u, int fd, const void *p, size_t len, unsigned tag);
void uring_send_to(struct uring *u, int fd, const struct msghdr *h, unsigned tag);

/*
 * Do what was asked for. results[tag] becomes what the call would return, or a negative errno. Where
 * the kernel does not go on, *u is closed and what was not done is -EAGAIN.
 */
void uring_run(struct uring *u, int *results);

#endif
