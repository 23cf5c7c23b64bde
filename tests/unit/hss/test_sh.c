/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Sh decisions alone: who may do what with which data of whom. */
#include "hss/sh/sh.h"
#include "hss/subscription/registration.h"
#include "unit/unit.h"

static struct subscription *sub;
static struct sh_request req;
static struct sh_known known;
static struct sh_view view;
static enum sh_missing missing;
static struct charging charging;

static void add_impu(const char *uri, uint32_t set, uint16_t impis)
{
	struct impu *u = &sub->impu[sub->n_impu++];

	*u = (struct impu){.set = set, .impis = impis};
	strcpy(u->uri, uri);
}

/* Two private identities; a, b and c (barred) in set 1, d of the second one alone. */
static void begin(void)
{
	sub = subscription_new();
	memset(&req, 0, sizeof(req));
	memset(&known, 0, sizeof(known));
	memset(&charging, 0, sizeof(charging));
	memset(sub->impi, 0, sizeof(sub->impi));
	strcpy(sub->impi[0].name, "one@h");
	strcpy(sub->impi[0].msisdn, "12125551111");
	strcpy(sub->impi[1].name, "001010000000002@ims.mnc001.mcc001.3gppnetwork.org");
	sub->n_impi = 2;
	add_impu("sip:a@h", 1, 3);
	add_impu("sip:b@h", 1, 3);
	add_impu("sip:c@h", 1, 3);
	add_impu("sip:d@h", 2, 2);
	sub->impu[2].barred = true;
	sub->impu[0].alias = sub->impu[1].alias = 4;
	for (int r = 0; r < SH_REFERENCES; r++)
		known.allowed[r] = SH_PULL | SH_UPDATE | SH_SUBSCRIBE;
	known.sub = sub;
	known.charging = &charging;
	req.speaks_for_itself = true;
}

static void end(void)
{
	subscription_free(sub);
}

static void ask(const char *impu, enum sh_reference reference)
{
	req.has_identity = true;
	strcpy(req.identity, impu);
	req.references = UINT64_C(1) << reference;
}

static void ck_pull(struct result want)
{
	struct result got = sh_pull(&req, &known, &view, &missing);

	ck_assert_uint_eq(got.code, want.code);
	ck_assert_int_eq(got.experimental, want.experimental);
}

START_TEST(nothing_is_read_without_permission)
{
	begin();
	memset(known.allowed, 0, sizeof(known.allowed));
	ask("sip:nobody@h", SH_USER_STATE);
	ck_pull(SH_CANNOT_BE_READ); /* not even whether the user exists */
	known.allowed[SH_USER_STATE] = SH_UPDATE | SH_SUBSCRIBE;
	ck_pull(SH_CANNOT_BE_READ);
	known.allowed[SH_USER_STATE] = SH_PULL;
	ck_pull(CX_USER_UNKNOWN);
	ask("sip:a@h", SH_USER_STATE);
	ck_pull(RESULT_SUCCESS);
	req.references |= UINT64_C(1) << SH_CHARGING; /* one of two is not enough */
	ck_pull(SH_CANNOT_BE_READ);
	req.references = UINT64_C(1) << SH_USER_STATE;
	req.speaks_for_itself = false;
	ck_pull(SH_CANNOT_BE_READ);
	end();
}
END_TEST

/* What no permission can grant: this HSS has no such data, or the standard has no such operation. */
START_TEST(a_permission_reaches_no_further_than_the_table)
{
	static const int nothing[] = {1, 9, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 34, 35};

	begin();
	for (size_t i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++) {
		ask("sip:a@h", (enum sh_reference)nothing[i]);
		ck_pull(SH_CANNOT_BE_READ);
	}
	ck_assert_uint_eq(sh_operations(SH_USER_STATE), SH_PULL | SH_SUBSCRIBE);
	ck_assert_uint_eq(sh_operations(SH_IMSI), SH_PULL);
	ck_assert_uint_eq(sh_operations(SH_REFERENCES), 0);
	end();
}
END_TEST

