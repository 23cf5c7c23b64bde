/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SRTP on our ciphers: against libsrtp2's own, over a roll-over, over a change of key. */
#include "unit/unit.h"
#include <stdio.h>
#include <string.h>
#include "agw/media/srtp.h"
#include "agw/media/srtp_crypto.h"

static void start(void)
{
	static bool done;

	if (done)
		return;
	done = true;
	ck_assert_int_eq(srtp_init(), srtp_err_status_ok);
	ck_assert_int_eq(srtp_crypto_install(), 0);
}

static struct sdes_key key(enum sdes_suite suite, uint8_t seed)
{
	struct sdes_key k = {.suite = suite, .tag = 1};

	for (size_t i = 0; i < sdes_suite_key_octets(suite) + sdes_suite_salt_octets(suite); i++)
		k.key[i] = (uint8_t)(seed + 7 * i);
	return k;
}

static size_t packet(uint8_t *p, uint32_t ssrc, uint16_t seq, size_t payload)
{
	memset(p, 0, 12);
	p[0] = 0x80;
	p[2] = (uint8_t)(seq >> 8);
	p[3] = (uint8_t)seq;
	p[8] = (uint8_t)(ssrc >> 24);
	p[9] = (uint8_t)(ssrc >> 16);
	p[10] = (uint8_t)(ssrc >> 8);
	p[11] = (uint8_t)ssrc;
	for (size_t i = 0; i < payload; i++)
		p[12 + i] = (uint8_t)(seq + i);
	return 12 + payload;
}

/* One packet from a to b; the result of taking it. */
static enum srtp_result carry(struct srtp_end *a, struct srtp_end *b, uint32_t ssrc, uint16_t seq,
			      int64_t now)
{
	uint8_t clear[256], p[256 + SRTP_GROWTH];
	size_t n = packet(clear, ssrc, seq, 160), len = n;
	enum srtp_result rc;

	memcpy(p, clear, n);
	ck_assert_int_eq(srtp_end_protect(a, p, &len, false), SRTP_OK);
	ck_assert(memcmp(p + 12, clear + 12, 160) != 0);
	rc = srtp_end_unprotect(b, p, &len, false, now);
	if (rc == SRTP_OK) {
		ck_assert_uint_eq(len, n);
		ck_assert_mem_eq(p, clear, n);
	}
	return rc;
}

START_TEST(every_suite_carries_rtp_and_rtcp)
{
	start();
	for (int s = SDES_NONE + 1; s < SDES_SUITES; s++) {
		struct sdes_key k = key((enum sdes_suite)s, 3);
		struct srtp_end a, b;
		uint8_t rtcp[64 + SRTP_GROWTH] = {0x80, 200, 0, 6, 1, 2, 3, 4};
		size_t len = 28;

		srtp_end_init(&a, 128);
		srtp_end_init(&b, 128);
		ck_assert_int_eq(srtp_end_protect(&a, rtcp, &len, true), SRTP_NO_KEY);
		ck_assert_int_eq(srtp_end_set_tx(&a, &k), 0);
		ck_assert_int_eq(srtp_end_set_rx(&b, &k, 0), 0);
		for (unsigned i = 0; i < 500; i++)
			ck_assert_int_eq(carry(&a, &b, 0x11223344, (uint16_t)(65300 + i), 0),
					 SRTP_OK);
		ck_assert_int_eq(srtp_end_protect(&a, rtcp, &len, true), SRTP_OK);
		ck_assert_int_eq(srtp_end_unprotect(&b, rtcp, &len, true, 0), SRTP_OK);
		ck_assert_uint_eq(len, 28);
		srtp_end_clear(&a);
		srtp_end_clear(&b);
	}
}
END_TEST

