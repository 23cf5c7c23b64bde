/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Subscriptions into the tables. */
#include "hss/store/state.h"
#include "hss/store/tables.h"
#include "hss/subscription/activation.h"
#include "hss/subscription/wildcard.h"

/* sqn, state and how many are registered and unregistered, from at on. */
static void bind_state(struct db_statement *st, int at, const struct state_text *text)
{
	db_bind_text(st, at, text->sqn);
	db_bind_text(st, at + 1, text->state);
	db_bind_int(st, at + 2, (int64_t)text->registered);
	db_bind_int(st, at + 3, (int64_t)text->unregistered);
}

int store_save_state(struct transaction *tx, const struct subscription *sub)
{
	struct db_statement *st = use(tx, S_SAVE_STATE);
	struct state_text text;

	if (!st)
		return STORE_EIO;
	db_bind_int(st, 1, sub->id);
	db_bind_text(st, 2, sub->scscf);
	db_bind_text(st, 3, sub->scscf_host);
	db_bind_text(st, 4, sub->scscf_realm);
	db_bind_int(st, 5, sub->reassigning);
	db_bind_text(st, 6, sub->replaced_host);
	db_bind_text(st, 7, sub->replaced_realm);
	db_bind_int(st, 8, sub->scscf_features);
	state_write(sub, true, &text);
	bind_state(st, 9, &text);
	recall_state(tx, sub);
	return db_run(st);
}

int store_save_switches(struct transaction *tx, const struct subscription *sub)
{
	int err = 0;

	recall_forget(tx, sub->id);
	for (size_t i = 0; i < sub->n_impu && err == 0; i++) {
		struct db_statement *st = use(tx, S_SAVE_SWITCHES);

		if (!st)
			return STORE_EIO;
		db_bind_text(st, 1, sub->impu[i].uri);
		db_bind_text(st, 2, sub->impu[i].masked);
		db_bind_int(st, 3, sub->impu[i].inactive);
		err = db_run(st);
	}
	return err;
}

int store_save_sqn(struct transaction *tx, const struct subscription *sub)
{
	struct db_statement *st = use(tx, S_SAVE_SQN);
	struct state_text text;

	if (!st)
		return STORE_EIO;
	state_write(sub, true, &text);
	db_bind_int(st, 1, sub->id);
	db_bind_text(st, 2, text.sqn);
	recall_state(tx, sub);
	return db_run(st);
}

/* All but the row of the subscription itself. */
static int delete_parts(struct transaction *tx, int64_t id)
{
	int err = 0;

	for (int which = S_DEL_SUB + 1; which <= S_DEL_VISITED && err == 0; which++)
		err = run_number(tx, (enum statement)which, id);
	return err;
}

/* One that is new gets its id here. The row of one that is there stays: who waits for its lock, on a server, would find
 * it gone if it were made anew. */
static int put_sub(struct transaction *tx, struct subscription *sub)
{
	const struct charging *c = &sub->charging;
	struct db_statement *st = use(tx, sub->id ? S_PUT_SUB : S_ADD_SUB);
	struct state_text text;
	int err;

	if (!st)
		return STORE_EIO;
	db_bind_text(st, 1, sub->scscf);
	db_bind_text(st, 2, sub->scscf_host);
	db_bind_text(st, 3, sub->scscf_realm);
	db_bind_int(st, 4, sub->has_capabilities);
	db_bind_text(st, 5, sub->capabilities.server);
	db_bind_int(st, 6, sub->has_charging);
	db_bind_text(st, 7, c->ecf[0]);
	db_bind_text(st, 8, c->ecf[1]);
	db_bind_text(st, 9, c->ccf[0]);
	db_bind_text(st, 10, c->ccf[1]);
	db_bind_int(st, 11, sub->reassigning);
	db_bind_text(st, 12, sub->replaced_host);
	db_bind_text(st, 13, sub->replaced_realm);
	db_bind_int(st, 14, (int64_t)sub->n_shared);
	db_bind_int(st, 15, sub->scscf_features);
	state_write(sub, false, &text);
	bind_state(st, 16, &text);
	if (sub->id) {
		db_bind_int(st, 20, sub->id);
		return db_run(st);
	}
	err = one_row(st);
	if (err == 0)
		sub->id = db_int(st, 0);
	db_end(st);
	return err;
}

static int put_impi(struct transaction *tx, struct db_statement *st, const struct subscription *sub,
		    size_t i)
{
	static const int keys[4] = {4, 5, 9, 11};
	const struct impi *p = &sub->impi[i];
	bool tuak = p->key.algorithm == AKA_TUAK;
	struct sealed_keys room;
	int err;

	db_bind_text(st, 3, p->name);
	db_bind_octets(st, 6, p->amf, 2);
	db_bind_text(st, 7, p->msisdn);
	db_bind_text(st, 8, p->imsi);
	db_bind_text(st, 10, p->realm);
	db_bind_int(st, 12, p->key.algorithm);
	db_bind_int(st, 13, tuak ? p->key.res_len : 0);
	db_bind_int(st, 14, tuak ? p->key.tuak.iterations : 0);
	db_bind_int(st, 15, p->giba);
	err = bind_keys(tx, st, keys, p, &room);
	if (err == 0)
		err = db_run(st);
	explicit_bzero(&room, sizeof(room));
	return err;
}

