/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RPC: ims_migration.bind, unbind, list, find, status. No lock is held while an answer is built. */
#include "modules/ims_migration/migration.h"

#include <stdlib.h>

#include "../../core/rpc_lookup.h"

enum { SECONDS_MAX = 400 * 24 * 3600 };

static int read_names(rpc_t *rpc, void *c, struct migration_binding *b)
{
	char *inside, *wire;

	while (rpc->scan(c, "*s", &inside) == 1) {
		if (b->n == MIGRATION_NAMES_MAX) {
			rpc->fault(c, 400, "more than %d identities", MIGRATION_NAMES_MAX);
			return -1;
		}
		if (rpc->scan(c, "*s", &wire) != 1) {
			rpc->fault(c, 400, "nothing stands for %s on the wire: write a name, or -",
				   inside);
			return -1;
		}
		if (migration_name_parse(slice_str(inside), &b->pair[b->n].inside) ||
		    (strcmp(wire, "-") &&
		     migration_name_parse(slice_str(wire), &b->pair[b->n].wire))) {
			rpc->fault(c, 400,
				   "%s or %s is not user@host, sip:user@host or tel:+digits",
				   inside, wire);
			return -1;
		}
		b->n++;
	}
	return 0;
}

static void rpc_bind(rpc_t *rpc, void *c)
{
	struct migration_binding b = {.source = MIGRATION_BY_HAND};
	char *id, *partner, why[640];
	int seconds, at, rc;

	if (rpc->scan(c, "ssd", &id, &partner, &seconds) < 3) {
		rpc->fault(c, 400,
			   "ims_migration.bind ID PARTNER SECONDS INSIDE WIRE [INSIDE WIRE ...]");
		return;
	}
	at = migration_partner_named(&migration_partners, slice_str(partner));
	if (at < 0 || seconds <= 0 || seconds > SECONDS_MAX) {
		rpc->fault(c, 400,
			   at < 0 ? "there is no partner %s in the configuration"
				  : "SECONDS of a binding with %s are 1 to 34560000",
			   partner);
		return;
	}
	b.id = slice_str(id);
	b.partner = (unsigned)at;
	b.expires = migration_now() + seconds;
	if (read_names(rpc, c, &b))
		return;
	for (size_t i = 0; i < b.id.len; i++)
		if ((unsigned char)b.id.p[i] <= ' ' || (unsigned char)b.id.p[i] > '~') {
			rpc->fault(c, 400, "an id has no blanks, and ASCII only");
			return;
		}
	rc = migration_shared_bind(&b);
	if (rc)
		rpc->fault(c, rc == MIGRATION_E_MEMORY || rc == MIGRATION_E_FULL ? 503 : 409, "%s",
			   migration_strerror(rc));
	else if (migration_store_save(why, sizeof(why)))
		rpc->fault(c, 500, "it is bound until Kamailio ends, but not stored: %s", why);
}

static void rpc_unbind(rpc_t *rpc, void *c)
{
	char *id, why[640];
	int rc;

	if (rpc->scan(c, "s", &id) < 1) {
		rpc->fault(c, 400, "ims_migration.unbind ID");
		return;
	}
	rc = migration_shared_end(slice_str(id), MIGRATION_BY_HAND);
	if (rc == MIGRATION_E_SOURCE)
		rpc->fault(c, 409, "ims-cms has bound it: cmsctl withdraw grant=%s", id);
	else if (rc)
		rpc->fault(c, 404, "%s", migration_strerror(rc));
	else if (migration_store_save(why, sizeof(why)))
		rpc->fault(c, 500, "it is over until Kamailio ends, but not stored: %s", why);
}

static void show(rpc_t *rpc, void *c, const struct migration_binding *b)
{
	char inside[MIGRATION_NAME_TEXT], wire[MIGRATION_NAME_TEXT];
	char id[MIGRATION_ID_MAX + 1];
	int64_t now = migration_now();
	void *h, *names;

	slice_copy(b->id, id, sizeof(id));
	if (rpc->add(c, "{", &h) < 0)
		return;
	rpc->struct_add(h, "ssssd", "id", id, "partner",
			migration_partners.partner[b->partner].name, "source",
			b->source == MIGRATION_BY_FEED ? "ims-cms" : "rpc", "state",
			b->ended || b->expires <= now ? "over" : "lives", "expires",
			(int)(b->expires > now ? b->expires - now : 0));
	for (unsigned i = 0; i < b->n; i++)
		if (rpc->struct_add(h, "{", "names", &names) >= 0)
			rpc->struct_add(names, "ss", "inside",
					migration_name_text(&b->pair[i].inside, inside), "wire",
					migration_name_text(&b->pair[i].wire, wire));
}

static bool has_name(const struct migration_binding *b, const char *text)
{
	char buf[MIGRATION_NAME_TEXT];

	for (unsigned i = 0; i < b->n; i++)
		if (!strcmp(migration_name_text(&b->pair[i].inside, buf), text) ||
		    !strcmp(migration_name_text(&b->pair[i].wire, buf), text))
			return true;
	return slice_eq(b->id, slice_str(text));
}

/* [WORD]: a partner, an id or an identity. */
static void rpc_list(rpc_t *rpc, void *c)
{
	char room[MIGRATION_COPY_ROOM], *what = NULL;
	struct migration_binding b;

	if (rpc->scan(c, "*s", &what) < 1)
		what = NULL;
	for (unsigned n = 0; migration_shared_at(n, &b, room); n++)
		if (!what || !strcmp(migration_partners.partner[b.partner].name, what) ||
		    has_name(&b, what))
			show(rpc, c, &b);
}

static void rpc_status(rpc_t *rpc, void *c)
{
	void *h;

	if (rpc->add(c, "{", &h) < 0)
		return;
	rpc->struct_add(h, "ddds", "partners", (int)migration_partners.n, "bindings",
			(int)migration_shared_count(), "hide", migration_policy.hide, "ready",
			migration_ready() ? "yes" : "no");
}

static const char *bind_doc[] = {
    "ID PARTNER SECONDS INSIDE WIRE [INSIDE WIRE ...]: bind identities", 0};
static const char *unbind_doc[] = {"ID: end a binding of ims_migration.bind", 0};
static const char *list_doc[] = {"[PARTNER|ID|IDENTITY]: the bindings", 0};
static const char *status_doc[] = {"Partners, bindings, and whether all are known", 0};

rpc_export_t migration_rpc[] = {{"ims_migration.bind", rpc_bind, bind_doc, 0},
				{"ims_migration.unbind", rpc_unbind, unbind_doc, 0},
				{"ims_migration.list", rpc_list, list_doc, RET_ARRAY},
				{"ims_migration.status", rpc_status, status_doc, 0},
				{0, 0, 0, 0}};