START_TEST(forged_and_replayed_packets_are_told_apart)
{
	struct sdes_key k = key(SDES_AES_CM_128_HMAC_SHA1_80, 9);
	struct srtp_end a, b;
	uint8_t p[400], copy[400];
	size_t len, sealed;

	start();
	srtp_end_init(&a, 128);
	srtp_end_init(&b, 128);
	srtp_end_set_tx(&a, &k);
	srtp_end_set_rx(&b, &k, 0);
	len = packet(p, 5, 100, 50);
	ck_assert_int_eq(srtp_end_protect(&a, p, &len, false), SRTP_OK);
	sealed = len;
	memcpy(copy, p, len);
	p[20] ^= 1;
	ck_assert_int_eq(srtp_end_unprotect(&b, p, &len, false, 0), SRTP_AUTH);
	memcpy(p, copy, sealed);
	len = sealed;
	ck_assert_int_eq(srtp_end_unprotect(&b, p, &len, false, 0), SRTP_OK);
	len = sealed;
	ck_assert_int_eq(srtp_end_unprotect(&b, copy, &len, false, 0), SRTP_REPLAY);
	for (int i = 101; i < 300; i++)
		carry(&a, &b, 5, (uint16_t)i, 0);
	/* The same number with something else in it: both together would show what is in them. */
	len = packet(p, 5, 299, 50);
	p[20] ^= 1;
	memcpy(copy, p, len);
	ck_assert_int_eq(srtp_end_protect(&a, p, &len, false), SRTP_REPLAY);
	ck_assert_mem_eq(p, copy, len);
	srtp_end_clear(&a);
	srtp_end_clear(&b);
}
END_TEST

/* Take a to a roll-over counter of 1, then change keys. */
static void rolled_over(struct srtp_end *a, struct srtp_end *b, const struct sdes_key *k)
{
	srtp_end_init(a, 128);
	srtp_end_init(b, 128);
	ck_assert_int_eq(srtp_end_set_tx(a, k), 0);
	ck_assert_int_eq(srtp_end_set_rx(b, k, 0), 0);
	for (unsigned i = 65500; i < 65600; i++)
		ck_assert_int_eq(carry(a, b, 77, (uint16_t)i, 0), SRTP_OK);
}

START_TEST(a_new_key_keeps_the_roll_over_counter)
{
	enum sdes_suite suites[] = {SDES_AES_CM_128_HMAC_SHA1_32, SDES_AEAD_AES_128_GCM};

	start();
	for (size_t s = 0; s < 2; s++) {
		struct sdes_key one = key(suites[s], 1), two = key(suites[s], 2);
		struct srtp_end a, b;

		rolled_over(&a, &b, &one);
		/* The receiver knows first: the old key is still good for a while. */
		ck_assert_int_eq(srtp_end_set_rx(&b, &two, 1000), 0);
		ck_assert_int_eq(carry(&a, &b, 77, 64, 1100), SRTP_OK);
		ck_assert_int_eq(srtp_end_set_tx(&a, &two), 0);
		for (uint16_t i = 65; i < 200; i++)
			ck_assert_int_eq(carry(&a, &b, 77, i, 1200), SRTP_OK);
		ck_assert_int_eq(carry(&a, &b, 77, 200, 1000 + SRTP_REKEY_MS + 1), SRTP_OK);
		ck_assert_ptr_null(b.rx_old.handle);
		srtp_end_clear(&a);
		srtp_end_clear(&b);
	}
}
END_TEST

START_TEST(the_old_key_ends)
{
	struct sdes_key one = key(SDES_AEAD_AES_128_GCM, 1), two = key(SDES_AEAD_AES_128_GCM, 2);
	struct srtp_end a, b;

	start();
	rolled_over(&a, &b, &one);
	srtp_end_set_rx(&b, &two, 1000);
	ck_assert_int_eq(carry(&a, &b, 77, 64, 1000 + SRTP_REKEY_MS + 1), SRTP_AUTH);
	srtp_end_clear(&a);
	srtp_end_clear(&b);
}
END_TEST

START_TEST(a_sender_that_restarts_its_counter_is_understood)
{
	struct sdes_key one = key(SDES_AES_CM_128_HMAC_SHA1_80, 1),
			two = key(SDES_AES_CM_128_HMAC_SHA1_80, 2);
	struct srtp_end a, b, fresh;

	start();
	rolled_over(&a, &b, &one);
	srtp_end_set_rx(&b, &two, 1000);
	srtp_end_init(&fresh, 128);
	srtp_end_set_tx(&fresh, &two);
	for (uint16_t i = 64; i < 100; i++)
		ck_assert_int_eq(carry(&fresh, &b, 77, i, 1100), SRTP_OK);
	ck_assert_int_eq(carry(&fresh, &b, 77, 100, 1000 + SRTP_REKEY_MS + 1), SRTP_OK);
	srtp_end_clear(&a);
	srtp_end_clear(&b);
	srtp_end_clear(&fresh);
}
END_TEST

