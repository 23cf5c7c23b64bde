/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/cx/redirect.h"

#include <ctype.h>

static void lower(char *s)
{
	for (; *s; s++)
		*s = (char)tolower((unsigned char)*s);
}

int redirect_key(struct slice identity, char out[IDENTITY_SIZE])
{
	bool domain = identity.len > 2 && memcmp(identity.p, "*@", 2) == 0;

	if (!domain && identity_canonical(identity, out) == 0)
		return 0;
	if (identity.len == 0 || memchr(identity.p, ':', identity.len) ||
	    slice_copy(identity, out, IDENTITY_SIZE))
		return -1;
	for (const char *c = out; *c; c++)
		if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7f)
			return -1;
	if (domain)
		lower(out);
	return domain || !strchr(out, '*') ? 0 : -1;
}

int redirect_domain(const char *key, char out[IDENTITY_SIZE])
{
	const char *at = strrchr(key, '@');

	if (!at || !at[1])
		return -1;
	out[0] = '*';
	if (slice_copy(slice_str(at), out + 1, IDENTITY_SIZE - 1))
		return -1;
	lower(out);
	return 0;
}
