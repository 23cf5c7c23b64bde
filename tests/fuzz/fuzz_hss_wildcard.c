/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A wildcard and an identity, a line each: what is taken is kept as it is, and matches only within its frame. */
#include <stdlib.h>

#include "hss/subscription/wildcard.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice identity = slice_make((const char *)data, size);
	struct slice wildcard = slice_cut(&identity, '\n');
	char stored[IDENTITY_SIZE], canonical[IDENTITY_SIZE], host[2][IDENTITY_SIZE],
	    prefix[IDENTITY_SIZE];
	const char *why;

	if (!wildcard_is(wildcard) || wildcard_check(wildcard, &why))
		return 0;
	if (identity_stored(wildcard, stored) || !slice_eq(slice_str(stored), wildcard))
		abort();
	if (identity_canonical(identity, canonical) || !wildcard_matches(stored, canonical))
		return 0;
	wildcard_key(stored, host[0], prefix);
	wildcard_host(canonical, host[1]);
	if (strcmp(host[0], host[1]) != 0 || strncmp(canonical, prefix, strlen(prefix)) != 0)
		abort(); /* it would not be found */
	return 0;
}
