/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/common/process.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "../../core/cfg/cfg_struct.h"
#include "../../core/dprint.h"
#include "../../core/mem/shm_mem.h"
#include "../../core/pt.h"

#include "modules/common/clock.h"

/* Settings are taken over at least this often. */
#define IDLE_MS 1000

int kam_process_register(struct kam_process *p)
{
	p->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (p->wake_fd < 0) {
		LM_ERR("no descriptor to wake process \"%s\": %s\n", p->name, strerror(errno));
		return -1;
	}
	p->asleep = shm_malloc(sizeof(*p->asleep));
	if (!p->asleep) {
		SHM_MEM_ERROR;
		return -1;
	}
	/* Until it runs it sleeps: the descriptor keeps what it is told. */
	*p->asleep = 1;
	p->watched[0] = (struct pollfd){.fd = p->wake_fd, .events = POLLIN};
	register_procs(1);
	cfg_register_child(1);
	return 0;
}

bool kam_process_wake(const struct kam_process *p)
{
	const uint64_t one = 1;

	/* A full barrier: what was queued is seen by who has said after it that he sleeps. */
	if (!__atomic_exchange_n(p->asleep, 0, __ATOMIC_SEQ_CST))
		return false;
	/* A full counter wakes as well as one that was counted up. */
	if (write(p->wake_fd, &one, sizeof(one)) < 0 && errno != EAGAIN)
		LM_ERR("process \"%s\" cannot be woken: %s\n", p->name, strerror(errno));
	return true;
}

int kam_process_watch(struct kam_process *p, int fd, short events, kam_ready_f f, void *arg)
{
	unsigned i = p->watched_n + 1;

	if (p->watched_n == KAM_PROCESS_WATCHED_MAX)
		return -1;
	p->watched[i] = (struct pollfd){.fd = fd, .events = events};
	p->ready[i] = f;
	p->ready_arg[i] = arg;
	p->watched_n = i;
	return 0;
}

void kam_process_unwatch(struct kam_process *p, int fd)
{
	unsigned last = p->watched_n;

	for (unsigned i = 1; i <= last; i++) {
		if (p->watched[i].fd != fd)
			continue;
		p->watched[i] = p->watched[last];
		p->ready[i] = p->ready[last];
		p->ready_arg[i] = p->ready_arg[last];
		p->watched_n--;
		return;
	}
}

static int wait_ms(const struct kam_process *p, uint64_t now, uint64_t next_tick)
{
	if (!p->tick_ms)
		return IDLE_MS;
	return next_tick > now ? (int)(next_tick - now) : 0;
}

static void call_ready(struct kam_process *p)
{
	uint64_t calls;

	if (p->watched[0].revents && read(p->wake_fd, &calls, sizeof(calls)) < 0 && errno != EAGAIN)
		LM_ERR("process \"%s\" was woken by nobody: %s\n", p->name, strerror(errno));
	/* Downwards: one that unwatches itself is replaced by one that has had its turn. */
	for (unsigned i = p->watched_n; i > 0; i--) {
		short revents = p->watched[i].revents;

		p->watched[i].revents = 0;
		if (revents)
			p->ready[i](p->watched[i].fd, revents, p->ready_arg[i]);
	}
}

static void look_for_work(const struct kam_process *p)
{
	if (p->woken)
		p->woken(p->arg);
}

/* Until something happens; how many descriptors are ready. */
static int sleep_until(struct kam_process *p, uint64_t next_tick)
{
	int n;

	/* What is queued from now on wakes; what was queued before, nobody tells. */
	__atomic_store_n(p->asleep, 1, __ATOMIC_SEQ_CST);
	look_for_work(p);
	n = poll(p->watched, p->watched_n + 1, wait_ms(p, kam_now_ms(), next_tick));
	__atomic_store_n(p->asleep, 0, __ATOMIC_SEQ_CST);
	return n;
}

static void run(struct kam_process *p)
{
	uint64_t next_tick = kam_now_ms() + p->tick_ms;

	for (;;) {
		int n = sleep_until(p, next_tick);
		uint64_t now;

		cfg_update();
		if (n > 0)
			call_ready(p);
		look_for_work(p);
		now = kam_now_ms();
		if (!p->tick_ms || now < next_tick)
			continue;
		/* A tick that was missed is not made up for. */
		next_tick = now + p->tick_ms;
		p->tick(now, p->arg);
	}
}

int kam_process_fork(struct kam_process *p)
{
	int pid = fork_process(p->rank, (char *)p->name, p->sends);

	if (pid < 0) {
		LM_ERR("process \"%s\" cannot be started\n", p->name);
		return -1;
	}
	if (pid > 0)
		return 0;
	if (cfg_child_init() || (p->started && p->started(p->arg)))
		return -1;
	run(p);
	return 0;
}