/* What a phone that came over another access network has: the new key, and no counters. */
START_TEST(a_new_peer_with_a_new_key_begins_at_zero)
{
	struct sdes_key one = key(SDES_AES_CM_128_HMAC_SHA1_80, 1),
			two = key(SDES_AES_CM_128_HMAC_SHA1_80, 2);
	struct srtp_end a, b, elsewhere;

	start();
	rolled_over(&a, &b, &one);
	srtp_end_init(&elsewhere, 128);
	srtp_end_set_rx(&elsewhere, &two, 1000);
	ck_assert_int_eq(srtp_end_start_tx(&a, &one), 0); /* the same key: the counters go on */
	ck_assert_int_eq(carry(&a, &b, 77, 64, 1000), SRTP_OK);
	ck_assert_int_eq(srtp_end_start_tx(&a, &two), 0);
	for (uint16_t i = 65; i < 100; i++)
		ck_assert_int_eq(carry(&a, &elsewhere, 77, i, 1000), SRTP_OK);
	srtp_end_clear(&a);
	srtp_end_clear(&b);
	srtp_end_clear(&elsewhere);
}
END_TEST

START_TEST(the_same_key_again_changes_nothing)
{
	struct sdes_key one = key(SDES_AES_CM_128_HMAC_SHA1_80, 1);
	struct srtp_end a, b;

	start();
	rolled_over(&a, &b, &one);
	one.tag = 2;
	ck_assert_int_eq(srtp_end_set_rx(&b, &one, 1000), 0);
	ck_assert_ptr_null(b.rx_old.handle);
	ck_assert_int_eq(srtp_end_set_tx(&a, &one), 0);
	ck_assert_int_eq(carry(&a, &b, 77, 64, 1100), SRTP_OK);
	srtp_end_clear(&a);
	srtp_end_clear(&b);
}
END_TEST

START_TEST(made_up_ssrcs_do_not_fill_the_memory)
{
	struct sdes_key k = key(SDES_AES_CM_128_HMAC_SHA1_80, 1);
	struct srtp_end a, b;
	uint32_t roc;
	unsigned kept = 0;

	start();
	srtp_end_init(&a, 128);
	srtp_end_init(&b, 128);
	srtp_end_set_tx(&a, &k);
	srtp_end_set_rx(&b, &k, 0);
	for (uint32_t ssrc = 1; ssrc <= 500; ssrc++)
		ck_assert_int_eq(carry(&a, &b, ssrc, 1, 0), SRTP_OK);
	for (uint32_t ssrc = 1; ssrc <= 500; ssrc++)
		kept += srtp_get_stream_roc(a.tx.handle, ssrc, &roc) == srtp_err_status_ok;
	ck_assert_uint_eq(kept, SRTP_SSRCS);
	ck_assert_int_eq(carry(&a, &b, 500, 2, 0), SRTP_OK);
	srtp_end_clear(&a);
	srtp_end_clear(&b);
}
END_TEST

/* One RTCP packet of an SSRC, protected. */
static enum srtp_result protect_rtcp(struct srtp_end *a, uint32_t ssrc)
{
	uint8_t rtcp[64 + SRTP_GROWTH] = {0x80, 200, 0, 6};
	size_t len = 28;

	rtcp[7] = (uint8_t)ssrc;
	return srtp_end_protect(a, rtcp, &len, true);
}

static uint32_t roll_over(const struct srtp_session *s, uint32_t ssrc)
{
	uint32_t roc = 0;

	ck_assert_int_eq(srtp_get_stream_roc(s->handle, ssrc, &roc), srtp_err_status_ok);
	return roc;
}

/* n others speak, each once. */
static void others_speak(struct srtp_end *a, struct srtp_end *b, uint32_t first, uint32_t n)
{
	for (uint32_t ssrc = first; ssrc < first + n; ssrc++)
		ck_assert_int_eq(carry(a, b, ssrc, 1, 0), SRTP_OK);
}

