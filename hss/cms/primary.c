/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the primary system decides: TR 23.781 6.2.1 steps 2 to 6 and 13. */
#include <stdio.h>

#include "base/hmac_sha256.h"
#include "hss/cms/grant.h"

enum { DAY_S = 86400, HOUR_S = 3600 };

/* What the store knows of the user. */
struct user {
	struct names names;
	char services[SERVICES_SIZE];
	int outbound; /* his own setting: 1 hide, 0 do not, -1 as the partner's section says */
};

static bool load_user(struct cms_store *s, const char *mc_id, struct user *out)
{
	sqlite3_stmt *q = store_query(
	    s, "SELECT names, services, outbound FROM users WHERE mc_id = ?", "s", mc_id);
	bool found =
	    store_row(s, q) &&
	    names_read(slice_str((const char *)sqlite3_column_text(q, 0)), &out->names) == 0;

	if (found) {
		store_text(q, 1, out->services, sizeof(out->services));
		out->outbound = sqlite3_column_int(q, 2);
	}
	sqlite3_finalize(q);
	return found;
}

static bool may_go(struct cms_store *s, const char *mc_id, const struct partner *p,
		   const char *services)
{
	return p->url[0] && services_within(services, p->services) &&
	       !is_barred(s, mc_id, p->name) &&
	       store_number(s, 0,
			    "SELECT count(*) FROM agreements WHERE mc_id = ? AND (partner = ? OR "
			    "partner = '*')",
			    "ss", mc_id, p->name) != 0;
}

/* The one that serves there and may be gone to; one that names the tracking area before one that names the network. */
static const struct partner *by_location(struct cms *cms, const struct ue_request *req)
{
	const struct partner *found = NULL;
	char area[sizeof(req->plmn) + sizeof(req->tac) + 1];

	if (!req->plmn[0])
		return NULL;
	snprintf(area, sizeof(area), "%s/%s", req->plmn, req->tac);
	for (size_t i = 0; i < cms->cfg->n_partners; i++) {
		const struct partner *p = &cms->cfg->partner[i];
		bool whole = name_list_has(p->place, p->n_place, req->plmn);
		bool part = req->tac[0] && name_list_has(p->place, p->n_place, area);

		if ((!whole && !part) || !may_go(cms->store, req->mc_id, p, req->services))
			continue;
		if (part)
			return p;
		if (!found)
			found = p;
	}
	return found;
}

/* Step 3: the one that was asked for where there is an agreement for this user, else the one that serves there. */
static const struct partner *choose(struct cms *cms, const struct ue_request *req,
				    const char **chosen)
{
	const struct partner *p = req->partner[0] ? cms_partner(cms->cfg, req->partner) : NULL;

	*chosen = "request";
	if (p && may_go(cms->store, req->mc_id, p, req->services))
		return p;
	*chosen = "location";
	return by_location(cms, req);
}

/* Step 4: are his identities hidden from this partner, for these services? */
static bool hidden(const struct cms_config *cfg, const struct partner *p, const struct user *u,
		   const char *services)
{
	struct slice rest = slice_str(services);

	while (rest.p && cfg->outbound_services[0]) {
		char one[SERVICES_SIZE];

		if (slice_copy(slice_cut(&rest, ' '), one, sizeof(one)) == 0 &&
		    services_within(one, cfg->outbound_services))
			return true;
	}
	return u->outbound >= 0 ? u->outbound : p->outbound;
}

static void hash_request(const struct ue_request *r, uint8_t out[HASH_LEN])
{
	const char *const parts[] = {r->mc_id, r->ue, r->services, r->partner, r->plmn, r->tac};
	struct sha256 h;

	sha256_init(&h);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		sha256_update(&h, parts[i], strlen(parts[i]) + 1);
	sha256_final(&h, out);
}

