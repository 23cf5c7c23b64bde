/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests that one process leaves for the one that has their peer, and what became of them. */
#include "hss/store/forward.h"

#include <stdlib.h>

#include "hss/store/tables.h"

int store_put_forward(struct transaction *tx, int64_t number, const char *host, struct slice octets,
		      unsigned int seconds)
{
	struct db_statement *st = use(tx, S_PUT_FORWARD);

	if (!st)
		return STORE_EIO;
	db_bind_int(st, 1, tx->store->process);
	db_bind_int(st, 2, number);
	db_bind_text(st, 3, host);
	db_bind_octets(st, 4, octets.p, octets.len);
	db_bind_int(st, 5, seconds);
	return db_run(st);
}

int store_take_forward(struct transaction *tx, const char *hosts, struct store_forward *out)
{
	struct db_statement *st = use(tx, S_TAKE_FORWARD);
	struct slice octets;
	int err;

	if (!st)
		return STORE_EIO;
	db_bind_int(st, 1, tx->store->process);
	db_bind_text(st, 2, hosts);
	err = one_row(st);
	if (err == 0) {
		out->sender = db_int(st, 0);
		out->number = db_int(st, 1);
		octets = db_octets(st, 2);
		out->seconds = (unsigned int)db_int(st, 3);
		out->octets = malloc(octets.len + 1);
		out->len = octets.len;
		if (out->octets)
			memcpy(out->octets, octets.p, octets.len);
		else
			err = STORE_EIO;
	}
	db_end(st);
	return err;
}

int store_end_forward(struct transaction *tx, int64_t sender, int64_t number,
		      const struct store_outcome *o)
{
	struct db_statement *st = use(tx, S_END_FORWARD);

	if (!st)
		return STORE_EIO;
	db_bind_int(st, 1, sender);
	db_bind_int(st, 2, number);
	db_bind_int(st, 3, o->answered);
	db_bind_int(st, 4, o->code);
	db_bind_int(st, 5, o->experimental);
	db_bind_text(st, 6, o->from);
	return db_run(st);
}

int store_forward_outcome(struct transaction *tx, struct store_outcome *out)
{
	struct db_statement *st = use(tx, S_FORWARD_OUTCOME);
	int err;

	if (!st)
		return STORE_EIO;
	db_bind_int(st, 1, tx->store->process);
	err = one_row(st);
	if (err == 0) {
		out->number = db_int(st, 0);
		out->answered = db_int(st, 1) != 0;
		out->code = (uint32_t)db_int(st, 2);
		out->experimental = db_int(st, 3) != 0;
		err = db_text(st, 4, out->from, sizeof(out->from));
	}
	db_end(st);
	return err;
}

int store_take_back_forward(struct transaction *tx, int64_t number)
{
	struct db_statement *st = use(tx, S_TAKE_BACK_FORWARD);
	int err;

	if (!st)
		return STORE_EIO;
	db_bind_int(st, 1, tx->store->process);
	db_bind_int(st, 2, number);
	err = one_row(st);
	db_end(st);
	return err;
}

int store_old_forwards(struct transaction *tx)
{
	struct db_statement *st = use(tx, S_OLD_FORWARDS);

	return st ? db_run(st) : STORE_EIO;
}