START_TEST(identities_must_exist_and_belong_together)
{
	begin();
	ask("sip:a@h", SH_USER_STATE);
	req.impi = SLICE_LIT("one@h");
	ck_pull(RESULT_SUCCESS);
	req.impi = SLICE_LIT("nobody@h");
	ck_pull(CX_IDENTITIES_DONT_MATCH);
	ask("sip:d@h", SH_USER_STATE);
	req.impi = SLICE_LIT("one@h");
	ck_pull(CX_IDENTITIES_DONT_MATCH);
	req.impi = SLICE_NULL;
	known.sub = NULL;
	ck_pull(CX_USER_UNKNOWN);
	end();
}
END_TEST

START_TEST(a_number_stands_for_a_private_identity)
{
	begin();
	req.has_msisdn = true;
	strcpy(req.msisdn, "12125551111");
	req.references = UINT64_C(1) << SH_MSISDN;
	ck_pull(RESULT_SUCCESS);
	ck_assert_int_eq(view.impi, 0);
	req.references = UINT64_C(1) << SH_USER_STATE; /* of a public identity only */
	ck_pull(SH_OPERATION_NOT_ALLOWED);
	strcpy(req.msisdn, "1");
	ck_pull(CX_USER_UNKNOWN);
	end();
}
END_TEST

START_TEST(each_key_that_a_reference_needs_is_missed)
{
	static const struct {
		enum sh_reference reference;
		enum sh_missing missing;
	} keys[] = {{SH_REPOSITORY_DATA, SH_MISSING_SERVICE},
		    {SH_FILTER_CRITERIA, SH_MISSING_SERVER_NAME},
		    {SH_LOCATION, SH_MISSING_DOMAIN},
		    {SH_CS_PS_STATE, SH_MISSING_DOMAIN}};

	begin();
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		ask("sip:a@h", keys[i].reference);
		ck_pull(RESULT_MISSING_AVP);
		ck_assert_int_eq(missing, keys[i].missing);
	}
	ask("sip:a@h", SH_DSAI);
	req.server_name = SLICE_LIT("sip:as");
	ck_pull(RESULT_MISSING_AVP);
	ck_assert_int_eq(missing, SH_MISSING_DSAI_TAG);
	req.tag[req.n_tag++] = SLICE_LIT("x");
	ck_pull(SH_DSAI_NOT_AVAILABLE);
	sub->ifc[sub->n_ifc++] = (struct ifc){.as = "sip:as", .dsai = "y,x"};
	ck_pull(RESULT_SUCCESS);
	ck_assert_uint_eq(view.n_tag, 1);
	req.tag[req.n_tag++] = SLICE_LIT("z"); /* all or none */
	ck_pull(SH_DSAI_NOT_AVAILABLE);
	req.n_tag = 1;
	req.server_name = SLICE_LIT("sip:other");
	ck_pull(SH_DSAI_NOT_AVAILABLE);
	req.has_identity = false;
	ck_pull(RESULT_MISSING_AVP);
	ck_assert_int_eq(missing, SH_MISSING_IDENTITY);
	end();
}
END_TEST

