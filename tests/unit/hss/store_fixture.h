/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An empty store for each test, what is imported into it, and requests served on it. */
#ifndef TESTS_HSS_STORE_FIXTURE_H
#define TESTS_HSS_STORE_FIXTURE_H

#include "unit/hss/base.h"

#include "hss/cx/service.h"
#include "hss/provision/provision.h"

#define KEYS "k=465b5ce8b199b49faa5f0a2ee238a6bc op=cdc202d5123e20f62b6d676ac72cb318"

static struct base base;
static struct store *store;
static struct transaction *tx;
static struct subscription *sub;

static struct store *open_store(void)
{
	struct store *s = NULL;
	char why[256];

	ck_assert_msg(store_open(base.url, &s, why, sizeof(why)) == 0, "%s", why);
	return s;
}

static void begin(void)
{
	base_make(&base);
	store = open_store();
	sub = subscription_new();
}

static void end(void)
{
	subscription_free(sub);
	store_close(store);
	base_remove(&base);
}

static int put_one(struct subscription *s, void *arg, char *why, size_t size)
{
	(void)arg;
	(void)why;
	(void)size;
	return store_put(tx, s);
}

/* Import in one transaction. Returns what the store says. */
static inline int import(const char *text)
{
	char why[256] = "";
	int err;

	ck_assert_int_eq(store_begin(store, true, &tx), 0);
	err = provision_parse(slice_str(text), put_one, NULL, why, sizeof(why));
	ck_assert_msg(err != -1 || why[0] == '\0' || strstr(why, "line"), "%s", why);
	if (err) {
		store_rollback(tx);
		return err;
	}
	return store_commit(tx);
}

static const char two[] =
    "subscription\nprivate one@h " KEYS " sqn=000000000020\nprivate tab@h " KEYS "\n"
    "public sip:a@h set=1 profile=2 barred display=\"X y\"\npublic sip:b@h set=1 for=tab@h\n"
    "ifc server=sip:as priority=4 profile=2 trigger=\"all method:INVITE\" part=registered\n"
    "capabilities mandatory=1,2 optional=3 server=sip:s\ncharging ccf=aaa://c ecf=aaa://e "
    "ecf2=aaa://f\n"
    "visited h.net v.net\nend\nsubscription\nprivate two@h " KEYS "\npublic sip:c@h\nend";

static struct cx_answer ans;
static char asked[IDENTITY_SIZE],
    found[IDENTITY_SIZE]; /* Public-Identity of a wildcard; what it is kept as */

static inline uint32_t serve(enum cx_command cmd, const char *impi, const char *impu,
			     uint32_t assignment)
{
	struct service svc = {.store = store, .policy = {.vectors_max = 1}};
	struct cx_request req = {.impi = slice_str(impi),
				 .n_impu = 1,
				 .scscf = SLICE_LIT("sip:s"),
				 .origin_host = SLICE_LIT("s.h"),
				 .origin_realm = SLICE_LIT("h"),
				 .visited = SLICE_LIT("h.net"),
				 .authorization_type = -1,
				 .assignment_type = assignment,
				 .scheme = SLICE_LIT("Digest-AKAv1-MD5"),
				 .items = 1};
	struct cx_served served;

	strcpy(req.impu[0], impu);
	service_answer(&svc, cmd, &req, &served);
	ans = served.ans;
	strcpy(asked, req.asked);
	strcpy(found, req.impu[0]);
	served_free(&served);
	return ans.result.code + (ans.result.experimental ? 10000 : 0);
}

#endif
