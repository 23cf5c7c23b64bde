/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared sets of filter criteria: kept, used, changed, imported; on each engine of the store. */
#include "unit/hss/import_fixture.h"

#include "hss/cx/spread.h"
#include "hss/provision/edit.h"
#include "hss/provision/shared.h"

#define SET_7                                                                                      \
	"shared-ifcs 7\nifc server=sip:seven priority=10\nifc server=sip:eight priority=5\nend\n"
#define ONE   "subscription\nprivate one@h " KEYS "\npublic sip:a@h set=1 profile=2\n"
#define ONE_7 ONE "shared set=7 profile=2\nend\n"

static void load(const char *impi)
{
	int64_t id;

	ck_assert_int_eq(store_begin(store, false, &tx), 0);
	ck_assert_int_eq(store_find_impi(tx, slice_str(impi), &id), 0);
	ck_assert_int_eq(store_load(tx, id, sub), 0);
	store_rollback(tx);
}

/* The servers of all criteria that a subscription has, in their order. */
static const char *servers(const char *impi)
{
	static char text[512];

	load(impi);
	text[0] = '\0';
	for (size_t i = 0; i < subscription_ifcs(sub); i++)
		sprintf(text + strlen(text), "%s%s/%u", i ? " " : "", subscription_ifc(sub, i)->as,
			subscription_ifc(sub, i)->profile);
	return text;
}

static int put_line(struct subscription *criteria, void *arg, char *why, size_t size)
{
	struct words *w = calloc(1, sizeof(*w));
	int err = words_split(slice_str(arg), w) || provision_set_line(criteria, w, why, size);

	free(w);
	return err ? -1 : 0;
}

static int drop_all(struct subscription *criteria, void *arg, char *why, size_t size)
{
	(void)arg;
	(void)why;
	(void)size;
	criteria->n_ifc = 0;
	return 0;
}

/* Change a set; returns "" or why not. */
static const char *changed(uint32_t set, const char *line)
{
	static char why[512];
	static char text[256];

	why[0] = '\0';
	strcpy(text, line ? line : "");
	if (provision_change_set(store, set, line ? put_line : drop_all, text, sub, why,
				 sizeof(why)) == 0)
		ck_assert_str_eq(why, "");
	return why;
}

START_TEST(a_profile_has_the_criteria_of_its_sets)
{
	begin();
	ck_assert_str_eq(imported(SET_7 ONE "ifc server=sip:own priority=1 profile=2\n"
					    "shared set=7 profile=2\nshared set=7 profile=2\nend\n",
				  false),
			 "");
	ck_assert_str_eq(servers("one@h"), "sip:own/2 sip:eight/2 sip:seven/2");
	ck_assert_uint_eq(sub->n_shared, 1);
	/* a change of the set counts from the next request on */
	ck_assert_str_eq(changed(7, "ifc server=sip:nine priority=5"), "");
	ck_assert_str_eq(servers("one@h"), "sip:own/2 sip:nine/2 sip:seven/2");
	/* it may make somebody one who has services while he is not registered */
	ck_assert_uint_eq(serve(CX_LIR, "", "sip:a@h", 0), 15003);
	ck_assert_str_eq(changed(7, "ifc server=sip:nine priority=5 part=unregistered"), "");
	ck_assert_uint_eq(serve(CX_LIR, "", "sip:a@h", 0), 12003);
	end();
}
END_TEST

START_TEST(what_is_wrong_is_refused)
{
	begin();
	ck_assert_ptr_nonnull(strstr(imported(ONE_7, false), "is not there"));
	ck_assert_ptr_nonnull(strstr(imported("shared-ifcs 7\nend\n", false), "needs an ifc"));
	ck_assert_ptr_nonnull(strstr(imported("shared-ifcs\nend\n", false), "a number behind it"));
	ck_assert_ptr_nonnull(
	    strstr(imported("shared-ifcs 7\npublic sip:a@h\nend\n", false), "ifc lines only"));
	ck_assert_ptr_nonnull(
	    strstr(imported("shared-ifcs 7\nifc server=sip:s priority=1 profile=1\nend\n", false),
		   "have no profile="));
	ck_assert_ptr_nonnull(strstr(imported(SET_7 SET_7, false), "stands in the file twice"));
	ck_assert_ptr_nonnull(strstr(imported(ONE "shared profile=2\nend\n", false), "needs set="));
	ck_assert_ptr_nonnull(
	    strstr(imported(ONE "shared set=7 frob=2\nend\n", false), "unknown option 'frob'"));
	/* nothing of all that is there, and what is there is not overwritten by mistake */
	ck_assert_str_eq(imported(SET_7 ONE_7, false), "");
	ck_assert_ptr_nonnull(
	    strstr(imported("shared-ifcs 7\nifc server=sip:x priority=1\nend\n", false),
		   "another shared set"));
	ck_assert_str_eq(imported(SET_7, false), ""); /* the same is nothing new */
	ck_assert_str_eq(imported("shared-ifcs 7\nifc server=sip:x priority=1\nend\n", true), "");
	ck_assert_str_eq(servers("one@h"), "sip:x/2");
	ck_assert_ptr_nonnull(strstr(changed(7, NULL), "subscriptions use"));
	ck_assert_str_eq(servers("one@h"), "sip:x/2");
	ck_assert_str_eq(imported(ONE "end\n", true), "");
	ck_assert_str_eq(changed(7, NULL), "");
	ck_assert_int_eq(store_begin(store, false, &tx), 0);
	ck_assert_int_eq(store_shared_set(tx, 7, sub), STORE_ENOTFOUND);
	store_rollback(tx);
	end();
}
END_TEST