/* Was it asked under this key before? CMS_UNKNOWN: no. */
static enum cms_result by_key(struct cms_store *s, const struct ue_request *req,
			      const uint8_t hash[HASH_LEN], struct grant *out)
{
	sqlite3_stmt *q;
	enum cms_result r;

	if (!req->key[0])
		return CMS_UNKNOWN;
	q = store_query(s,
			"SELECT " GRANT_COLUMNS " FROM grants WHERE mc_id = ? AND side = 0 AND "
			"request_key = ? ORDER BY seq DESC",
			"ss", req->mc_id, req->key);
	r = grant_load(s, q, out);
	if (r == CMS_OK)
		r = !grant_hash_is(q, hash)	 ? CMS_REUSED
		    : out->state == GRANT_ASKING ? CMS_CONFLICT
		    : out->state == GRANT_ACTIVE ? CMS_SAME
						 : CMS_UNKNOWN; /* it failed: he tries again */
	sqlite3_finalize(q);
	return r;
}

/* Is he there already? CMS_UNKNOWN: no. */
static enum cms_result live_there(struct cms_store *s, const struct ue_request *req,
				  const char *partner, struct grant *out)
{
	sqlite3_stmt *q = store_query(s,
				      "SELECT " GRANT_COLUMNS " FROM grants WHERE side = 0 AND "
				      "partner = ? AND mc_id = ? AND state < 2",
				      "ss", partner, req->mc_id);
	enum cms_result r = grant_load(s, q, out);

	if (r == CMS_OK)
		r = out->state == GRANT_ACTIVE && strcmp(out->ue, req->ue) == 0 &&
			    strcmp(out->services, req->services) == 0
			? CMS_SAME
			: CMS_CONFLICT;
	sqlite3_finalize(q);
	return r;
}

static enum cms_result begin(struct cms *cms, const struct ue_request *req, int64_t now,
			     struct grant *out)
{
	const struct cms_config *cfg = cms->cfg;
	const struct partner *p;
	const char *chosen;
	struct user user;
	uint8_t hash[HASH_LEN];
	enum cms_result r;

	if (!load_user(cms->store, req->mc_id, &user) ||
	    !services_within(req->services, user.services))
		return CMS_FORBIDDEN;
	hash_request(req, hash);
	r = by_key(cms->store, req, hash, out);
	if (r != CMS_UNKNOWN)
		return r;
	p = choose(cms, req, &chosen);
	if (!p)
		return store_number(cms->store, 0,
				    "SELECT count(*) FROM agreements WHERE mc_id = ?", "s",
				    req->mc_id) &&
			       !is_barred(cms->store, req->mc_id, "*")
			   ? CMS_NO_PARTNER
			   : CMS_FORBIDDEN;
	r = live_there(cms->store, req, p->name, out);
	if (r != CMS_UNKNOWN)
		return r;
	if (store_number(cms->store, 0,
			 "SELECT count(*) FROM grants WHERE mc_id = ? AND side = 0 AND created > ?",
			 "si", req->mc_id, now - DAY_S) >= cfg->user_per_day)
		return CMS_QUOTA;
	memset(out, 0, sizeof(*out));
	if (identity_draw(out->id) || identity_draw(out->message))
		return CMS_NO_IDENTITY;
	out->side = SIDE_PRIMARY;
	strcpy(out->partner, p->name);
	strcpy(out->mc_id, req->mc_id);
	strcpy(out->ue, req->ue);
	strcpy(out->services, req->services);
	strcpy(out->chosen, chosen);
	out->own = out->pair = user.names;
	if (hidden(cfg, p, &user, req->services)) {
		r = names_allocate(cms, "outbound", cfg->outbound_domain, out->id, &out->pair);
		if (r)
			return r;
	}
	snprintf(out->database, sizeof(out->database), "%s %s %s", cfg->database_kind,
		 cfg->database_host, cfg->database_realm);
	out->state = GRANT_ASKING;
	out->created = out->changed = now;
	out->expires = now + cms_config_lifetime(cfg);
	grant_insert(cms->store, out, req->key, hash);
	audit_add(cms->store, now, "ask", out->id, p->name, "user",
		  strcmp(out->own.impi, out->pair.impi) ? "outbound" : "real");
	return CMS_OK;
}

