/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands of hssctl about Sh: what application servers may do, and what they keep. */
#include <ctype.h>
#include <stdlib.h>

#include "hss/hssctl/hssctl.h"
#include "hss/subscription/wildcard.h"

static const struct {
	const char *word;
	enum sh_operation operation;
} operations[] = {{"pull", SH_PULL}, {"update", SH_UPDATE}, {"subscribe", SH_SUBSCRIBE}};

enum { N_OPERATIONS = sizeof(operations) / sizeof(operations[0]) };

static int parse_operations(struct slice list, unsigned int *out)
{
	*out = 0;
	while (list.p && list.len) {
		struct slice word = slice_cut(&list, ',');
		int i = 0;

		while (i < N_OPERATIONS && !slice_eq(word, slice_str(operations[i].word)))
			i++;
		if (i == N_OPERATIONS)
			return complain(
			    "allow= takes pull, update and subscribe, separated by ','");
		*out |= operations[i].operation;
	}
	return 0;
}

/* data=0,10-13,33 */
static int parse_references(struct slice list, uint64_t *out)
{
	*out = 0;
	while (list.p) {
		struct slice last = slice_cut(&list, ','), first = slice_cut(&last, '-');
		uint64_t a, b;

		if (slice_u64(first, SH_REFERENCES - 1, &a) ||
		    (last.p && slice_u64(last, SH_REFERENCES - 1, &b)))
			return complain("data= takes Data-References such as 0,10-13,33");
		for (uint64_t r = a; r <= (last.p ? b : a); r++) {
			if (!sh_operations((uint32_t)r))
				return complain("this HSS has no data for Data-Reference %d",
						(int)r);
			*out |= UINT64_C(1) << r;
		}
	}
	return 0;
}

int host_name(const char *arg, char out[IDENTITY_SIZE])
{
	size_t n = strlen(arg);

	if (n >= IDENTITY_SIZE || !strchr(arg, '.'))
		return complain("%s is no Diameter identity, such as hss.home1.net", arg);
	for (size_t i = 0; i <= n; i++)
		out[i] = (char)tolower((unsigned char)arg[i]);
	return 0;
}

/* Grant the operations for each reference, as far as the reference has them; 0 takes all away. */
static int grant(struct hssctl *c, const char *as, uint64_t references, unsigned int allow)
{
	struct transaction *tx;
	int err;

	if (store_needed(c))
		return 1;
	err = store_begin(c->store, true, &tx);
	if (err)
		return complain("%s", store_strerror(err));
	for (uint32_t r = 0; r < SH_REFERENCES && err == 0; r++)
		if ((references >> r) & 1)
			err = store_allow(tx, as, r, allow & sh_operations(r));
	err = store_end(tx, err);
	return err ? complain("%s", store_strerror(err)) : 0;
}

int cmd_as_set(struct hssctl *c)
{
	uint64_t references = 0;
	unsigned int allow = 0;
	char as[IDENTITY_SIZE];
	struct slice v;

	if (host_name(c->arg[0], as))
		return 1;
	for (int i = 1; i < c->n_arg; i++) {
		if (word_option(slice_str(c->arg[i]), "data", &v)) {
			if (parse_references(v, &references))
				return 1;
		} else if (word_option(slice_str(c->arg[i]), "allow", &v)) {
			if (parse_operations(v, &allow))
				return 1;
		} else {
			return complain("'%s' is neither data= nor allow=", c->arg[i]);
		}
	}
	if (!references)
		return complain("it needs data= with Data-References such as 0,10-13,33");
	for (uint32_t r = 0; r < SH_REFERENCES; r++)
		if (((references >> r) & 1) && (allow & ~sh_operations(r)))
			return complain("Data-Reference %u cannot be %s", r,
					allow & ~sh_operations(r) & SH_UPDATE ? "updated"
									      : "subscribed to");
	return grant(c, as, references, allow);
}

int cmd_as_remove(struct hssctl *c)
{
	char as[IDENTITY_SIZE];

	return host_name(c->arg[0], as) ? 1 : grant(c, as, (UINT64_C(1) << SH_REFERENCES) - 1, 0);
}

static void print_permission(const char *as, uint32_t reference, unsigned int allow, void *arg)
{
	const char *separator = "";

	(void)arg;
	printf("%s data=%u allow=", as, reference);
	for (int i = 0; i < N_OPERATIONS; i++)
		if (allow & operations[i].operation) {
			printf("%s%s", separator, operations[i].word);
			separator = ",";
		}
	putchar('\n');
}

