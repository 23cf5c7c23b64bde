/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys of subscribers in the tables, sealed where there is a master key (seal.h). */
#include "hss/store/sqlite.h"

#include <stdlib.h>

#include "hss/counters.h"

enum { PIECE = 64, SEALED_MAX = SEAL_PLAIN_MAX + SEAL_OVERHEAD };

/* What a row of impi has of keys, in clear. */
struct keys {
	char name[IDENTITY_SIZE];
	char seal[SEAL_ID_SIZE];
	uint8_t k[16], opc[16];
	char ha1[AKA_DIGEST_SIZE];
	bool open;
};

/* ---- columns ---- */

/* The key of a row. One that is new to us may stand in the file by now. */
static const struct seal_key *key_of(struct sqlite_store *s, const char *id)
{
	const struct seal_key *key = s->master ? seal_ring_find(&s->master->ring, id) : NULL;
	char why[512];

	if (key || !s->master || !master_key_changed(s->master) ||
	    sqlite_reload_keys(&s->store, why, sizeof(why)))
		return key;
	return seal_ring_find(&s->master->ring, id);
}

static struct slice column(sqlite3_stmt *st, int i)
{
	const void *p = sqlite3_column_blob(st, i);

	return slice_make(p ? p : "", (size_t)sqlite3_column_bytes(st, i));
}

static int plain_column(struct slice octets, void *out, size_t n)
{
	if (octets.len != n)
		return STORE_EIO;
	memcpy(out, octets.p, n);
	return 0;
}

/* k, opc and ha1 of a row that stands in the columns from i on. */
static int open_columns(sqlite3_stmt *st, int i, const struct seal_key *key, struct keys *keys)
{
	struct slice ha1 = column(st, i + 2);
	size_t plain = key ? ha1.len - SEAL_OVERHEAD : ha1.len; /* 0: a card's key */

	if (ha1.len != plain + (key ? SEAL_OVERHEAD : 0) || plain >= sizeof(keys->ha1))
		return key ? STORE_ESEAL : STORE_EIO;
	keys->ha1[plain] = '\0';
	if (!key)
		return plain_column(column(st, i), keys->k, 16) |
		       plain_column(column(st, i + 1), keys->opc, 16) |
		       plain_column(ha1, keys->ha1, plain);
	return seal_open(key, "k", keys->name, column(st, i), keys->k, 16) ||
		       seal_open(key, "opc", keys->name, column(st, i + 1), keys->opc, 16) ||
		       seal_open(key, "ha1", keys->name, ha1, keys->ha1, plain)
		   ? STORE_ESEAL
		   : 0;
}

/* name and seal are there. Returns 0, STORE_EIO, or STORE_ESEAL, which is counted. */
static int open_keys(struct sqlite_store *s, sqlite3_stmt *st, int i, struct keys *keys)
{
	const struct seal_key *key = keys->seal[0] ? key_of(s, keys->seal) : NULL;
	int err = keys->seal[0] && !key ? STORE_ESEAL : open_columns(st, i, key, keys);

	counter_add(COUNT_seals_broken, err == STORE_ESEAL);
	keys->open = err == 0;
	return err;
}

int sqlite_load_keys(struct sqlite_store *s, sqlite3_stmt *st, int i, int seal, struct impi *p)
{
	struct keys keys;
	int err;

	strcpy(keys.name, p->name);
	err = sqlite_column_text(st, seal, keys.seal, sizeof(keys.seal));
	if (err == 0)
		err = open_keys(s, st, i, &keys);
	if (err == 0) {
		memcpy(p->key.k, keys.k, 16);
		memcpy(p->key.opc, keys.opc, 16);
		strcpy(p->ha1, keys.ha1);
	}
	explicit_bzero(&keys, sizeof(keys));
	return err;
}

/* Bind one column, sealed or not; the value is copied. */
static int bind_sealed(sqlite3_stmt *st, int i, const struct seal_key *key, const char *name,
		       const char *impi, const void *plain, size_t n)
{
	uint8_t out[SEALED_MAX];

	if (seal_make(key, name, impi, plain, n, out))
		return STORE_EIO;
	sqlite3_bind_blob(st, i, out, (int)(n + SEAL_OVERHEAD), SQLITE_TRANSIENT);
	return 0;
}

int sqlite_bind_keys(struct sqlite_store *s, sqlite3_stmt *st, const int at[4],
		     const struct impi *p)
{
	const struct seal_key *key = sqlite_sealing_key(s);

	sqlite_bind(st, at[3], sqlite_seal_id(s));
	if (!key) {
		sqlite3_bind_blob(st, at[0], p->key.k, 16, SQLITE_STATIC);
		sqlite3_bind_blob(st, at[1], p->key.opc, 16, SQLITE_STATIC);
		sqlite_bind(st, at[2], p->ha1);
		return 0;
	}
	return bind_sealed(st, at[0], key, "k", p->name, p->key.k, 16) |
	       bind_sealed(st, at[1], key, "opc", p->name, p->key.opc, 16) |
	       bind_sealed(st, at[2], key, "ha1", p->name, p->ha1, strlen(p->ha1));
}

/* ---- rotation ---- */

/* The next rows behind a name. Returns their number, or an error. */
static int read_piece(struct sqlite_store *s, const char *after, struct keys *keys, size_t max)
{
	sqlite3_stmt *st = sqlite_use(s, S_SEAL_PIECE);
	int n = 0, rc = SQLITE_DONE, err = 0;

	if (!st)
		return STORE_EIO;
	sqlite_bind(st, 1, after);
	sqlite3_bind_int64(st, 2, (int64_t)max);
	while (err == 0 && (size_t)n < max && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		err = sqlite_column_text(st, 0, keys[n].name, sizeof(keys[n].name)) |
		      sqlite_column_text(st, 4, keys[n].seal, sizeof(keys[n].seal));
		if (err == 0)
			open_keys(s, st, 1, &keys[n]);
		n++;
	}
	sqlite3_reset(st);
	return err ? STORE_EIO : sqlite_error_of(rc) ? sqlite_error_of(rc) : n;
}

static int seal_anew(struct sqlite_store *s, const struct keys *keys)
{
	static const int at[4] = {2, 3, 4, 5};
	sqlite3_stmt *st = sqlite_use(s, S_RESEAL);
	struct impi p = {.amf = {0}};
	int err;

	if (!st)
		return STORE_EIO;
	strcpy(p.name, keys->name);
	memcpy(p.key.k, keys->k, 16);
	memcpy(p.key.opc, keys->opc, 16);
	strcpy(p.ha1, keys->ha1);
	sqlite_bind(st, 1, p.name);
	err = sqlite_bind_keys(s, st, at, &p);
	if (err == 0)
		err = sqlite_run(st);
	explicit_bzero(&p, sizeof(p));
	return err;
}

int sqlite_reseal(struct store *store, struct store_reseal *at)
{
	struct sqlite_store *s = sqlite_self(store);
	struct keys *keys = calloc(PIECE, sizeof(*keys));
	int n = keys ? read_piece(s, at->after, keys, PIECE) : STORE_EIO, err = 0;

	for (int i = 0; i < n && err == 0; i++) {
		if (!keys[i].open) {
			at->broken++;
			strcpy(at->broken_impi, keys[i].name);
		} else if (strcmp(keys[i].seal, sqlite_seal_id(s)) != 0) {
			err = seal_anew(s, &keys[i]);
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
