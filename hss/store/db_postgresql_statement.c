/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Statements on PostgreSQL: prepared when they are used first, with values and rows in binary form. */
#include <ctype.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "hss/store/db_postgresql.h"
#include "hss/store/store.h"

enum { TYPE_BYTEA = 17, TYPE_INT8 = 20, TYPE_TEXT = 25, TEXT_MAX = 2048 };

/* The few that are written otherwise than for SQLite, and which rows a writing transaction locks. */
static const struct {
	const char *text; /* NULL: the shared one */
	const char *lock; /* behind it in writing transactions, or NULL */
} dialect[S_COUNT] = {
    /* whoever changes a subscription holds its row, so that changes of one follow each other */
    [S_LOAD_SUB] = {NULL, " FOR UPDATE"},
    [S_SUBSCRIPTIONS_OF] = {NULL, " FOR UPDATE"},
    [S_SEAL_PIECE] = {NULL, " FOR UPDATE"},
    [S_BEARER] = {NULL, " FOR UPDATE"},
    [S_BEARER_AT] = {NULL, " FOR UPDATE"},
    /* each is one process's */
    [S_DEAD_BEARER] = {NULL, " FOR UPDATE SKIP LOCKED"},
    [S_DUE_ERRAND] = {NULL, " FOR UPDATE SKIP LOCKED"},
    [S_PUT_RESTORATION] = {"INSERT INTO restoration(sub, impi, owner, data) VALUES(?1,?2,?3,?4)"
			   " ON CONFLICT(sub, impi, owner) DO UPDATE SET data=excluded.data",
			   NULL},
    /* a new id: whoever carries out the one before does not end this one */
    [S_PUT_ERRAND] =
	{"INSERT INTO cx_errand(kind, impi, host, realm, impus, retry_at, tries)"
	 " VALUES(?1,?2,?3,?4,?5,0,0) ON CONFLICT(impi) WHERE kind=0 DO UPDATE SET id=DEFAULT,"
	 " host=excluded.host, realm=excluded.realm, impus=excluded.impus, retry_at=0, tries=0",
	 NULL},
    [S_PUT_REDIRECT] = {"INSERT INTO slf(identity, host) VALUES(?1,?2)"
			" ON CONFLICT(identity) DO UPDATE SET host=excluded.host",
			NULL},
    [S_ALLOW] = {"INSERT INTO sh_permission(host, reference, operations) VALUES(?1,?2,?3)"
		 " ON CONFLICT(host, reference) DO UPDATE SET operations=excluded.operations",
		 NULL},
    [S_PUT_REPOSITORY] =
	{"INSERT INTO sh_repository(sub, owner, service, sequence, data) VALUES(?1,?2,?3,?4,?5)"
	 " ON CONFLICT(sub, owner, service) DO UPDATE SET sequence=excluded.sequence,"
	 " data=excluded.data",
	 NULL},
    [S_LOOK_AGAIN] = {"INSERT INTO sh_dirty VALUES(?1) ON CONFLICT DO NOTHING", NULL},
    [S_TOTALS] = {"SELECT CAST(sum(subscriptions) AS BIGINT), CAST(sum(impis) AS BIGINT),"
		  " CAST(sum(impus) AS BIGINT), CAST(sum(registered) AS BIGINT),"
		  " CAST(sum(unregistered) AS BIGINT) FROM totals",
		  NULL},
    [S_SEALS] = {"SELECT key, CAST(sum(impis) AS BIGINT) FROM seal GROUP BY key ORDER BY key",
		 NULL},
};

static struct pg_statement *self(struct db_statement *st)
{
	return (struct pg_statement *)st;
}

struct db_statement *pg_use(struct db *db, enum statement which)
{
	struct postgresql *p = (struct postgresql *)db;
	bool write = p->writing && dialect[which].lock;
	struct pg_statement *st = &p->statement[write][which];

	if (!st->db)
		*st = (struct pg_statement){
		    .base.engine = &db_postgresql, .db = p, .which = which, .write = write};
	st->n = 0;
	st->unfit = false;
	return &st->base;
}

static void bind_value(struct pg_statement *st, int i, Oid type, const void *value, size_t n)
{
	st->type[i - 1] = type;
	st->value[i - 1] = value;
	st->length[i - 1] = (int)n;
	st->n = i > st->n ? i : st->n;
}

void pg_bind_int(struct db_statement *base, int i, int64_t value)
{
	struct pg_statement *st = self(base);

	st->number[i - 1] = htobe64((uint64_t)value);
	bind_value(st, i, TYPE_INT8, &st->number[i - 1], 8);
}

