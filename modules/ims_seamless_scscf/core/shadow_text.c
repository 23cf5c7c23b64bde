/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_seamless_scscf/core/shadow_text.h"
#include "sip/name_addr.h"

/* Printable ASCII that is no markup, in content and in attributes. */
static bool is_plain(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] < ' ' || s.p[i] > '~' || s.p[i] == '&' || s.p[i] == '<' ||
		    s.p[i] == '>' || s.p[i] == '"')
			return false;
	return true;
}

bool scscf_shadow_uri_plain(struct slice uri)
{
	return is_plain(uri);
}

static struct slice without_brackets(struct slice value)
{
	if (value.len >= 2 && value.p[0] == '<' && value.p[value.len - 1] == '>')
		return slice_make(value.p + 1, value.len - 2);
	return value;
}

bool scscf_shadow_params_plain(struct slice params)
{
	struct slice name, value;
	int rc;

	while ((rc = sip_param_next(&params, &name, &value)) == 1)
		if (!is_plain(name) || !is_plain(without_brackets(sip_unquote(value))))
			return false;
	return rc == 0;
}
