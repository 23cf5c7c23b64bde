/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agw/control/limits.h"

void limits_set(struct limits *l, size_t may_open, size_t open, size_t emergency_calls)
{
	size_t kept = open + LIMITS_KEPT_BACK, wanted = emergency_calls * LIMITS_CALL_DESCRIPTORS;

	l->descriptors = may_open > kept ? may_open - kept : 0;
	l->reserved = wanted < l->descriptors / 10 ? wanted : l->descriptors / 10;
}

bool limits_have(const struct limits *l, size_t n, bool emergency)
{
	return l->used + n + (emergency ? 0 : l->reserved) <= l->descriptors;
}

size_t limits_calls(const struct limits *l)
{
	return l->descriptors / LIMITS_CALL_DESCRIPTORS;
}
