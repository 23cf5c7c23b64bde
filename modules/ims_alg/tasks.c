/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_alg/calls.h"

#include "../../core/mem/shm_mem.h"

enum { WORKERS_MAX = 32, TICK_MS = 250 };

static struct kam_queue *queue;

static struct kam_process workers[WORKERS_MAX];
static unsigned workers_n;

static void on_woken(void *arg)
{
	struct alg_task *t;

	while ((t = (struct alg_task *)kam_queue_pop(queue)))
		t->run(t);
}

/* The first worker keeps the time. */
static void on_tick(uint64_t now_ms, void *arg)
{
	if (arg == &workers[0])
		alg_calls_tick(now_ms);
}

int alg_tasks_init(unsigned n)
{
	queue = kam_queue_new(0);
	if (!queue)
		return -1;
	workers_n = n < WORKERS_MAX ? n : WORKERS_MAX;
	for (unsigned i = 0; i < workers_n; i++) {
		workers[i] = (struct kam_process){.name = "ims_alg worker",
						  .rank = PROC_RPC,
						  .sends = true,
						  .tick_ms = TICK_MS,
						  .tick = on_tick,
						  .woken = on_woken,
						  .arg = &workers[i]};
		if (kam_process_register(&workers[i]))
			return -1;
	}
	return 0;
}

int alg_tasks_fork(void)
{
	for (unsigned i = 0; i < workers_n; i++)
		if (kam_process_fork(&workers[i]))
			return -1;
	return 0;
}

void alg_task_push(struct alg_task *t)
{
	(void)kam_queue_push(queue, &t->link);
	/* One that sleeps; if none does, the first that has done his work takes it. */
	for (unsigned i = 0; i < workers_n; i++)
		if (kam_process_wake(&workers[i]))
			break;
}

struct call_task {
	struct alg_task task; /* first */
	uint64_t call;
	void (*run)(uint64_t call);
};

static void run_for_call(struct alg_task *t)
{
	struct call_task *c = (struct call_task *)t;

	c->run(c->call);
	shm_free(c);
}

int alg_task_for(uint64_t call, void (*run)(uint64_t call))
{
	struct call_task *c = shm_malloc(sizeof(*c));

	if (!c) {
		SHM_MEM_ERROR;
		return -1;
	}
	c->task.run = run_for_call;
	c->call = call;
	c->run = run;
	alg_task_push(&c->task);
	return 0;
}