/* Table 7.6.1: which kind of identity is a key to what. */
START_TEST(each_reference_has_its_kinds_of_identity)
{
	static const struct {
		enum sh_reference reference;
		bool user, service, wildcard, number;
	} table[] = {{SH_REPOSITORY_DATA, true, true, true, false},
		     {SH_PUBLIC_IDENTITY, true, true, true, true},
		     {SH_USER_STATE, true, false, false, false},
		     {SH_SCSCF_NAME, true, true, true, false},
		     {SH_FILTER_CRITERIA, true, true, true, false},
		     {SH_LOCATION, true, false, false, true},
		     {SH_CS_PS_STATE, true, false, false, true},
		     {SH_CHARGING, true, true, true, true},
		     {SH_MSISDN, true, false, false, true},
		     {SH_PSI_ACTIVATION, false, true, false, false},
		     {SH_DSAI, true, true, true, false},
		     {SH_IMSI, true, false, false, true},
		     {SH_PRIVATE_IDENTITY, true, false, false, false}};
	static const char *const names[] = {"sip:a@h", "sip:psi@h", "sip:chat-!.*!@h"};

	begin();
	add_impu(names[1], 0, 1);
	add_impu(names[2], 0, 1);
	sub->impu[4].service = sub->impu[5].service = true;
	sub->ifc[sub->n_ifc++] = (struct ifc){.as = "sip:as", .dsai = "x"};
	req.n_service = req.n_tag = 1;
	req.service[0] = req.tag[0] = SLICE_LIT("x");
	req.server_name = SLICE_LIT("sip:as");
	req.has_domain = true;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const bool may[] = {table[i].user, table[i].service, table[i].wildcard};

		for (int k = 0; k < 3; k++) {
			ask(names[k], table[i].reference);
			ck_pull(may[k] ? RESULT_SUCCESS : SH_OPERATION_NOT_ALLOWED);
		}
		req.has_identity = false;
		req.has_msisdn = true;
		strcpy(req.msisdn, "12125551111");
		ck_pull(table[i].number ? RESULT_SUCCESS : SH_OPERATION_NOT_ALLOWED);
		req.has_msisdn = false;
	}
	/* of a service: itself, and nothing that is registered (7.6.2) */
	sub->impu[0].registered = 1;
	ask("sip:psi@h", SH_PUBLIC_IDENTITY);
	ck_pull(RESULT_SUCCESS);
	ck_assert_uint_eq(sh_identities(&view, SH_IMPLICIT), IMPU_BIT(4));
	ck_assert_uint_eq(sh_identities(&view, SH_ALIAS), IMPU_BIT(4));
	ck_assert_uint_eq(sh_identities(&view, SH_REGISTERED), 0);
	end();
}
END_TEST

/* TS 29.328 7.6.3: of a shared identity the most registered state. */
START_TEST(the_most_registered_state_counts)
{
	struct impu u = {.impis = 3};

	ck_assert_int_eq(sh_user_state(&u), SH_NOT_REGISTERED);
	u.pending = 1;
	ck_assert_int_eq(sh_user_state(&u), SH_AUTHENTICATION_PENDING);
	u.unregistered = true;
	ck_assert_int_eq(sh_user_state(&u), SH_REGISTERED_UNREG_SERVICES);
	u.registered = 2;
	ck_assert_int_eq(sh_user_state(&u), SH_STATE_REGISTERED);
}
END_TEST

START_TEST(sets_of_identities)
{
	begin();
	ask("sip:a@h", SH_PUBLIC_IDENTITY);
	ck_pull(RESULT_SUCCESS);
	ck_assert_uint_eq(sh_identities(&view, SH_ALL), 1 | 2 | 8);
	ck_assert_uint_eq(sh_identities(&view, SH_IMPLICIT), 1 | 2);
	ck_assert_uint_eq(sh_identities(&view, SH_ALIAS), 1 | 2);
	ck_assert_uint_eq(sh_identities(&view, SH_REGISTERED), 0);
	impus_register(sub, 1 | 2 | 4, 0);
	ck_assert_uint_eq(sh_identities(&view, SH_REGISTERED), 1 | 2); /* c is barred */
	req.impi = SLICE_LIT("one@h");
	ck_pull(RESULT_SUCCESS);
	ck_assert_uint_eq(sh_identities(&view, SH_ALL), 1 | 2); /* d is the other one's */
	req.impi = SLICE_NULL;
	ask("sip:d@h", SH_PUBLIC_IDENTITY);
	ck_pull(RESULT_SUCCESS);
	ck_assert_uint_eq(sh_identities(&view, SH_IMPLICIT), 8);
	ck_assert_uint_eq(sh_identities(&view, SH_ALIAS), 8);
	end();
}
END_TEST

