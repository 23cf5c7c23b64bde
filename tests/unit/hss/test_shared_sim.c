/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One USIM, whose key both this HSS and an authentication centre of EPS have: attaches and registrations in no order,
 * with real vectors, AUTS, and the card's own check (TS 33.102 C.2). Neither knows the other's counter. What is counted
 * is how often the card refuses a number, and a resynchronisation costs a round trip.
 */
#include "unit/hss/base.h"

#include "aka/sqn.h"
#include "hss/cx/service.h"
#include "hss/provision/provision.h"

enum { TIMES = 500 };

static const char subscriber[] = "subscription\nprivate one@h k=465b5ce8b199b49faa5f0a2ee238a6bc "
				 "opc=cd63cb71954a9f4e48a5994e37a02baf\npublic sip:one@h\nend";

static struct base base;
static struct service svc;
static struct aka_key key;
static struct sqn_ms card;
static uint64_t random_state;

/* An authentication centre of EPS: where its next number is, and what it makes of the card's. */
struct eps {
	uint64_t sqn;
	uint64_t step;	       /* added for each vector */
	uint64_t after_resync; /* added to SQN_MS */
};

/* Open5GS: SEQ + 1, always with the same IND; one more after a resynchronisation. */
static const struct eps open5gs = {.step = 32, .after_resync = 33};
/* PyHSS: 100 more, which is in other values of IND by turns: all that 4 divides. */
static const struct eps pyhss = {.step = 100, .after_resync = 100};

static int put_one(struct subscription *s, void *arg, char *why, size_t size)
{
	(void)why;
	(void)size;
	return store_put(arg, s);
}

static void begin(struct sqn_range ind)
{
	struct transaction *tx;
	char why[256] = "";

	base_make(&base);
	svc = (struct service){.policy = {.vectors_max = 1, .ind = ind}};
	ck_assert_msg(store_open(base.url, &svc.store, why, sizeof(why)) == 0, "%s", why);
	ck_assert_int_eq(store_begin(svc.store, true, &tx), 0);
	ck_assert_int_eq(provision_parse(slice_str(subscriber), put_one, tx, why, sizeof(why)), 0);
	ck_assert_int_eq(store_commit(tx), 0);
	slice_hex(SLICE_LIT("465b5ce8b199b49faa5f0a2ee238a6bc"), key.milenage.k, 16);
	slice_hex(SLICE_LIT("cd63cb71954a9f4e48a5994e37a02baf"), key.milenage.opc, 16);
	card = (struct sqn_ms){{0}, 0};
	random_state = 1;
}

static void end(void)
{
	store_close(svc.store);
	base_remove(&base);
}

static unsigned int random_bits(int n)
{
	random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned int)(random_state >> (64 - n));
}

/* The card: does it take the challenge? If not, auts says where it is. */
static bool card_takes(const uint8_t rand[16], const uint8_t autn[16], uint8_t auts[AKA_AUTS_LEN])
{
	struct aka_answer a;

	ck_assert_int_eq(aka_autn_check(&key, rand, autn, &a), 0);
	if (sqn_ms_accept(&card, a.sqn) == 0)
		return true;
	ck_assert_int_eq(aka_auts_make(&key, rand, sqn_ms_highest(&card), auts), 0);
	return false;
}

static void eps_vector(struct eps *eps, struct aka_vector *v)
{
	static const uint8_t amf[2] = {0x80, 0};
	uint8_t rand[16];

	for (size_t i = 0; i < sizeof(rand); i++)
		rand[i] = (uint8_t)random_bits(8);
	eps->sqn = (eps->sqn + eps->step) & SQN_MAX;
	ck_assert_int_eq(aka_vector_make(&key, rand, eps->sqn, amf, v), 0);
}

/* Returns whether the card had to resynchronise. */
static int attach(struct eps *eps)
{
	struct aka_vector v;
	uint8_t auts[AKA_AUTS_LEN];
	uint64_t sqn_ms;

	eps_vector(eps, &v);
	if (card_takes(v.rand, v.autn, auts))
		return 0;
	ck_assert_int_eq(aka_auts_check(&key, v.rand, auts, &sqn_ms), 0);
	eps->sqn = (sqn_ms + eps->after_resync - eps->step) & SQN_MAX;
	eps_vector(eps, &v);
	ck_assert(card_takes(v.rand, v.autn, auts));
	return 1;
}

/* A MAR; resync: RAND || AUTS, or empty. */
static void ask(struct slice resync, struct aka_vector *v)
{
	struct cx_request req = {.impi = SLICE_LIT("one@h"),
				 .impu = {"sip:one@h"},
				 .n_impu = 1,
				 .scscf = SLICE_LIT("sip:s"),
				 .origin_host = SLICE_LIT("s.h"),
				 .origin_realm = SLICE_LIT("h"),
				 .authorization_type = -1,
				 .scheme = SLICE_LIT("Digest-AKAv1-MD5"),
				 .items = 1,
				 .resync = resync};
	struct cx_served served;

	service_answer(&svc, CX_MAR, &req, &served);
	ck_assert_uint_eq(served.ans.result.code, 2001);
	ck_assert_uint_eq(served.ans.n_vectors, 1);
	*v = served.ans.vector[0];
	served_free(&served);
}

static int register_in_ims(void)
{
	struct aka_vector v;
	uint8_t resync[AKA_RAND_LEN + AKA_AUTS_LEN];

	ask(SLICE_NULL, &v);
	if (card_takes(v.rand, v.autn, resync + AKA_RAND_LEN))
		return 0;
	memcpy(resync, v.rand, AKA_RAND_LEN);
	ask(slice_make((char *)resync, sizeof(resync)), &v);
	ck_assert(card_takes(v.rand, v.autn, resync + AKA_RAND_LEN));
	return 1;
}

/* How many of TIMES attaches and registrations in no order end in a resynchronisation. */
static int resynchronisations(struct eps eps, unsigned int first, unsigned int last)
{
	int n = 0;

	begin((struct sqn_range){first, last});
	for (int i = 0; i < TIMES; i++)
		n += random_bits(1) ? attach(&eps) : register_in_ims();
	end();
	printf("%s, IND %u to %u here: %d of %d\n", eps.step == 32 ? "Open5GS" : "PyHSS", first,
	       last, n, TIMES);
	return n;
}

START_TEST(a_card_shared_with_open5gs_resynchronises_unless_ind_0_is_left_to_it)
{
	ck_assert_int_gt(resynchronisations(open5gs, 0, 31), 0);
	ck_assert_int_eq(resynchronisations(open5gs, 1, 31), 0);
	ck_assert_int_eq(resynchronisations(open5gs, 16, 31), 0);
}
END_TEST

START_TEST(a_card_shared_with_pyhss_resynchronises_unless_what_4_divides_is_left_to_it)
{
	ck_assert_int_gt(resynchronisations(pyhss, 0, 31), 0);
	ck_assert_int_gt(resynchronisations(pyhss, 16, 31), 0);
	ck_assert_int_eq(resynchronisations(pyhss, 29, 31), 0);
}
END_TEST

UNIT_MAIN("hss shared sim", a_card_shared_with_open5gs_resynchronises_unless_ind_0_is_left_to_it,
	  a_card_shared_with_pyhss_resynchronises_unless_what_4_divides_is_left_to_it)
