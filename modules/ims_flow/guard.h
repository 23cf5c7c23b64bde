/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The protected ports are closed to what is not ESP, whatever other programs do. */
#ifndef IMS_FLOW_GUARD_H
#define IMS_FLOW_GUARD_H

#include "modules/ims_flow/glue.h"

struct kam_process;

/* Before the kernel is looked at: 0, or -1: another Kamailio has our mark here (logged). */
int guard_lock(void);

/* Guards and socket policies, before the workers start. 0, or -1 (logged). */
int guard_start(void);

/* Let a process of ours see what other programs do to our policies and SAs. 0 or -1. */
int guard_watch(struct kam_process *p);

#endif
