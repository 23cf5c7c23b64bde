/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Work that must not be done where it arises: by processes of the module's own, one task after the
 * other in each. A task lies in what it works on, so that giving it away cannot fail.
 */
#ifndef IMS_ALG_TASKS_H
#define IMS_ALG_TASKS_H

#include <stdint.h>

#include "modules/common/queue.h"

struct alg_task {
	struct kam_link link;		 /* the first member */
	void (*run)(struct alg_task *t); /* owns t */
};

/* In mod_init, in child_init(PROC_MAIN): n processes. 0, or -1 (logged). */
int alg_tasks_init(unsigned n);
int alg_tasks_fork(void);
/* From any process, under any lock: it never waits. */
void alg_task_push(struct alg_task *t);

/* A task about one call. 0, or -1: no memory (logged). */
int alg_task_for(uint64_t call, void (*run)(uint64_t call));

#endif
