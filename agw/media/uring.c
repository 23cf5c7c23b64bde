/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agw/media/uring.h"
#include <errno.h>
#include <linux/io_uring.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static int map(struct uring *u, const struct io_uring_params *p)
{
	size_t asked = p->sq_off.array + p->sq_entries * sizeof(unsigned);
	size_t done = p->cq_off.cqes + p->cq_entries * sizeof(struct io_uring_cqe);
	unsigned *order;

	u->rings_size = asked > done ? asked : done; /* both in one (IORING_FEAT_SINGLE_MMAP) */
	u->rings = mmap(NULL, u->rings_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
			u->fd, IORING_OFF_SQ_RING);
	if (u->rings == MAP_FAILED) {
		u->rings = NULL;
		return -errno;
	}
	u->entries_size = p->sq_entries * sizeof(struct io_uring_sqe);
	u->entries = mmap(NULL, u->entries_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
			  u->fd, IORING_OFF_SQES);
	if (u->entries == MAP_FAILED) {
		u->entries = NULL;
		return -errno;
	}
	u->head = (void *)((char *)u->rings + p->sq_off.head);
	u->tail = (void *)((char *)u->rings + p->sq_off.tail);
	u->done_head = (void *)((char *)u->rings + p->cq_off.head);
	u->done_tail = (void *)((char *)u->rings + p->cq_off.tail);
	u->completions = (void *)((char *)u->rings + p->cq_off.cqes);
	u->mask = p->sq_entries - 1;
	u->done_mask = p->cq_entries - 1;
	order = (void *)((char *)u->rings + p->sq_off.array);
	for (unsigned i = 0; i < p->sq_entries; i++)
		order[i] = i;
	return 0;
}

int uring_open(struct uring *u, unsigned size)
{
	/* Completions are made by us in uring_run(), never by an interrupt between. Another thread
	 * than this one will use it: it says so in uring_begin(). */
	struct io_uring_params p = {.flags = IORING_SETUP_SINGLE_ISSUER |
					     IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_R_DISABLED};
	int rc;

	*u = (struct uring){.fd = (int)syscall(SYS_io_uring_setup, size, &p)};
	if (u->fd < 0)
		return -errno;
	u->open = true;
	rc = map(u, &p);
	if (rc < 0)
		uring_close(u);
	return rc;
}

int uring_begin(struct uring *u)
{
	int rc = 0;

	if (u->open &&
	    syscall(SYS_io_uring_register, u->fd, IORING_REGISTER_ENABLE_RINGS, NULL, 0)) {
		rc = -errno;
		uring_close(u);
	}
	return rc;
}

void uring_close(struct uring *u)
{
	if (!u->open)
		return;
	if (u->entries)
		munmap(u->entries, u->entries_size);
	if (u->rings)
		munmap(u->rings, u->rings_size);
	close(u->fd);
	*u = (struct uring){.open = false};
}

/* MSG_DONTWAIT: with it a request ends where it stands, and no thread of the kernel's takes it. */
static void ask(struct uring *u, uint8_t what, int fd, const void *p, size_t len, unsigned flags,
		unsigned tag)
{
	u->entries[(*u->tail + u->n) & u->mask] =
	    (struct io_uring_sqe){.opcode = what,
				  .fd = fd,
				  .addr = (uintptr_t)p,
				  .len = (uint32_t)len,
				  .msg_flags = MSG_DONTWAIT | flags,
				  .user_data = tag};
	u->n++;
}

void uring_receive(struct uring *u, int fd, void *p, size_t size, unsigned tag)
{
	ask(u, IORING_OP_RECV, fd, p, size, MSG_TRUNC, tag);
}

void uring_receive_from(struct uring *u, int fd, struct msghdr *h, unsigned tag)
{
	ask(u, IORING_OP_RECVMSG, fd, h, 1, MSG_TRUNC, tag);
}

void uring_send(struct uring *u, int fd, const void *p, size_t len, unsigned tag)
{
	ask(u, IORING_OP_SEND, fd, p, len, 0, tag);
}

void uring_send_to(struct uring *u, int fd, const struct msghdr *h, unsigned tag)
{
	ask(u, IORING_OP_SENDMSG, fd, h, 1, 0, tag);
}

static unsigned take_done(struct uring *u, int *results)
{
	unsigned head = *u->done_head, n = 0;
	unsigned tail = __atomic_load_n(u->done_tail, __ATOMIC_ACQUIRE);

	for (; head != tail; head++, n++) {
		const struct io_uring_cqe *c = &u->completions[head & u->done_mask];

		results[c->user_data] = c->res;
	}
	__atomic_store_n(u->done_head, head, __ATOMIC_RELEASE);
	return n;
}

void uring_run(struct uring *u, int *results)
{
	unsigned first = *u->tail, left = u->n;

	for (unsigned i = 0; i < u->n; i++)
		results[u->entries[(first + i) & u->mask].user_data] = -EAGAIN;
	__atomic_store_n(u->tail, first + u->n, __ATOMIC_RELEASE);
	u->n = 0;
	while (left) {
		unsigned waiting = *u->tail - __atomic_load_n(u->head, __ATOMIC_ACQUIRE);
		long rc = syscall(SYS_io_uring_enter, u->fd, waiting, left, IORING_ENTER_GETEVENTS,
				  NULL, 0);

		if (rc < 0 && errno != EINTR) {
			take_done(u, results);
			uring_close(u);
			return;
		}
		left -= take_done(u, results);
	}
}
