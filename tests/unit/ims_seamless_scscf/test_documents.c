/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Documents of the reg event: their ids, and what becomes of those that are too large for a message. */
#include <stdio.h>

#include "modules/ims_seamless_scscf/core/notify_document.h"
#include "modules/ims_seamless_scscf/core/reginfo_ids.h"
#include "unit/ims_seamless_scscf/fixture.h"

/* ---- ids ---- */

static char doc[2048];

/* A full document of stock's about one identity; contact ids are addresses of its records. */
static size_t stock_document(const char *registration, const char *contact)
{
	return (size_t)snprintf(
	    doc, sizeof(doc),
	    "<?xml version=\"1.0\"?>\n"
	    "<reginfo xmlns=\"urn:ietf:params:xml:ns:reginfo\" version=\"1\" state=\"full\">\n"
	    "\t<registration aor=\"sip:user1_public1@home1.net\" id=\"%s\" state=\"active\">\n"
	    "\t\t<contact id=\"%s\" state=\"active\" event=\"registered\" expires=\"600\">\n"
	    "\t\t<uri>sip:10.1.0.10:5070</uri>\n\t\t</contact>\n\t</registration>\n</reginfo>\n",
	    registration, contact);
}

START_TEST(an_id_of_stock_becomes_ours_and_the_document_keeps_its_length)
{
	struct scscf_reginfo_id r = scscf_registration_id(&fixture_key, IMPU1),
				c = scscf_contact_id(&fixture_key, IMPU1, OLD);
	size_t len = stock_document("0x7f3a12345678", "0x7f3a87654321");
	char wanted[64];

	ck_assert_uint_eq(scscf_reginfo_replace_ids(&fixture_key, doc, len), 2);
	ck_assert_uint_eq(strlen(doc), len);
	ck_assert_ptr_null(strstr(doc, "0x"));
	snprintf(wanted, sizeof(wanted), " id=\"%s\"     state=\"active\">", r.text);
	ck_assert_ptr_nonnull(strstr(doc, wanted));
	snprintf(wanted, sizeof(wanted), "<contact id=\"%s\"     state=", c.text);
	ck_assert_ptr_nonnull(strstr(doc, wanted));
	/* What is replaced already stays. */
	ck_assert_uint_eq(scscf_reginfo_replace_ids(&fixture_key, doc, len), 2);
	ck_assert_ptr_nonnull(strstr(doc, wanted));
}
END_TEST

START_TEST(an_id_is_the_same_for_the_same_contact_and_differs_for_any_other)
{
	static const struct keyed_hash_key other_key = {{1, 2}};
	struct scscf_reginfo_id id = scscf_contact_id(&fixture_key, IMPU1, OLD);

	ck_assert_str_eq(id.text, scscf_contact_id(&fixture_key, IMPU1, OLD).text);
	ck_assert_str_eq(
	    id.text, scscf_contact_id(&fixture_key, S("SIP:user1_public1@HOME1.net"), OLD).text);
	ck_assert_str_ne(id.text, scscf_contact_id(&fixture_key, IMPU1, NEW).text);
	ck_assert_str_ne(id.text, scscf_contact_id(&fixture_key, IMPU2, OLD).text);
	ck_assert_str_ne(id.text, scscf_contact_id(&other_key, IMPU1, OLD).text);
	ck_assert_str_ne(id.text, scscf_registration_id(&fixture_key, IMPU1).text);
}
END_TEST

START_TEST(a_document_that_is_cut_anywhere_is_read_no_further_than_it_goes)
{
	size_t len = stock_document("0x7f3a12345678", "0x7f3a87654321");
	char *copy;

	for (size_t n = 0; n <= len; n++) {
		stock_document("0x7f3a12345678", "0x7f3a87654321");
		copy = malloc(n ? n : 1); /* so that a sanitizer sees one octet too many */
		memcpy(copy, doc, n);
		ck_assert_uint_le(scscf_reginfo_replace_ids(&fixture_key, copy, n), 2);
		free(copy);
	}
}
END_TEST

START_TEST(a_low_address_has_room_for_an_id_too)
{
	size_t len = stock_document("0x412c6238", "0x412c6090");

	ck_assert_uint_eq(scscf_reginfo_replace_ids(&fixture_key, doc, len), 2);
	ck_assert_ptr_null(strstr(doc, "0x"));
}
END_TEST

START_TEST(an_id_of_stock_that_is_no_address_stays)
{
	size_t len = stock_document("0x7f3a12345678", "0x1");

	ck_assert_uint_eq(scscf_reginfo_replace_ids(&fixture_key, doc, len), 1);
	ck_assert_ptr_nonnull(strstr(doc, "<contact id=\"0x1\" state"));
}
END_TEST

/* ---- sizes ---- */

static char body[30000 + SCSCF_DOCUMENT_SLACK];
static struct scscf_effects effects;
static struct scscf_told_aor aors[2];
static struct scscf_told told;

