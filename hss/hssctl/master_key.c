/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands of hssctl about the master key. */
#include "hss/hssctl/hssctl.h"

int cmd_master_key_rotate(struct hssctl *c)
{
	static const char *const words[] = {"master-key", "rotate"};

	return daemon_ask(c, words, 2);
}

int cmd_master_key_scrub(struct hssctl *c)
{
	int err;

	if (store_needed(c))
		return 1;
	err = store_scrub(c->store);
	return err ? complain("%s; what was there is there still", store_strerror(err)) : 0;
}
