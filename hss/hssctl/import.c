/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hssctl import: a file of any size, read twice. The first time all of it is checked, against the store
 * and itself; only then is anything written. */
#include <inttypes.h>

#include "hss/hssctl/hssctl.h"
#include "hss/provision/import.h"

/* Go through the file once. Returns 0, or -1 with why. */
static int pass(struct import *im, struct slice text, unsigned int mode, char *why, size_t size)
{
	import_begin(im, mode);
	return import_text(im, text, why, size);
}

static int import_file(struct hssctl *c, struct slice text, bool replace)
{
	struct import *im = import_new(c->store, replace, 0);
	char why[512];
	int status = 0;

	if (!im)
		status = complain("no memory; nothing was imported");
	else if (pass(im, text, IMPORT_CHECK, why, sizeof(why)))
		status = complain("%s: %s; nothing was imported", c->arg[0], why);
	else if (pass(im, text, IMPORT_WRITE, why, sizeof(why)))
		status = complain("%s: %s; the first %" PRIu64
				  " subscriptions are imported, import the file again with the "
				  "word replace",
				  c->arg[0], why, import_written(im));
	else
		printf("%" PRIu64 " subscriptions imported\n", import_count(im));
	import_free(im);
	return status;
}

int cmd_import(struct hssctl *c)
{
	bool replace = c->n_arg > 1 && strcmp(c->arg[1], "replace") == 0;
	struct file file;
	int status;

	if (store_needed(c) || file_open(c->arg[0], &file))
		return 1;
	status = import_file(c, file.text, replace);
	file_close(&file);
	return status;
}
