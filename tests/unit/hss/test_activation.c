/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What application servers switch: tags of filter criteria, what they mask, and services. */
#include "hss/cx/cx.h"
#include "hss/cx/profile_xml.h"
#include "hss/subscription/activation.h"
#include "unit/unit.h"

static struct subscription *sub;

static void add_impu(const char *uri, uint32_t alias)
{
	struct impu *u = &sub->impu[sub->n_impu++];

	*u = (struct impu){.alias = alias, .set = 1, .profile = 1, .impis = 1};
	strcpy(u->uri, uri);
}

static struct ifc *add_ifc(const char *server, const char *dsai)
{
	struct ifc *f = &sub->ifc[sub->n_ifc];

	*f = (struct ifc){.profile = 1, .priority = (uint32_t)sub->n_ifc++};
	strcpy(f->as, server);
	ck_assert_int_eq(dsai_tags(slice_str(dsai), f->dsai), 0);
	return f;
}

/* a and b are an alias set, c is not in it; as has tags x, y and both, and one criterion without. */
static void begin(void)
{
	sub = subscription_new();
	strcpy(sub->impi[0].name, "one@h");
	sub->n_impi = 1;
	add_impu("sip:a@h", 4);
	add_impu("sip:b@h", 4);
	add_impu("sip:c@h", 0);
	add_ifc("sip:as", "x");
	add_ifc("sip:as", "y,x");
	add_ifc("sip:as", "");
	add_ifc("sip:other", "z");
}

static void end(void)
{
	subscription_free(sub);
}

START_TEST(tags_are_read)
{
	char tags[DSAI_TAGS_SIZE] = "old", longest[DSAI_TAGS_SIZE + 1];

	ck_assert_int_eq(dsai_tags(SLICE_LIT("a,b.c/2,\xc3\xa4"), tags), 0);
	ck_assert_str_eq(tags, "a,b.c/2,\xc3\xa4");
	ck_assert_int_eq(dsai_tags(SLICE_LIT("a,,b"), tags), -1);
	ck_assert_int_eq(dsai_tags(SLICE_LIT("a,b,a"), tags), -1);
	ck_assert_int_eq(dsai_tags(SLICE_LIT("a b"), tags), -1);
	ck_assert_int_eq(dsai_tags(SLICE_LIT("a\"b"), tags), -1);
	ck_assert_int_eq(dsai_tags(SLICE_LIT("a\x7f"), tags), -1);
	ck_assert_int_eq(dsai_tags(SLICE_LIT("a,"), tags), -1);
	memset(longest, 'x', sizeof(longest));
	ck_assert_int_eq(dsai_tags(slice_make(longest, DSAI_TAG_SIZE), tags), -1);
	ck_assert_str_eq(tags, "a,b.c/2,\xc3\xa4");
	ck_assert_int_eq(dsai_tags(slice_make(longest, DSAI_TAG_SIZE - 1), tags), 0);
	for (size_t i = DSAI_TAG_SIZE - 1; i < sizeof(longest); i += DSAI_TAG_SIZE)
		longest[i] = ',', longest[i - 1] = (char)('a' + i / DSAI_TAG_SIZE);
	ck_assert_int_eq(dsai_tags(slice_make(longest, DSAI_TAGS_SIZE - 1), tags), 0);
	ck_assert_int_eq(dsai_tags(slice_make(longest, DSAI_TAGS_SIZE), tags), -1);
	ck_assert_int_eq(dsai_tags(SLICE_LIT(""), tags), 0);
	ck_assert_str_eq(tags, "");
}
END_TEST

