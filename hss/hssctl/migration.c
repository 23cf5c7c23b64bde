/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands of hssctl about users between partner systems. */
#include <stdlib.h>

#include "hss/cms/times.h"
#include "hss/hssctl/hssctl.h"
#include "hss/store/migration.h"

enum { PAGE = 64 };

static void print_names(const char *what, const struct names *n)
{
	printf(" %s=%s", what, n->n_impu ? n->impi : "-");
	for (size_t i = 0; i < n->n_impu; i++)
		printf(",%s", n->impu[i]);
}

static void print_binding(const struct binding *b)
{
	char expires[24], last[24];

	time_write(b->expires, expires);
	printf("%s %s %s partner=%s expires=%s", b->id, binding_side_word(b->side),
	       binding_state_word(b->state), b->partner, expires);
	print_names("own", &b->own);
	print_names("pair", &b->pair);
	if (b->host[0])
		printf(" database=%s", b->host);
	if (b->asker.first) {
		time_write(b->asker.last, last);
		printf(" asked_by=%s last=%s vectors=%lld resyncs=%lld", b->asker.host, last,
		       (long long)b->asker.mars, (long long)b->asker.resyncs);
	}
	printf("%s%s\n", b->reason[0] ? " reason=" : "", b->reason);
}

/* Those behind after, which moves on. Returns how many there were, or an error. */
static int print_page(struct transaction *tx, char after[BINDING_ID_SIZE], bool all)
{
	struct binding *b = calloc(PAGE, sizeof(*b));
	int n = b ? store_migrations(tx, &(struct migration_list){after, NULL, all}, b, PAGE)
		  : STORE_EIO;

	for (int i = 0; i < n; i++)
		print_binding(&b[i]);
	if (n > 0)
		strcpy(after, b[n - 1].id);
	free(b);
	return n;
}

int cmd_migration_list(struct hssctl *c)
{
	const bool all = c->n_arg == 1 && strcmp(c->arg[0], "all") == 0;
	char after[BINDING_ID_SIZE] = "";
	struct transaction *tx;
	int err;

	if (c->n_arg > 1 || (c->n_arg == 1 && !all))
		return complain("migration list [all]");
	if (store_needed(c))
		return 1;
	err = store_begin(c->store, false, &tx);
	if (err)
		return complain("%s", store_strerror(err));
	while ((err = print_page(tx, after, all)) > 0)
		;
	store_rollback(tx);
	return err ? complain("%s", store_strerror(err)) : 0;
}

int cmd_migration_withdraw(struct hssctl *c)
{
	static const char *const command[] = {"migration", "withdraw"};

	return daemon_ask(c, command, 2);
}

static void print_line(const struct migration_audit *l, void *arg)
{
	char at[24];

	time_write(l->at, at);
	printf("%lld %s %s %s %s %s %s\n", (long long)l->n, at, l->event, l->id[0] ? l->id : "-",
	       l->partner[0] ? l->partner : "-", l->actor[0] ? l->actor : "-",
	       l->detail[0] ? l->detail : "-");
	*(int64_t *)arg = l->n;
}

int cmd_migration_audit(struct hssctl *c)
{
	struct transaction *tx;
	struct slice v;
	uint64_t n = 0;
	int64_t after, before;
	int err;

	if (c->n_arg > 1 || (c->n_arg == 1 && (!word_option(slice_str(c->arg[0]), "after", &v) ||
					       slice_u64(v, INT64_MAX, &n))))
		return complain("migration audit [after=N]");
	if (store_needed(c))
		return 1;
	err = store_begin(c->store, false, &tx);
	if (err)
		return complain("%s", store_strerror(err));
	after = (int64_t)n;
	do {
		before = after;
		err = store_migration_audit(tx, after, PAGE, print_line, &after);
	} while (err == 0 && after != before);
	store_rollback(tx);
	return err ? complain("%s", store_strerror(err)) : 0;
}
