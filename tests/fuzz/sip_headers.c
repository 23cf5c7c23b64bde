/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every parser of lib/sip over the same bytes; slices that come back must lie inside the input. */
#include "sip/contact.h"
#include "sip/header.h"
#include "sip/option_tags.h"
#include "sip/replaces.h"
#include "sip/uri.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct slice all;

static void inside(struct slice s)
{
	if (s.len && (s.p < all.p || s.p + s.len > all.p + all.len))
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sip_contact_list list = {0};
	struct sip_name_addr n;
	struct sip_replaces r;
	struct sip_uri_parts u;
	struct slice rest, tag, v, name;

	all = slice_make((const char *)data, size);
	for (rest = all; sip_option_tags_next(&rest, &tag) == 1;)
		inside(tag);
	for (rest = all; sip_name_addr_next(&rest, &n) == 1;) {
		inside(n.uri);
		inside(n.params);
		if (sip_param_get(n.params, SLICE_LIT("tag"), &v) == 1)
			inside(v);
		if (!sip_uri_parse(n.uri, &u)) {
			inside(u.host);
			if (sip_uri_param(&u, SLICE_LIT("transport"), &v))
				inside(v);
			(void)sip_host_eq(u.host, SLICE_LIT("fd00::1"));
		}
	}
	for (rest = all; sip_header_next(&rest, &name, &v);) {
		inside(name);
		inside(v);
		inside(sip_cseq_method(v));
	}
	inside(rest);
	(void)sip_name_addr_parse(all, &n);
	if (!sip_contact_list_add(&list, all))
		for (size_t i = 0; i < list.n; i++)
			inside(list.contact[i].uri);
	if (!sip_replaces_parse(all, &r))
		inside(r.call_id);
	(void)sip_uri_parse(all, &u);
	return 0;
}