/* Without Notif-Eff there is no User-Data where nothing is known (6.1.1.1, step 5). */
START_TEST(what_is_not_known_is_not_given_alone)
{
	static const enum sh_reference alone[] = {SH_SCSCF_NAME, SH_CHARGING, SH_LOCATION};

	begin();
	req.has_domain = true;
	for (size_t i = 0; i < sizeof(alone) / sizeof(alone[0]); i++) {
		ask("sip:a@h", alone[i]);
		ck_pull(RESULT_SUCCESS);
		ck_assert_uint_eq(view.references, 0);
		req.features = SH_FEATURE_NOTIF_EFF; /* its empty elements say so themselves */
		ck_pull(RESULT_SUCCESS);
		ck_assert_uint_eq(view.references, req.references);
		req.features = 2;
		ck_pull(RESULT_SUCCESS);
		ck_assert_uint_eq(view.references, 0);
		req.features = 0;
		req.references |= UINT64_C(1) << SH_USER_STATE;
		ck_pull(RESULT_SUCCESS);
		ck_assert_uint_eq(view.references, req.references);
	}
	strcpy(charging.ccf[0], "aaa://c"); /* the operator's, until the subscription has its own */
	ask("sip:a@h", SH_CHARGING);
	ck_pull(RESULT_SUCCESS);
	ck_assert_uint_ne(view.references, 0);
	sub->has_charging = true;
	memset(&sub->charging, 0, sizeof(sub->charging));
	ck_pull(RESULT_SUCCESS);
	ck_assert_uint_eq(view.references, 0);
	end();
}
END_TEST

START_TEST(an_imsi_is_provisioned_or_in_the_name)
{
	struct impi p = {.name = "001010000000002@ims.mnc001.mcc001.3gppnetwork.org"};
	char imsi[MSISDN_SIZE];

	sh_imsi(&p, imsi);
	ck_assert_str_eq(imsi, "001010000000002");
	strcpy(p.imsi, "262011234567890");
	sh_imsi(&p, imsi);
	ck_assert_str_eq(imsi, "262011234567890");
	p.imsi[0] = '\0';
	strcpy(p.name, "001010000000002@home1.net");
	sh_imsi(&p, imsi);
	ck_assert_str_eq(imsi, "");
	strcpy(p.name, "00101x@ims.mnc001.mcc001.3gppnetwork.org");
	sh_imsi(&p, imsi);
	ck_assert_str_eq(imsi, "");
}
END_TEST

static struct repository stored, sent;
static const struct sh_policy policy = {.data_max = 20, .services_max = 2};

static struct sh_update did;

static void ck_update_all(const struct sh_document *document, struct result want, int failed)
{
	struct result got = sh_update(&req, &known, document, &policy, &did, &view, &missing);

	ck_assert_uint_eq(got.code, want.code);
	ck_assert_int_eq(got.experimental, want.experimental);
	ck_assert_int_eq(did.failed, failed);
}

static void ck_update(struct result want, enum sh_change change)
{
	const struct sh_document document = {.repository = {sent}, .n_repository = 1};

	known.repository[0] = stored;
	ck_update_all(&document, want, -1);
	ck_assert_int_eq(did.change[0], change);
}

/* TS 29.328 6.1.2.1, step 6: every line of it. */
START_TEST(data_follow_their_sequence)
{
	char text[] = "<ServiceData/>";

	begin();
	memset(&stored, 0, sizeof(stored));
	memset(&sent, 0, sizeof(sent));
	ask("sip:a@h", SH_REPOSITORY_DATA);
	req.service[0] = SLICE_LIT("x");
	req.n_service = 1;
	ck_update(SH_OPERATION_NOT_ALLOWED, SH_NO_CHANGE); /* nothing is there to remove */
	sent.sequence = 1;
	ck_update(SH_TRANSPARENT_OUT_OF_SYNC, SH_NO_CHANGE);
	sent.data = text;
	sent.len = strlen(text);
	ck_update(SH_TRANSPARENT_OUT_OF_SYNC, SH_NO_CHANGE);
	sent.sequence = 0;
	ck_update(RESULT_SUCCESS, SH_PUT);
	stored.data = text;
	ck_update(SH_TRANSPARENT_OUT_OF_SYNC, SH_NO_CHANGE); /* it exists */
	for (uint32_t i = 0; i < 8; i++)
		for (stored.sequence = 65533; stored.sequence <= 65535; stored.sequence++) {
			uint32_t next = stored.sequence == 65535 ? 1 : stored.sequence + 1;

			sent.sequence = i < 4 ? i : 65528 + i; /* 0 to 3, 65532 to 65535 */
			ck_update(sent.sequence == next ? RESULT_SUCCESS
							: SH_TRANSPARENT_OUT_OF_SYNC,
				  sent.sequence == next ? SH_PUT : SH_NO_CHANGE);
		}
	sent.sequence = 6;
	stored.sequence = 5;
	sent.len = 21;
	ck_update(CX_TOO_MUCH_DATA, SH_NO_CHANGE);
	sent.data = NULL;
	ck_update(RESULT_SUCCESS, SH_REMOVE);
	end();
}
END_TEST

