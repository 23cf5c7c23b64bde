/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Import files: what is taken must be taken again in its exported form, and then be written the
 * same. */
#include <stdlib.h>

#include "hss/provision/beside.h"
#include "hss/provision/provision.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int write_it(struct subscription *sub, void *arg, char *why, size_t size)
{
	(void)why;
	(void)size;
	provision_write(sub, true, arg);
	return 0;
}

static int write_set(uint32_t set, struct subscription *criteria, void *arg, char *why, size_t size)
{
	(void)why;
	(void)size;
	provision_write_set(set, criteria, arg);
	return 0;
}

/* It is written out of the store only: here it is enough that it is understood, or refused. */
static int read_beside(const struct words *head, struct slice data, void *arg, char *why,
		       size_t size)
{
	struct beside *b = malloc(sizeof(*b));

	(void)arg;
	if (b && beside_read(head, data, b, why, size) == 0)
		beside_free(b);
	free(b);
	return 0;
}

static int pass(struct slice in, char **out, size_t *len)
{
	FILE *f = open_memstream(out, len);
	char why[PROVISION_WHY_SIZE + 32];
	static const struct provision_handlers handlers = {write_it, write_set, read_beside};
	int err = provision_parse_from(in, 1, &handlers, f, why, sizeof(why));

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
