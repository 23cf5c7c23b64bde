/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a reginfo document; what is understood must survive being written and merged. */
#include "reginfo/parser.h"
#include "reginfo/watch.h"
#include "reginfo/writer.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_and_read_again(const struct reginfo_doc *doc)
{
	static char text[8 * REGINFO_MAX_BYTES];
	struct reginfo_doc back = {0};
	size_t len;

	/* The reader forgives an event that does not fit the state, the writer does not. */
	if (reginfo_build(doc, text, sizeof(text), &len))
		return;
	if (len > REGINFO_MAX_BYTES)
		return;
	if (reginfo_parse(slice_make(text, len), &back) ||
	    back.registrations_n != doc->registrations_n)
		abort();
	reginfo_free(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reginfo_watch watch = {.seen = true, .version = 0};
	struct reginfo_table *table = reginfo_table_new();
	struct reginfo_doc doc = {0};
	enum reginfo_verdict verdict;

	if (table && reginfo_parse(slice_make((const char *)data, size), &doc) == 0) {
		write_and_read_again(&doc);
		reginfo_table_merge(table, &watch, &doc, &verdict);
		doc.version = doc.version < UINT32_MAX ? doc.version + 1 : doc.version;
		reginfo_table_merge(table, &watch, &doc, &verdict);
		if (reginfo_table_view(table)->registrations_n > doc.registrations_n)
			abort();
		reginfo_free(&doc);
	}
	reginfo_table_free(table);
	return 0;
}
