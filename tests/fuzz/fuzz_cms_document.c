/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Initial UE configuration documents of partners, and as master documents: what is accepted makes one that is accepted. */
#include <stdlib.h>

#include "hss/cms/document.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_make((const char *)data, size);
	char why[256];
	size_t len;
	char *made;

	if (document_check(text, why, sizeof(why)))
		return 0;
	made = document_make(text, "sip:u@h", "urn:uuid:1", &len);
	/* it may have become longer than one may be */
	if (made && document_check(slice_make(made, len), why, sizeof(why)))
		abort();
	free(made);
	return 0;
}
