/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What S-CSCFs must be told of a change, and how the store keeps it. */
#include "base.h"

#include "hss/cx/errand.h"
#include "hss/provision/change.h"
#include "hss/provision/provision.h"

#define KEYS "k=465b5ce8b199b49faa5f0a2ee238a6bc op=cdc202d5123e20f62b6d676ac72cb318"
#define ONE  "subscription\nprivate one@h " KEYS "\n"
#define TWO  "private two@h " KEYS "\n"
#define BOTH ONE TWO
#define IFC  "ifc server=sip:as priority=1\n"
#define SETS "public sip:a@h set=1\npublic sip:b@h set=1\npublic sip:c@h set=2\n"

static struct subscription *before, *after;
static char found[512]; /* "KIND IMPI IMPU,IMPU;" ... */

static int take(struct subscription *sub, void *arg, char *why, size_t size)
{
	(void)why;
	(void)size;
	**(struct subscription **)arg = *sub;
	return 0;
}

/* What the text says, served by an S-CSCF; registered: bits of private identities for each public one. */
static struct subscription *made(const char *text, const uint16_t *registered, size_t n)
{
	struct subscription *sub = subscription_new();
	char why[256];

	ck_assert_msg(provision_parse(slice_str(text), take, &sub, why, sizeof(why)) == 0, "%s",
		      why);
	strcpy(sub->scscf_host, "scscf.h");
	strcpy(sub->scscf_realm, "h");
	strcpy(sub->scscf, "sip:scscf.h");
	for (size_t i = 0; i < n && i < sub->n_impu; i++)
		sub->impu[i].registered = registered[i];
	return sub;
}

static int note(const struct cx_errand *e, void *arg)
{
	char *end = found + strlen(found);
	size_t size = sizeof(found) - strlen(found);

	(void)arg;
	end += snprintf(end, size, "%s %s", e->kind == ERRAND_PPR ? "PPR" : "RTR", e->impi);
	for (size_t i = 0; i < e->n_impus; i++)
		end += sprintf(end, "%c%s", i ? ',' : ' ', e->impus[i]);
	strcpy(end, ";");
	ck_assert_str_eq(e->host, e->kind == ERRAND_RTR ? "scscf.h" : "");
	return 0;
}

/* What is told when "was" becomes "is" (NULL: nothing). */
static void tells(const char *was, const uint16_t *were, const char *is, const uint16_t *are,
		  const char *want)
{
	before = made(was, were, 3);
	after = is ? made(is, are, 3) : NULL;
	found[0] = '\0';
	ck_assert_int_eq(cx_errands(before, after, note, NULL), 0);
	ck_assert_str_eq(found, want);
	subscription_free(before);
	subscription_free(after);
}

START_TEST(a_new_profile_is_told_of_what_is_registered)
{
	static const uint16_t none[3], first[] = {1, 1, 0}, all[] = {3, 3, 1};

	tells(ONE SETS "end", none, ONE SETS IFC "end", none, "");
	tells(ONE SETS "end", first, ONE SETS "end", first, "");
	tells(ONE SETS "end", first, ONE SETS IFC "end", first, "PPR one@h;");
	tells(ONE SETS "end", first,
	      "subscription\nprivate one@h password=x\n" SETS "visited v.net\nend", first,
	      ""); /* what no S-CSCF sees */
	tells(ONE SETS "end", first, ONE SETS "charging ccf=aaa://c\nend", first, "PPR one@h;");
	tells(BOTH SETS "end", all, BOTH SETS "public sip:a@h barred\nend", all,
	      "PPR one@h;PPR two@h;");
	/* one more in the set, which is no reason for who is registered with another */
	tells(BOTH "public sip:a@h set=1\npublic sip:c@h set=2\nend", (uint16_t[]){1, 2, 0},
	      BOTH "public sip:a@h set=1\npublic sip:c@h set=2\npublic sip:d@h set=1\nend",
	      (uint16_t[]){1, 2, 0}, "PPR one@h;");
	/* the profile of what is not registered */
	tells(ONE SETS "end", first,
	      ONE SETS "public sip:c@h profile=7\nifc server=sip:as priority=1 profile=7\nend",
	      first, "");
}
END_TEST

START_TEST(who_is_withdrawn_is_deregistered)
{
	static const uint16_t all[] = {3, 3, 1}, first[] = {1, 1, 1}, none[3];

	tells(BOTH SETS "end", all, NULL, NULL,
	      "RTR one@h sip:a@h,sip:b@h,sip:c@h;RTR two@h sip:a@h,sip:b@h;");
	tells(BOTH SETS "end", none, NULL, NULL, "");
	/* a private identity goes */
	tells(BOTH SETS "end", all, ONE SETS "end", first, "RTR two@h sip:a@h,sip:b@h;");
	/* a whole set goes; one of a set goes, which the rest of the set tells */
	tells(ONE SETS "end", first, ONE "public sip:a@h set=1\npublic sip:b@h set=1\nend", first,
	      "RTR one@h sip:c@h;");
	tells(ONE SETS "end", first, ONE "public sip:b@h set=1\npublic sip:c@h set=2\nend", first,
	      "PPR one@h;");
	/* he may not use it any more */
	tells(BOTH SETS "end", all, BOTH SETS "public sip:c@h for=two@h\nend",
	      (uint16_t[]){3, 3, 0}, "RTR one@h sip:c@h;");
}
END_TEST

