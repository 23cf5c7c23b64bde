/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sh-Data of an application server: what is taken is written into a document of ours that is taken again, the same. */
#include <stdlib.h>

#include "hss/sh/data.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct repository once, twice;
	struct sh_view view = {.impu = -1, .impi = -1, .repository = &once, .n_repository = 1};
	size_t len;
	char *text;

	if (sh_data_read(slice_make((const char *)data, size), &once))
		return 0;
	view.references = UINT64_C(1) << SH_REPOSITORY_DATA;
	text = sh_data_write(&view, &len);
	if (!text || sh_data_read(slice_make(text, len), &twice) ||
	    twice.sequence != once.sequence || strcmp(twice.service, once.service) != 0 ||
	    !twice.data != !once.data || (once.data && strcmp(twice.data, once.data) != 0))
		abort();
	free(text);
	repository_free(&once);
	repository_free(&twice);
	return 0;
}