/* A user has room for so many services: what is there can still be changed and removed. */
START_TEST(data_of_one_service_too_many_are_refused)
{
	char text[] = "<ServiceData/>";

	begin();
	memset(&stored, 0, sizeof(stored));
	sent = (struct repository){.data = text, .len = strlen(text)};
	ask("sip:a@h", SH_REPOSITORY_DATA);
	req.service[0] = SLICE_LIT("x");
	req.n_service = 1;
	known.services = 1;
	ck_update(RESULT_SUCCESS, SH_PUT);
	known.services = 2;
	ck_update(CX_TOO_MUCH_DATA, SH_NO_CHANGE);
	stored = (struct repository){.data = text, .sequence = 5};
	sent.sequence = 6;
	ck_update(RESULT_SUCCESS, SH_PUT);
	sent.data = NULL;
	ck_update(RESULT_SUCCESS, SH_REMOVE);
	end();
}
END_TEST

/* TS 29.328 6.1.2.1, 4 and 4a, and Update-Eff-Enhance. */
START_TEST(switches_are_for_what_is_there)
{
	char text[] = "<ServiceData/>";
	struct sh_document d = {.dsai = {{"x", false}}, .n_dsai = 1};

	begin();
	add_impu("sip:psi@h", 0, 1);
	sub->impu[4].service = true;
	ask("sip:a@h", SH_DSAI);
	ck_update_all(&d, SH_DSAI_NOT_AVAILABLE, -1);
	ck_assert_int_eq(did.failed_reference, -1);
	sub->ifc[sub->n_ifc++] = (struct ifc){.as = "sip:as", .dsai = "x"};
	ck_update_all(&d, RESULT_SUCCESS, -1);
	ask("sip:a@h", SH_REPOSITORY_DATA); /* of what is not in the document */
	ck_update_all(&d, SH_USER_DATA_NOT_RECOGNIZED, -1);
	d = (struct sh_document){.has_activation = true};
	ask("sip:a@h", SH_PSI_ACTIVATION);
	ck_update_all(&d, SH_OPERATION_NOT_ALLOWED, -1);
	ask("sip:psi@h", SH_PSI_ACTIVATION);
	ck_update_all(&d, RESULT_SUCCESS, -1);
	/* all three, or the first that cannot be */
	d.dsai[0] = (struct sh_dsai){"x", false};
	d.repository[0] = (struct repository){.data = text, .len = strlen(text)};
	d.n_dsai = d.n_repository = 1;
	ck_update_all(&d, SH_USER_DATA_NOT_RECOGNIZED, -1);
	req.references |= UINT64_C(1) << SH_DSAI | UINT64_C(1) << SH_REPOSITORY_DATA;
	ck_update_all(&d, RESULT_SUCCESS, -1);
	ck_assert_int_eq(did.change[0], SH_PUT);
	d.repository[0].sequence = 1;
	ck_update_all(&d, SH_TRANSPARENT_OUT_OF_SYNC, -1);
	ck_assert_int_eq(did.failed_reference, SH_REPOSITORY_DATA);
	strcpy(d.dsai[0].tag, "y");
	ck_update_all(&d, SH_DSAI_NOT_AVAILABLE, -1);
	ck_assert_int_eq(did.failed_reference, SH_DSAI);
	strcpy(req.identity, "sip:a@h");
	ck_update_all(&d, SH_OPERATION_NOT_ALLOWED, -1);
	ck_assert_int_eq(did.failed_reference, SH_PSI_ACTIVATION);
	end();
}
END_TEST

