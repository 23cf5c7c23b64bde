/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a PostgreSQL server is and how it is reached: the string that says so, which may have a password in it. */
#include <stdlib.h>
#include <string.h>

#include "hss/store/db_postgresql.h"
#include "hss/store/store.h"

enum { OPTIONS_MAX = 64 };

/* What libpq is told, in its order; what we set comes first, so that the operator's own value, which is behind
 * it, counts. */
struct options {
	const char *key[OPTIONS_MAX], *value[OPTIONS_MAX];
	int n;
};

static void add(struct options *o, const char *key, const char *value)
{
	if (o->n == OPTIONS_MAX - 1)
		return;
	o->key[o->n] = key;
	o->value[o->n++] = value;
}

static const char *given(const PQconninfoOption *parsed, const char *key)
{
	for (; parsed && parsed->keyword; parsed++)
		if (strcmp(parsed->keyword, key) == 0)
			return parsed->val;
	return NULL;
}

/* The place behind the scheme is a URI's rest, or a connection string. */
static PQconninfoOption *parse(const char *where)
{
	PQconninfoOption *parsed;
	char *uri = NULL, *message = NULL;

	if (strncmp(where, "//", 2) == 0 && asprintf(&uri, "postgresql:%s", where) < 0)
		return NULL;
	parsed = PQconninfoParse(uri ? uri : where, &message);
	PQfreemem(message); /* it may repeat a password */
	if (uri)
		explicit_bzero(uri, strlen(uri));
	free(uri);
	return parsed;
}

static const char *or_default(const char *value, const char *else_this)
{
	return value && value[0] ? value : else_this;
}

void pg_name(const char *where, char *out, size_t size)
{
	PQconninfoOption *parsed = parse(where);

	snprintf(out, size, "postgresql database %s at %s",
		 or_default(given(parsed, "dbname"), "of the user's name"),
		 or_default(given(parsed, "host"),
			    or_default(given(parsed, "hostaddr"), "this machine")));
	PQconninfoFree(parsed);
}

int pg_check(const char *where, char *why, size_t size)
{
	PQconninfoOption *parsed = parse(where);

	if (!parsed)
		snprintf(why, size, "it is no connection string or URI of libpq, such as %s",
			 db_postgresql.form);
	PQconninfoFree(parsed);
	return parsed ? 0 : STORE_EURL;
}

PGconn *pg_connect(const char *where)
{
	struct options o = {.n = 0};
	PQconninfoOption *parsed = parse(where);
	PGconn *conn;

	add(&o, "application_name", "ims-hss");
	add(&o, "connect_timeout", "3");
	add(&o, "tcp_user_timeout", "5000");
	add(&o, "keepalives_idle", "10");
	add(&o, "keepalives_interval", "3");
	add(&o, "keepalives_count", "3");
	for (const PQconninfoOption *i = parsed; i && i->keyword; i++)
		if (i->val && i->val[0] && strcmp(i->keyword, "client_encoding") != 0)
			add(&o, i->keyword, i->val);
	add(&o, "client_encoding", "UTF8");
	conn = PQconnectdbParams(o.key, o.value, 0);
	PQconninfoFree(parsed);
	return conn;
}