START_TEST(who_lost_his_place_goes_on_where_he_was)
{
	enum sdes_suite suites[] = {SDES_AES_CM_128_HMAC_SHA1_80, SDES_AEAD_AES_128_GCM};

	start();
	for (size_t s = 0; s < 2; s++) {
		struct sdes_key one = key(suites[s], 1), two = key(suites[s], 2);
		struct srtp_end a, b;
		uint8_t old[400], p[400];
		size_t sealed, len;

		rolled_over(&a, &b, &one);
		sealed = packet(old, 78, 20, 50);
		ck_assert_int_eq(srtp_end_protect(&a, old, &sealed, false), SRTP_OK);
		memcpy(p, old, sealed);
		len = sealed;
		ck_assert_int_eq(srtp_end_unprotect(&b, p, &len, false, 0), SRTP_OK);
		others_speak(&a, &b, 1000, 2 * SRTP_SSRCS);
		/* Its counter has rolled over once. */
		ck_assert_int_eq(carry(&a, &b, 77, 64, 0), SRTP_OK);
		ck_assert_int_eq(carry(&a, &b, 77, 65, 0), SRTP_OK);
		ck_assert_uint_eq(roll_over(&a.tx, 77), 1);
		ck_assert_uint_eq(roll_over(&b.rx, 77), 1);
		/* What was sent or taken before is not again. */
		len = packet(p, 78, 20, 50);
		ck_assert_int_eq(srtp_end_protect(&a, p, &len, false), SRTP_REPLAY);
		memcpy(p, old, sealed);
		len = sealed;
		ck_assert_int_eq(srtp_end_unprotect(&b, p, &len, false, 0), SRTP_REPLAY);
		/* Nor when it is there again, within the window. */
		ck_assert_int_eq(carry(&a, &b, 78, 21, 0), SRTP_OK);
		len = packet(p, 78, 20, 50);
		ck_assert_int_eq(srtp_end_protect(&a, p, &len, false), SRTP_REPLAY);
		memcpy(p, old, sealed);
		len = sealed;
		ck_assert_int_eq(srtp_end_unprotect(&b, p, &len, false, 0), SRTP_REPLAY);
		for (unsigned i = 22; i < 66000; i += i < 200 || i > 65500 ? 1 : 100)
			ck_assert_int_eq(carry(&a, &b, 78, (uint16_t)i, 0), SRTP_OK);
		ck_assert_int_eq(protect_rtcp(&a, 77), SRTP_REPLAY);
		ck_assert_int_eq(protect_rtcp(&a, 79), SRTP_OK);
		/* A new key is one for all. */
		ck_assert_int_eq(srtp_end_set_rx(&b, &two, 1000), 0);
		ck_assert_int_eq(srtp_end_set_tx(&a, &two), 0);
		ck_assert_int_eq(carry(&a, &b, 77, 66, 1100), SRTP_OK);
		srtp_end_clear(&a);
		srtp_end_clear(&b);
	}
}
END_TEST

/* Somebody who answers with a number of his own choice does not get a place by it. */
START_TEST(a_forgery_does_not_bring_anybody_back)
{
	struct sdes_key one = key(SDES_AES_CM_128_HMAC_SHA1_80, 1);
	struct srtp_end a, b;
	uint8_t p[400] = {0};
	size_t len;

	start();
	rolled_over(&a, &b, &one);
	others_speak(&a, &b, 1000, 2 * SRTP_SSRCS);
	for (uint16_t i = 64; i < 70; i++) {
		len = packet(p, 77, (uint16_t)(i + 1000), 60);
		ck_assert_int_eq(srtp_end_unprotect(&b, p, &len, false, 0), SRTP_AUTH);
		ck_assert_int_eq(carry(&a, &b, 77, i, 0), SRTP_OK);
		others_speak(&a, &b, 2000 + 100u * i, SRTP_SSRCS);
	}
	srtp_end_clear(&a);
	srtp_end_clear(&b);
}
END_TEST

