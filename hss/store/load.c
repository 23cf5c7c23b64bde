/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Subscriptions out of the tables. */
#include "hss/store/group.h"
#include "hss/store/state.h"
#include "hss/store/tables.h"

/* One that is being read: what its row says of its identities counts when they are there. */
struct loading {
	struct transaction *tx;
	struct subscription *sub;
	struct state_text text;
};

static int column_octets(struct db_statement *st, int i, uint8_t *out, size_t n)
{
	struct slice octets = db_octets(st, i);

	if (octets.len != n)
		return STORE_EIO;
	memcpy(out, octets.p, n);
	return 0;
}

static int load_sub(struct loading *l, struct db_statement *st)
{
	struct subscription *sub = l->sub;
	struct charging *c = &sub->charging;

	sub->has_capabilities = (int)db_int(st, 3);
	sub->has_charging = (int)db_int(st, 5);
	sub->reassigning = (int)db_int(st, 10);
	sub->n_shared = (size_t)db_int(st, 13); /* how many there will be */
	sub->scscf_features = (uint32_t)db_int(st, 14);
	return db_text(st, 15, l->text.sqn, sizeof(l->text.sqn)) |
	       db_text(st, 16, l->text.state, sizeof(l->text.state)) |
	       db_text(st, 0, sub->scscf, IDENTITY_SIZE) |
	       db_text(st, 1, sub->scscf_host, IDENTITY_SIZE) |
	       db_text(st, 2, sub->scscf_realm, IDENTITY_SIZE) |
	       db_text(st, 11, sub->replaced_host, IDENTITY_SIZE) |
	       db_text(st, 12, sub->replaced_realm, IDENTITY_SIZE) |
	       db_text(st, 4, sub->capabilities.server, IDENTITY_SIZE) |
	       db_text(st, 6, c->ecf[0], IDENTITY_SIZE) | db_text(st, 7, c->ecf[1], IDENTITY_SIZE) |
	       db_text(st, 8, c->ccf[0], IDENTITY_SIZE) | db_text(st, 9, c->ccf[1], IDENTITY_SIZE);
}

static int load_impi(struct loading *l, struct db_statement *st)
{
	struct subscription *sub = l->sub;
	struct impi *p = &sub->impi[sub->n_impi];
	int err;

	if (sub->n_impi == SUB_IMPIS_MAX)
		return STORE_EIO;
	if (db_text(st, 0, p->name, sizeof(p->name)) ||
	    db_text(st, 8, p->msisdn, sizeof(p->msisdn)) ||
	    db_text(st, 9, p->imsi, sizeof(p->imsi)) ||
	    db_text(st, 10, p->realm, sizeof(p->realm)) || column_octets(st, 7, p->amf, 2))
		return STORE_EIO;
	p->giba = (int)db_int(st, 12);
	err = load_keys(l->tx, st, 1, 11, p);
	if (err)
		return err;
	sub->n_impi++;
	return 0;
}

static int load_impu(struct loading *l, struct db_statement *st)
{
	struct subscription *sub = l->sub;
	struct impu *u = &sub->impu[sub->n_impu];

	if (sub->n_impu == SUB_IMPUS_MAX)
		return STORE_EIO;
	u->set = (uint32_t)(int)db_int(st, 2);
	u->profile = (uint32_t)(int)db_int(st, 3);
	u->barred = (int)db_int(st, 4);
	u->alias = (uint32_t)(int)db_int(st, 6);
	u->service = (int)db_int(st, 7);
	u->impis = (uint16_t)(int)db_int(st, 5);
	u->inactive = (int)db_int(st, 9);
	if (db_text(st, 0, u->uri, sizeof(u->uri)) ||
	    db_text(st, 1, u->display, sizeof(u->display)) ||
	    db_text(st, 8, u->masked, sizeof(u->masked)))
		return STORE_EIO;
	sub->n_impu++;
	return 0;
}

int load_criterion(struct db_statement *st, struct ifc *f)
{
	f->profile = (uint32_t)(int)db_int(st, 0);
	f->priority = (uint32_t)db_int(st, 1);
	f->terminate = (int)db_int(st, 5);
	f->include_request = (int)db_int(st, 6);
	f->include_response = (int)db_int(st, 7);
	f->part = (enum ifc_part)(int)db_int(st, 8);
	return db_text(st, 2, f->as, sizeof(f->as)) ||
		       db_text(st, 3, f->trigger, sizeof(f->trigger)) ||
		       db_text(st, 4, f->service_info, sizeof(f->service_info)) ||
		       db_text(st, 9, f->dsai, sizeof(f->dsai))
		   ? STORE_EIO
		   : 0;
}

