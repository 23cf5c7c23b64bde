/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rounds of changes. Handlers of events may start another one, so events are told from a copy. */
#include "modules/ims_flow/changes.h"
#include "modules/ims_flow/kernel.h"

static struct flow_effects effects;

struct flow_effects *changes_begin(void)
{
	lock_get(&shared->kernel_lock);
	effects.n = effects.n_notices = effects.lost = 0;
	return &effects;
}

void changes_end(struct flow_effects *fx)
{
	static struct flow_effects told[2];
	static int depth;

	kernel_apply(fx);
	lock_release(&shared->kernel_lock);
	if (!fx->n_notices && !fx->lost)
		return;
	if (depth == 2) {
		LM_CRIT("handlers of flow events nest too deep: %u events not told\n",
			fx->n_notices);
		return;
	}
	told[depth].n_notices = fx->n_notices;
	told[depth].lost = fx->lost;
	memcpy(told[depth].notices, fx->notices, fx->n_notices * sizeof(fx->notices[0]));
	depth++;
	events_tell(&told[depth - 1]);
	depth--;
}