/* TS 29.328 7.6.11: a criterion is given if it has no tag, or one that is active. */
START_TEST(a_criterion_without_an_active_tag_is_masked)
{
	begin();
	ck_assert(dsai_exists(sub, 0, SLICE_LIT("y"), SLICE_LIT("SIP:as")));
	ck_assert(!dsai_exists(sub, 0, SLICE_LIT("z"), SLICE_LIT("sip:as")));
	ck_assert(dsai_exists(sub, 0, SLICE_LIT("z"), SLICE_NULL));
	ck_assert(!dsai_exists(sub, 0, SLICE_LIT("w"), SLICE_NULL));
	sub->impu[2].profile = 2;
	ck_assert(!dsai_exists(sub, 2, SLICE_LIT("x"), SLICE_NULL));
	sub->impu[2].profile = 1;
	for (int i = 0; i < 4; i++)
		ck_assert(!ifc_masked(sub, 0, &sub->ifc[i]));
	ck_assert(same_service(sub, 0, 2));
	ck_assert_int_eq(dsai_switch(sub, 1, SLICE_LIT("x"), false), 0);
	ck_assert(!dsai_active(sub, 0, SLICE_LIT("x"))); /* the alias set has it alike */
	ck_assert(dsai_active(sub, 2, SLICE_LIT("x")));
	ck_assert(ifc_masked(sub, 0, &sub->ifc[0]));
	ck_assert(!ifc_masked(sub, 0, &sub->ifc[1])); /* y is active */
	ck_assert(!ifc_masked(sub, 0, &sub->ifc[2]));
	ck_assert(same_service(sub, 0, 1));
	ck_assert(!same_service(sub, 0, 2));
	ck_assert_int_eq(dsai_switch(sub, 0, SLICE_LIT("y"), false), 0);
	ck_assert(ifc_masked(sub, 1, &sub->ifc[1]));
	ck_assert_str_eq(sub->impu[1].masked, "x,y");
	ck_assert_int_eq(dsai_switch(sub, 0, SLICE_LIT("x"), false), 0); /* as it is */
	ck_assert_str_eq(sub->impu[1].masked, "y,x");
	ck_assert_int_eq(dsai_switch(sub, 0, SLICE_LIT("x"), true), 0);
	ck_assert_int_eq(dsai_switch(sub, 0, SLICE_LIT("y"), true), 0);
	ck_assert_str_eq(sub->impu[1].masked, "");
	ck_assert(!ifc_masked(sub, 0, &sub->ifc[0]));
	end();
}
END_TEST

START_TEST(what_is_too_much_changes_nothing)
{
	char tag[DSAI_TAG_SIZE];

	begin();
	memset(tag, 'x', sizeof(tag));
	tag[sizeof(tag) - 1] = '\0';
	for (int i = 0; i < 3; i++) {
		tag[0] = (char)('a' + i);
		ck_assert_int_eq(dsai_switch(sub, 0, slice_str(tag), false), 0);
	}
	tag[0] = 'd';
	strcpy(sub->impu[1].masked, "q");
	ck_assert_int_eq(dsai_switch(sub, 0, slice_str(tag), false), 0); /* 255 octets */
	ck_assert_int_eq(dsai_switch(sub, 0, SLICE_LIT("e"), false), -1);
	ck_assert(dsai_active(sub, 1, SLICE_LIT("e")));
	ck_assert_int_eq(dsai_switch(sub, 0, slice_str(tag), true), 0);
	end();
}
END_TEST

/* A tag that nothing is bound to any more is on when something is again. */
START_TEST(what_nothing_is_bound_to_is_forgotten)
{
	begin();
	strcpy(sub->impu[2].masked, "v,x,w");
	ck_assert(slice_eq(dsai_unbound(sub, 2), SLICE_LIT("v")));
	ck_assert_uint_eq(dsai_unbound(sub, 0).len, 0);
	dsai_forget_unbound(sub);
	ck_assert_str_eq(sub->impu[2].masked, "x");
	end();
}
END_TEST

static void ck_profile(const char *want)
{
	static const char *const marks[] = {"<ServiceProfile>", "<Identity>", "<Priority>",
					    "<SharedIFCSetID>"};
	char got[512] = "";
	size_t len;
	char *text = profile_xml(sub, "one@h", 7, -1, NULL, &len);

	ck_assert_ptr_nonnull(text);
	for (const char *p = text; *p; p++)
		for (int i = 0; i < 4; i++)
			if (strncmp(p, marks[i], strlen(marks[i])) == 0)
				sprintf(got + strlen(got), "%s%.*s",
					i == 0	 ? "/"
					: i == 3 ? " #"
						 : " ",
					i == 0 ? 0 : (int)strcspn(p + strlen(marks[i]), "<"),
					p + strlen(marks[i]));
	ck_assert_str_eq(got, want);
	free(text);
}

