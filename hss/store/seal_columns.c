/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys of subscribers in the tables, sealed where there is a master key (seal.h). */
#include "hss/store/tables.h"

#include <stdlib.h>

#include "hss/counters.h"

enum { PIECE = 64 };

/* What a row of impi has of keys, in clear. */
struct keys {
	char name[IDENTITY_SIZE];
	char seal[SEAL_ID_SIZE];
	struct aka_key key;
	char ha1[AKA_DIGEST_SIZE];
	bool open;
};

/* Columns as they stand in a row from the first of them on. */
enum { COLUMN_K, COLUMN_OPC, COLUMN_HA1, COLUMN_ALGORITHM, COLUMN_RES, COLUMN_KECCAK };

/* ---- columns ---- */

static void take_columns(struct db_statement *st, int i, struct key_columns *out)
{
	*out = (struct key_columns){.algorithm = db_int(st, i + COLUMN_ALGORITHM),
				    .res = db_int(st, i + COLUMN_RES),
				    .keccak = db_int(st, i + COLUMN_KECCAK),
				    .k = db_octets(st, i + COLUMN_K),
				    .opc = db_octets(st, i + COLUMN_OPC),
				    .ha1 = db_octets(st, i + COLUMN_HA1)};
}

/* Which algorithm, and what belongs to it. */
static int open_algorithm(const struct key_columns *c, struct aka_key *key)
{
	*key = (struct aka_key){.algorithm = c->algorithm ? AKA_TUAK : AKA_MILENAGE};
	if (c->algorithm == AKA_MILENAGE)
		return 0;
	if (c->algorithm != AKA_TUAK || c->res < 0 || c->res > AKA_RES_MAX || c->keccak < 0 ||
	    c->keccak > TUAK_ITERATIONS_MAX)
		return STORE_EIO;
	key->res_len = (uint8_t)c->res;
	key->tuak.iterations = (uint8_t)c->keccak;
	return 0;
}

/* One column in clear, at most max octets. Sets *n. Returns 0, STORE_EIO, or STORE_ESEAL. */
static int open_column(struct slice octets, const struct seal_key *key, const char *name,
		       const char *impi, uint8_t *out, size_t max, size_t *n)
{
	size_t overhead = key ? SEAL_OVERHEAD : 0;

	if (octets.len < overhead || octets.len - overhead > max)
		return key ? STORE_ESEAL : STORE_EIO;
	*n = octets.len - overhead;
	if (key)
		return seal_open(key, name, impi, octets, out, *n) ? STORE_ESEAL : 0;
	memcpy(out, octets.p, *n);
	return 0;
}

/* What columns have of keys, sealed under key unless that is NULL. */
static int open_columns(const struct key_columns *c, const struct seal_key *key, struct keys *keys)
{
	uint8_t k[AKA_K_MAX], opc[AKA_OP_MAX];
	size_t k_len = 0, opc_len = 0, ha1_len = 0; /* ha1: 0 of a card's key */
	int err = open_algorithm(c, &keys->key);

	if (err == 0)
		err = open_column(c->k, key, "k", keys->name, k, sizeof(k), &k_len);
	if (err == 0)
		err = open_column(c->opc, key, "opc", keys->name, opc, sizeof(opc), &opc_len);
	if (err == 0)
		err = open_column(c->ha1, key, "ha1", keys->name, (uint8_t *)keys->ha1,
				  sizeof(keys->ha1) - 1, &ha1_len);
	keys->ha1[ha1_len] = '\0';
	if (err == 0 && aka_key_fill(&keys->key, slice_make((const char *)k, k_len),
				     slice_make((const char *)opc, opc_len)))
		err = key ? STORE_ESEAL : STORE_EIO;
	explicit_bzero(k, sizeof(k));
	explicit_bzero(opc, sizeof(opc));
	return err;
}

/* name and seal are there. Returns 0, STORE_EIO, or STORE_ESEAL, which is counted. */
static int open_keys(struct transaction *tx, struct db_statement *st, int i, struct keys *keys)
{
	struct key_columns c;
	struct seal_key key;
	int err;

	take_columns(st, i, &c);
	if (!keys->seal[0]) {
		err = open_columns(&c, NULL, keys);
	} else if (seal_keys_find(tx, keys->seal, &key)) {
		err = open_columns(&c, &key, keys);
		explicit_bzero(&key, sizeof(key));
	} else {
		err = STORE_ESEAL;
	}
	counter_add(COUNT_seals_broken, err == STORE_ESEAL);
	keys->open = err == 0;
	return err;
}

int load_keys(struct transaction *tx, struct db_statement *st, int i, int seal, struct impi *p)
{
	struct keys keys;
	int err;

	strcpy(keys.name, p->name);
	err = db_text(st, seal, keys.seal, sizeof(keys.seal));
	if (err == 0)
		err = open_keys(tx, st, i, &keys);
	if (err == 0) {
		p->key = keys.key;
		strcpy(p->ha1, keys.ha1);
	}
	explicit_bzero(&keys, sizeof(keys));
	return err;
}