static int put_impu(struct transaction *tx, struct db_statement *st, const struct subscription *sub,
		    size_t i)
{
	const struct impu *u = &sub->impu[i];
	int err;

	db_bind_text(st, 3, u->uri);
	db_bind_text(st, 4, u->display);
	db_bind_int(st, 5, u->set);
	db_bind_int(st, 6, u->profile);
	db_bind_int(st, 7, u->barred);
	db_bind_int(st, 8, u->impis);
	db_bind_int(st, 9, u->alias);
	db_bind_int(st, 10, u->service);
	db_bind_text(st, 11, u->masked);
	db_bind_int(st, 12, u->inactive);
	err = db_run(st);
	return err || !wildcard_is(slice_str(u->uri)) ? err
						      : store_put_wildcard(tx, sub->id, u->uri);
}

void bind_criterion(struct db_statement *st, int at, const struct ifc *f)
{
	db_bind_int(st, at, f->priority);
	db_bind_text(st, at + 1, f->as);
	db_bind_text(st, at + 2, f->trigger);
	db_bind_text(st, at + 3, f->service_info);
	db_bind_int(st, at + 4, f->terminate);
	db_bind_int(st, at + 5, f->include_request);
	db_bind_int(st, at + 6, f->include_response);
	db_bind_int(st, at + 7, f->part);
	db_bind_text(st, at + 8, f->dsai);
}

static int put_ifc(struct transaction *tx, struct db_statement *st, const struct subscription *sub,
		   size_t i)
{
	(void)tx;
	db_bind_int(st, 3, sub->ifc[i].profile);
	bind_criterion(st, 4, &sub->ifc[i]);
	return db_run(st);
}

static int put_visited(struct transaction *tx, struct db_statement *st,
		       const struct subscription *sub, size_t i)
{
	(void)tx;
	db_bind_text(st, 3, sub->visited[i]);
	return db_run(st);
}

static int put_rows(struct transaction *tx, enum statement which, const struct subscription *sub,
		    size_t n,
		    int (*row)(struct transaction *, struct db_statement *,
			       const struct subscription *, size_t))
{
	int err = 0;

	for (size_t i = 0; i < n && err == 0; i++) {
		struct db_statement *st = use(tx, which);

		if (!st)
			return STORE_EIO;
		db_bind_int(st, 1, sub->id);
		db_bind_int(st, 2, (int64_t)i);
		err = row(tx, st, sub, i);
	}
	return err;
}

static int put_capabilities(struct transaction *tx, int64_t id, bool mandatory,
			    const uint32_t *values, size_t n)
{
	int err = 0;

	for (size_t i = 0; i < n && err == 0; i++) {
		struct db_statement *st = use(tx, S_PUT_CAPABILITY);

		if (!st)
			return STORE_EIO;
		db_bind_int(st, 1, id);
		db_bind_int(st, 2, mandatory);
		db_bind_int(st, 3, (int64_t)i);
		db_bind_int(st, 4, values[i]);
		err = db_run(st);
	}
	return err;
}

int store_put(struct transaction *tx, struct subscription *sub)
{
	const struct capabilities *c = &sub->capabilities;
	int err = store_resolve_shared(tx, sub, NULL);

	dsai_forget_unbound(sub);
	recall_forget(tx, sub->id);
	if (err == 0 && sub->id)
		err = delete_parts(tx, sub->id);
	if (err == 0)
		err = put_sub(tx, sub);
	if (err == 0)
		err = put_rows(tx, S_PUT_IMPI, sub, sub->n_impi, put_impi);
	if (err == 0)
		err = put_rows(tx, S_PUT_IMPU, sub, sub->n_impu, put_impu);
	if (err == 0)
		err = put_rows(tx, S_PUT_IFC, sub, sub->n_ifc, put_ifc);
	if (err == 0)
		err = put_rows(tx, S_PUT_VISITED, sub, sub->n_visited, put_visited);
	if (err == 0)
		err = put_capabilities(tx, sub->id, true, c->mandatory, c->n_mandatory);
	if (err == 0)
		err = put_capabilities(tx, sub->id, false, c->optional, c->n_optional);
	if (err == 0)
		err = put_shared(tx, sub);
	if (err == 0)
		err = run_number(tx, S_KEEP_REPOSITORY, sub->id);
	if (err == 0)
		err = run_number(tx, S_KEEP_RESTORATIONS, sub->id);
	return err;
}

int store_remove(struct transaction *tx, int64_t id)
{
	int err = run_number(tx, S_DEL_SUB, id);

	recall_forget(tx, id);
	if (err == 0)
		err = delete_parts(tx, id);
	if (err == 0)
		err = run_number(tx, S_DEL_RESTORATIONS, id);
	return err ? err : run_number(tx, S_DEL_REPOSITORY, id);
}
