/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands of hssctl that a running ims-hss carries out. */
#include "daemon/control.h"
#include "hss/hssctl/hssctl.h"

int daemon_ask(struct hssctl *c, const char *const *command, size_t n)
{
	const char *words[WORDS_MAX];
	char why[512];

	for (size_t i = 0; i < n; i++)
		words[i] = command[i];
	for (int i = 0; i < c->n_arg; i++) {
		if (n == WORDS_MAX)
			return complain("at most %d words", WORDS_MAX);
		words[n++] = c->arg[i];
	}
	if (control_ask(c->control_path, "ims-hss", words, n, stdout, why, sizeof(why)))
		return complain("%s", why);
	return 0;
}

static int ask(struct hssctl *c, const char *command)
{
	return daemon_ask(c, &command, 1);
}

int cmd_status(struct hssctl *c)
{
	return ask(c, "status");
}

int cmd_deregister(struct hssctl *c)
{
	return ask(c, "deregister");
}

int cmd_push(struct hssctl *c)
{
	return ask(c, "push");
}

int cmd_withdraw(struct hssctl *c)
{
	return ask(c, "withdraw");
}
