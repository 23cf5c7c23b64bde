/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "notify_header.h"

#include "sip/chars.h"
#include "sip/contact.h"

static int read_param(struct slice name, struct slice value, struct pcscf_subscription_header *s)
{
	if (slice_eq_nocase(name, SLICE_LIT("reason"))) {
		s->reason = value;
		return 0;
	}
	if (slice_eq_nocase(name, SLICE_LIT("expires")))
		return sip_delta_seconds(value, &s->expires);
	if (slice_eq_nocase(name, SLICE_LIT("retry-after")))
		return sip_delta_seconds(value, &s->retry_after);
	return 0;
}

int pcscf_subscription_header_parse(struct slice body, struct pcscf_subscription_header *out)
{
	struct pcscf_subscription_header s = {0};
	struct slice params = body, name, value;
	struct slice word = slice_trim(slice_cut(&params, ';'));
	int rc;

	if (!sip_is_token(word))
		return -1;
	s.terminated = slice_eq_nocase(word, SLICE_LIT("terminated"));
	/* The cut took the ';' with it: give it back. */
	params = params.p ? slice_make(params.p - 1, params.len + 1) : SLICE_NULL;
	while ((rc = sip_param_next(&params, &name, &value)) == 1)
		if (read_param(name, value, &s))
			return -1;
	if (rc < 0)
		return -1;
	*out = s;
	return 0;
}
