/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Users between partner systems (hss/migration): what may be bound, who is served, what an answer means, and how it ends. */
#include "unit/hss/store_fixture.h"

#include "aka/crypto.h"
#include "hss/migration/pending.h"
#include "hss/migration/verdict.h"
#include "hss/provision/change.h"

static struct config cfg;
static struct migration m;
static struct rates rates = {.lock = PTHREAD_MUTEX_INITIALIZER};

#define NOW 1000000

static const char conf[] = "identity hss.home1.net\nrealm home1.net\nlisten 10.0.0.1\n"
			   "peer scscf.home1.net\n"
			   "peer hss.home2.net 10.0.0.2 partner=home2\n"
			   "peer slf.home2.net 10.0.0.3 partner=home2 connect=3999\n"
			   "peer hss.home3.net 10.0.0.4 partner=home3 connect\n"
			   "partner home2 realms=home2.net,b.home2.net domains=home2.net rate=100\n"
			   "partner home3 realms=home3.net domains=home3.net commands=rtr\n"
			   "inbound_domain in.home1.net\noutbound_domain out.home1.net\n"
			   "migration_template t@h\n";

static void configure(void)
{
	char why[512] = "";

	config_defaults(&cfg);
	ck_assert_msg(config_parse(slice_str(conf), &cfg, why, sizeof(why)) == 0, "%s", why);
	ck_assert_msg(config_check(&cfg, why, sizeof(why)) == 0, "%s", why);
}

static void set_names(struct names *n, const char *impi, const char *impu)
{
	memset(n, 0, sizeof(*n));
	strcpy(n->impi, impi);
	strcpy(n->impu[n->n_impu++], impu);
}

static struct binding here(void)
{
	struct binding b = {.side = BINDING_HERE, .expires = NOW + 60};

	strcpy(b.id, "g1");
	strcpy(b.partner, "home2");
	strcpy(b.host, "hss.home2.net");
	strcpy(b.realm, "home2.net");
	set_names(&b.own, "m1@in.home1.net", "sip:m2@in.home1.net");
	set_names(&b.pair, "o1@out.home2.net", "sip:o2@out.home2.net");
	return b;
}

static struct binding away(void)
{
	struct binding b = {.side = BINDING_AWAY, .expires = NOW + 60};

	strcpy(b.id, "g2");
	strcpy(b.partner, "home2");
	set_names(&b.own, "two@h", "sip:c@h");
	set_names(&b.pair, "x1@out.home1.net", "sip:x2@out.home1.net");
	return b;
}

START_TEST(the_configuration_names_partners)
{
	static const char *const wrong[] = {
	    "partner home2 realms=home1.net",		       /* ours */
	    "partner home2 realms=a.net domains=in.home1.net", /* ours */
	    "partner Home2 realms=a.net",
	    "partner home2",
	    "partner home2 realms=a.net commands=uar",
	    "partner home2 realms=a.net\npartner home2 realms=b.net",
	    "peer hss.a.net partner=nobody",
	    "peer hss.a.net 10.0.0.9 connect",
	    "partner a realms=a.net\npeer hss.a.net partner=a connect", /* no address */
	    "partner a realms=a.net\npeer hss.a.net partner=a cx",	/* two roles */
	    "partner a realms=a.net\npeer hss.a.net 1.2.3.4 partner=a connect=0",
	};
	char text[512], why[512];

	configure();
	ck_assert_uint_eq(cfg.n_partners, 2);
	ck_assert_uint_eq(cfg.partner[0].commands, PARTNER_MAR | PARTNER_RTR);
	ck_assert_uint_eq(cfg.partner[1].commands, PARTNER_RTR);
	ck_assert_uint_eq(cfg.peer[1].roles, PEER_PARTNER);
	ck_assert_uint_eq(cfg.peer[2].connect, 3999);
	ck_assert_uint_eq(cfg.peer[3].connect, CONFIG_PORT);
	ck_assert_str_eq(cfg.migration_server, "sip:hss.home1.net");
	ck_assert(config_partner_realm(&cfg.partner[0], SLICE_LIT("B.home2.net")));
	ck_assert(config_is_ours(&cfg, "x@in.home1.net") &&
		  config_is_ours(&cfg, "sip:x@HOME1.net"));
	ck_assert(!config_is_ours(&cfg, "x@nothome1.net"));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		config_defaults(&cfg);
		snprintf(text, sizeof(text),
			 "identity hss.home1.net\nrealm home1.net\nlisten 10.0.0.1\npeer s.h.net\n"
			 "inbound_domain in.home1.net\n%s\n",
			 wrong[i]);
		ck_assert_msg(config_parse(slice_str(text), &cfg, why, sizeof(why)) ||
				  config_check(&cfg, why, sizeof(why)),
			      "%s", wrong[i]);
	}
}
END_TEST