/* TS 29.328 6.1.2.1, 4 and 4a. */
START_TEST(what_is_switched_is_told)
{
#define PSI   "public sip:s@h service\n"
#define BOUND "ifc server=sip:as priority=1 dsai=x\n"
	static const uint16_t first[] = {1, 1, 0};

	tells(ONE SETS BOUND "end", first, ONE SETS BOUND "public sip:b@h masked=x\nend", first,
	      "PPR one@h;");
	tells(ONE SETS BOUND "end", first, ONE SETS BOUND "public sip:c@h masked=x\nend", first,
	      "");
	tells(BOTH PSI "end", (uint16_t[]){0}, BOTH PSI "public sip:s@h inactive\nend",
	      (uint16_t[]){0}, "");
	before = made(BOTH PSI "end", NULL, 0);
	before->impu[0].unregistered = true;
	after = made(BOTH PSI "public sip:s@h inactive\nend", NULL, 0);
	found[0] = '\0';
	ck_assert_int_eq(cx_errands(before, after, note, NULL), 0);
	ck_assert_str_eq(found, "RTR one@h sip:s@h;"); /* once, in the name that it was given in */
	subscription_free(before);
	subscription_free(after);
}
END_TEST

static struct store *store;
static struct transaction *tx;
static struct base base;

static void begin(void)
{
	char why[256];

	base_make(&base);
	ck_assert_int_eq(store_open(base.url, &store, why, sizeof(why)), 0);
}

static void end(void)
{
	store_close(store);
	base_remove(&base);
}

static int change_by(struct subscription *sub, void *arg, char *why, size_t size)
{
	const char *const *line = arg;
	struct words w;

	words_split(slice_str(*line), &w);
	return provision_line(sub, &w, why, size);
}

/* A registered user in the store. */
static void put_user(void)
{
	struct subscription *sub = made(ONE SETS "end", (uint16_t[]){1, 1, 0}, 3);

	store_begin(store, true, &tx);
	ck_assert_int_eq(store_put(tx, sub), 0);
	store_commit(tx);
	subscription_free(sub);
}

static int due(int64_t now, struct cx_errand *e)
{
	int err;

	store_begin(store, true, &tx);
	err = store_due_errand(tx, now, e);
	store_commit(tx);
	return err;
}

START_TEST(the_store_keeps_an_errand_until_it_is_over)
{
	struct cx_errand *e = calloc(1, sizeof(*e));
	struct subscription *sub = subscription_new();
	char why[256];
	int64_t first;

	begin();
	put_user();
	ck_assert_int_eq(due(0, e), STORE_ENOTFOUND);
	ck_assert_int_eq(provision_change(store, "one@h", change_by,
					  &(const char *){"ifc server=sip:x priority=1"}, sub, why,
					  sizeof(why)),
			 0);
	ck_assert_int_eq(due(0, e), 0);
	ck_assert_int_eq(e->kind, ERRAND_PPR);
	ck_assert_str_eq(e->impi, "one@h");
	first = e->id;
	store_begin(store, true, &tx);
	ck_assert_int_eq(store_retry_errand(tx, first, 100), 0);
	store_commit(tx);
	ck_assert_int_eq(due(99, e), STORE_ENOTFOUND);
	ck_assert_int_eq(due(100, e), 0);
	ck_assert_uint_eq(e->tries, 1);
	/* a later change takes its place, and what became of the first does not end it */
	ck_assert_int_eq(provision_change(store, "one@h", change_by,
					  &(const char *){"ifc server=sip:y priority=1"}, sub, why,
					  sizeof(why)),
			 0);
	ck_assert_int_eq(due(0, e), 0);
	ck_assert_int_gt(e->id, first);
	ck_assert_uint_eq(e->tries, 0);
	store_begin(store, true, &tx);
	ck_assert_int_eq(store_end_errand(tx, first), 0);
	store_commit(tx);
	ck_assert_int_eq(due(0, e), 0);
	/* the user goes: he is deregistered where he was */
	ck_assert_int_eq(provision_remove(store, "one@h", true, why, sizeof(why)), 0);
	store_begin(store, true, &tx);
	ck_assert_int_eq(store_end_errand(tx, e->id), 0);
	store_commit(tx);
	ck_assert_int_eq(due(0, e), 0);
	ck_assert_int_eq(e->kind, ERRAND_RTR);
	ck_assert_str_eq(e->host, "scscf.h");
	ck_assert_uint_eq(e->n_impus, 2);
	ck_assert_str_eq(e->impus[1], "sip:b@h");
	end();
	subscription_free(sub);
	free(e);
}
END_TEST

START_TEST(a_change_that_is_refused_leaves_no_errand)
{
	struct cx_errand *e = calloc(1, sizeof(*e));
	struct subscription *sub = subscription_new();
	char why[256];

	begin();
	put_user();
	ck_assert_int_eq(provision_change(store, "one@h", change_by,
					  &(const char *){"ifc server=x priority=1"}, sub, why,
					  sizeof(why)),
			 PROVISION_REFUSED);
	ck_assert_int_eq(provision_remove(store, "one@h", false, why, sizeof(why)),
			 PROVISION_REFUSED);
	ck_assert_int_eq(due(0, e), STORE_ENOTFOUND);
	end();
	subscription_free(sub);
	free(e);
}
END_TEST

UNIT_MAIN("cx errands", a_new_profile_is_told_of_what_is_registered,
	  who_is_withdrawn_is_deregistered, what_is_switched_is_told,
	  the_store_keeps_an_errand_until_it_is_over, a_change_that_is_refused_leaves_no_errand)
