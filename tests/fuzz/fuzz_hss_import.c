/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Import files: what is taken must be taken again in its exported form, and then be written the
 * same. */
#include <stdlib.h>

#include "hss/provision/provision.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int write_it(struct subscription *sub, void *arg, char *why, size_t size)
{
	(void)why;
	(void)size;
	provision_write(sub, true, arg);
	return 0;
}

static int pass(struct slice in, char **out, size_t *len)
{
	FILE *f = open_memstream(out, len);
	char why[PROVISION_WHY_SIZE + 32];
	int err = provision_parse(in, write_it, f, why, sizeof(why));

	fclose(f);
	return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *once, *twice;
	size_t n, m;

	if (pass(slice_make((const char *)data, size), &once, &n) == 0) {
		if (pass(slice_make(once, n), &twice, &m) || n != m || memcmp(once, twice, n) != 0)
			abort();
		free(twice);
	}
	free(once);
	return 0;
}
