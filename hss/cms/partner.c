/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the partner system decides: TR 23.781 6.2.1 steps 8 to 11. */
#include <stdio.h>

#include "base/hmac_sha256.h"
#include "hss/cms/grant.h"

enum { HOUR_S = 3600, CANCELLED_S = 2 * MESSAGE_AGE_S + 60, CANCELLED_MAX = 10000 };

static void hash_request(const struct access_request *r, uint8_t out[HASH_LEN])
{
	const char *const parts[] = {r->primary,       r->mc_id,	 r->ue,
				     r->services,      r->database_kind, r->database_host,
				     r->database_realm};
	char pair[NAMES_TEXT];
	struct sha256 h;

	names_write(&r->pair, pair);
	sha256_init(&h);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		sha256_update(&h, parts[i], strlen(parts[i]) + 1);
	sha256_update(&h, pair, strlen(pair) + 1);
	sha256_final(&h, out);
}

/* Does it speak of itself and its own users alone? Their identities in one of our domains would go round in a circle. */
static bool of_partner(const struct cms_config *cfg, const struct partner *p,
		       const struct access_request *r)
{
	if (strcmp(r->primary, p->name) != 0 ||
	    !domain_list_has(p->domain, p->n_domain, r->mc_id) ||
	    !domain_list_has(p->domain, p->n_domain, r->pair.impi) ||
	    identity_in_domain(slice_str(r->pair.impi), slice_str(cfg->inbound_domain)) ||
	    domain_list_has(cfg->domain, cfg->n_domain, r->pair.impi) ||
	    !name_list_has(p->database, p->n_database, r->database_host))
		return false;
	for (size_t i = 0; i < r->pair.n_impu; i++)
		if (!domain_list_has(p->domain, p->n_domain, r->pair.impu[i]))
			return false;
	return true;
}

static bool may_come(struct cms_store *s, const struct partner *p, const char *mc_id)
{
	if (p->accept == ACCEPT_NONE || is_barred(s, mc_id, p->name))
		return false;
	return p->accept == ACCEPT_ALL ||
	       store_number(s, 0, "SELECT count(*) FROM admitted WHERE partner = ? AND mc_id = ?",
			    "ss", p->name, mc_id) != 0;
}

/* Has it been granted before, or been given up? CMS_UNKNOWN: no. */
static enum cms_result seen(struct cms_store *s, const struct partner *p,
			    const struct access_request *req, const uint8_t hash[HASH_LEN],
			    struct grant *out)
{
	sqlite3_stmt *q;
	enum cms_result r;

	if (store_number(s, 0, "SELECT count(*) FROM cancelled WHERE partner = ? AND message = ?",
			 "ss", p->name, req->message))
		return CMS_GONE;
	q = store_query(s,
			"SELECT " GRANT_COLUMNS " FROM grants WHERE side = 1 AND partner = ? AND "
			"message = ?",
			"ss", p->name, req->message);
	r = grant_load(s, q, out);
	if (r == CMS_OK)
		r = !grant_hash_is(q, hash)	 ? CMS_REUSED
		    : out->state == GRANT_ACTIVE ? CMS_SAME
						 : CMS_GONE;
	sqlite3_finalize(q);
	return r;
}

/*
 * The primary has one grant of a user here. A request of another message says that it has given up the one before, of which we
 * were not told yet, unless it was sent before that one: then it comes late, and is the one that was given up.
 */
static enum cms_result supersede(struct cms_store *s, const struct partner *p,
				 const struct access_request *req, int64_t now)
{
	char id[2][ID_SIZE];
	size_t n = 0;
	bool late = false;
	sqlite3_stmt *q = store_query(
	    s,
	    "SELECT id, issued FROM grants WHERE side = 1 AND partner = ? AND state < 2 "
	    "AND (pair_impi = ? OR mc_id = ?)",
	    "sss", p->name, req->pair.impi, req->mc_id);

	while (n < 2 && store_row(s, q)) {
		store_text(q, 0, id[n++], ID_SIZE);
		late |= sqlite3_column_int64(q, 1) > req->issued;
	}
	sqlite3_finalize(q);
	if (late)
		return CMS_CONFLICT;
	for (size_t i = 0; i < n; i++) {
		grant_set_state(s, id[i], GRANT_WITHDRAWN, "superseded", true, now);
		audit_add(s, now, "withdraw", id[i], p->name, "partner", "superseded");
	}
	return CMS_OK;
}

