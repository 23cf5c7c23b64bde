/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip/option_tags.h"
#include "sip/chars.h"

const char *sip_strerror(int err)
{
	switch (err) {
	case SIP_OK:
		return "no error";
	case SIP_E_SYNTAX:
		return "syntax error";
	case SIP_E_TOO_MANY:
		return "too many elements";
	case SIP_E_VALUE:
		return "value not allowed";
	default:
		return "unknown error";
	}
}

int sip_option_tags_next(struct slice *rest, struct slice *tag)
{
	while (rest->p && rest->len) {
		struct slice item = slice_trim(slice_cut(rest, ','));

		if (!item.len)
			continue;
		if (!sip_is_token(item))
			return SIP_E_SYNTAX;
		*tag = item;
		return 1;
	}
	return 0;
}

int sip_option_tags_has(struct slice list, struct slice tag)
{
	struct slice item;
	int found = 0, rc;

	while ((rc = sip_option_tags_next(&list, &item)) == 1)
		if (slice_eq_nocase(item, tag))
			found = 1;
	return rc < 0 ? rc : found;
}
