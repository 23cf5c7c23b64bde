/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/cms/users.h"

#include <stdio.h>

static int refuse(char *why, size_t size, const char *text)
{
	snprintf(why, size, "%s", text);
	return -1;
}

static bool all_in(const name_list list, size_t n, const struct names *names)
{
	bool ok = domain_list_has(list, n, names->impi);

	for (size_t i = 0; i < names->n_impu; i++)
		ok = ok && domain_list_has(list, n, names->impu[i]);
	return ok;
}

int user_set(struct cms *cms, const char *mc_id, const struct names *names, const char *services,
	     int outbound, int64_t now, char *why, size_t size)
{
	const struct cms_config *cfg = cms->cfg;
	char text[NAMES_TEXT];

	if (!identity_is_impu(slice_str(mc_id)) || strncmp(mc_id, "sip:", 4) != 0)
		return refuse(why, size, "an MC service ID is a SIP URI");
	if (!domain_list_has(cfg->domain, cfg->n_domain, mc_id) ||
	    !all_in(cfg->domain, cfg->n_domain, names))
		return refuse(why, size, "his identities are in none of our domains");
	if (!services[0] || !services_valid(services))
		return refuse(why, size, "services are words such as mcptt");
	names_write(names, text);
	if (store_begin_work(cms->store))
		return refuse(why, size, "the store cannot be used");
	store_run(cms->store, "INSERT OR REPLACE INTO users VALUES(?, ?, ?, ?)", "sssi", mc_id,
		  text, services, (int64_t)outbound);
	audit_add(cms->store, now, "user", NULL, NULL, "operator", "set");
	return store_end_work(cms->store, true) ? refuse(why, size, "the store cannot be used") : 0;
}

int user_remove(struct cms *cms, const char *mc_id, int64_t now)
{
	const struct selection his = {.mc_id = mc_id, .side = SIDE_PRIMARY};
	int n;

	if (store_begin_work(cms->store))
		return -1;
	n = store_run(cms->store, "DELETE FROM users WHERE mc_id = ?", "s", mc_id);
	store_run(cms->store, "DELETE FROM agreements WHERE mc_id = ?", "s", mc_id);
	audit_add(cms->store, now, "user", NULL, NULL, "operator", "removed");
	if (store_end_work(cms->store, n > 0))
		return -1;
	return grants_withdraw(cms, &his, "operator", "user-removed", false, false, now) < 0 ? -1
											     : 0;
}

int agreement_set(struct cms *cms, const char *mc_id, const char *partner, bool on, int64_t now,
		  char *why, size_t size)
{
	const bool any = strcmp(partner, "*") == 0;
	const struct selection there = {
	    .mc_id = mc_id, .partner = any ? NULL : partner, .side = SIDE_PRIMARY};

	if (!any && !cms_partner(cms->cfg, partner))
		return refuse(why, size, "there is no section for that partner");
	if (store_begin_work(cms->store))
		return refuse(why, size, "the store cannot be used");
	if (!store_number(cms->store, 0, "SELECT count(*) FROM users WHERE mc_id = ?", "s",
			  mc_id)) {
		store_end_work(cms->store, false);
		return refuse(why, size, "there is no such user");
	}
	if (on)
		store_run(cms->store, "INSERT OR IGNORE INTO agreements VALUES(?, ?)", "ss", mc_id,
			  partner);
	else
		store_run(cms->store,
			  "DELETE FROM agreements WHERE mc_id = ?1 AND (partner = ?2 OR ?3)", "ssi",
			  mc_id, partner, (int64_t)any);
	audit_add(cms->store, now, "agreement", NULL, partner, "operator", on ? "made" : "ended");
	if (store_end_work(cms->store, true) ||
	    (!on &&
	     grants_withdraw(cms, &there, "operator", "agreement-ended", false, false, now) < 0))
		return refuse(why, size, "the store cannot be used");
	return 0;
}

int admission_set(struct cms *cms, const char *partner, const char *mc_id, bool on, int64_t now,
		  char *why, size_t size)
{
	const struct selection his = {.mc_id = mc_id, .partner = partner, .side = SIDE_PARTNER};
	const struct partner *p = cms_partner(cms->cfg, partner);

	if (!p)
		return refuse(why, size, "there is no section for that partner");
	if (!identity_is_impu(slice_str(mc_id)) || !domain_list_has(p->domain, p->n_domain, mc_id))
		return refuse(why, size, "the MC service ID is in none of that partner's domains");
	if (store_begin_work(cms->store))
		return refuse(why, size, "the store cannot be used");
	store_run(cms->store,
		  on ? "INSERT OR IGNORE INTO admitted VALUES(?, ?)"
		     : "DELETE FROM admitted WHERE partner = ? AND mc_id = ?",
		  "ss", partner, mc_id);
	audit_add(cms->store, now, "admission", NULL, partner, "operator", on ? "made" : "ended");
	if (store_end_work(cms->store, true) ||
	    (!on &&
	     grants_withdraw(cms, &his, "operator", "admission-ended", false, false, now) < 0))
		return refuse(why, size, "the store cannot be used");
	return 0;
}

int bar_remove(struct cms *cms, const char *mc_id, const char *partner, int64_t now)
{
	int n;

	if (store_begin_work(cms->store))
		return -1;
	n = store_run(cms->store, "DELETE FROM barred WHERE mc_id = ? AND partner = ?", "ss", mc_id,
		      partner);
	audit_add(cms->store, now, "unbar", NULL, partner, "operator", NULL);
	return store_end_work(cms->store, n > 0) ? -1 : 0;
}

int pool_add(struct cms *cms, const char *kind, const struct names *names, char *why, size_t size)
{
	const bool inbound = strcmp(kind, "inbound") == 0;
	const char *domain = inbound ? cms->cfg->inbound_domain : cms->cfg->outbound_domain;
	char text[NAMES_TEXT];
	int n;

	if (!inbound && strcmp(kind, "outbound") != 0)
		return refuse(why, size, "a pool is inbound or outbound");
	for (size_t i = 0; i <= names->n_impu; i++)
		if (!identity_in_domain(slice_str(i ? names->impu[i - 1] : names->impi),
					slice_str(domain)))
			return refuse(why, size, "an identity is not in the pool's domain");
	names_write(names, text);
	if (store_begin_work(cms->store))
		return refuse(why, size, "the store cannot be used");
	n = store_run(cms->store, "INSERT OR IGNORE INTO pool(kind, names, used) VALUES(?, ?, 0)",
		      "ss", kind, text);
	if (store_end_work(cms->store, true))
		return refuse(why, size, "the store cannot be used");
	return n == 1 ? 0 : refuse(why, size, "they are in the pool already");
}

int64_t pool_free(struct cms *cms, const char *kind)
{
	int64_t n;

	if (store_begin_work(cms->store))
		return -1;
	n = store_number(cms->store, -1, "SELECT count(*) FROM pool WHERE kind = ? AND used = 0",
			 "s", kind);
	return store_end_work(cms->store, true) ? -1 : n;
}
