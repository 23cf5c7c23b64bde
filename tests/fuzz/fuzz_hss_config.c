/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ims-hss.conf, triggers and public identities: the first octet says which. */
#include <stdlib.h>

#include "hss/config.h"
#include "hss/subscription/ifc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void identity(struct slice s)
{
	char once[IDENTITY_SIZE], twice[IDENTITY_SIZE];

	if (identity_canonical(s, once))
		return;
	/* the canonical form is its own canonical form */
	if (identity_canonical(slice_str(once), twice) || strcmp(once, twice) != 0)
		abort();
}

static void trigger(struct slice s)
{
	static struct trigger t;
	const char *why = NULL;

	if (trigger_parse(s, &t, &why)) {
		if (!why)
			abort();
	} else if (t.n > SPT_MAX) {
		abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice s;
	char why[512];

	if (size == 0)
		return 0;
	s = slice_make((const char *)data + 1, size - 1);
	if (data[0] == 'i') {
		identity(s);
	} else if (data[0] == 't') {
		trigger(s);
	} else {
		struct config *cfg = malloc(sizeof(*cfg));

		config_defaults(cfg);
		config_parse(s, cfg, why, sizeof(why));
		free(cfg);
	}
	return 0;
}
