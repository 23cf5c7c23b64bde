/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is left of an answer that cannot cross. */
#include "modules/ims_migration/core/swap.h"

#include <stdio.h>

#include "base/text_out.h"
#include "sip/chars.h"
#include "sip/header.h"

static bool is_needed(struct slice name)
{
	static const struct slice needed[] = {
	    SLICE_LIT("Via"),	  SLICE_LIT("v"),  SLICE_LIT("From"),
	    SLICE_LIT("f"),	  SLICE_LIT("To"), SLICE_LIT("t"),
	    SLICE_LIT("Call-ID"), SLICE_LIT("i"),  SLICE_LIT("CSeq")};

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (slice_eq_nocase(name, needed[i]))
			return true;
	return false;
}

static int put_status(struct text_out *o, struct slice *text, const char *reason)
{
	struct slice line = slice_cut(text, '\n');
	char status[128];
	int n;

	if (!text->p || line.len < 12 || memcmp(line.p, "SIP/2.0 ", 8) != 0)
		return -1;
	if (line.p[8] == '1')
		n = snprintf(status, sizeof(status), "SIP/2.0 %.3s Progress\r\n", line.p + 8);
	else
		n = snprintf(status, sizeof(status), "SIP/2.0 500 %s\r\n", reason);
	text_put(o, slice_make(status, (size_t)n));
	return 0;
}

int migration_empty_answer(const struct migration_view *view, const struct migration_policy *policy,
			   enum migration_direction direction, struct slice message,
			   const char *reason, struct migration_edits *e, char *out, size_t size,
			   size_t *len)
{
	struct text_out o = {out, size, 0, false};
	struct slice name, value;
	const char *start;

	if (put_status(&o, &message, reason))
		return -1;
	start = message.p;
	while (sip_header_next(&message, &name, &value)) {
		struct slice line = slice_make(start, (size_t)(message.p - start));
		struct migration_result r;
		size_t n;

		start = message.p;
		if (!value.p || !is_needed(name))
			continue;
		migration_swap_part(view, policy, direction, line, e, &r);
		if (r.verdict != MIGRATION_OK || o.full ||
		    migration_edits_apply(e, line, o.buf + o.len, o.size - o.len, &n))
			return -1;
		o.len += n;
	}
	text_put(&o, SLICE_LIT("Content-Length: 0\r\n\r\n"));
	*len = o.len;
	return o.full ? -1 : 0;
}