enum cms_result primary_begin(struct cms *cms, const struct ue_request *req, int64_t now,
			      struct grant *out)
{
	enum cms_result r;

	if (store_begin_work(cms->store))
		return CMS_BROKEN;
	r = begin(cms, req, now, out);
	if (store_end_work(cms->store, r == CMS_OK))
		return r == CMS_OK ? CMS_BROKEN : r;
	return r;
}

/* A grant of ours that still asks. */
static enum cms_result load_asking(struct cms_store *s, const char *id, struct grant *out)
{
	sqlite3_stmt *q = store_query(
	    s, "SELECT " GRANT_COLUMNS " FROM grants WHERE id = ? AND side = 0", "s", id);
	enum cms_result r = grant_load(s, q, out);

	sqlite3_finalize(q);
	return r == CMS_OK && out->state != GRANT_ASKING ? CMS_GONE : r;
}

/* As many as were asked for, in a domain of the partner, and none that he gave before. */
static bool acceptable(struct cms *cms, const struct grant *g, const struct names *inbound)
{
	const struct partner *p = cms_partner(cms->cfg, g->partner);

	if (!p || inbound->n_impu != g->pair.n_impu ||
	    !domain_list_has(p->domain, p->n_domain, inbound->impi))
		return false;
	for (size_t i = 0; i < inbound->n_impu; i++)
		if (!domain_list_has(p->domain, p->n_domain, inbound->impu[i]))
			return false;
	return names_take(cms->store, g->id, inbound);
}

static enum cms_result complete(struct cms *cms, const char *id, const struct access_answer *answer,
				const void *document, size_t len, int64_t now, struct grant *out)
{
	enum cms_result r = load_asking(cms->store, id, out);
	char inbound[NAMES_TEXT];

	if (r)
		return r;
	if (!acceptable(cms, out, &answer->inbound) || answer->expires <= now)
		return CMS_NOT_YOURS;
	if (answer->expires < out->expires)
		out->expires = answer->expires;
	out->inbound = answer->inbound;
	out->state = GRANT_ACTIVE;
	strcpy(out->remote, answer->remote);
	strcpy(out->connection, answer->connection);
	names_write(&answer->inbound, inbound);
	store_run(
	    cms->store,
	    "UPDATE grants SET remote = ?, inbound = ?, connection = ?, expires = ?, document "
	    "= ? WHERE id = ?",
	    "sssibs", answer->remote, inbound, answer->connection, out->expires, document, len, id);
	names_bind(cms->store, id, &answer->inbound);
	grant_set_state(cms->store, id, GRANT_ACTIVE, "", true, now);
	audit_add(cms->store, now, "granted", id, out->partner, "partner", NULL);
	return CMS_OK;
}

enum cms_result primary_complete(struct cms *cms, const char *id,
				 const struct access_answer *answer, const void *document,
				 size_t len, int64_t now, struct grant *out)
{
	enum cms_result r;

	if (store_begin_work(cms->store))
		return CMS_BROKEN;
	r = complete(cms, id, answer, document, len, now, out);
	if (store_end_work(cms->store, r == CMS_OK))
		return r == CMS_OK ? CMS_BROKEN : r;
	return r;
}

enum cms_result primary_fail(struct cms *cms, const char *id, const char *reason,
			     bool partner_may_know, int64_t now)
{
	struct grant g;
	enum cms_result r;

	if (store_begin_work(cms->store))
		return CMS_BROKEN;
	r = load_asking(cms->store, id, &g);
	if (r == CMS_OK) {
		grant_set_state(cms->store, id, GRANT_WITHDRAWN, reason, !partner_may_know, now);
		audit_add(cms->store, now, "not-granted", id, g.partner, "partner", reason);
	}
	return store_end_work(cms->store, true) ? CMS_BROKEN : r;
}
