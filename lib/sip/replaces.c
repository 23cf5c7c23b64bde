/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip/replaces.h"
#include "sip/chars.h"
#include "sip/name_addr.h"

/* callid = word [ "@" word ]: no blanks, no controls, none of ',' and ';'. */
static bool call_id_ok(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c <= ' ' || c == 0x7f || c == ',' || c == ';')
			return false;
	}
	return s.len > 0;
}

int sip_replaces_parse(struct slice body, struct sip_replaces *out)
{
	struct sip_replaces r = {0};
	struct slice rest = slice_trim(body), v;
	size_t i = 0;
	int rc;

	while (i < rest.len && rest.p[i] != ';')
		i++;
	r.call_id = slice_trim(slice_make(rest.p, i));
	rest = sip_drop(rest, i);
	if (!call_id_ok(r.call_id))
		return SIP_E_SYNTAX;
	rc = sip_param_get(rest, SLICE_LIT("to-tag"), &r.to_tag);
	if (rc != 1)
		return rc == SIP_E_SYNTAX ? rc : SIP_E_VALUE;
	rc = sip_param_get(rest, SLICE_LIT("from-tag"), &r.from_tag);
	if (rc != 1)
		return SIP_E_VALUE;
	if (!sip_is_token(r.to_tag) || !sip_is_token(r.from_tag))
		return SIP_E_SYNTAX;
	rc = sip_param_get(rest, SLICE_LIT("early-only"), &v);
	if (rc < 0)
		return SIP_E_VALUE;
	r.early_only = rc == 1;
	*out = r;
	return 0;
}
