/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/provision/text.h"

#include <stdio.h>

#include "base/utf8.h"

int text_value(struct slice s, const char *name, char *out, size_t size, char *why, size_t whysize)
{
	if (!utf8_printable(s))
		snprintf(why, whysize, "%s is not printable UTF-8", name);
	else if (slice_copy(s, out, size))
		snprintf(why, whysize, "%s is longer than %zu bytes", name, size - 1);
	else
		return 0;
	return -1;
}