/* Rows for two identities of one set, each of params octets of parameters. */
static void tell(size_t rows, size_t params)
{
	static char text[5000], uri[64][64];
	struct slice *impus;

	scscf_effects_init(&effects);
	memset(text, 'p', sizeof(text));
	text[0] = ';';
	if (params > 4)
		memcpy(text, ";p=\"", 4);
	if (params)
		text[params - 1] = '"';
	for (size_t i = 0; i < rows; i++) {
		struct scscf_effect *f = scscf_effects_add(&effects, SCSCF_EFFECT_CONTACT);

		snprintf(uri[i], sizeof(uri[i]), "sip:phone@10.1.0.%zu", i);
		impus = scscf_arena_alloc(&effects.arena, 2 * sizeof(*impus));
		impus[0] = IMPU1;
		impus[1] = IMPU2;
		f->impi = IMPI1;
		f->impus = impus;
		f->impus_n = 2;
		f->contact = slice_str(uri[i]);
		f->params = slice_make(text, params);
		f->call_id = S("call");
		f->contact_active = true;
	}
	aors[0] = (struct scscf_told_aor){.impu = IMPU1, .told = true, .active = true};
	aors[1] = (struct scscf_told_aor){.impu = IMPU2, .told = true, .active = true};
	told = (struct scscf_told){.impi = IMPI1,
				   .first = effects.first,
				   .aors = aors,
				   .aors_n = 2,
				   .all = true,
				   .watched = IMPU1,
				   .id_key = &fixture_key};
}

static size_t count(const char *what)
{
	size_t n = 0;

	for (const char *p = body; (p = strstr(p, what)); p++)
		n++;
	return n;
}

/* Returns how many documents; *rows: contacts in all of them. */
static size_t write_all(size_t good, size_t max, size_t *rows, size_t *shortened)
{
	struct scscf_document_place at = {0};
	size_t documents = 0, len;

	*rows = 0;
	while (scscf_document_next(&told, &at)) {
		ck_assert_int_eq(scscf_document_write(&told, &at, 7, good, max, body, &len), 0);
		ck_assert_uint_le(len, max + 64);
		ck_assert_uint_eq(count("<registration "), count("</registration>"));
		ck_assert_uint_ge(count("<contact "), 1);
		*rows += count("<contact ");
		ck_assert_uint_lt(documents++, 1000);
	}
	*shortened = at.shortened;
	scscf_effects_free(&effects);
	return documents;
}

START_TEST(what_is_small_is_told_by_one_document)
{
	size_t rows, shortened;

	tell(3, 100);
	ck_assert_uint_eq(write_all(16384, 28000, &rows, &shortened), 1);
	ck_assert(rows == 6 && !shortened);
	ck_assert_uint_eq(count("<registration "), 2);
}
END_TEST

START_TEST(a_registration_too_large_for_one_message_is_told_by_several)
{
	size_t rows, shortened;

	/* 2 x 16 contacts of 4 kB, as many and as large as the model keeps. */
	tell(16, 4000);
	ck_assert_uint_ge(write_all(16384, 28000, &rows, &shortened), 8);
	ck_assert(rows == 32 && !shortened);
}
END_TEST

START_TEST(each_contact_is_told_once_wherever_documents_end)
{
	size_t rows, shortened;

	for (size_t good = 300; good < 4000; good += 7) {
		tell(5, 120);
		write_all(good, 28000, &rows, &shortened);
		ck_assert(rows == 10 && !shortened);
	}
}
END_TEST

START_TEST(a_contact_too_large_for_any_message_is_told_without_its_parameters)
{
	size_t rows, shortened;

	tell(2, 3000);
	ck_assert_uint_ge(write_all(1000, 2000, &rows, &shortened), 2);
	ck_assert(rows == 4 && shortened == 4);
	ck_assert_ptr_null(strstr(body, "unknown-param"));
}
END_TEST

START_TEST(what_no_message_can_hold_is_an_error_and_not_an_endless_row_of_documents)
{
	struct scscf_document_place at = {0};
	size_t len;

	tell(1, 3000);
	ck_assert(scscf_document_next(&told, &at));
	ck_assert_int_ne(scscf_document_write(&told, &at, 7, 100, 200, body, &len), 0);
	scscf_effects_free(&effects);
}
END_TEST

UNIT_MAIN("documents", an_id_of_stock_becomes_ours_and_the_document_keeps_its_length,
	  an_id_is_the_same_for_the_same_contact_and_differs_for_any_other,
	  a_document_that_is_cut_anywhere_is_read_no_further_than_it_goes,
	  a_low_address_has_room_for_an_id_too, an_id_of_stock_that_is_no_address_stays,
	  what_is_small_is_told_by_one_document,
	  a_registration_too_large_for_one_message_is_told_by_several,
	  each_contact_is_told_once_wherever_documents_end,
	  a_contact_too_large_for_any_message_is_told_without_its_parameters,
	  what_no_message_can_hold_is_an_error_and_not_an_endless_row_of_documents)
