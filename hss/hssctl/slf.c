/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands of hssctl about users of other subscriber bases. */
#include "hss/cx/redirect.h"
#include "hss/hssctl/hssctl.h"

static int key_of(const char *arg, char out[IDENTITY_SIZE])
{
	if (redirect_key(slice_str(arg), out))
		return complain("%s is neither an identity nor *@DOMAIN", arg);
	return 0;
}

/* Write one, or take it away (host NULL). */
static int put(struct hssctl *c, const char *key, const char *host)
{
	struct transaction *tx;
	int err;

	if (store_needed(c))
		return 1;
	err = store_begin(c->store, true, &tx);
	if (err)
		return complain("%s", store_strerror(err));
	err = store_end(tx, store_put_redirect(tx, key, host));
	return err ? complain("%s", store_strerror(err)) : 0;
}

int cmd_slf_set(struct hssctl *c)
{
	char key[IDENTITY_SIZE], host[IDENTITY_SIZE];

	if (key_of(c->arg[0], key) || host_name(c->arg[1], host))
		return 1;
	return put(c, key, host);
}

int cmd_slf_remove(struct hssctl *c)
{
	char key[IDENTITY_SIZE];

	return key_of(c->arg[0], key) || put(c, key, NULL);
}

static void print_one(const char *key, const char *host, void *arg)
{
	(void)arg;
	printf("%s %s\n", key, host);
}

int cmd_slf_list(struct hssctl *c)
{
	struct transaction *tx;
	int err;

	if (store_needed(c))
		return 1;
	err = store_begin(c->store, false, &tx);
	if (err)
		return complain("%s", store_strerror(err));
	err = store_redirects(tx, print_one, NULL);
	store_rollback(tx);
	return err ? complain("%s", store_strerror(err)) : 0;
}