static const char *unfit(struct binding b)
{
	const char *why = binding_unfit(&b, &cfg, NOW);

	return why ? why : "";
}

START_TEST(circles_chains_and_strangers_are_not_bound)
{
	struct binding b;

	configure();
	ck_assert_str_eq(unfit(here()), "");
	ck_assert_str_eq(unfit(away()), "");
#define UNFIT(change, text)                                                                        \
	do {                                                                                       \
		b = here();                                                                        \
		change;                                                                            \
		ck_assert_msg(strstr(unfit(b), text), "%s: %s", #change, unfit(b));                \
	} while (0)
	UNFIT(strcpy(b.partner, "home9"), "no partner line");
	UNFIT(set_names(&b.own, "m1@home1.net", "sip:m2@in.home1.net"), "not in inbound_domain");
	UNFIT(set_names(&b.pair, "o1@home1.net", "sip:o2@home2.net"), "domain of ours");
	UNFIT(set_names(&b.pair, "o1@in.home1.net", "sip:o2@home2.net"), "domain of ours");
	UNFIT(set_names(&b.pair, "o1@home3.net", "sip:o2@home3.net"), "no domain of the partner");
	UNFIT(set_names(&b.pair, "home1.net!o1@home2.net", "sip:o2@home2.net"), "decorated");
	UNFIT(set_names(&b.pair, "o1@home2.net", "sip:O2@Home2.net"), "malformed");
	UNFIT(strcpy(b.host, "hss.home3.net"), "no peer line");
	UNFIT(strcpy(b.host, "scscf.home1.net"), "no peer line");
	UNFIT(strcpy(b.realm, "home1.net"), "realm");
	UNFIT(b.expires = NOW, "over already");
	UNFIT(strcpy(b.own.impu[b.own.n_impu++], "sip:m3@in.home1.net"), "as many");
	UNFIT(b.id[0] = '\0', "no identifier");
	b = away();
	set_names(&b.pair, "x1@home9.net", "sip:x@home9.net");
	ck_assert_ptr_nonnull(strstr(unfit(b), "not in outbound_domain"));
	b.pair = b.own; /* not hidden */
	ck_assert_str_eq(unfit(b), "");
}
END_TEST

START_TEST(so_many_and_not_more)
{
	struct bucket b = {0};
	int got = 0;

	for (int i = 0; i < 100; i++)
		got += bucket_take(&b, 60, 10, 5000);
	ck_assert_int_eq(got, 10);
	ck_assert(!bucket_take(&b, 60, 10, 5900));
	ck_assert(bucket_take(&b, 60, 10, 6100));
	ck_assert(!bucket_take(&b, 60, 10, 6100));
	ck_assert(!bucket_take(&b, 60, 10, 100)); /* the clock does not go back */
	for (int i = 0; i < 100; i++)
		got += bucket_take(&b, 60, 10, INT64_C(1) << 50);
	ck_assert_int_eq(got, 20);
	memset(&b, 0, sizeof(b));
	ck_assert(!bucket_take(&b, 0, 0, 1));
}
END_TEST

START_TEST(each_waits_once_and_not_for_ever)
{
	static struct pending p;
	int items[3];
	uintptr_t a, b;

	pending_init(&p, 2, 1);
	a = pending_add(&p, 0, 100, &items[0]);
	ck_assert_uint_ne(a, 0);
	ck_assert_uint_eq(pending_add(&p, 0, 100, &items[1]), 0); /* of one system */
	b = pending_add(&p, 1, 200, &items[1]);
	ck_assert_uint_ne(b, 0);
	ck_assert_uint_eq(pending_add(&p, 2, 100, &items[2]), 0); /* of all */
	ck_assert_uint_eq(pending_count(&p), 2);
	ck_assert_ptr_eq(pending_take(&p, a), &items[0]);
	ck_assert_ptr_null(pending_take(&p, a));
	ck_assert_uint_ne(pending_add(&p, 2, 100, &items[2]),
			  a); /* in its place, by another number */
	ck_assert_ptr_null(pending_take(&p, a));
	ck_assert_ptr_null(pending_late(&p, 99));
	ck_assert_ptr_eq(pending_late(&p, 150), &items[2]);
	ck_assert_ptr_null(pending_late(&p, 150));
	ck_assert_ptr_eq(pending_late(&p, 200), &items[1]);
	ck_assert_ptr_null(pending_take(&p, b));
	ck_assert_uint_eq(pending_count(&p), 0);
}
END_TEST

static bool answers(bool answered, uint32_t code, bool experimental, bool vector, bool from_there,
		    struct result want)
{
	const struct primary_answer a = {.answered = answered,
					 .result = {code, experimental},
					 .has_vector = vector,
					 .from_there = from_there};
	struct result r = verdict_answer(&a);

	return r.code == want.code && r.experimental == want.experimental;
}

START_TEST(what_the_primary_says_and_what_the_scscf_hears)
{
	char host[IDENTITY_SIZE];

	ck_assert(answers(true, 2001, false, true, true, RESULT_SUCCESS));
	ck_assert(answers(true, 2001, false, false, true, RESULT_UNABLE_TO_COMPLY));
	ck_assert(answers(true, 2001, false, true, false, RESULT_UNABLE_TO_COMPLY));
	ck_assert(answers(true, 2001, true, true, true, RESULT_UNABLE_TO_COMPLY));
	ck_assert(answers(false, 0, false, false, false, RESULT_UNABLE_TO_COMPLY));
	for (uint32_t code = 5001; code <= 5012; code++) {
		bool of_user = code == 5001 || code == 5002 || code == 5004 || code == 5006;

		ck_assert(answers(true, code, true, false, true,
				  of_user ? (struct result){code, true} : RESULT_UNABLE_TO_COMPLY));
		/* the same number as a Result-Code says something else */
		ck_assert(answers(true, code, false, false, true, RESULT_UNABLE_TO_COMPLY));
	}
	for (uint32_t code = 3001; code <= 3010; code++)
		ck_assert(answers(true, code, false, true, true, RESULT_UNABLE_TO_COMPLY));
	configure();
	ck_assert_int_eq(redirect_host(SLICE_LIT("aaa://hss.home2.net:3868;transport=tcp"), host),
			 0);
	ck_assert_str_eq(host, "hss.home2.net");
	ck_assert_int_eq(redirect_host(SLICE_LIT("aaas://hss.home2.net"), host), 0);
	ck_assert_int_eq(redirect_host(SLICE_LIT("http://hss.home2.net"), host), -1);
	ck_assert_int_eq(redirect_host(SLICE_LIT("aaa://"), host), -1);
	ck_assert_int_eq(redirect_host(SLICE_LIT("aaa://a b"), host), -1);
	ck_assert(redirect_allowed(&cfg, "home2", "hss.home2.net", "slf.home2.net"));
	ck_assert(!redirect_allowed(&cfg, "home2", "slf.home2.net", "SLF.home2.net")); /* itself */
	ck_assert(!redirect_allowed(&cfg, "home2", "hss.home3.net", "slf.home2.net"));
	ck_assert(!redirect_allowed(&cfg, "home2", "hss.home1.net", "slf.home2.net"));
	ck_assert(!redirect_allowed(&cfg, "home2", "elsewhere.net", "slf.home2.net"));
}
END_TEST

/* ---- over a store ---- */

static const char template[] = "subscription\nprivate t@h " KEYS "\npublic sip:t@h profile=4\n"
			       "public sip:u@h profile=5\nifc server=sip:as priority=4 profile=4\n"
			       "ifc server=sip:other priority=4 profile=5\n"
			       "capabilities mandatory=7\nend";

static void begin_migration(void)
{
	char why[256];

	begin();
	configure();
	ck_assert_int_eq(import(two), 0);
	ck_assert_int_eq(import(template), 0);
	ck_assert_int_eq(migration_open(&m, store, &cfg, why, sizeof(why)), 0);
}

static void end_migration(void)
{
	migration_close(&m);
	end();
}

static int put(struct binding b, bool *made)
{
	char why[MIGRATION_WHY_SIZE];

	return migration_put(&m, &b, "test", NOW, made, why, sizeof(why));
}

static unsigned int lent;
static void count_ending(const struct binding *b, void *arg)
{
	(void)arg;
	ck_assert_int_eq(b->state, BINDING_ENDING);
	lent++;
}

static int end_of(const char *id, const char *partner)
{
	const struct migration_selection which = {id, partner};

	lent = 0;
	return migration_end(&m, &which, "test", "withdrawn", NOW + 1, count_ending, NULL);
}

static struct result visit(const char *impi, const char *impu, const char *scheme, int64_t now)
{
	struct cx_request req = {.impi = slice_str(impi), .n_impu = 1, .scheme = slice_str(scheme)};
	struct binding b;
	int at;

	strcpy(req.impu[0], impu);
	return verdict_visitor(&m, &req, now, &b, &at);
}

#define RESULT_IS(r, want)                                                                         \
	do {                                                                                       \
		struct result is = (r);                                                            \
		ck_assert_uint_eq(is.code, (want).code);                                           \
		ck_assert_int_eq(is.experimental, (want).experimental);                            \
	} while (0)

#define AKA "Digest-AKAv1-MD5"

START_TEST(who_is_here_is_a_subscriber_without_a_key)
{
	const char *impi = "m1@in.home1.net", *impu = "sip:m2@in.home1.net";
	bool made;
	int64_t id;

	begin_migration();
	RESULT_IS(visit(impi, impu, AKA, NOW), CX_USER_UNKNOWN);
	ck_assert_int_eq(put(here(), &made), 0);
	ck_assert(made);
	ck_assert_int_eq(put(here(), &made), 0);
	ck_assert(!made);
	ck_assert_int_eq(store_begin(store, false, &tx), 0);
	ck_assert_int_eq(store_find_impi(tx, slice_str(impi), &id), 0);
	ck_assert_int_eq(store_load(tx, id, sub), 0);
	store_rollback(tx);
	ck_assert(impi_without_key(&sub->impi[0]));
	ck_assert_uint_eq(sub->n_impu, 1);
	ck_assert_str_eq(sub->impu[0].uri, impu);
	ck_assert_uint_eq(sub->n_ifc, 1);
	ck_assert_str_eq(sub->ifc[0].as, "sip:as");
	ck_assert_uint_eq(sub->capabilities.mandatory[0], 7);
	/* also past the primary he is never given a vector */
	ck_assert_uint_eq(serve(CX_MAR, impi, impu, 0), 10000 + CX_USER_UNKNOWN.code);
	ck_assert_uint_eq(ans.n_vectors, 0);
	ck_assert_uint_eq(serve(CX_SAR, impi, impu, SAT_REGISTRATION), 2001);
	RESULT_IS(visit(impi, impu, AKA, NOW), RESULT_SUCCESS);
	RESULT_IS(visit(impi, impu, "unknown", NOW), RESULT_SUCCESS);
	RESULT_IS(visit(impi, impu, "SIP Digest", NOW), CX_AUTH_SCHEME_NOT_SUPPORTED);
	RESULT_IS(visit(impi, "sip:a@h", AKA, NOW), CX_IDENTITIES_DONT_MATCH);
	RESULT_IS(visit("home2.net!m1@in.home1.net", impu, AKA, NOW), CX_USER_UNKNOWN);
	RESULT_IS(visit(impi, impu, AKA, NOW + 60), CX_USER_UNKNOWN);
	end_migration();
}
END_TEST

START_TEST(what_contradicts_is_refused_and_what_is_over_stays_over)
{
	struct binding b = here();
	bool made;

	begin_migration();
	ck_assert_int_eq(put(b, &made), 0);
	set_names(&b.pair, "o9@out.home2.net", "sip:o9@out.home2.net");
	ck_assert_int_eq(put(b, &made), MIGRATION_CONFLICT);
	strcpy(b.id, "g9"); /* identities that another one has */
	ck_assert_int_eq(put(b, &made), MIGRATION_CONFLICT);
	b = here();
	b.expires = NOW + 1000;
	ck_assert_int_eq(put(b, &made), 0);
	RESULT_IS(visit("m1@in.home1.net", "sip:m2@in.home1.net", AKA, NOW + 900), RESULT_SUCCESS);
	b = away();
	ck_assert_int_eq(put(b, &made), 0);
	strcpy(b.id, "g3");
	ck_assert_int_eq(put(b, &made), MIGRATION_CONFLICT);
	set_names(&b.pair, "x8@out.home1.net", "sip:x8@out.home1.net");
	set_names(&b.own, "nobody@h", "sip:b@h");
	ck_assert_int_eq(put(b, &made), PROVISION_REFUSED);
	set_names(&b.own, "one@h", "sip:c@h"); /* another's */
	ck_assert_int_eq(put(b, &made), PROVISION_REFUSED);
	set_names(&b.own, "m1@in.home1.net", "sip:m2@in.home1.net"); /* a chain */
	ck_assert_int_eq(put(b, &made), PROVISION_REFUSED);
	ck_assert_int_eq(end_of("g1", NULL), 1);
	ck_assert_uint_eq(lent, 1);
	ck_assert_int_eq(put(here(), &made), MIGRATION_OVER);
	ck_assert_int_eq(migration_ended(&m, "g1", "confirmed", NOW), 0);
	ck_assert_int_eq(put(here(), &made), MIGRATION_OVER);
	ck_assert_int_eq(end_of("late", NULL), 0); /* its end comes before it */
	b = away();
	strcpy(b.id, "late");
	ck_assert_int_eq(put(b, &made), MIGRATION_OVER);
	end_migration();
}
END_TEST

START_TEST(ended_one_partner_or_all_and_over_a_restart)
{
	char why[256];
	struct binding b = here();
	bool made;

	begin_migration();
	for (int i = 0; i < 40; i++) {
		char name[64];

		snprintf(b.id, sizeof(b.id), "g%d", i);
		snprintf(name, sizeof(name), "sip:m%dp@in.home1.net", i);
		set_names(&b.own, name + 4, name);
		snprintf(name, sizeof(name), "sip:o%dp@out.home2.net", i);
		set_names(&b.pair, name + 4, name);
		ck_assert_int_eq(put(b, &made), 0);
	}
	b = away();
	strcpy(b.id, "a");
	strcpy(b.partner, "home3");
	ck_assert_int_eq(put(b, &made), 0);
	ck_assert_uint_eq(registry_count(m.registry, BINDING_HERE), 40);
	ck_assert_uint_eq(registry_count(m.registry, BINDING_AWAY), 1);
	migration_close(&m);
	ck_assert_int_eq(migration_open(&m, store, &cfg, why, sizeof(why)), 0);
	ck_assert_uint_eq(registry_count(m.registry, BINDING_HERE), 40);
	RESULT_IS(visit("m7p@in.home1.net", "sip:m7p@in.home1.net", AKA, NOW), RESULT_SUCCESS);
	ck_assert_int_eq(end_of("g7", NULL), 1);
	ck_assert_int_eq(end_of("g7", NULL), 0);
	ck_assert_uint_eq(lent, 1); /* not gone yet: whoever asks waits for it, too */
	RESULT_IS(visit("m7p@in.home1.net", "sip:m7p@in.home1.net", AKA, NOW), CX_USER_UNKNOWN);
	ck_assert_int_eq(end_of(NULL, "home3"), 1);
	ck_assert_uint_eq(lent, 0);
	ck_assert_int_eq(end_of(NULL, NULL), 39);
	ck_assert_uint_eq(lent, 40);
	ck_assert_uint_eq(registry_count(m.registry, BINDING_HERE), 0);
	/* what ends is found again after a restart */
	lent = 0;
	ck_assert_int_eq(migration_expire(&m, NOW, count_ending, NULL), MIGRATION_PIECE);
	ck_assert_uint_eq(lent, MIGRATION_PIECE);
	end_migration();
}
END_TEST

START_TEST(their_time_ends)
{
	bool made;

	begin_migration();
	ck_assert_int_eq(put(here(), &made), 0);
	ck_assert_int_eq(put(away(), &made), 0);
	lent = 0;
	ck_assert_int_eq(migration_expire(&m, NOW + 59, count_ending, NULL), 0);
	ck_assert_int_eq(migration_expire(&m, NOW + 60, count_ending, NULL), 2);
	ck_assert_uint_eq(lent, 1);
	ck_assert_uint_eq(registry_count(m.registry, BINDING_HERE), 0);
	ck_assert_uint_eq(registry_count(m.registry, BINDING_AWAY), 0);
	end_migration();
}
END_TEST

static struct result ask_as(const char *peer, const char *host, const char *realm, const char *impi,
			    const char *impu, struct cx_request *own)
{
	const struct cx_request req = {.impi = slice_str(impi),
				       .n_impu = 1,
				       .origin_host = slice_str(host),
				       .origin_realm = slice_str(realm),
				       .scheme = SLICE_LIT(AKA)};
	static struct cx_request asking;
	static int64_t ms = 1;
	struct binding b;

	asking = req;
	strcpy(asking.impu[0], impu);
	ms += 60000;
	return verdict_partner(&m, &rates, config_peer(&cfg, slice_str(peer)), &asking, NOW, ms, &b,
			       own);
}

START_TEST(a_partner_is_served_for_who_is_with_it_alone)
{
	static struct cx_request own;
	const char *hss = "hss.home2.net", *realm = "home2.net", *impi = "x1@out.home1.net",
		   *impu = "sip:x2@out.home1.net";
	bool made;

	begin_migration();
	RESULT_IS(ask_as(hss, hss, realm, impi, impu, &own), CX_USER_UNKNOWN);
	ck_assert_int_eq(put(away(), &made), 0);
	RESULT_IS(ask_as(hss, hss, realm, impi, impu, &own), RESULT_SUCCESS);
	ck_assert(slice_eq(own.impi, SLICE_LIT("two@h")));
	ck_assert_str_eq(own.impu[0], "sip:c@h");
	RESULT_IS(ask_as(hss, hss, "b.home2.net", impi, impu, &own), RESULT_SUCCESS);
	RESULT_IS(ask_as(hss, hss, realm, "two@h", "sip:c@h", &own), CX_USER_UNKNOWN);
	RESULT_IS(ask_as(hss, hss, realm, impi, "sip:c@h", &own), CX_IDENTITIES_DONT_MATCH);
	RESULT_IS(ask_as(hss, "hss.home3.net", realm, impi, impu, &own), CX_USER_UNKNOWN);
	RESULT_IS(ask_as(hss, hss, "home3.net", impi, impu, &own), CX_USER_UNKNOWN);
	RESULT_IS(ask_as("hss.home3.net", "hss.home3.net", "home3.net", impi, impu, &own),
		  CX_USER_UNKNOWN);
	RESULT_IS(ask_as(hss, hss, realm, "h!x1@out.home1.net", impu, &own), CX_USER_UNKNOWN);
	RESULT_IS(ask_as("scscf.home1.net", "scscf.home1.net", "home1.net", impi, impu, &own),
		  CX_USER_UNKNOWN);
	ck_assert_int_eq(end_of("g2", NULL), 1);
	RESULT_IS(ask_as(hss, hss, realm, impi, impu, &own), CX_USER_UNKNOWN);
	end_migration();
}
END_TEST

static void count_line(const struct migration_audit *line, void *arg)
{
	(void)line;
	(*(int *)arg)++;
}

START_TEST(the_record_is_its_own_and_written_once_a_minute)
{
	struct binding_asker a = {
	    .host = "hss.home2.net", .realm = "home2.net", .server = "sip:s", .last = NOW};
	struct binding b;
	bool made;
	int lines = 0;

	begin_migration();
	ck_assert_int_eq(put(away(), &made), 0);
	b = away();
	for (int i = 0; i < 5; i++)
		migration_asked(&m, &b, &a, i == 1);
	a.last = NOW + 60;
	migration_asked(&m, &b, &a, false);
	ck_assert_int_eq(store_begin(store, false, &tx), 0);
	ck_assert_int_eq(store_migration(tx, "g2", &b), 0);
	ck_assert_int_eq(store_migration_audit(tx, 0, 100, count_line, &lines), 0);
	store_rollback(tx);
	ck_assert_int_eq(lines, 2); /* bound, first vector */
	ck_assert_int_eq(b.asker.mars, 6);
	ck_assert_int_eq(b.asker.resyncs, 1);
	ck_assert_int_eq(b.asker.first, NOW);
	ck_assert_int_eq(b.asker.last, NOW + 60);
	ck_assert_str_eq(b.asker.host, "hss.home2.net");
	end_migration();
}
END_TEST

/* Home and partner fetch vectors in turns, and the card hears them in whatever order: none is refused. */
START_TEST(home_and_partner_do_not_resynchronise_each_other)
{
	const struct cx_policy policy = {.vectors_max = 1, .ind = SQN_WHOLE, .sqn_step = 33};
	struct subscription *s = subscription_new();
	struct cx_request req = {.impi = SLICE_LIT("one@h"),
				 .n_impu = 1,
				 .impu = {"sip:a@h"},
				 .scscf = SLICE_LIT("sip:s"),
				 .origin_host = SLICE_LIT("s.h"),
				 .origin_realm = SLICE_LIT("h"),
				 .scheme = SLICE_LIT(AKA),
				 .items = 1};
	struct sqn_ms card = {0};
	unsigned int refused = 0;
	uint64_t waiting[8];
	struct cx_answer a;

	strcpy(s->impi[s->n_impi++].name, "one@h");
	s->impi[0].key.milenage.k[0] = 1;
	s->impi[0].sqn = s->impi[0].sqn_kept = 0;
	strcpy(s->impu[s->n_impu].uri, "sip:a@h");
	s->impu[s->n_impu++] = (struct impu){.uri = "sip:a@h", .impis = 1};
	srandom(1);
	for (int round = 0; round < 500; round++) {
		size_t n = 1 + (size_t)random() % 8;

		for (size_t i = 0; i < n; i++) {
			if (random() & 1)
				cx_mar(s, &policy, &req, &a);
			else
				cx_mar_away(s, &policy, &req, &a);
			ck_assert_uint_eq(a.n_vectors, 1);
			waiting[i] = s->impi[0].sqn;
		}
		while (n) {
			size_t i = (size_t)random() % n;

			refused += sqn_ms_accept(&card, waiting[i]) != 0;
			waiting[i] = waiting[--n];
		}
	}
	ck_assert_uint_eq(refused, 0);
	subscription_free(s);
}
END_TEST

UNIT_MAIN("hss migration", the_configuration_names_partners,
	  circles_chains_and_strangers_are_not_bound, so_many_and_not_more,
	  each_waits_once_and_not_for_ever, what_the_primary_says_and_what_the_scscf_hears,
	  who_is_here_is_a_subscriber_without_a_key,
	  what_contradicts_is_refused_and_what_is_over_stays_over,
	  ended_one_partner_or_all_and_over_a_restart, their_time_ends,
	  a_partner_is_served_for_who_is_with_it_alone,
	  the_record_is_its_own_and_written_once_a_minute,
	  home_and_partner_do_not_resynchronise_each_other)
