/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two systems, home1 and partner1, each with a store of its own, and requests between them without a network. */
#ifndef UNIT_CMS_FIXTURE_H
#define UNIT_CMS_FIXTURE_H

#include "unit/unit.h"

#include <unistd.h>

#include "hss/cms/users.h"

#define ALICE "sip:alice@mc.home1.net"
#define NOW   INT64_C(1790000000)

static const char home_text[] =
    "system home1\ndomains home1.net\noutbound_domain out.home1.net\n"
    "sip_database hss hss.home1.net home1.net\ncsc4 127.0.0.1:8443\ncsc4_certificate c\ncsc4_key "
    "k\n"
    "token_key t\ntoken_issuer i\npeers 127.0.0.1:8444\ncertificate c\nkey k\n"
    "outbound_services mcdata\n"
    "[partner partner1]\nurl https://localhost:9444\nca a\nsan cms.partner1.net\n"
    "domains partner1.net\nplaces 00102 00103\nservices mcptt mcdata\n"
    "[partner partner2]\nurl https://localhost:9445\nca b\nsan cms.partner2.net\n"
    "domains partner2.net\nplaces 00104 00102/0001\nservices mcptt\noutbound no\n"
    "[partner partner3]\nca c\nsan cms.partner3.net\nplaces 00105\nservices mcptt\n";

static const char partner_text[] =
    "system partner1\ndomains partner1.net\ninbound_domain in.partner1.net\n"
    "realm partner1.net\npcscf pcscf.partner1.net:5060\nue_config u\npeers 127.0.0.1:9444\n"
    "certificate c\nkey k\n"
    "[partner home1]\nca a\nsan cms.home1.net\ndomains home1.net\ndatabases hss.home1.net\n"
    "accept all\nlive_max 100\n"
    "[partner home2]\nca b\nsan cms.home2.net\ndomains home2.net\ndatabases hss.home2.net\n"
    "accept listed\n";

struct fixture {
	char dir[64];
	struct cms_config cfg;
	struct cms cms;
};

static void fixture_reopen(struct fixture *f)
{
	char path[128], why[512];

	cms_store_close(f->cms.store);
	snprintf(path, sizeof(path), "%s/db", f->dir);
	ck_assert_msg(cms_store_open(path, &f->cms.store, why, sizeof(why)) == 0, "%s", why);
	f->cms.cfg = &f->cfg;
}

__attribute__((unused)) static struct fixture *fixture_new(const char *text)
{
	struct fixture *f = calloc(1, sizeof(*f));
	char why[512];

	strcpy(f->dir, "/tmp/test-cms-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(f->dir));
	ck_assert_msg(cms_config_parse(slice_str(text), &f->cfg, why, sizeof(why)) == 0, "%s", why);
	fixture_reopen(f);
	return f;
}

__attribute__((unused)) static void fixture_free(struct fixture *f)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};
	char path[128];
	int64_t wrong, lines;

	ck_assert_int_eq(store_begin_work(f->cms.store), 0);
	lines = audit_verify(f->cms.store, &wrong);
	store_end_work(f->cms.store, false);
	ck_assert_int_ge(lines, 0);
	cms_store_close(f->cms.store);
	for (int i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/db%s", f->dir, suffixes[i]);
		unlink(path);
	}
	rmdir(f->dir);
	free(f);
}

/* Alice, whose real identities they are, and who may go to partner1 and partner2. */
__attribute__((unused)) static void add_alice(struct fixture *f)
{
	struct names n = {"alice_private@home1.net", {"sip:alice@home1.net", "tel:+15551"}, 2};
	char why[256];

	ck_assert_msg(user_set(&f->cms, ALICE, &n, "mcptt mcdata", -1, NOW, why, sizeof(why)) == 0,
		      "%s", why);
	ck_assert_int_eq(agreement_set(&f->cms, ALICE, "partner1", true, NOW, why, sizeof(why)), 0);
	ck_assert_int_eq(agreement_set(&f->cms, ALICE, "partner2", true, NOW, why, sizeof(why)), 0);
}

__attribute__((unused)) static struct ue_request alice_asks(const char *partner, const char *plmn)
{
	struct ue_request r = {.mc_id = ALICE, .ue = "urn:uuid:1", .services = "mcptt"};

	strcpy(r.partner, partner);
	strcpy(r.plmn, plmn);
	return r;
}

/* What home1 sends to partner1 for this grant. */
__attribute__((unused)) static struct access_request request_of(const struct grant *g, int64_t now)
{
	struct access_request r = {.issued = now, .expires = g->expires, .pair = g->pair};

	strcpy(r.message, g->message);
	strcpy(r.primary, "home1");
	strcpy(r.mc_id, g->mc_id);
	strcpy(r.ue, g->ue);
	strcpy(r.services, g->services);
	strcpy(r.database_kind, "hss");
	strcpy(r.database_host, "hss.home1.net");
	strcpy(r.database_realm, "home1.net");
	return r;
}

/* And what comes back. */
__attribute__((unused)) static struct access_answer answer_of(const struct grant *g)
{
	struct access_answer a = {.inbound = g->inbound, .expires = g->expires};

	strcpy(a.remote, g->id);
	strcpy(a.connection, "{}");
	return a;
}

#endif
