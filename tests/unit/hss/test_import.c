/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Import that comes in pieces of any size, stops in the middle and goes on. */
#include "base.h"

#include "hss/provision/change.h"
#include "hss/provision/import.h"

#define KEYS "k=465b5ce8b199b49faa5f0a2ee238a6bc op=cdc202d5123e20f62b6d676ac72cb318"

enum { MANY = 3000 };

static struct base base;
static struct store *store;
static struct transaction *tx;
static char *text;
static size_t text_len;

/* MANY subscriptions; the one with the number wrong has no key. */
static void make_text(int wrong)
{
	FILE *f = open_memstream(&text, &text_len);

	for (int i = 0; i < MANY; i++)
		fprintf(f, "subscription\n private u%d@h %s\n public sip:u%d@h\nend # %d\n", i,
			i == wrong ? "" : KEYS, i, i);
	fclose(f);
}

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
	free(text);
}

static uint64_t stored(void)
{
	struct store_totals t;

	ck_assert_int_eq(store_begin(store, false, &tx), 0);
	ck_assert_int_eq(store_totals(tx, &t), 0);
	store_rollback(tx);
	return t.subscriptions;
}

/* Feed the text in pieces of step octets. Returns what the last call says. */
static int feed(struct import *im, size_t step, char *why, size_t size)
{
	int err = 0;

	import_begin(im, IMPORT_CHECK | IMPORT_WRITE);
	for (size_t at = 0; at < text_len && err == 0; at += step) {
		size_t n = text_len - at < step ? text_len - at : step;

		err = import_stream(im, slice_make(text + at, n), false, why, size);
	}
	return err ? err : import_stream(im, SLICE_NULL, true, why, size);
}

START_TEST(any_pieces)
{
	static const size_t steps[] = {997, 32768, 10000000};
	char why[512] = "";

	begin();
	make_text(-1);
	for (size_t i = 0; i < 3; i++) {
		struct import *im = import_new(store, i > 0, 0);

		ck_assert_msg(feed(im, steps[i], why, sizeof(why)) == 0, "%s", why);
		ck_assert_uint_eq(import_count(im), MANY);
		ck_assert_uint_eq(import_written(im), MANY);
		ck_assert_uint_eq(stored(), MANY);
		import_free(im);
	}
	end();
}
END_TEST

START_TEST(goes_on_behind_an_error)
{
	char why[512] = "";
	struct import *im;
	uint64_t kept;

	begin();
	make_text(2500);
	im = import_new(store, false, 0);
	ck_assert_int_ne(feed(im, 5000, why, sizeof(why)), 0);
	/* a block has four lines, and the second of the 2501st is wrong */
	ck_assert_msg(strstr(why, "line 10002: ") == why, "%s", why);
	kept = import_written(im);
	ck_assert_uint_eq(kept, stored());
	ck_assert(kept > 0 && kept <= 2500);
	import_free(im);
	free(text);

	make_text(-1);
	im = import_new(store, false, kept);
	ck_assert_msg(feed(im, 5000, why, sizeof(why)) == 0, "%s", why);
	ck_assert_uint_eq(import_count(im), MANY);
	ck_assert_uint_eq(stored(), MANY);
	import_free(im);
	end();
}
END_TEST

START_TEST(refusals)
{
	static char big[IMPORT_BLOCK_MAX + 10];
	char why[512] = "";
	struct import *im;

	begin();
	im = import_new(store, false, 0);
	import_begin(im, IMPORT_CHECK | IMPORT_WRITE);
	memset(big, ' ', sizeof(big));
	ck_assert_int_ne(import_stream(im, slice_make(big, sizeof(big)), false, why, sizeof(why)),
			 0);
	ck_assert_ptr_nonnull(strstr(why, "a block of more than"));
	import_free(im);
	im = import_new(store, false, 0);
	import_begin(im, IMPORT_CHECK | IMPORT_WRITE);
	ck_assert_int_ne(import_stream(im, SLICE_LIT("subscription\nprivate a@h " KEYS "\n"), true,
				       why, sizeof(why)),
			 0);
	ck_assert_ptr_nonnull(strstr(why, "has no \"end\""));
	ck_assert_uint_eq(stored(), 0);
	import_free(im);
	end();
}
END_TEST

UNIT_MAIN("hss/provision/import", any_pieces, goes_on_behind_an_error, refusals)
