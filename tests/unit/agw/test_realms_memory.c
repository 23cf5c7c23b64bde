/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A reload for which memory runs out, tried by failing each allocation once. */
#include "unit/unit.h"
#include <string.h>
#include "agw/control/realm.h"

static int fail_at; /* 0: none */

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);

void *__wrap_calloc(size_t n, size_t size)
{
	return fail_at && --fail_at == 0 ? NULL : __real_calloc(n, size);
}

static void parse(struct config *c, const char *realms)
{
	char text[1000], why[300];

	snprintf(text, sizeof(text),
		 "[gateway]\nmid = <agw.test>\nlocal = 127.0.0.1\n[mgc]\naddress = 127.0.0.1\n%s",
		 realms);
	ck_assert_msg(config_parse(slice_str(text), c, why, sizeof(why)) == 0, "%s", why);
}

/* All that can be seen of the realms, and the pools that calls take their ports from. */
struct picture {
	struct {
		struct realm *at, as;
	} realms[4];
	size_t n;
	struct retired_pool *retired;
};

static void look(const struct realms *r, struct picture *p)
{
	memset(p, 0, sizeof(*p));
	for (struct realm *x = r->list; x; x = x->next) {
		p->realms[p->n].at = x;
		p->realms[p->n++].as = *x;
	}
	p->retired = r->retired;
}

START_TEST(a_reload_without_memory_changes_nothing)
{
	static struct config before, after;
	static struct picture was, is;
	struct realms r = {NULL, NULL};
	int n = 0, rc;

	parse(&before, "[realm a]\naddress = 127.0.0.1\nports = 20000-20001\n"
		       "[realm b]\naddress = 127.0.0.2\nports = 20000-20001\n"
		       "[realm c]\naddress = 127.0.0.3\nports = 20000-20001\n");
	parse(&after, "[realm d]\naddress = 127.0.0.4\nports = 20000-20001\n"
		      "[realm b]\naddress = 127.0.0.2\naddress = 127.0.0.9\nports = 20000-20003\n"
		      "[realm c]\naddress = 127.0.0.8\nports = 20000-20001\ndscp = 46\n");
	ck_assert_int_eq(realms_update(&r, &before), MEDIA_OK);
	look(&r, &was);
	do {
		fail_at = ++n;
		rc = realms_update(&r, &after);
		look(&r, &is);
		if (rc < 0)
			ck_assert_msg(memcmp(&was, &is, sizeof(was)) == 0, "allocation %d", n);
	} while (rc < 0);
	ck_assert_int_gt(fail_at, 0); /* none is left to fail */
	ck_assert_int_gt(n, 8);
	fail_at = 0;
	ck_assert_ptr_null(realm_find(&r, SLICE_LIT("a")));
	ck_assert_uint_eq(realm_find(&r, SLICE_LIT("b"))->cfg.n_addresses, 2);
	ck_assert_uint_eq(realm_find(&r, SLICE_LIT("c"))->cfg.dscp, 46);
	ck_assert_ptr_nonnull(realm_find(&r, SLICE_LIT("d")));
	realms_free(&r);
}
END_TEST

UNIT_MAIN("realms: memory", a_reload_without_memory_changes_nothing)
