/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/unit.h"
#include "base/hmac_sha256.h"
#include "base/slice.h"
#include "xfrm/xfrm.h"

static void check_hash(const char *text, size_t times, const char *want)
{
	struct sha256 s;
	uint8_t out[SHA256_LEN], expect[SHA256_LEN];

	sha256_init(&s);
	for (size_t i = 0; i < times; i++)
		sha256_update(&s, text, strlen(text));
	sha256_final(&s, out);
	ck_assert_int_eq(slice_hex(slice_str(want), expect, sizeof(expect)), 0);
	ck_assert_mem_eq(out, expect, sizeof(out));
}

START_TEST(sha256_of_fips_180_4)
{
	check_hash("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	check_hash("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	check_hash("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
		   "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	check_hash("aaaaaaaaaa", 100000,
		   "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}
END_TEST

START_TEST(with_and_without_special_instructions_it_is_the_same)
{
	uint8_t block[64];
	struct sha256 s;
	uint32_t h[8];

	for (unsigned round = 0; round < 1000; round++) {
		sha256_init(&s);
		memcpy(h, s.h, sizeof(h));
		for (unsigned i = 0; i < 64; i++)
			block[i] = (uint8_t)(round * 31 + i * i * (round + 7));
		sha256_update(&s, block, 64);
		sha256_compress_plain(h, block);
		ck_assert_mem_eq(s.h, h, sizeof(h));
	}
}
END_TEST

static void check_mac(const void *key, size_t key_len, const char *text, const char *want)
{
	struct hmac_sha256_key k;
	uint8_t out[SHA256_LEN], expect[SHA256_LEN];

	hmac_sha256_key(&k, key, key_len);
	hmac_sha256(&k, text, strlen(text), out);
	ck_assert_int_eq(slice_hex(slice_str(want), expect, sizeof(expect)), 0);
	ck_assert_mem_eq(out, expect, sizeof(out));
}

START_TEST(hmac_of_rfc_4231)
{
	uint8_t key[131];

	memset(key, 0x0b, 20);
	check_mac(key, 20, "Hi There",
		  "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	check_mac("Jefe", 4, "what do ya want for nothing?",
		  "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	memset(key, 0xaa, 131);
	check_mac(key, 131, "Test Using Larger Than Block-Size Key - Hash Key First",
		  "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}
END_TEST

START_TEST(keys_are_those_of_annex_i)
{
	uint8_t ck[16], ik[16];
	struct xfrm_keys k;

	for (uint8_t i = 0; i < 16; i++) {
		ck[i] = (uint8_t)(0x10 + i);
		ik[i] = (uint8_t)(0x80 + i);
	}
	ck_assert_int_eq(xfrm_keys_from_aka(XFRM_ALG_HMAC_MD5_96, XFRM_EALG_NULL, ck, ik, &k), 0);
	ck_assert_uint_eq(k.auth_len, 16);
	ck_assert_mem_eq(k.auth, ik, 16);
	ck_assert_uint_eq(k.enc_len, 0);
	ck_assert_int_eq(xfrm_keys_from_aka(XFRM_ALG_HMAC_SHA1_96, XFRM_EALG_AES_CBC, ck, ik, &k),
			 0);
	ck_assert_uint_eq(k.auth_len, 20);
	ck_assert_mem_eq(k.auth, ik, 16);
	ck_assert_mem_eq(k.auth + 16, "\0\0\0\0", 4);
	ck_assert_mem_eq(k.enc, ck, 16);
	ck_assert_int_eq(
	    xfrm_keys_from_aka(XFRM_ALG_HMAC_SHA256_128, XFRM_EALG_DES_EDE3_CBC, ck, ik, &k), 0);
	ck_assert_uint_eq(k.auth_len, 32);
	ck_assert_uint_eq(k.enc_len, 24);
	ck_assert_mem_eq(k.enc, ck, 16);
	ck_assert_mem_eq(k.enc + 16, ck, 8);
	ck_assert_int_eq(xfrm_keys_from_aka(XFRM_ALG_NONE, XFRM_EALG_AES_GCM, ck, ik, &k), 0);
	ck_assert_uint_eq(k.enc_len, 20);
	ck_assert_int_eq(xfrm_keys_from_aka(XFRM_ALG_AES_GMAC, XFRM_EALG_NULL, ck, ik, &k), 0);
	ck_assert_mem_eq(k.enc, ik, 16);
	xfrm_keys_wipe(&k);
	for (size_t i = 0; i < sizeof(k); i++)
		ck_assert_uint_eq(((uint8_t *)&k)[i], 0);
}
END_TEST

START_TEST(salts_are_those_of_annex_i)
{
	static const uint8_t gmac[4] = {0x70, 0x40, 0xf6, 0xa2}, gcm[4] = {0x99, 0xca, 0x23, 0x18};
	uint8_t ck[16], ik[16];
	struct xfrm_keys k;

	for (uint8_t i = 0; i < 16; i++) {
		ck[i] = i;
		ik[i] = (uint8_t)(0x10 + i);
	}
	ck_assert_int_eq(xfrm_keys_from_aka(XFRM_ALG_AES_GMAC, XFRM_EALG_NULL, ck, ik, &k), 0);
	ck_assert_mem_eq(k.enc + 16, gmac, 4);
	ck_assert_int_eq(xfrm_keys_from_aka(XFRM_ALG_NONE, XFRM_EALG_AES_GCM, ck, ik, &k), 0);
	ck_assert_mem_eq(k.enc + 16, gcm, 4);
}
END_TEST

START_TEST(pairs_without_integrity_are_refused)
{
	uint8_t key[16] = {1};
	struct xfrm_keys k;

	ck_assert_int_eq(xfrm_keys_from_aka(XFRM_ALG_NONE, XFRM_EALG_AES_CBC, key, key, &k),
			 XFRM_E_INVALID);
	ck_assert_int_eq(xfrm_keys_from_aka(XFRM_ALG_NONE, XFRM_EALG_NULL, key, key, &k),
			 XFRM_E_INVALID);
	ck_assert_int_eq(xfrm_keys_from_aka(XFRM_ALG_HMAC_MD5_96, XFRM_EALG_AES_GCM, key, key, &k),
			 XFRM_E_INVALID);
	ck_assert_int_eq(xfrm_keys_from_aka(XFRM_ALG_AES_GMAC, XFRM_EALG_AES_CBC, key, key, &k),
			 XFRM_E_INVALID);
	ck_assert_int_eq(xfrm_keys_from_aka(XFRM_ALG_COUNT, XFRM_EALG_NULL, key, key, &k),
			 XFRM_E_INVALID);
}
END_TEST

UNIT_MAIN("xfrm keys", sha256_of_fips_180_4, with_and_without_special_instructions_it_is_the_same,
	  hmac_of_rfc_4231, keys_are_those_of_annex_i, salts_are_those_of_annex_i,
	  pairs_without_integrity_are_refused)