static int load_ifc(struct loading *l, struct db_statement *st)
{
	struct subscription *sub = l->sub;
	if (sub->n_ifc == SUB_IFCS_MAX || load_criterion(st, &sub->ifc[sub->n_ifc]))
		return STORE_EIO;
	sub->n_ifc++;
	return 0;
}

static int load_capability(struct loading *l, struct db_statement *st)
{
	struct capabilities *c = &l->sub->capabilities;
	bool mandatory = (int)db_int(st, 0);
	size_t *n = mandatory ? &c->n_mandatory : &c->n_optional;

	if (*n == SUB_CAPS_MAX)
		return STORE_EIO;
	(mandatory ? c->mandatory : c->optional)[(*n)++] = (uint32_t)db_int(st, 1);
	return 0;
}

static int load_visited(struct loading *l, struct db_statement *st)
{
	struct subscription *sub = l->sub;
	if (sub->n_visited == SUB_VISITED_MAX ||
	    db_text(st, 0, sub->visited[sub->n_visited], IDENTITY_SIZE))
		return STORE_EIO;
	sub->n_visited++;
	return 0;
}

static int load_rows(struct loading *l, enum statement which, int64_t id,
		     int (*row)(struct loading *, struct db_statement *), size_t *rows)
{
	struct db_statement *st = use(l->tx, which);
	int rc, err = 0;

	if (!st)
		return STORE_EIO;
	db_bind_int(st, 1, id);
	*rows = 0;
	while (err == 0 && (rc = db_step(st)) != 0) {
		(*rows)++;
		err = rc == DB_ROW ? row(l, st) : rc;
	}
	db_end(st);
	return err;
}

/* A row or several of each, in this order: the first says whether there are capabilities. */
static const struct {
	enum statement which;
	int (*row)(struct loading *, struct db_statement *);
	unsigned int part; /* of enum store_parts; 0: always */
} parts_of_all[] = {
    {S_LOAD_SUB, load_sub, 0},
    {S_LOAD_IMPI, load_impi, 0},
    {S_LOAD_IMPU, load_impu, 0},
    {S_LOAD_IFC, load_ifc, STORE_IFCS},
    {S_LOAD_CAPABILITY, load_capability, STORE_CAPABILITIES},
    {S_LOAD_VISITED, load_visited, STORE_VISITED},
};

/* Out of the tables. */
static int load(struct transaction *tx, int64_t id, unsigned int parts, struct subscription *sub)
{
	struct loading l = {.tx = tx, .sub = sub};
	size_t rows;
	int err = 0;

	subscription_clear(sub);
	for (size_t i = 0; i < sizeof(parts_of_all) / sizeof(parts_of_all[0]) && err == 0; i++) {
		unsigned int part = parts_of_all[i].part;

		if ((part & ~parts) || (part == STORE_CAPABILITIES && !sub->has_capabilities))
			continue;
		err = load_rows(&l, parts_of_all[i].which, id, parts_of_all[i].row, &rows);
		if (err == 0 && i == 0 && rows == 0)
			err = STORE_ENOTFOUND;
	}
	if (err == 0 && state_read(&l.text, sub))
		err = STORE_EIO;
	if (!(parts & STORE_IFCS))
		sub->n_shared = 0;
	if (err == 0 && sub->n_shared)
		err = load_shared(tx, id, sub);
	if (err)
		subscription_clear(sub);
	else
		sub->id = id;
	return err;
}

int store_load_parts(struct transaction *tx, int64_t id, unsigned int parts,
		     struct subscription *sub)
{
	int err;

	if (group_holds(tx, id)) /* memory has it as it was before */
		return STORE_EAGAIN;
	if (recall_load(tx, id, parts, sub) == 0)
		return 0;
	if (!tx->store->memory)
		return load(tx, id, parts, sub);
	err = load(tx, id, STORE_ALL, sub);
	/* criteria of shared sets are not kept, so this one may be there */
	if (err == 0 && !((parts & STORE_IFCS) && sub->n_shared))
		recall_put(tx, sub);
	return err;
}

int store_load(struct transaction *tx, int64_t id, struct subscription *sub)
{
	return load(tx, id, STORE_ALL, sub);
}