int cmd_as_list(struct hssctl *c)
{
	struct transaction *tx;
	int err;

	if (store_needed(c))
		return 1;
	err = store_begin(c->store, false, &tx);
	if (err == 0) {
		err = store_permissions(tx, print_permission, NULL);
		store_rollback(tx);
	}
	return err ? complain("%s", store_strerror(err)) : 0;
}

struct found {
	int64_t sub;
	char owner[REPOSITORY_OWNER_SIZE];
};

/* Inside a transaction. */
static int find_owner(struct transaction *tx, const char *impu, struct found *out)
{
	struct subscription *sub = subscription_new();
	char uri[IDENTITY_SIZE];
	int err = STORE_ENOTFOUND;

	if (sub && identity_stored(slice_str(impu), uri) == 0)
		err = store_find_impu(tx, slice_str(uri), &out->sub);
	if (err == 0)
		err = store_load(tx, out->sub, sub);
	if (err == 0)
		repository_owner(sub, subscription_impu(sub, slice_str(uri)), out->owner);
	subscription_free(sub);
	return err;
}

static void print_repository(const struct repository *r, void *arg)
{
	(void)arg;
	printf("\"%s\" sequence=%u octets=%zu\n", r->service, r->sequence, r->len);
}

static int show_data(struct hssctl *c, struct transaction *tx)
{
	struct repository r;
	struct found found;
	int err = find_owner(tx, c->arg[0], &found);

	if (err)
		return err;
	if (c->n_arg < 2)
		return store_repositories(tx, found.sub, found.owner, print_repository, NULL);
	err = store_repository(tx, found.sub, found.owner, slice_str(c->arg[1]), &r);
	if (err == 0)
		printf("%s\n", r.data);
	repository_free(&r);
	return err;
}

int cmd_sh_data(struct hssctl *c)
{
	struct transaction *tx;
	int err;

	if (store_needed(c))
		return 1;
	err = store_begin(c->store, false, &tx);
	if (err == 0) {
		err = show_data(c, tx);
		store_rollback(tx);
	}
	return err ? complain("%s%s%s: %s", c->arg[0], c->n_arg > 1 ? " " : "",
			      c->n_arg > 1 ? c->arg[1] : "", store_strerror(err))
		   : 0;
}

static const char *reference_word(const struct sh_subscription *s)
{
	return s->reference == SH_REPOSITORY_DATA || s->reference == SH_DSAI ? s->service
	       : s->reference == SH_FILTER_CRITERIA			     ? s->server
									     : "";
}

static void print_subscription(const struct sh_subscription *s)
{
	static const char *const sets[SH_IDENTITY_SETS] = {"all", "registered", "implicit",
							   "alias"};

	printf("%s %s data=%u", s->host, s->user, s->reference);
	for (int i = 0; i < SH_IDENTITY_SETS; i++)
		if (s->sets & 1u << i)
			printf(" set=%s", sets[i]);
	if (reference_word(s)[0])
		printf(" \"%s\"", reference_word(s));
	if (s->impi[0])
		printf(" private=%s", s->impi);
	if (s->expiry)
		printf(" expires=%lld", (long long)s->expiry);
	printf("%s%s\n", s->one_time ? " once" : "", s->retry_at ? " unacknowledged" : "");
}

/* IMPU, or all. Piece by piece: the reader of the output may take his time. */
int cmd_sh_subscriptions(struct hssctl *c)
{
	enum { PIECE = 64 };
	struct sh_subscription *s = calloc(PIECE, sizeof(*s));
	struct found found = {0};
	struct transaction *tx;
	int64_t after = 0;
	int n = 0, err = s ? store_needed(c) : 1;

	while (err == 0) {
		err = store_begin(c->store, false, &tx);
		if (err)
			break;
		if (c->n_arg && !found.sub)
			err = find_owner(tx, c->arg[0], &found);
		if (err == 0)
			n = store_subscriptions(tx, found.sub, after, s, PIECE);
		store_rollback(tx);
		if (err == 0 && n < 0)
			err = n;
		if (err || n == 0)
			break;
		for (int i = 0; i < n; i++)
			print_subscription(&s[i]);
		after = s[n - 1].id;
	}
	free(s);
	return err < 0
		   ? complain("%s: %s", c->n_arg ? c->arg[0] : "subscriptions", store_strerror(err))
		   : err;
}
