/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text from strangers that ims_flow reads itself: flow tokens, WWW-Authenticate, Authorization,
 * identities. The first octet chooses which. No token is ever valid, and cuts lie inside the text,
 * in order.
 */
#include "modules/ims_flow/core/challenge.h"
#include "modules/ims_flow/core/flow_token.h"
#include "modules/ims_flow/core/identity.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(struct slice body, struct slice cut, const char **from)
{
	if (!cut.len)
		return;
	if (cut.p < *from || cut.p + cut.len > body.p + body.len)
		abort();
	*from = cut.p + cut.len;
}

static bool lies_in(struct slice part, struct slice whole)
{
	return part.p >= whole.p && part.p + part.len <= whole.p + whole.len;
}

static void read_identity(struct slice text)
{
	const struct identity_owner owner = {.address = SLICE_LIT("10.1.0.10"), .ipsec = true};
	struct slice impus = slice_cut(&text, '\0'), wish = slice_cut(&text, '\0'), out[2];
	struct identity_hints hints = {0};
	char list[128] = "";
	unsigned n;

	flow_identity_via(text, &owner);
	flow_identity_contact(text, &owner);
	flow_identity_list_add(impus, list, sizeof(list));
	if (flow_identity_same(impus, wish) != flow_identity_same(wish, impus))
		abort();
	flow_identity_hint(&hints, wish);
	n = flow_identity_choose(impus, &hints, out);
	for (unsigned i = 0; i < n; i++)
		if (!lies_in(out[i], impus) && !lies_in(out[i], wish))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct flow_token_keys keys;
	struct slice body, cut, username;
	struct challenge c;
	const char *from;
	uint64_t id;

	if (!keys.n &&
	    flow_token_keys_parse(
		SLICE_LIT("1 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"),
		&keys, NULL))
		abort();
	if (!size)
		return 0;
	body = slice_make((const char *)data + 1, size - 1);
	from = body.p;
	switch (data[0] % 4) {
	case 0:
		if (flow_token_decode(&keys, body, &id) == FLOW_TOKEN_OK)
			abort();
		flow_token_keys_parse(body, &(struct flow_token_keys){.n = 0}, NULL);
		break;
	case 1:
		if (flow_challenge_read(body, &c) == 0)
			for (unsigned i = 0; i < c.n_cut; i++)
				inside(body, c.cut[i], &from);
		break;
	case 2:
		if (flow_authorization_read(body, &cut, &username) == 0)
			inside(body, cut, &from);
		break;
	default:
		read_identity(body);
	}
	return 0;
}
