/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_alg/control/pace.h"

enum { SECOND_MS = 1000, LEAST = 5, BACK = 5 };

void pace_init(struct pace *p)
{
	*p = (struct pace){.percent = 100};
}

/* The first event of a second counts; those that follow tell of the same state. */
void pace_overload(struct pace *p, int64_t now_ms)
{
	if (p->told)
		return;
	p->told = true;
	p->percent = p->percent * 7 / 10;
	if (p->percent < LEAST)
		p->percent = LEAST;
	p->second_end = now_ms + SECOND_MS;
}

bool pace_tick(struct pace *p, int64_t now_ms)
{
	if (p->percent == 100 || now_ms < p->second_end)
		return false;
	if (!p->told)
		p->percent = p->percent + BACK > 100 ? 100 : p->percent + BACK;
	p->told = false;
	p->second_end = now_ms + SECOND_MS;
	return p->percent == 100;
}
