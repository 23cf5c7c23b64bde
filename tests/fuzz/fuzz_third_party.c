/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A phone's REGISTER in what application servers are told of it. The first octet chooses form, kind, parts and trust; the rest is the
 * REGISTER, which is the 200 and the service information, too. What is written is as long as was said, the boundary is in none of
 * the parts, nothing of a phone's credentials is in it unless that is wanted, and criteria are matched against it.
 */
#include <stdlib.h>

#include "modules/ims_seamless_scscf/core/third_party_text.h"
#include "sip/header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

/* Twice: how much it takes, and then in a buffer of just that size. */
static void write_all(const struct scscf_third_party *p)
{
	char boundary[SCSCF_THIRD_PARTY_BOUNDARY_MAX];
	size_t n, body, at;
	char *buf;

	scscf_third_party_boundary(p, boundary);
	check(!memmem(p->request.p, p->request.len, boundary, strlen(boundary)));
	n = scscf_third_party_headers(p, boundary, NULL, 0, &at);
	body = scscf_third_party_body(p, boundary, NULL, 0);
	buf = malloc(n + body + 1);
	check(buf && scscf_third_party_headers(p, boundary, buf, n, &at) == n && at <= n);
	check(scscf_third_party_body(p, boundary, buf + n, body) == body);
	free(buf);
}

static void match(const struct scscf_third_party *p)
{
	const struct scscf_trigger t[] = {
	    {.kind = SCSCF_TRIGGER_HEADER,
	     .name = SLICE_LIT("P-.*"),
	     .content = SLICE_LIT("[0-9]")},
	    {.kind = SCSCF_TRIGGER_SDP, .name = SLICE_LIT("m"), .content = SLICE_LIT("audio")},
	    {.kind = SCSCF_TRIGGER_URI, .content = SLICE_LIT("^sip:")},
	};
	struct slice rest = p->request, name, value;
	struct scscf_asked asked = {.method = SLICE_LIT("REGISTER"), .uri = slice_cut(&rest, '\n')};

	asked.headers = rest;
	while (sip_header_next(&rest, &name, &value))
		;
	asked.body = rest;
	(void)scscf_criteria_match(t, 3, true, &asked);
	(void)scscf_criteria_match(t, 3, false, &asked);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct slice identity = SLICE_LIT("tel:+1");
	struct scscf_third_party p = {.own_uri = SLICE_LIT("sip:scscf"),
				      .contact = SLICE_LIT("sip:ue"),
				      .identities = &identity,
				      .identities_n = 1};

	if (size < 1)
		return 0;
	p.form = (enum scscf_third_party_form)(data[0] % 3);
	p.registration = data[0] & 4 ? SCSCF_REGISTRATION_DE : SCSCF_REGISTRATION_INITIAL;
	p.trusted = data[0] & 8;
	p.credentials = data[0] & 16;
	p.with_request = data[0] & 32;
	p.with_response = data[0] & 64;
	p.orig_ioi = data[0] & 128 ? SLICE_LIT("Type 3home1.net") : SLICE_NULL;
	p.request = slice_make((const char *)data + 1, size - 1);
	p.response = p.request;
	p.service_info = p.request;
	write_all(&p);
	match(&p);
	(void)scscf_third_party_trusted(p.request, SLICE_LIT("a.example b"));
	return 0;
}