START_TEST(data_are_changed_by_whom_may)
{
	begin();
	ask("sip:a@h", SH_REPOSITORY_DATA);
	ck_update_all(NULL, SH_USER_DATA_NOT_RECOGNIZED, -1);
	known.allowed[SH_REPOSITORY_DATA] = SH_PULL | SH_SUBSCRIBE;
	ck_update_all(NULL, SH_CANNOT_BE_MODIFIED, -1);
	known.allowed[SH_USER_STATE] = SH_UPDATE; /* a grant that the table has not got */
	ask("sip:a@h", SH_USER_STATE);
	ck_update_all(NULL, SH_CANNOT_BE_MODIFIED, -1);
	end();
}
END_TEST

/* Update-Eff: all or nothing, and which it was that could not be kept (TS 29.328 6.1.2.1, 4c). */
START_TEST(data_of_several_services_are_changed_together)
{
	char text[] = "<ServiceData/>";
	struct sh_document d = {.n_repository = 3};

	begin();
	for (int i = 0; i < 3; i++)
		d.repository[i] = (struct repository){.data = text, .len = strlen(text)};
	known.repository[1] = (struct repository){.data = text, .sequence = 4};
	d.repository[1].sequence = 5;
	ask("sip:a@h", SH_REPOSITORY_DATA);
	ck_update_all(&d, SH_USER_DATA_NOT_RECOGNIZED, -1); /* the AS does not name the feature */
	req.features = SH_FEATURE_UPDATE_EFF;
	known.services = 1;
	ck_update_all(&d, CX_TOO_MUCH_DATA, 2); /* there is room for two services */
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(did.change[i], SH_NO_CHANGE);
	d.n_repository = 2;
	ck_update_all(&d, RESULT_SUCCESS, -1);
	d.repository[0].sequence = 1;
	ck_update_all(&d, SH_TRANSPARENT_OUT_OF_SYNC, 0);
	d.repository[0].sequence = 0;
	d.repository[1].sequence = 4;
	ck_update_all(&d, SH_TRANSPARENT_OUT_OF_SYNC, 1);
	ck_assert_int_eq(did.change[0], SH_NO_CHANGE);
	d.repository[1].sequence = 5;
	d.repository[1].data = NULL;
	ck_update_all(&d, RESULT_SUCCESS, -1);
	ck_assert_int_eq(did.change[0], SH_PUT);
	ck_assert_int_eq(did.change[1], SH_REMOVE);
	d.too_many = true;
	ck_update_all(&d, CX_TOO_MUCH_DATA, -1);
	end();
}
END_TEST

static void ck_subscribe(struct result want)
{
	struct result got = sh_subscribe(&req, &known, &view, &missing);

	ck_assert_uint_eq(got.code, want.code);
	ck_assert_int_eq(got.experimental, want.experimental);
}

START_TEST(subscriptions_need_a_grant_and_data)
{
	char text[] = "<ServiceData/>";

	begin();
	ask("sip:a@h", SH_USER_STATE);
	ck_subscribe(RESULT_SUCCESS);
	ck_assert_uint_eq(view.references, 0); /* data only on request */
	req.send_data = true;
	ck_subscribe(RESULT_SUCCESS);
	ck_assert_uint_eq(view.references, req.references);
	known.allowed[SH_USER_STATE] = SH_PULL | SH_UPDATE;
	ck_subscribe(SH_CANNOT_BE_NOTIFIED);
	ask("sip:a@h", SH_REPOSITORY_DATA);
	req.service[req.n_service++] = SLICE_LIT("x");
	req.service[req.n_service++] = SLICE_LIT("y");
	known.repository[0].data = text;
	ck_subscribe(SH_SUBS_DATA_ABSENT); /* one of two */
	req.unsubscribe = true;
	ck_subscribe(RESULT_SUCCESS);
	req.unsubscribe = false;
	known.repository[1].data = text;
	ck_subscribe(RESULT_SUCCESS);
	end();
}
END_TEST

