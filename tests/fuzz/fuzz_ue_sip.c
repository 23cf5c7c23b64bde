/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a SIP message, on a stream and as a datagram, with everything that is read from one.
 */
#include <stdlib.h>

#include "ue/route_set.h"
#include "ue/sip_edit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool inside(struct slice whole, struct slice part)
{
	return part.len == 0 || (part.p >= whole.p && part.p + part.len <= whole.p + whole.len);
}

static void look_at(const struct ue_sip_msg *m)
{
	struct slice v[UE_SIP_VALUES_MAX], rest;
	struct route_set routes = {0}, moved = {0};
	struct ue_sip_addr a;
	struct ue_sip_uri u;
	char buf[4096];

	for (unsigned i = 0; i < m->n; i++)
		if (!inside(m->raw, m->headers[i].value))
			abort();
	if (!inside(m->raw, m->body) || !inside(m->raw, m->callid) || !inside(m->raw, m->branch) ||
	    !inside(m->raw, m->sent_by))
		abort();
	for (unsigned i = 0, n = ue_sip_values(m, "Contact", v, UE_SIP_VALUES_MAX); i < n; i++)
		if (ue_sip_addr_parse(v[i], &a) == 0) {
			if (!inside(m->raw, a.uri) || !inside(m->raw, a.params))
				abort();
			ue_sip_uri_parse(a.uri, &u);
			ue_sip_param(a.params, "expires", &rest);
		}
	route_set_take(&routes, m, true);
	route_set_rebuild(&routes, SLICE_LIT("10.1.0.1"), SLICE_LIT("sip:10.2.0.1;lr"), &moved);
	route_set_write(&moved, buf, sizeof(buf));
	route_set_free(&routes);
	route_set_free(&moved);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Exactly as much memory as there are bytes, so that every step beyond is seen. */
	char *copy = malloc(size ? size : 1);
	struct ue_sip_edits edits = {0};
	struct text t = {0};
	struct ue_sip_msg m;
	size_t len;

	if (!copy)
		return 0;
	if (size)
		memcpy(copy, data, size);
	enum ue_sip_frame f = ue_sip_frame(slice_make(copy, size), &len);

	if ((f == UE_SIP_FRAME_MESSAGE || f == UE_SIP_FRAME_KEEPALIVE) && (len == 0 || len > size))
		abort();
	if (ue_sip_parse(slice_make(copy, size), &m) != UE_SIP_E_SYNTAX)
		look_at(&m);
	text_json(&t, slice_make(copy, size));
	text_clear(&t);
	text_put(&t, slice_make(copy, size));
	ue_sip_edits_add(&edits, UE_SIP_EDIT_REPLACE, 0, SLICE_LIT("Via: x"));
	ue_sip_edits_add(&edits, UE_SIP_EDIT_STRIP, 0, SLICE_LIT("Contact"));
	ue_sip_edits_apply(&edits, 1, &t);
	ue_sip_edits_free(&edits);
	text_free(&t);
	free(copy);
	return 0;
}
