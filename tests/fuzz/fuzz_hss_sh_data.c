/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sh-Data of an application server: what is taken is written into a document of ours that is taken again, the same. */
#include <stdlib.h>

#include "hss/sh/data.h"
#include "hss/subscription/activation.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool same(const struct repository *a, const struct repository *b)
{
	return a->sequence == b->sequence && strcmp(a->service, b->service) == 0 &&
	       !a->data == !b->data && (!a->data || strcmp(a->data, b->data) == 0);
}

static bool same_document(const struct sh_document *a, const struct sh_document *b)
{
	bool is = a->n_repository == b->n_repository && a->n_dsai == b->n_dsai &&
		  a->has_activation == b->has_activation && a->active == b->active;

	for (size_t i = 0; i < a->n_repository && is; i++)
		is = same(&a->repository[i], &b->repository[i]);
	for (size_t i = 0; i < a->n_dsai && is; i++)
		is = strcmp(a->dsai[i].tag, b->dsai[i].tag) == 0 &&
		     a->dsai[i].active == b->dsai[i].active;
	return is;
}

/* Switch what the document says, and write what it is about. NULL: there is no room for all that is off. */
static char *write_again(const struct sh_document *d, size_t *len)
{
	struct subscription *sub = subscription_new();
	struct slice tag[SH_TAGS_MAX];
	struct sh_view view = {.sub = sub,
			       .impi = -1,
			       .references = sh_document_references(d),
			       .repository = d->repository,
			       .n_repository = d->n_repository,
			       .tag = tag,
			       .n_tag = d->n_dsai};
	bool fits = true;
	char *text = NULL;

	if (!sub)
		return NULL;
	sub->n_impu = 1;
	for (size_t i = 0; i < d->n_dsai && fits; i++) {
		tag[i] = slice_str(d->dsai[i].tag);
		fits = dsai_switch(sub, 0, tag[i], d->dsai[i].active) == 0;
	}
	service_switch(&sub->impu[0], d->active);
	if (fits && !(text = sh_data_write(&view, len)))
		abort();
	subscription_free(sub);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sh_document once, twice;
	size_t len;
	char *text;

	if (sh_data_read(slice_make((const char *)data, size), &once))
		return 0;
	text = write_again(&once, &len);
	if (text) {
		if (sh_data_read(slice_make(text, len), &twice) || !same_document(&once, &twice))
			abort();
		sh_document_free(&twice);
	}
	free(text);
	sh_document_free(&once);
	return 0;
}
