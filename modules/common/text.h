/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts between Kamailio's str and the slices of lib/. Nothing is copied: both name the same octets. */
#ifndef KAM_TEXT_H
#define KAM_TEXT_H

#include <string.h>

#include "../../core/str.h"

#include "base/slice.h"

static inline struct slice slice_of(str s)
{
	return s.s && s.len > 0 ? slice_make(s.s, (size_t)s.len) : SLICE_NULL;
}

/* For the functions of Kamailio, which take no const text but do not write to it either. */
static inline str str_of(struct slice s)
{
	str out = {(char *)s.p, (int)s.len};

	return out;
}

static inline str str_of_text(const char *text)
{
	str out = {(char *)text, (int)strlen(text)};

	return out;
}

#endif
