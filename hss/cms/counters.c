/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/cms/counters.h"

#include <stdatomic.h>

static _Atomic uint64_t values[CMS_COUNTS];

static const struct {
	const char *name, *text;
} descriptions[CMS_COUNTS] = {
#define X(name, text) {#name, text},
    CMS_COUNTERS(X)
#undef X
};

void count(enum cms_counter c, uint64_t n)
{
	atomic_fetch_add_explicit(&values[c], n, memory_order_relaxed);
}

uint64_t count_get(enum cms_counter c)
{
	return atomic_load_explicit(&values[c], memory_order_relaxed);
}

const char *count_name(enum cms_counter c)
{
	return descriptions[c].name;
}

const char *count_text(enum cms_counter c)
{
	return descriptions[c].text;
}
