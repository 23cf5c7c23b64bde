/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables of words: each is found however it is spelled, and nothing that only looks like it. */
#include <ctype.h>

#include "h248/packages.h"
#include "h248/codec/token.h"
#include "unit/unit.h"

static bool found_as(struct slice word, enum h248_token token)
{
	return h248_token_find(word) == token;
}

/* Upper, lower and mixed case. */
static void spell(struct slice word, unsigned how, char *out)
{
	for (size_t i = 0; i < word.len; i++) {
		int c = (unsigned char)word.p[i];

		out[i] = (char)(how == 0 || (how == 2 && i % 2) ? toupper(c) : tolower(c));
	}
}

START_TEST(every_reserved_word_is_found_in_any_case)
{
	char text[32];

	for (int token = 1; token < T_COUNT; token++) {
		for (int is_short = 0; is_short < 2; is_short++) {
			struct slice word = h248_token_text((enum h248_token)token, is_short);

			for (unsigned how = 0; how < 3; how++) {
				spell(word, how, text);
				ck_assert_msg(
				    found_as(slice_make(text, word.len), (enum h248_token)token),
				    "%.*s", (int)word.len, text);
			}
		}
	}
}
END_TEST

/* One byte more, one less, one changed: another token or none, never the same. */
START_TEST(what_only_looks_like_a_reserved_word_is_not_found)
{
	char text[32];

	for (int token = 1; token < T_COUNT; token++) {
		for (int is_short = 0; is_short < 2; is_short++) {
			struct slice word = h248_token_text((enum h248_token)token, is_short);
			struct slice other = h248_token_text((enum h248_token)token, !is_short);

			memcpy(text, word.p, word.len);
			text[word.len] = 'q';
			ck_assert(
			    !found_as(slice_make(text, word.len + 1), (enum h248_token)token));
			if (other.len != word.len - 1)
				ck_assert(!found_as(slice_make(text, word.len - 1),
						    (enum h248_token)token));
			for (size_t i = 0; i < word.len; i++) {
				for (int c = 0; c < 256; c++) {
					if (tolower(c) == tolower(word.p[i]))
						continue;
					text[i] = (char)c;
					ck_assert(
					    !found_as(slice_make(text, word.len),
						      (enum h248_token)token) ||
					    slice_eq_nocase(slice_make(text, word.len), other));
				}
				text[i] = word.p[i];
			}
		}
	}
	ck_assert(found_as(SLICE_NULL, T_NONE));
}
END_TEST

START_TEST(every_row_of_the_package_table_is_found)
{
	const struct h248_package_info *info;
	const struct h248_item *item;
	char package[32], name[64];

	for (size_t n = 0; (info = h248_package_at(n)); n++) {
		spell(slice_str(info->name), 0, package);
		ck_assert_ptr_eq(h248_package_find(slice_make(package, strlen(info->name))), info);
	}
	for (size_t n = 0; (item = h248_item_at(n)); n++) {
		struct slice in = {package, strlen(item->package)}, of = slice_str(item->of);

		spell(slice_str(item->package), 0, package);
		spell(slice_str(item->name), 1, name);
		ck_assert_msg(h248_item_find(in, item->kind, slice_make(name, strlen(item->name)),
					     of) == item,
			      "%s/%s", item->package, item->name);
		ck_assert_ptr_null(
		    h248_item_find(in, item->kind, slice_make(name, strlen(item->name) - 1), of));
		name[0] ^= 0x40;
		ck_assert_ptr_null(
		    h248_item_find(in, item->kind, slice_make(name, strlen(item->name)), of));
	}
}
END_TEST

UNIT_MAIN("h248 words", every_reserved_word_is_found_in_any_case,
	  what_only_looks_like_a_reserved_word_is_not_found,
	  every_row_of_the_package_table_is_found)