START_TEST(an_scscf_gets_what_is_not_masked)
{
	begin();
	ck_profile("/ sip:a@h sip:b@h sip:c@h 0 1 2 3");
	dsai_switch(sub, 2, SLICE_LIT("z"), false);
	ck_profile("/ sip:a@h sip:b@h 0 1 2 3/ sip:c@h 0 1 2");
	dsai_switch(sub, 0, SLICE_LIT("z"), false);
	ck_profile("/ sip:a@h sip:b@h sip:c@h 0 1 2");
	/* a shared set of which something is masked is written out, though the S-CSCF has it */
	sub->scscf_features = CX_FEATURE_SIFC;
	sub->shared[sub->n_shared++] = (struct shared_use){.profile = 1, .set = 9};
	sub->borrowed = calloc(2, sizeof(*sub->borrowed));
	sub->n_borrowed = 2;
	for (uint32_t i = 0; i < 2; i++) {
		sub->borrowed[i] = (struct ifc){.profile = 1, .priority = 20 + i};
		strcpy(sub->borrowed[i].as, "sip:shared");
	}
	strcpy(sub->borrowed[0].dsai, "s");
	ck_profile("/ sip:a@h sip:b@h sip:c@h 0 1 2 #9");
	dsai_switch(sub, 2, SLICE_LIT("s"), false);
	ck_profile("/ sip:a@h sip:b@h 0 1 2 #9/ sip:c@h 0 1 2 21");
	end();
}
END_TEST

START_TEST(a_service_that_is_off_has_no_server)
{
	struct impu u = {.service = true, .unregistered = true};

	service_switch(&u, false);
	ck_assert(u.inactive && !u.unregistered);
	u.unregistered = true;
	service_switch(&u, true);
	ck_assert(!u.inactive && u.unregistered);
}
END_TEST

static struct cx_answer ans;

static unsigned int ask(unsigned int (*procedure)(struct subscription *, const struct cx_policy *,
						  const struct cx_request *, struct cx_answer *),
			uint32_t type, int authorization)
{
	static const struct cx_policy policy = {.vectors_max = 1};
	struct cx_request req = {.n_impu = 1,
				 .scscf = SLICE_LIT("sip:s"),
				 .origin_host = SLICE_LIT("s.h"),
				 .origin_realm = SLICE_LIT("h"),
				 .assignment_type = type,
				 .authorization_type = authorization};

	strcpy(req.impu[0], "sip:c@h");
	return procedure(sub, &policy, &req, &ans);
}

#define ck_result(want)                                                                            \
	ck_assert(ans.result.code == (want).code && ans.result.experimental == (want).experimental)

/* TS 29.228 6.1.2.1, 6.1.4.1: no CSCF is told of a service that is off. */
START_TEST(a_service_that_is_off_is_unknown)
{
	begin();
	sub->impu[2].service = true;
	sub->impu[2].set = 0;
	sub->n_ifc = 1;
	sub->ifc[0].part = IFC_UNREGISTERED;
	ask(cx_lir, 0, -1);
	ck_result(CX_UNREGISTERED_SERVICE);
	dsai_switch(sub, 2, SLICE_LIT("x"), false); /* what is masked serves nobody */
	ask(cx_lir, 0, -1);
	ck_result(CX_IDENTITY_NOT_REGISTERED);
	ck_assert_uint_eq(ask(cx_sar, SAT_UNREGISTERED_USER, -1), CHANGED_STATE);
	ck_result(RESULT_SUCCESS);
	service_switch(&sub->impu[2], false);
	ask(cx_lir, 0, -1);
	ck_result(CX_USER_UNKNOWN);
	ask(cx_lir, 0, UAT_REGISTRATION_AND_CAPABILITIES);
	ck_result(CX_USER_UNKNOWN);
	for (uint32_t type = 0; type <= SAT_DEREGISTRATION_TOO_MUCH_DATA; type++) {
		ck_assert_uint_eq(ask(cx_sar, type, -1), 0);
		ck_result(CX_USER_UNKNOWN);
	}
	end();
}
END_TEST

UNIT_MAIN("hss activation", a_service_that_is_off_is_unknown, tags_are_read,
	  a_criterion_without_an_active_tag_is_masked, what_is_too_much_changes_nothing,
	  what_nothing_is_bound_to_is_forgotten, an_scscf_gets_what_is_not_masked,
	  a_service_that_is_off_has_no_server)
