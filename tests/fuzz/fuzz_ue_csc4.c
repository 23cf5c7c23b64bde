/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as an answer of a configuration management server. What is taken may stand in SIP. */
#include <stdlib.h>

#include "ue/csc4_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fit(const char *s)
{
	if (!s || !*s || strpbrk(s, " \r\n\t\"<>"))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct slice body = slice_make((const char *)data, size);
	struct ue_system *s = ue_system_new(SLICE_LIT("x"));
	struct csc4_given given;
	struct text problem = {0};
	const char *why;

	if (csc4_read_connection(body, s, &given, &why) == 0) {
		fit(s->impi);
		fit(s->domain);
		fit(s->realm);
		fit(s->pcscf);
		fit(s->id);
		for (unsigned i = 0; i < s->impus; i++)
			fit(s->impu[i]);
		if (s->impus == 0 || given.href[0] != '/' || csc4_is_document(&given, body))
			abort();
	} else if (s->impi || s->impus || !why) {
		abort();
	}
	csc4_read_problem(body, &problem);
	csc4_given_free(&given);
	text_free(&problem);
	ue_system_free(s);
	return 0;
}