START_TEST(nobody_comes_back_whose_index_is_forgotten)
{
	struct sdes_key one = key(SDES_AES_CM_128_HMAC_SHA1_80, 1),
			two = key(SDES_AES_CM_128_HMAC_SHA1_80, 2);
	struct srtp_end a, b;
	uint8_t p[400];
	size_t len;

	start();
	rolled_over(&a, &b, &one);
	others_speak(&a, &b, 1000, SRTP_SSRCS + SRTP_GONE_KNOWN + 1);
	len = packet(p, 77, 64, 50);
	ck_assert_int_eq(srtp_end_protect(&a, p, &len, false), SRTP_REPLAY);
	/* Others still begin, and those that are there go on. */
	others_speak(&a, &b, 5000, 10);
	ck_assert_int_eq(carry(&a, &b, 5005, 2, 0), SRTP_OK);
	/* Under another key nothing was used. */
	ck_assert_int_eq(srtp_end_set_rx(&b, &two, 1000), 0);
	ck_assert_int_eq(srtp_end_set_tx(&a, &two), 0);
	ck_assert_int_eq(carry(&a, &b, 77, 64, 1100), SRTP_OK);
	srtp_end_clear(&a);
	srtp_end_clear(&b);
}
END_TEST

START_TEST(a_key_with_mki_marks_its_packets)
{
	struct sdes_key k = key(SDES_AES_CM_128_HMAC_SHA1_80, 1);
	struct srtp_end a, b;

	start();
	k.mki_len = 4;
	k.mki[3] = 7;
	srtp_end_init(&a, 128);
	srtp_end_init(&b, 128);
	srtp_end_set_tx(&a, &k);
	srtp_end_set_rx(&b, &k, 0);
	for (uint16_t i = 0; i < 20; i++)
		ck_assert_int_eq(carry(&a, &b, 9, i, 0), SRTP_OK);
	srtp_end_clear(&a);
	srtp_end_clear(&b);
}
END_TEST

/* Sealed by libsrtp2 as Debian built it and on our ciphers: octet for octet the same protocol. Of
 * every length that its last block of HMAC-SHA1 can have, over a roll-over. */
START_TEST(stock_library_and_ours_agree)
{
	struct sdes_key k = key(SDES_AES_CM_128_HMAC_SHA1_80, 4);
	uint8_t stock[1500 + SRTP_GROWTH], ours[1500 + SRTP_GROWTH];
	srtp_policy_t p = {0};
	srtp_t s;
	struct srtp_end a;

	ck_assert_int_eq(srtp_init(), srtp_err_status_ok);
	srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&p.rtp);
	srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&p.rtcp);
	p.ssrc.type = ssrc_any_outbound;
	p.key = k.key;
	p.window_size = 128;
	ck_assert_int_eq(srtp_create(&s, &p), srtp_err_status_ok);
	ck_assert_int_eq(srtp_crypto_install(), 0); /* what is made from now on is ours */
	srtp_end_init(&a, 128);
	srtp_end_set_tx(&a, &k);
	for (int i = 0; i < 128; i++) {
		size_t len = packet(ours, 3, (uint16_t)(65500 + i), 11 * (size_t)i);
		int stock_len = (int)packet(stock, 3, (uint16_t)(65500 + i), 11 * (size_t)i);

		ck_assert_int_eq(srtp_protect(s, stock, &stock_len), srtp_err_status_ok);
		ck_assert_int_eq(srtp_end_protect(&a, ours, &len, false), SRTP_OK);
		ck_assert_uint_eq(len, (size_t)stock_len);
		ck_assert_mem_eq(ours, stock, len);
	}
	srtp_end_clear(&a);
	srtp_dealloc(s);
}
END_TEST

UNIT_MAIN("srtp", every_suite_carries_rtp_and_rtcp, forged_and_replayed_packets_are_told_apart,
	  a_new_key_keeps_the_roll_over_counter, the_old_key_ends,
	  a_sender_that_restarts_its_counter_is_understood,
	  a_new_peer_with_a_new_key_begins_at_zero, the_same_key_again_changes_nothing,
	  made_up_ssrcs_do_not_fill_the_memory, who_lost_his_place_goes_on_where_he_was,
	  a_forgery_does_not_bring_anybody_back, nobody_comes_back_whose_index_is_forgotten,
	  a_key_with_mki_marks_its_packets, stock_library_and_ours_agree)
