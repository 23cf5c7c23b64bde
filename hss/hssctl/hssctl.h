/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of hssctl share. */
#ifndef HSS_HSSCTL_H
#define HSS_HSSCTL_H

#include "hss/store/store.h"
#include "daemon/words.h"

/* A whole file of any size; "-" is stdin. */
struct file {
	struct slice text;
	bool mapped; /* else malloc'ed, and wiped by file_close() */
};

struct hssctl {
	const char *store_url, *control_path;
	const char *master_key;	 /* see hss/store/master_key.h; "": none */
	const char *tokens_path; /* NULL: there is no configuration */
	bool no_giba;		 /* the configuration has giba no */
	struct store *store;	 /* opened by store_needed() */
	char **arg;		 /* after the command's words */
	int n_arg;
	struct file key_file; /* read before the store is held */
};

/* Prints "hssctl: ..." and returns 1, the exit status. */
__attribute__((format(printf, 1, 2))) int complain(const char *fmt, ...);

/* A Diameter identity in lower case. Returns 0, or 1 after complaining. */
int host_name(const char *arg, char out[IDENTITY_SIZE]);

/* Open the store once. Returns 0, or an exit status after complaining. */
int store_needed(struct hssctl *c);

/* Send ims-hss a command, the arguments behind it. Returns an exit status. */
int daemon_ask(struct hssctl *c, const char *const *command, size_t n);

/*
 * Load the subscription of a private identity, let change() alter it and store it, all in one
 * transaction. change() returns 0, or -1 with why, and then nothing is stored. Returns an exit status.
 */
int change_subscription(struct hssctl *c, const char *impi,
			int (*change)(struct hssctl *, struct subscription *, char *why,
				      size_t size));

/* The words of a provisioning line from arguments: first, and the arguments from index on. Returns 0, or
 * -1 with why. */
int line_from_arguments(struct hssctl *c, const char *first, int from, struct words *w, char *why,
			size_t size);

/* Returns 0, or 1 after complaining. What is named is not repeated if it may be a key. */
int file_open(const char *path, struct file *out);
void file_close(struct file *file);

/* Write a shared set of filter criteria, or all, as import takes them. The store is open. Returns an exit status. */
int write_shared_set(struct hssctl *c, uint32_t set);
int write_shared_sets(struct hssctl *c);

/* Commands; each returns the exit status. */
int cmd_subscriber_add(struct hssctl *c);
int cmd_subscriber_list(struct hssctl *c);
int cmd_subscriber_show(struct hssctl *c);
int cmd_subscriber_remove(struct hssctl *c);
int cmd_key(struct hssctl *c);
int cmd_impu_set(struct hssctl *c);
int cmd_impu_remove(struct hssctl *c);
int cmd_bar(struct hssctl *c);
int cmd_unbar(struct hssctl *c);
int cmd_ifc_set(struct hssctl *c);
int cmd_ifc_remove(struct hssctl *c);
int cmd_ifc_share(struct hssctl *c);
int cmd_ifc_unshare(struct hssctl *c);
int cmd_shared_set(struct hssctl *c);
int cmd_shared_remove(struct hssctl *c);
int cmd_shared_list(struct hssctl *c);
int cmd_capabilities(struct hssctl *c);
int cmd_charging(struct hssctl *c);
int cmd_visited(struct hssctl *c);
int cmd_import(struct hssctl *c);
int cmd_export(struct hssctl *c);
int cmd_as_set(struct hssctl *c);
int cmd_as_list(struct hssctl *c);
int cmd_as_remove(struct hssctl *c);
int cmd_sh_data(struct hssctl *c);
int cmd_sh_subscriptions(struct hssctl *c);
int cmd_bearer_set(struct hssctl *c);
int cmd_bearer_list(struct hssctl *c);
int cmd_bearer_remove(struct hssctl *c);
int cmd_slf_set(struct hssctl *c);
int cmd_slf_list(struct hssctl *c);
int cmd_slf_remove(struct hssctl *c);
int cmd_status(struct hssctl *c);
int cmd_deregister(struct hssctl *c);
int cmd_push(struct hssctl *c);
int cmd_withdraw(struct hssctl *c);
int cmd_migration_list(struct hssctl *c);
int cmd_migration_withdraw(struct hssctl *c);
int cmd_migration_audit(struct hssctl *c);
int cmd_master_key_rotate(struct hssctl *c);
int cmd_master_key_scrub(struct hssctl *c);
int cmd_token_add(struct hssctl *c);
int cmd_token_list(struct hssctl *c);
int cmd_token_remove(struct hssctl *c);

#endif