int open_keys_in_memory(struct store *store, const char *seal, const struct key_columns *c,
			struct impi *p)
{
	struct keys keys = {.open = false};
	struct seal_key key;
	int err = STORE_ESEAL;

	strcpy(keys.name, p->name);
	if (!seal[0]) {
		err = open_columns(c, NULL, &keys);
	} else if (seal_keys_have(store, seal, &key)) {
		err = open_columns(c, &key, &keys);
		explicit_bzero(&key, sizeof(key));
	}
	if (err == 0) {
		p->key = keys.key;
		strcpy(p->ha1, keys.ha1);
	}
	explicit_bzero(&keys, sizeof(keys));
	return err;
}

/* One column, sealed into room. */
static int seal_column(const struct seal_key *key, const char *name, const char *impi,
		       uint8_t *room, struct slice *plain)
{
	if (seal_make(key, name, impi, plain->p, plain->len, room))
		return STORE_EIO;
	*plain = slice_make((const char *)room, plain->len + SEAL_OVERHEAD);
	return 0;
}

int seal_columns(struct store *store, const struct impi *p, struct sealed_keys *room,
		 struct key_columns *out)
{
	bool tuak = p->key.algorithm == AKA_TUAK;
	struct seal_key key;
	int err;

	*out = (struct key_columns){.algorithm = p->key.algorithm,
				    .res = tuak ? p->key.res_len : 0,
				    .keccak = tuak ? p->key.tuak.iterations : 0,
				    .k = aka_key_k(&p->key),
				    .opc = aka_key_opc(&p->key),
				    .ha1 = slice_str(p->ha1)};
	room->id[0] = '\0';
	if (!seal_keys_current(store, &key))
		return 0;
	strcpy(room->id, key.id);
	err = seal_column(&key, "k", p->name, room->k, &out->k) |
	      seal_column(&key, "opc", p->name, room->opc, &out->opc) |
	      seal_column(&key, "ha1", p->name, room->ha1, &out->ha1);
	explicit_bzero(&key, sizeof(key));
	return err;
}

int bind_keys(struct transaction *tx, struct db_statement *st, const int at[4],
	      const struct impi *p, struct sealed_keys *room)
{
	struct key_columns c;
	int err = seal_columns(tx->store, p, room, &c);

	if (err)
		return err;
	db_bind_octets(st, at[0], c.k.p, c.k.len);
	db_bind_octets(st, at[1], c.opc.p, c.opc.len);
	db_bind_octets(st, at[2], c.ha1.p, c.ha1.len);
	db_bind_text(st, at[3], room->id);
	return 0;
}

/* ---- rotation ---- */

/* The next rows behind a name. Returns their number, or an error. */
static int read_piece(struct transaction *tx, const char *after, struct keys *keys, size_t max)
{
	struct db_statement *st = use(tx, S_SEAL_PIECE);
	int n = 0, rc = 0, err = 0;

	if (!st)
		return STORE_EIO;
	db_bind_text(st, 1, after);
	db_bind_int(st, 2, (int64_t)max);
	while (err == 0 && (size_t)n < max && (rc = db_step(st)) == DB_ROW) {
		err = db_text(st, 0, keys[n].name, sizeof(keys[n].name)) |
		      db_text(st, 7, keys[n].seal, sizeof(keys[n].seal));
		if (err == 0)
			open_keys(tx, st, 1, &keys[n]);
		n++;
	}
	db_end(st);
	return err ? STORE_EIO : rc < 0 ? rc : n;
}

static int seal_anew(struct transaction *tx, const struct keys *keys)
{
	static const int at[4] = {2, 3, 4, 5};
	struct db_statement *st = use(tx, S_RESEAL);
	struct impi p = {.amf = {0}};
	struct sealed_keys room;
	int err;

	if (!st)
		return STORE_EIO;
	strcpy(p.name, keys->name);
	p.key = keys->key;
	strcpy(p.ha1, keys->ha1);
	db_bind_text(st, 1, p.name);
	err = bind_keys(tx, st, at, &p, &room);
	if (err == 0)
		err = db_run(st);
	explicit_bzero(&p, sizeof(p));
	explicit_bzero(&room, sizeof(room));
	return err;
}

int store_reseal(struct transaction *tx, struct store_reseal *at)
{
	struct keys *keys = calloc(PIECE, sizeof(*keys));
	int n = keys ? read_piece(tx, at->after, keys, PIECE) : STORE_EIO, err = 0;
	char id[SEAL_ID_SIZE];

	seal_keys_current_id(tx->store, id);
	for (int i = 0; i < n && err == 0; i++) {
		if (!keys[i].open) {
			at->broken++;
			strcpy(at->broken_impi, keys[i].name);
		} else if (strcmp(keys[i].seal, id) != 0) {
			err = seal_anew(tx, &keys[i]);
			at->sealed += err == 0;
		}
	}
	if (n > 0)
		strcpy(at->after, keys[n - 1].name);
	if (keys)
		explicit_bzero(keys, PIECE * sizeof(*keys));
	free(keys);
	return err ? err : n;
}
