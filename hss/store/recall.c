/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a store has in memory, in step with its tables. */
#include "hss/store/tables.h"

int store_remember(struct store *store, size_t octets)
{
	if (!octets || !store->engine->watch || !store->engine->watch(store->transaction[0].db))
		return 0;
	store->memory = memory_new(octets);
	return store->memory ? 0 : STORE_EIO;
}

bool store_in_memory(struct store *store, struct memory_figures *out)
{
	*out = (struct memory_figures){0};
	if (store->memory)
		memory_count(store->memory, out);
	return store->memory != NULL;
}

/* ---- without a transaction ---- */

int store_recall(struct store *store, struct slice impi, const char *impu, unsigned int parts,
		 struct subscription *sub)
{
	struct db_mark now;

	/* this connection is never lost */
	if (!store->memory || !store->engine->newest(store->transaction[0].db, &now))
		return STORE_ENOTFOUND;
	return impi.len
		   ? memory_read(store->memory, store, MEMORY_IMPI, impi, parts, &now, false, sub)
		   : memory_read(store->memory, store, MEMORY_IMPU, slice_str(impu), parts, &now,
				 false, sub);
}

bool store_hold(struct transaction *tx, const struct subscription *sub)
{
	bool holds = memory_hold(tx->store->memory, sub);

	if (holds)
		tx->held = sub->id;
	return holds;
}

int store_note_numbers(struct store *store, const struct subscription *sub)
{
	struct db_mark now;

	return store->engine->newest(store->transaction[0].db, &now) &&
		       memory_change(store->memory, sub, &now)
		   ? 0
		   : STORE_EAGAIN;
}

void store_note_numbers_in(struct transaction *tx, const struct subscription *sub)
{
	recall_state(tx, sub);
}

/* ---- in a transaction, whose connection is the only one ---- */

int recall_begin(struct transaction *tx, bool write)
{
	const struct db_engine *engine = tx->store->engine;
	struct memory *m = tx->store->memory;
	int64_t n;
	int err;

	if (!m)
		return 0;
	tx->write = write;
	tx->held = tx->changed = 0;
	if (!engine->newest(tx->db, &tx->mark))
		return STORE_EIO;
	if (write && memory_is_at(m, &tx->mark)) /* and nobody else commits now */
		return 0;
	err = engine->others(tx->db, &n);
	if (err == 0)
		memory_at(m, &tx->mark, n);
	return err;
}

void recall_end(struct transaction *tx, bool committed)
{
	struct slice state = slice_make((const char *)tx->state, committed ? tx->state_len : 0);

	if (!tx->store->memory)
		return;
	recall_release(tx->store, tx->held, committed ? tx->changed : 0, state);
	if (tx->write && committed)
		recall_move(tx);
}

void recall_release(struct store *store, int64_t held, int64_t changed, struct slice state)
{
	if (changed)
		memory_release(store->memory, changed, state);
	if (held)
		memory_release(store->memory, held, SLICE_NULL);
}

void recall_move(struct transaction *tx)
{
	const struct db_engine *engine = tx->store->engine;
	struct db_mark now;

	if (engine->newest(tx->db, &now) && engine->is_next(&tx->mark, &now)) /* it is ours */
		memory_move(tx->store->memory, &now);
}

int recall_find(struct transaction *tx, enum memory_name kind, struct slice name, int64_t *id)
{
	return tx->store->memory ? memory_find(tx->store->memory, kind, name, id) : STORE_ENOTFOUND;
}

int recall_load(struct transaction *tx, int64_t id, unsigned int parts, struct subscription *sub)
{
	struct memory *m = tx->store->memory;
	int err =
	    m ? memory_read(m, tx->store, MEMORY_ID, slice_make((const char *)&id, sizeof(id)),
			    parts, NULL, tx->write, sub)
	      : STORE_ENOTFOUND;

	if (err == 0 && tx->write)
		tx->held = id;
	return err;
}

void recall_put(struct transaction *tx, const struct subscription *sub)
{
	if (tx->store->memory && memory_put(tx->store->memory, tx->store, sub, true, tx->write) &&
	    tx->write)
		tx->held = sub->id;
}

void recall_state(struct transaction *tx, const struct subscription *sub)
{
	if (!tx->store->memory)
		return;
	if (tx->changed && tx->changed != sub->id)
		memory_forget(tx->store->memory, tx->changed);
	tx->changed = sub->id;
	tx->state_len = image_of_state(sub, tx->state, sizeof(tx->state));
}

void recall_forget(struct transaction *tx, int64_t id)
{
	if (tx->store->memory)
		memory_forget(tx->store->memory, id);
}

void recall_forget_all(struct transaction *tx)
{
	if (tx->store->memory)
		memory_forget_all(tx->store->memory);
}

/* ---- in advance ---- */

int store_remember_more(struct store *store, int64_t *after, size_t max)
{
	struct subscription *sub = subscription_new();
	struct transaction *tx;
	int64_t ids[64];
	int n, err = sub && store->memory ? store_begin(store, false, &tx) : STORE_EIO;

	if (err) {
		subscription_free(sub);
		return err;
	}
	n = store_list(tx, *after, ids, max < 64 ? max : 64);
	for (int i = 0; i < n; i++) {
		int64_t known;

		*after = ids[i];
		if (recall_find(tx, MEMORY_ID, slice_make((const char *)&ids[i], sizeof(ids[i])),
				&known) == 0)
			continue;
		/* one whose key cannot be opened is told when it is asked for */
		if (store_load(tx, ids[i], sub) == 0 &&
		    !memory_put(store->memory, store, sub, false, false))
			n = 0;
	}
	store_rollback(tx);
	subscription_free(sub);
	return n;
}
