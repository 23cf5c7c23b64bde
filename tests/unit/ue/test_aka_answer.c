/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the phone answers to a challenge, with a card of either algorithm. */
#include <stdlib.h>

#include "aka/codec.h"
#include "aka/digest.h"
#include "ue/aka_answer.h"
#include "unit/unit.h"

static char impi[] = "a@h", home[] = "h";
static struct ue phone;
static struct conn conn;
static struct register_options options;
static uint8_t auts[AKA_AUTS_LEN], ck[16], ik[16];
static const char *why, *algorithm = "AKAv1-MD5";

/* Milenage, and TUAK with each length of RES and both of K. */
static struct aka_key card(int which)
{
	static const uint8_t res[] = {8, 4, 8, 16};
	struct slice k = SLICE_LIT("K of 256 bits, which TUAK allows");
	struct aka_key key = {.algorithm = which ? AKA_TUAK : AKA_MILENAGE, .res_len = res[which]};
	bool half = which < 2;

	if (which)
		key.tuak.iterations = 1;
	ck_assert_int_eq(
	    aka_key_fill(&key, half ? slice_make(k.p, 16) : k, which ? k : slice_make(k.p, 16)), 0);
	return key;
}

enum { CARDS = 4 };

static void begin(const struct aka_key *key)
{
	phone = (struct ue){
	    .home = {.impi = impi, .domain = home, .realm = home}, .has_key = true, .key = *key};
	conn = (struct conn){.ue = &phone, .system = &phone.home};
}

static void end(void)
{
	struct credentials *a = &conn.auth;

	free(a->realm);
	free(a->nonce);
	free(a->opaque);
	free(a->algorithm);
}

static enum answer_kind challenged(const struct aka_vector *v)
{
	enum answer_kind kind = ANSWER_MAC;
	char nonce[AKA_NONCE_SIZE], raw[400];
	struct ue_sip_msg m;

	aka_nonce_encode(v->rand, v->autn, nonce);
	snprintf(raw, sizeof(raw),
		 "SIP/2.0 401 Unauthorized\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\n"
		 "From: <sip:a@h>;tag=1\r\nTo: <sip:a@h>;tag=2\r\nCall-ID: c\r\n"
		 "CSeq: 1 REGISTER\r\nWWW-Authenticate: Digest realm=\"h\",nonce=\"%s\","
		 "algorithm=%s,qop=\"auth\"\r\nContent-Length: 0\r\n\r\n",
		 nonce, algorithm);
	ck_assert_int_eq(ue_sip_parse(slice_str(raw), &m), 0);
	ck_assert_msg(aka_answer(&conn, &m, &options, &kind, auts, ck, ik, &why) == 0, "%s", why);
	return kind;
}

static struct aka_vector vector(const struct aka_key *key, uint64_t sqn)
{
	static const uint8_t rand[16] = {1, 2, 3}, amf[2] = {0x80, 0};
	struct aka_vector v;

	ck_assert_int_eq(aka_vector_make(key, rand, sqn, amf, &v), 0);
	return v;
}

/* The text behind name=" in what was written. */
static struct slice written(const struct text *t, const char *name)
{
	const char *at = strstr(t->p, name), *from = at ? at + strlen(name) : NULL;
	const char *until = from ? strpbrk(from, "\",\r") : NULL;

	ck_assert_msg(until != NULL, "no %s in %s", name, t->p);
	return slice_make(from, (size_t)(until - from));
}

/* What an S-CSCF takes for the password: XRES, or what RFC 4169 makes of it. */
static struct slice password(const struct aka_vector *v, bool v2, char room[AKA_V2_PASSWORD_SIZE])
{
	struct slice xres = slice_make((const char *)v->xres, v->xres_len);

	if (!v2)
		return xres;
	ck_assert_int_eq(aka_digest_v2_password(xres, v->ik, v->ck, room), 0);
	return slice_str(room);
}

static void answers_with(bool v2)
{
	for (int i = 0; i < CARDS; i++) {
		struct aka_key key = card(i);
		struct aka_vector v = vector(&key, sqn_make(1, 1));
		char want[AKA_DIGEST_SIZE], room[AKA_V2_PASSWORD_SIZE];
		struct text t = {0};
		struct aka_digest d;

		begin(&key);
		algorithm = v2 ? "AKAv2-MD5" : "AKAv1-MD5";
		ck_assert_int_eq(challenged(&v), ANSWER_RESPONSE);
		ck_assert_mem_eq(ck, v.ck, 16);
		ck_assert_mem_eq(ik, v.ik, 16);
		authorization_write(&conn, ANSWER_RESPONSE, NULL, &t);
		/* what an S-CSCF makes of XRES */
		d = (struct aka_digest){.username = SLICE_LIT("a@h"),
					.realm = SLICE_LIT("h"),
					.nonce = slice_str(conn.auth.nonce),
					.uri = SLICE_LIT("sip:h"),
					.method = SLICE_LIT("REGISTER"),
					.res = password(&v, v2, room),
					.qop = AKA_QOP_AUTH,
					.nc = written(&t, "nc="),
					.cnonce = written(&t, "cnonce=\"")};
		ck_assert_int_eq(aka_digest_response(&d, want), 0);
		ck_assert(slice_eq(written(&t, "response=\""), slice_str(want)));
		ck_assert(slice_eq(written(&t, "algorithm="), slice_str(algorithm)));
		free(t.p);
		end();
	}
}

START_TEST(the_whole_res_is_the_password)
{
	answers_with(false);
}
END_TEST

START_TEST(of_akav2_it_is_made_of_res_and_the_keys)
{
	answers_with(true);
}
END_TEST

START_TEST(a_number_that_was_there_before_asks_to_get_in_step)
{
	for (int i = 0; i < CARDS; i++) {
		struct aka_key key = card(i);
		struct aka_vector v = vector(&key, sqn_make(1, 1));
		uint64_t sqn = 0;

		begin(&key);
		ck_assert_int_eq(challenged(&v), ANSWER_RESPONSE);
		ck_assert_int_eq(challenged(&v), ANSWER_AUTS);
		ck_assert_int_eq(aka_auts_check(&key, v.rand, auts, &sqn), 0);
		ck_assert_uint_eq(sqn, sqn_make(1, 1));
		end();
	}
}
END_TEST

START_TEST(a_network_with_another_key_is_not_answered)
{
	for (int i = 0; i < CARDS; i++) {
		struct aka_key key = card(i), other = card((i + 1) % CARDS);
		struct aka_vector v = vector(&other, sqn_make(1, 1));

		/* of one key and algorithm, RES of another length does not change MAC */
		if (i == 2)
			continue;
		begin(&key);
		ck_assert_int_eq(challenged(&v), ANSWER_MAC);
		end();
	}
}
END_TEST

UNIT_MAIN("ue aka answer", the_whole_res_is_the_password, of_akav2_it_is_made_of_res_and_the_keys,
	  a_number_that_was_there_before_asks_to_get_in_step,
	  a_network_with_another_key_is_not_answered)