/* One application server leaves others room; what there is can be renewed and ended also where there is too much of it. */
START_TEST(subscriptions_share_the_room)
{
	static const struct sh_policy limits = {.subscriptions_max = 1000,
						.subscriptions_of_as_max = 64};
	static const struct {
		struct sh_counts before, after;
		bool fit;
	} cases[] = {
	    {{0, 0, 0}, {64, 64, 64}, true},	      {{0, 0, 0}, {65, 65, 65}, false},
	    {{64, 64, 64}, {64, 64, 64}, true},	      {{63, 63, 63}, {65, 65, 65}, false},
	    {{0, 191, 191}, {1, 192, 192}, true},     {{0, 192, 192}, {1, 193, 193}, false},
	    {{0, 0, 999}, {1, 1, 1000}, true},	      {{0, 0, 1000}, {1, 1, 1001}, false},
	    {{80, 200, 2000}, {80, 200, 2000}, true}, {{80, 200, 2000}, {79, 199, 1999}, true}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_uint_eq(
		    sh_subscriptions_fit(&cases[i].before, &cases[i].after, &limits).code,
		    cases[i].fit ? RESULT_SUCCESS.code : RESULT_RESOURCES_EXCEEDED.code);
}
END_TEST

START_TEST(each_reference_service_and_set_is_a_subscription)
{
	static struct sh_subscription of[SH_SUBSCRIBE_MAX];
	size_t n;

	begin();
	ask("sip:a@h", SH_USER_STATE);
	req.references |= UINT64_C(1) << SH_REPOSITORY_DATA | UINT64_C(1) << SH_PUBLIC_IDENTITY |
			  UINT64_C(1) << SH_FILTER_CRITERIA;
	req.service[req.n_service++] = SLICE_LIT("x");
	req.service[req.n_service++] = SLICE_LIT("y");
	req.sets = 1u << SH_REGISTERED | 1u << SH_ALIAS;
	req.server_name = SLICE_LIT("sip:as");
	strcpy(req.as, "as.h");
	req.has_expiry = true;
	req.expiry = 2208988800u + 77;
	known.repository[0].data = known.repository[1].data = (char *)"x";
	ck_subscribe(RESULT_SUCCESS);
	n = sh_subscriptions_of(&req, &view, of);
	ck_assert_uint_eq(n, 6);
	ck_assert_str_eq(of[0].service, "x");
	ck_assert_str_eq(of[1].service, "y");
	ck_assert_uint_eq(of[2].sets, 1u << SH_REGISTERED);
	ck_assert_uint_eq(of[3].sets, 1u << SH_ALIAS);
	ck_assert_str_eq(of[4].server, "");
	ck_assert_str_eq(of[5].server, "sip:as");
	for (size_t i = 0; i < n; i++) {
		ck_assert_str_eq(of[i].host, "as.h");
		ck_assert_str_eq(of[i].user, "sip:a@h");
		ck_assert_int_eq(of[i].expiry, 77);
	}
	/* the era that begins in 2036 (RFC 6733 4.3.1) */
	ck_assert_int_eq(sh_unix_time(0), INT64_C(2085978496));
	end();
}
END_TEST

UNIT_MAIN("hss sh", nothing_is_read_without_permission,
	  a_permission_reaches_no_further_than_the_table, identities_must_exist_and_belong_together,
	  a_number_stands_for_a_private_identity, each_key_that_a_reference_needs_is_missed,
	  the_most_registered_state_counts, sets_of_identities,
	  what_is_not_known_is_not_given_alone, an_imsi_is_provisioned_or_in_the_name,
	  data_follow_their_sequence, data_of_one_service_too_many_are_refused,
	  data_are_changed_by_whom_may, switches_are_for_what_is_there,
	  each_reference_has_its_kinds_of_identity, data_of_several_services_are_changed_together,
	  subscriptions_need_a_grant_and_data, subscriptions_share_the_room,
	  each_reference_service_and_set_is_a_subscription)
