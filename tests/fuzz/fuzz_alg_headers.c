/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Security-Client, -Server and -Verify for mediasec, and bodies of several parts. What is left of a
 * header has no media mechanism and all others; a body whose description is replaced by itself stays
 * as it is but for the digits of a Content-Length.
 */
#include "sec_agree/mediasec.h"
#include "modules/ims_alg/core/multipart.h"

#include <stdlib.h>

static char out[1 << 17];

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void header(struct slice text)
{
	static struct sec_agree_list before, after;
	unsigned media = 0;
	size_t len;
	int rc;

	before.n = after.n = 0;
	rc = mediasec_strip(text, out, sizeof(out), &len);
	if (sec_agree_parse(text, &before)) {
		must(rc < 0);
		return;
	}
	for (unsigned i = 0; i < before.n; i++)
		media += mediasec_is(&before.mechs[i]);
	must(rc == (media > 0));
	must(media == before.n || sec_agree_parse(slice_make(out, len), &after) == 0);
	must(after.n == before.n - media);
	for (unsigned i = 0; i < after.n; i++)
		must(!mediasec_is(&after.mechs[i]));
	(void)mediasec_verified(mediasec_announced(&before), &before);
}

static void body(struct slice text)
{
	struct slice type = slice_cut(&text, '\n');
	struct alg_sdp_part part;
	size_t len;

	enum alg_body rc;

	if (!text.p)
		return;
	rc = alg_sdp_find(type, SLICE_NULL, SLICE_NULL, text, &part);
	for (unsigned i = 0; rc >= 0 && i < part.earlies; i++) {
		const char *from = i ? part.early[i - 1].p + part.early[i - 1].len : text.p;

		must(part.early[i].p >= from &&
		     part.early[i].p + part.early[i].len <= text.p + text.len);
	}
	if (rc != ALG_BODY_SDP)
		return;
	must(part.sdp.p >= text.p && part.sdp.p + part.sdp.len <= text.p + text.len);
	must(alg_sdp_replace(text, &part, part.sdp, out, sizeof(out), &len) == 0);
	if (!part.content_length.p)
		must(slice_eq(slice_make(out, len), text));
	else
		must(alg_sdp_find(type, SLICE_NULL, SLICE_NULL, slice_make(out, len), &part) ==
		     ALG_BODY_SDP);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_make((const char *)data + 1, size - 1);

	if (!size || size > sizeof(out) / 2)
		return 0;
	if (data[0] & 1)
		header(text);
	else
		body(text);
	return 0;
}
