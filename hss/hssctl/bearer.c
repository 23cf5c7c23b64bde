/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands of hssctl about the addresses of access bearers (GIBA). */
#include <inttypes.h>
#include <time.h>

#include "hss/hssctl/hssctl.h"
#include "hss/provision/bearer.h"

enum { PIECE = 256 };

static void print_one(const struct bearer *b, void *arg)
{
	char text[BEARER_TEXT_SIZE];

	strcpy(arg, b->imsi);
	printf("%s %s seconds=%" PRId64 "%s\n", b->imsi, bearer_text(b, text),
	       b->until - (int64_t)time(NULL), b->used ? " used" : "");
}

int cmd_bearer_set(struct hssctl *c)
{
	uint64_t seconds = BEARER_SECONDS;
	struct slice v;
	struct bearer b;
	char why[256];

	for (int i = 2; i < c->n_arg; i++)
		if (!word_option(slice_str(c->arg[i]), "seconds", &v) ||
		    slice_u64(v, BEARER_SECONDS_MAX, &seconds))
			return complain("'%s' is not seconds=N, up to %d", c->arg[i],
					BEARER_SECONDS_MAX);
	if (c->no_giba)
		return complain("giba is no in the configuration: no address is taken");
	if (store_needed(c))
		return 1;
	return provision_bearer_set(c->store, slice_str(c->arg[0]), slice_str(c->arg[1]), seconds,
				    (int64_t)time(NULL), &b, why, sizeof(why))
		   ? complain("%s", why)
		   : 0;
}

int cmd_bearer_remove(struct hssctl *c)
{
	char why[256];

	if (store_needed(c))
		return 1;
	return provision_bearer_remove(c->store, slice_str(c->arg[0]), (int64_t)time(NULL), why,
				       sizeof(why))
		   ? complain("%s", why)
		   : 0;
}

int cmd_bearer_list(struct hssctl *c)
{
	char last[MSISDN_SIZE] = "", after[MSISDN_SIZE];
	int n = 0;

	if (store_needed(c))
		return 1;
	do {
		strcpy(after, last);
		n = provision_bearers(c->store, after, (int64_t)time(NULL), PIECE, print_one, last);
	} while (n == PIECE);
	return n < 0 ? complain("%s", store_strerror(n)) : 0;
}
