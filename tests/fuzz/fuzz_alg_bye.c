/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A BYE made from whatever messages said: the headers of a raw message, its route set from our entry
 * on, its target. What is written reads back as it was: one Route for each entry, no header more.
 */
#include "modules/ims_alg/core/bye.h"
#include "modules/ims_alg/core/raw.h"

#include <stdlib.h>

static char routes[1 << 15], text[1 << 16];

static void must(bool ok)
{
	if (!ok)
		abort();
}

static bool is_ours(struct slice uri, void *arg)
{
	(void)arg;
	return uri.len && uri.p[uri.len - 1] == 'p';
}

static unsigned headers_of(struct slice message, const char *name)
{
	struct slice rest, n, body;
	unsigned count = 0;

	for (bool more = alg_raw_begin(message, &rest); more && alg_raw_next(&rest, &n, &body);)
		count += slice_eq_nocase(n, slice_str(name));
	return count;
}

static void one(struct slice message, bool sent)
{
	struct alg_bye b = {.cseq = 1,
			    .from = SLICE_LIT("<sip:a>;tag=a"),
			    .to = SLICE_LIT("<sip:b>;tag=b"),
			    .call_id = SLICE_LIT("c"),
			    .via = SLICE_LIT("SIP/2.0/UDP h;branch=z9hG4bK1"),
			    .reason = SLICE_LIT("SIP;cause=503")};
	size_t len, n;

	if (alg_bye_routes(message, sent, is_ours, NULL, routes, sizeof(routes), &len))
		return;
	b.target = alg_bye_target(message);
	if (!b.target.p)
		return;
	b.routes = slice_make(routes, len);
	if (alg_bye_print(&b, text, sizeof(text), &n))
		return;
	must(headers_of(slice_make(text, n), "Route") <= ALG_BYE_ROUTES_MAX);
	must(headers_of(slice_make(text, n), "CSeq") == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice message = slice_make((const char *)data, size);

	one(message, true);
	one(message, false);
	return 0;
}
