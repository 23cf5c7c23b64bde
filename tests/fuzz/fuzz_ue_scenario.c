/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a scenario file that may include itself and one other. */
#include <stdlib.h>

#include "ue/scn_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	struct slice text;
	unsigned reads;
};

static char *reader(const char *path, void *arg)
{
	struct input *in = arg;

	(void)path;
	return in->reads++ < 4 ? ue_dup(in->text) : NULL;
}

static const char *lookup(struct slice name, void *arg)
{
	(void)arg;
	return name.len % 2 ? "value" : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {.text = slice_make((const char *)data, size)};
	struct scn_program p;
	struct scn_error e;

	if (scn_parse("a/b.scn", reader, &in, &p, &e) != 0)
		return 0;
	for (int i = 0; i < p.n; i++) {
		struct scn_line *l = p.lines[i];
		char *words[SCN_WORDS_MAX];
		int64_t v;
		uint64_t ms;

		if (l->n == 0 || l->end >= p.n || l->alt >= p.n)
			abort();
		for (unsigned k = 0; k < l->n; k++) {
			struct text t = {0};
			struct slice unknown;

			words[k] = l->w[k].text;
			if (l->w[k].end > strlen(l->raw) || l->w[k].start > l->w[k].end)
				abort();
			scn_expand(l->w[k].text, lookup, NULL, &t, &unknown);
			scn_time(l->w[k].text, &ms);
			text_free(&t);
		}
		scn_evaluate(words, l->n, &v);
		if (l->n == 3)
			scn_compare(words[0], words[1], words[2]);
	}
	scn_program_free(&p);
	return 0;
}
