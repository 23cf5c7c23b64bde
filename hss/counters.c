/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/counters.h"

#include <stdatomic.h>

static _Atomic uint64_t values[COUNTERS];

static const struct {
	const char *name, *text;
} descriptions[COUNTERS] = {
#define X(name, text) {#name, text},
    HSS_COUNTERS(X)
#undef X
};

void counter_add(enum counter c, uint64_t n)
{
	atomic_fetch_add_explicit(&values[c], n, memory_order_relaxed);
}

uint64_t counter_get(enum counter c)
{
	return atomic_load_explicit(&values[c], memory_order_relaxed);
}

const char *counter_name(enum counter c)
{
	return descriptions[c].name;
}

const char *counter_text(enum counter c)
{
	return descriptions[c].text;
}
