/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Answers to a REGISTER as ims_flow reads them: challenges, and the headers of a 200. A challenge
 * that is passed on holds no key; an identity or route that is kept may stand in a header of ours;
 * our own contact is found whatever stands before it in the list.
 */
#include "modules/ims_flow/core/challenge.h"
#include "modules/ims_flow/core/grant.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define OURS "sip:alice@10.1.0.10:6101"

/* What the UE would get, with the cuts made: read once more, it has no key. */
static void check_challenge(struct slice body)
{
	struct challenge c, again;
	char *left = malloc(body.len + 1);
	const char *p = body.p;
	size_t n = 0;

	if (flow_challenge_read(body, &c) == 0) {
		for (unsigned i = 0; i < c.n_cut; i++) {
			if (c.cut[i].p < p || c.cut[i].p + c.cut[i].len > body.p + body.len)
				abort();
			memcpy(left + n, p, (size_t)(c.cut[i].p - p));
			n += (size_t)(c.cut[i].p - p);
			p = c.cut[i].p + c.cut[i].len;
		}
		memcpy(left + n, p, (size_t)(body.p + body.len - p));
		n += (size_t)(body.p + body.len - p);
		if (flow_challenge_read(slice_make(left, n), &again) == 0
			? again.n_cut || again.has_ck || again.has_ik
			: c.n_cut && flow_challenge_may_hold_keys(slice_make(left, n)))
			abort();
	} else if (!flow_challenge_may_hold_keys(body) &&
		   (memmem(body.p, body.len, " ck=", 4) || memmem(body.p, body.len, ",ik=", 4))) {
		abort();
	}
	free(left);
}

static void check_lines(const char *lines)
{
	for (const char *c = lines; *c; c++)
		if ((unsigned char)*c == 0x7f || *c == '<' || *c == '>' || *c == '"' ||
		    (*c > 0 && *c <= ' ' && *c != '\n'))
			abort();
	if (*lines && lines[strlen(lines) - 1] == '\n')
		abort();
}

static void check_grant(struct slice body)
{
	static struct grant g;

	flow_grant_begin(&g, SLICE_LIT(OURS), 0, 60);
	while (body.p) {
		struct slice line = slice_cut(&body, '\n');
		char kind = line.len ? *line.p : 0;

		if (line.len)
			line = slice_make(line.p + 1, line.len - 1);
		if (kind == 'c')
			flow_grant_contacts(&g, line);
		else if (kind == 'r')
			flow_grant_route(&g, line);
		else
			flow_grant_identities(&g, line);
	}
	flow_grant_end(&g, SLICE_LIT("sip:a@h"));
	if (!g.impus[0] || (g.bad_route && g.service_route[0]))
		abort();
	check_lines(g.impus);
	check_lines(g.service_route);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	if (data[0] % 2)
		check_challenge(slice_make((const char *)data + 1, size - 1));
	else
		check_grant(slice_make((const char *)data + 1, size - 1));
	return 0;
}
