/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a SIP message, on a stream and as a datagram, with everything that is read from one.
 */
#include <stdlib.h>

#include "ue/route_set.h"
#include "ue/sdp.h"
#include "ue/sip_edit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool inside(struct slice whole, struct slice part)
{
	return part.len == 0 || (part.p >= whole.p && part.p + part.len <= whole.p + whole.len);
}

static void look_at(const struct sip_msg *m)
{
	struct slice v[SIP_VALUES_MAX], rest;
	struct route_set routes = {0}, moved = {0};
	struct sip_addr a;
	struct sip_uri u;
	char buf[4096];

	for (unsigned i = 0; i < m->n; i++)
		if (!inside(m->raw, m->headers[i].value))
			abort();
	if (!inside(m->raw, m->body) || !inside(m->raw, m->callid) || !inside(m->raw, m->branch) ||
	    !inside(m->raw, m->sent_by))
		abort();
	for (unsigned i = 0, n = sip_values(m, "Contact", v, SIP_VALUES_MAX); i < n; i++)
		if (sip_addr_parse(v[i], &a) == 0) {
			if (!inside(m->raw, a.uri) || !inside(m->raw, a.params))
				abort();
			sip_uri_parse(a.uri, &u);
			sip_param(a.params, "expires", &rest);
		}
	route_set_take(&routes, m, true);
	route_set_rebuild(&routes, SLICE_LIT("10.1.0.1"), SLICE_LIT("sip:10.2.0.1;lr"), &moved);
	route_set_write(&moved, buf, sizeof(buf));
	route_set_free(&routes);
	route_set_free(&moved);
	struct sdp_audio audio;

	sdp_read(m->body, &audio);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Exactly as much memory as there are bytes, so that every step beyond is seen. */
	char *copy = malloc(size ? size : 1);
	struct sip_edits edits = {0};
	struct text t = {0};
	struct sip_msg m;
	size_t len;

	if (!copy)
		return 0;
	if (size)
		memcpy(copy, data, size);
	enum sip_frame f = sip_frame(slice_make(copy, size), &len);

	if ((f == SIP_FRAME_MESSAGE || f == SIP_FRAME_KEEPALIVE) && (len == 0 || len > size))
		abort();
	if (sip_parse(slice_make(copy, size), &m) != SIP_E_SYNTAX)
		look_at(&m);
	text_json(&t, slice_make(copy, size));
	text_clear(&t);
	text_put(&t, slice_make(copy, size));
	sip_edits_add(&edits, SIP_EDIT_REPLACE, 0, SLICE_LIT("Via: x"));
	sip_edits_add(&edits, SIP_EDIT_STRIP, 0, SLICE_LIT("Contact"));
	sip_edits_apply(&edits, 1, &t);
	sip_edits_free(&edits);
	text_free(&t);
	free(copy);
	return 0;
}