/* What a database in UTF-8 can hold (RFC 3629): no NUL, nothing cut short, too long, or a surrogate. */
static bool fit(struct slice text)
{
	const uint8_t *p = (const uint8_t *)text.p;

	for (size_t i = 0; i < text.len;) {
		size_t more = p[i] < 0x80 ? 0 : p[i] < 0xe0 ? 1 : p[i] < 0xf0 ? 2 : 3;

		if (p[i] == 0 || (p[i] >= 0x80 && p[i] < 0xc2) || p[i] > 0xf4 ||
		    text.len - i <= more)
			return false;
		for (size_t k = 1; k <= more; k++)
			if ((p[i + k] & 0xc0) != 0x80)
				return false;
		if ((p[i] == 0xe0 && p[i + 1] < 0xa0) || (p[i] == 0xed && p[i + 1] > 0x9f) ||
		    (p[i] == 0xf0 && p[i + 1] < 0x90) || (p[i] == 0xf4 && p[i + 1] > 0x8f))
			return false;
		i += more + 1;
	}
	return true;
}

void pg_bind_text(struct db_statement *base, int i, struct slice text)
{
	struct pg_statement *st = self(base);

	st->unfit |= !fit(text);
	bind_value(st, i, TYPE_TEXT, text.p ? text.p : "", text.len);
}

void pg_bind_octets(struct db_statement *base, int i, struct slice octets)
{
	bind_value(self(base), i, TYPE_BYTEA, octets.p ? octets.p : "", octets.len);
}

/* ?1 is $1 here. */
static void translate(const char *text, const char *lock, char *out)
{
	size_t n = strlen(text) + strlen(lock);

	if (n >= TEXT_MAX)
		abort(); /* a mistake of ours, which every test of it finds */
	for (; *text; text++)
		*out++ = *text == '?' && isdigit((unsigned char)text[1]) ? '$' : *text;
	strcpy(out, lock);
}

static void name_of(const struct pg_statement *st, char out[16])
{
	snprintf(out, 16, "%c%d", st->write ? 'w' : 's', (int)st->which);
}

static int prepare(struct pg_statement *st, const char *name)
{
	char sql[TEXT_MAX];
	int err;

	translate(dialect[st->which].text ? dialect[st->which].text : statements[st->which],
		  st->write ? dialect[st->which].lock : "", sql);
	err = pg_answer(st->db, PQsendPrepare(st->db->conn, name, sql, st->n, st->type),
			PG_ANSWER_MS, &st->result);
	pg_end(&st->base);
	st->prepared = err == 0;
	return err;
}

/* Nobody has a name that the database cannot hold; and it cannot be kept. */
static int unfit(struct pg_statement *st)
{
	if (strncmp(statements[st->which], "INSERT", 6) != 0 &&
	    strncmp(statements[st->which], "UPDATE", 6) != 0)
		return 0;
	snprintf(st->db->error, sizeof(st->db->error), "a text is no UTF-8");
	return STORE_EIO;
}

static int execute(struct pg_statement *st)
{
	static const int binary[PG_VALUES_MAX] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
						  1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
	char name[16];
	int err;

	if (st->db->broken)
		return STORE_EAWAY;
	if (st->unfit)
		return unfit(st);
	name_of(st, name);
	err = st->prepared ? 0 : prepare(st, name);
	if (err == 0)
		err = pg_answer(st->db,
				PQsendQueryPrepared(st->db->conn, name, st->n, st->value,
						    st->length, binary, 1),
				PG_ANSWER_MS, &st->result);
	st->row = -1;
	if (err)
		pg_end(&st->base);
	return err;
}

int pg_step(struct db_statement *base)
{
	struct pg_statement *st = self(base);
	int err = st->result ? 0 : execute(st);

	if (err || !st->result)
		return err;
	return ++st->row < PQntuples(st->result) ? DB_ROW : 0;
}

struct slice pg_column(struct db_statement *base, int i)
{
	struct pg_statement *st = self(base);

	if (!st->result || st->row >= PQntuples(st->result) || PQgetisnull(st->result, st->row, i))
		return SLICE_NULL;
	return slice_make(PQgetvalue(st->result, st->row, i),
			  (size_t)PQgetlength(st->result, st->row, i));
}

int64_t pg_column_int(struct db_statement *base, int i)
{
	struct slice s = pg_column(base, i);
	uint64_t value = 0;

	for (size_t k = 0; k < s.len && k < 8; k++)
		value = value << 8 | (uint8_t)s.p[k];
	return s.len == 4 ? (int32_t)value : (int64_t)value;
}

void pg_end(struct db_statement *base)
{
	struct pg_statement *st = self(base);

	PQclear(st->result);
	st->result = NULL;
}
