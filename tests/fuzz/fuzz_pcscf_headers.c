/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as the header bodies that the P-CSCF judges itself, one header a line. */
#include "modules/ims_seamless_pcscf/core/register_check.h"
#include "modules/ims_seamless_pcscf/core/notify_header.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void options(struct slice proxy_require, struct slice require)
{
	struct pcscf_option_headers h = {&proxy_require, 1, &require, 1};
	struct pcscf_option_verdict v, again;
	char rest[512];
	int n;

	pcscf_option_headers_check(&h, true, SLICE_LIT("path"), &v);
	if (v.code == 0 && v.unsupported[0])
		abort();
	n = pcscf_option_line_strip(proxy_require, rest, sizeof(rest));
	if (n < 0)
		return;
	/* What is left must be a good list without our tag. */
	proxy_require = slice_make(rest, (size_t)n);
	h.require_n = 0;
	pcscf_option_headers_check(&h, true, SLICE_LIT("path"), &again);
	if (again.seamless || again.code == 400)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = slice_make((const char *)data, size);
	struct slice a = slice_cut(&rest, '\n'), b = slice_cut(&rest, '\n');
	struct pcscf_subscription_header state = {0};
	struct pcscf_register_intent intent;
	struct slice found;

	options(a, b);
	pcscf_register_contacts_check(&rest, 1, 600, SLICE_LIT("10.0.0.1"), b, &intent);
	if (intent.code && !intent.reason)
		abort();
	pcscf_subscription_header_parse(b, &state);
	if (pcscf_address_list_first(rest, &found) == 0 &&
	    (found.p < rest.p || found.p + found.len > rest.p + rest.len))
		abort();
	pcscf_route_top_user(a, &found);
	return 0;
}
