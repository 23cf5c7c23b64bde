/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agw/control/overload.h"

enum { SAMPLE_US = 500000 };

unsigned overload_percent(uint64_t n, uint64_t limit)
{
	return n >= limit ? 100 : (unsigned)(n * 100 / limit);
}

void overload_cpu(struct overload *o, int64_t now_us, int64_t cpu_us, unsigned cores)
{
	int64_t wall = now_us - o->sample_us, used = cpu_us - o->cpu_us;

	if (o->sample_us && wall < SAMPLE_US)
		return;
	if (o->sample_us && used >= 0)
		o->use.cpu = overload_percent((uint64_t)used, (uint64_t)wall * (cores ? cores : 1));
	o->sample_us = now_us;
	o->cpu_us = cpu_us;
}

bool overload_decide(struct overload *o, unsigned limit)
{
	unsigned most = o->use.contexts, end = limit - (limit + 9) / 10;
	bool was = o->on;

	if (o->use.ports > most)
		most = o->use.ports;
	if (o->use.cpu > most)
		most = o->use.cpu;
	if (!limit || most <= end)
		o->on = false;
	else if (most >= limit)
		o->on = true;
	return o->on != was;
}
