/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store of store_fixture.h, filled by imports. */
#ifndef TESTS_HSS_IMPORT_FIXTURE_H
#define TESTS_HSS_IMPORT_FIXTURE_H

#include "unit/hss/store_fixture.h"

#include "hss/provision/import.h"

/* Import by import.h. Returns "" or why not. */
static const char *imported(const char *text, bool replace)
{
	static char why[512];
	struct import *im = import_new(store, replace, 0);

	why[0] = '\0';
	import_begin(im, IMPORT_CHECK);
	if (import_text(im, slice_str(text), why, sizeof(why)) == 0) {
		import_begin(im, IMPORT_WRITE);
		import_text(im, slice_str(text), why, sizeof(why));
	}
	import_free(im);
	return why;
}

#endif