START_TEST(an_export_is_imported_again)
{
	char *text = NULL;
	size_t size;
	FILE *f;

	begin();
	ck_assert_str_eq(imported(SET_7 ONE_7, false), "");
	f = open_memstream(&text, &size);
	ck_assert_int_eq(provision_load_set(store, 7, sub, asked, sizeof(asked)), 0);
	provision_write_set(7, sub, f);
	load("one@h");
	provision_write(sub, true, f);
	fclose(f);
	ck_assert_str_eq(imported(text, true), "");
	ck_assert_str_eq(servers("one@h"), "sip:eight/2 sip:seven/2");
	ck_assert_int_eq(provision_unshare(sub, 2, 7, asked, sizeof(asked)), 0);
	ck_assert_int_eq(provision_unshare(sub, 2, 7, asked, sizeof(asked)), -1);
	free(text);
	end();
}
END_TEST

enum { MANY = SPREAD_PIECE + 5 };

static void make_many(void)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	fputs(SET_7, f);
	for (int i = 0; i < MANY; i++)
		fprintf(f, "subscription\nprivate u%d@h " KEYS "\npublic sip:u%d@h set=1\n%send\n",
			i, i, i == 3 ? "" : "shared set=7\n");
	fclose(f);
	ck_assert_str_eq(imported(text, false), "");
	free(text);
}

/* Registered at an S-CSCF with these features. */
static void set_registered(const char *impi, uint32_t features)
{
	load(impi);
	ck_assert_int_eq(store_begin(store, true, &tx), 0);
	sub->impu[0].registered = 1;
	strcpy(sub->scscf, "sip:s");
	sub->scscf_features = features;
	ck_assert_int_eq(store_save_state(tx, sub), 0);
	ck_assert_int_eq(store_commit(tx), 0);
}

/* Carry out what is due. Returns how many PPRs there were, and notes of whom. */
static int carry_out(char *names, int *pieces)
{
	struct cx_errand *e = calloc(1, sizeof(*e));
	int n = 0;

	names[0] = '\0';
	*pieces = 0;
	ck_assert_int_eq(store_begin(store, true, &tx), 0);
	while (store_due_errand(tx, INT32_MAX, e) == 0) {
		if (e->kind == ERRAND_SHARED) {
			ck_assert_int_eq(spread_piece(tx, e, sub), 0);
			(*pieces)++;
			continue;
		}
		ck_assert_int_eq(e->kind, ERRAND_PPR);
		n++;
		strcat(names, e->impi);
		ck_assert_int_eq(store_end_errand(tx, e->id), 0);
	}
	ck_assert_int_eq(store_commit(tx), 0);
	free(e);
	return n;
}

START_TEST(who_is_registered_is_told_of_a_changed_set)
{
	char names[MANY * 8];
	int pieces;

	begin();
	make_many();
	carry_out(names, &pieces);
	for (int i = 1; i < MANY; i++) {
		char impi[16];

		snprintf(impi, sizeof(impi), "u%d@h", i);
		set_registered(impi, i == 2 ? CX_FEATURE_SIFC : 0);
	}
	ck_assert_str_eq(changed(7, "ifc server=sip:nine priority=5"), "");
	/* all but who is not registered, whose S-CSCF has the sets itself, and who does not use it */
	ck_assert_int_eq(carry_out(names, &pieces), MANY - 3);
	ck_assert_int_eq(pieces, 2);
	ck_assert_ptr_null(strstr(names, "u0@"));
	ck_assert_ptr_null(strstr(names, "u2@"));
	ck_assert_ptr_null(strstr(names, "u3@"));
	/* what changes nothing tells nobody */
	ck_assert_str_eq(changed(7, "ifc server=sip:nine priority=5"), "");
	ck_assert_int_eq(carry_out(names, &pieces), 0);
	ck_assert_int_eq(pieces, 0);
	end();
}
END_TEST

START_TEST(features_of_the_scscf_live_as_long_as_it_serves)
{
	begin();
	ck_assert_str_eq(imported(SET_7 ONE_7, false), "");
	set_registered("one@h", CX_FEATURE_SIFC);
	load("one@h");
	ck_assert_uint_eq(sub->scscf_features, CX_FEATURE_SIFC);
	ck_assert_str_eq(imported(ONE_7, true), ""); /* an import keeps the registration */
	load("one@h");
	ck_assert_uint_eq(sub->scscf_features, CX_FEATURE_SIFC);
	ck_assert_uint_eq(serve(CX_SAR, "one@h", "sip:a@h", SAT_USER_DEREGISTRATION), 2001);
	load("one@h");
	ck_assert_uint_eq(sub->scscf_features, 0);
	end();
}
END_TEST

UNIT_MAIN("hss shared sets of criteria", a_profile_has_the_criteria_of_its_sets,
	  what_is_wrong_is_refused, an_export_is_imported_again,
	  who_is_registered_is_told_of_a_changed_set,
	  features_of_the_scscf_live_as_long_as_it_serves)
