/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a stream of MSRP, whole and in two pieces: what is read does not depend on the cut. */
#include <stdlib.h>

#include "ue/msrp_msg.h"
#include "ue/octets.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool inside(const struct ue_msrp_reader *r, struct slice s)
{
	return s.len == 0 || (s.p >= r->in.p && s.p + s.len <= r->in.p + r->in.len);
}

static void note_head(const struct ue_msrp_reader *r, const struct ue_msrp_head *h,
		      struct text *out)
{
	struct octets o = {0};
	struct ue_msrp_uri uri;

	if (!inside(r, h->tid) || !inside(r, h->to_path) || !inside(r, h->from_path) ||
	    !inside(r, h->message_id) || !inside(r, h->type) || !inside(r, h->status))
		abort();
	if (h->has_range && (!h->start || (!h->open_end && h->end + 1 < h->start)))
		abort();
	if (h->has_range && !h->open_end)
		octets_add(&o, h->start - 1, h->end + 1 - h->start);
	octets_free(&o);
	ue_msrp_uri_parse(h->to_path, &uri);
	ue_msrp_path_eq(h->to_path, h->from_path);
	text_add(out, "H%d%.*s%.*s", h->code, (int)h->method.len, h->method.p, (int)h->tid.len,
		 h->tid.p);
}

/* Notes what was read; false: it is broken. */
static bool read_all(struct ue_msrp_reader *r, struct slice octets, struct text *out)
{
	struct ue_msrp_head h;
	struct slice body;
	const char *why;
	char flag;

	ue_msrp_feed(r, octets);
	for (;;) {
		switch (ue_msrp_next(r, &h, &body, &flag, &why)) {
		case UE_MSRP_MORE:
			return true;
		case UE_MSRP_HEAD:
			note_head(r, &h, out);
			break;
		case UE_MSRP_BODY:
			if (!body.len || !inside(r, body))
				abort();
			text_put(out, body);
			break;
		case UE_MSRP_END:
			if (flag != '$' && flag != '+' && flag != '#')
				abort();
			text_char(out, flag);
			break;
		case UE_MSRP_BAD:
			if (!why)
				abort();
			return false;
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ue_msrp_reader whole = {0}, cut = {0};
	struct text a = {0}, b = {0};
	size_t at;
	bool ok;

	if (!size)
		return 0;
	at = data[0] * (size - 1) / 255;
	ok = read_all(&whole, slice_make((const char *)data + 1, size - 1), &a);
	if (read_all(&cut, slice_make((const char *)data + 1, at), &b))
		read_all(&cut, slice_make((const char *)data + 1 + at, size - 1 - at), &b);
	if (ok && !slice_eq(text_slice(&a), text_slice(&b)))
		abort();
	ue_msrp_reader_free(&whole);
	ue_msrp_reader_free(&cut);
	text_free(&a);
	text_free(&b);
	return 0;
}