static enum cms_result within_quota(struct cms_store *s, const struct partner *p, int64_t now,
				    unsigned int *wait)
{
	*wait = 60;
	if (store_number(s, 0,
			 "SELECT count(*) FROM grants WHERE side = 1 AND partner = ? AND state < 2",
			 "s", p->name) >= p->live_max)
		return CMS_QUOTA;
	*wait = HOUR_S / 4;
	return store_number(
		   s, 0,
		   "SELECT count(*) FROM grants WHERE side = 1 AND partner = ? AND created > ?",
		   "si", p->name, now - HOUR_S) >= p->hour_max
		   ? CMS_QUOTA
		   : CMS_OK;
}

static enum cms_result admit(struct cms *cms, const struct partner *p,
			     const struct access_request *req, int64_t now, struct grant *out,
			     unsigned int *wait)
{
	const int64_t latest = now + cms_config_lifetime(cms->cfg);
	uint8_t hash[HASH_LEN];
	enum cms_result r;

	if (!of_partner(cms->cfg, p, req))
		return CMS_NOT_YOURS;
	if (req->issued < now - MESSAGE_AGE_S || req->issued > now + MESSAGE_AGE_S)
		return CMS_LATE;
	if (!may_come(cms->store, p, req->mc_id))
		return CMS_FORBIDDEN;
	hash_request(req, hash);
	r = seen(cms->store, p, req, hash, out);
	if (r != CMS_UNKNOWN)
		return r;
	r = supersede(cms->store, p, req, now);
	if (r)
		return r;
	r = within_quota(cms->store, p, now, wait);
	if (r)
		return r;
	memset(out, 0, sizeof(*out));
	if (identity_draw(out->id))
		return CMS_NO_IDENTITY;
	out->side = SIDE_PARTNER;
	strcpy(out->partner, p->name);
	strcpy(out->mc_id, req->mc_id);
	strcpy(out->ue, req->ue);
	strcpy(out->services, req->services);
	strcpy(out->message, req->message);
	snprintf(out->database, sizeof(out->database), "%s %s %s", req->database_kind,
		 req->database_host, req->database_realm);
	out->pair = req->pair;
	out->inbound.n_impu = req->pair.n_impu;
	r = names_allocate(cms, "inbound", cms->cfg->inbound_domain, out->id, &out->inbound);
	if (r)
		return r;
	out->state = GRANT_ACTIVE;
	out->created = out->changed = now;
	out->expires = req->expires < latest ? req->expires : latest;
	if (out->expires <= now)
		return CMS_LATE;
	grant_insert(cms->store, out, "", hash);
	store_run(cms->store, "UPDATE grants SET issued = ? WHERE id = ?", "is", req->issued,
		  out->id);
	audit_add(cms->store, now, "allocate", out->id, p->name, "partner", NULL);
	return CMS_OK;
}

enum cms_result partner_admit(struct cms *cms, const struct partner *partner,
			      const struct access_request *req, int64_t now, struct grant *out,
			      unsigned int *wait)
{
	enum cms_result r;

	if (store_begin_work(cms->store))
		return CMS_BROKEN;
	r = admit(cms, partner, req, now, out, wait);
	if (store_end_work(cms->store, r == CMS_OK))
		return r == CMS_OK ? CMS_BROKEN : r;
	return r;
}

enum cms_result partner_cancel(struct cms *cms, const struct partner *partner, const char *message,
			       int64_t now)
{
	enum cms_result r = CMS_OK;

	if (store_begin_work(cms->store))
		return CMS_BROKEN;
	if (store_number(cms->store, 0, "SELECT count(*) FROM cancelled WHERE partner = ?", "s",
			 partner->name) >= CANCELLED_MAX)
		r = CMS_QUOTA;
	else
		store_run(cms->store, "INSERT OR REPLACE INTO cancelled VALUES(?, ?, ?)", "ssi",
			  partner->name, message, now + CANCELLED_S);
	return store_end_work(cms->store, true) ? CMS_BROKEN : r;
}
