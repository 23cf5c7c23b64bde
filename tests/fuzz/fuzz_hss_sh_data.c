/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sh-Data of an application server: what is taken is written into a document of ours that is taken again, the same. */
#include <stdlib.h>

#include "hss/sh/data.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool same(const struct repository *a, const struct repository *b)
{
	return a->sequence == b->sequence && strcmp(a->service, b->service) == 0 &&
	       !a->data == !b->data && (!a->data || strcmp(a->data, b->data) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sh_document once, twice;
	struct sh_view view = {.impu = -1, .impi = -1, .repository = once.repository};
	size_t len;
	char *text;

	if (sh_data_read(slice_make((const char *)data, size), &once))
		return 0;
	view.references = UINT64_C(1) << SH_REPOSITORY_DATA;
	view.n_repository = once.n_repository;
	text = sh_data_write(&view, &len);
	if (!text || sh_data_read(slice_make(text, len), &twice) ||
	    twice.n_repository != once.n_repository)
		abort();
	for (size_t i = 0; i < once.n_repository; i++)
		if (!same(&once.repository[i], &twice.repository[i]))
			abort();
	free(text);
	sh_document_free(&once);
	sh_document_free(&twice);
	return 0;
}
