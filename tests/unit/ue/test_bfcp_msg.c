/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ue/bfcp_msg.h"
#include "unit/unit.h"

START_TEST(a_grant_octet_by_octet)
{
	struct ue_bfcp_msg m = {.version = 1,
				.primitive = UE_BFCP_FLOOR_REQUEST_STATUS,
				.conference = 0x01020304,
				.transaction = 0x0506,
				.user = 0x0708,
				.floor = 0x0a0b,
				.request = 0x0c0d,
				.status = UE_BFCP_GRANTED};
	static const uint8_t want[] = {
	    0x20, 4,  0,    4,	  1,	2, 3, 4, 5, 6, 7, 8, /* common header */
	    0x1f, 16, 0x0c, 0x0d,			     /* FLOOR-REQUEST-INFORMATION */
	    0x25, 8,  0x0c, 0x0d, 0x0b, 4, 3, 0, /* OVERALL-REQUEST-STATUS, REQUEST-STATUS */
	    0x23, 4,  0x0a, 0x0b,		 /* FLOOR-REQUEST-STATUS */
	};
	struct ue_bfcp_msg back;
	struct text t = {0};
	const char *why;

	ue_bfcp_write(&m, &t);
	ck_assert_uint_eq(t.len, sizeof(want));
	ck_assert_mem_eq(t.p, want, sizeof(want));
	ck_assert_uint_eq(ue_bfcp_frame(text_slice(&t)), sizeof(want));
	ck_assert_int_eq(ue_bfcp_read(text_slice(&t), &back, &why), 0);
	ck_assert(back.conference == m.conference && back.transaction == m.transaction &&
		  back.user == m.user && back.floor == m.floor && back.request == m.request &&
		  back.status == m.status && !back.fault);
	text_free(&t);
}
END_TEST

START_TEST(every_message_that_is_written_is_read_without_fault)
{
	static const uint8_t primitives[] = {UE_BFCP_FLOOR_REQUEST,
					     UE_BFCP_FLOOR_RELEASE,
					     UE_BFCP_FLOOR_REQUEST_QUERY,
					     UE_BFCP_FLOOR_REQUEST_STATUS,
					     UE_BFCP_FLOOR_QUERY,
					     UE_BFCP_HELLO,
					     UE_BFCP_HELLO_ACK,
					     UE_BFCP_ERROR,
					     UE_BFCP_GOODBYE,
					     UE_BFCP_GOODBYE_ACK};

	for (size_t i = 0; i < sizeof(primitives); i++) {
		struct ue_bfcp_msg m = {.primitive = primitives[i],
					.transaction = 1,
					.floor = 2,
					.request = 3,
					.status = UE_BFCP_PENDING,
					.error = 4,
					.unknown_type = 99},
				   back;
		struct text t = {0};
		const char *why;

		ue_bfcp_write(&m, &t);
		ck_assert_uint_eq(t.len % 4, 0);
		ck_assert_int_eq(ue_bfcp_read(text_slice(&t), &back, &why), 0);
		ck_assert_msg(!back.fault, "%s: %s", ue_bfcp_primitive_name(m.primitive),
			      back.fault ? back.fault : "");
		text_free(&t);
	}
}
END_TEST

static int read_octets(const char *octets, size_t n, struct ue_bfcp_msg *m)
{
	const char *why;

	return ue_bfcp_read(slice_make(octets, n), m, &why);
}

#define READ(lit, m) read_octets(lit, sizeof(lit) - 1, m)

START_TEST(what_a_peer_should_not_do)
{
	struct ue_bfcp_msg m;

	/* Version 2, R, F, reserved bits: not over TCP. */
	ck_assert_int_eq(READ("\x40\x0b\0\0\0\0\0\1\0\1\0\1", &m), 0);
	ck_assert_ptr_nonnull(m.fault);
	ck_assert_int_eq(READ("\x30\x0b\0\0\0\0\0\1\0\1\0\1", &m), 0);
	ck_assert_ptr_nonnull(m.fault);
	ck_assert_int_eq(READ("\x20\x0b\0\0\0\0\0\1\0\1\0\1", &m), 0);
	ck_assert_ptr_null(m.fault);
	/* FloorRequest without a floor; with padding that says something. */
	ck_assert_int_eq(READ("\x20\x01\0\0\0\0\0\1\0\1\0\1", &m), 0);
	ck_assert_ptr_nonnull(m.fault);
	ck_assert_int_eq(READ("\x20\x0d\0\1\0\0\0\1\0\1\0\1\x0d\x03\x01\x09", &m), 0);
	ck_assert_ptr_nonnull(m.fault);
	/* An attribute that nobody knows, mandatory and not. */
	ck_assert_int_eq(READ("\x20\x0b\0\1\0\0\0\1\0\1\0\1\x51\x02\0\0", &m), 0);
	ck_assert(m.unknown_mandatory && m.unknown_type == 0x28);
	ck_assert_int_eq(READ("\x20\x0b\0\1\0\0\0\1\0\1\0\1\x50\x02\0\0", &m), 0);
	ck_assert(!m.unknown_mandatory);
}
END_TEST

START_TEST(what_cannot_be_read)
{
	struct ue_bfcp_msg m;

	ck_assert_int_eq(READ("\x20\x0b\0\0\0\0\0\1\0\1\0", &m), -1);	/* 11 octets */
	ck_assert_int_eq(READ("\x20\x0b\0\1\0\0\0\1\0\1\0\1", &m), -1); /* shorter than it says */
	ck_assert_int_eq(READ("\x20\x0b\0\0\0\0\0\1\0\1\0\1\0\0\0\0", &m), -1); /* longer */
	ck_assert_int_eq(READ("\x20\x0b\0\1\0\0\0\1\0\1\0\1\x05\x01\0\0", &m), -1);
	ck_assert_int_eq(READ("\x20\x0b\0\1\0\0\0\1\0\1\0\1\x05\x08\0\0", &m), -1);
	ck_assert_int_eq(READ("\x20\x01\0\2\0\0\0\1\0\1\0\1\x05\x06\0\1\0\0\0\0", &m), -1);
	/* A group in a group in a group ... */
	ck_assert_int_eq(READ("\x20\x04\0\6\0\0\0\1\0\1\0\1\x1f\x18\0\1\x1f\x14\0\1\x1f\x10\0\1"
			      "\x1f\x0c\0\1\x1f\x08\0\1\x1f\x04\0\1",
			      &m),
			 -1);
}
END_TEST

UNIT_MAIN("ims-ue: BFCP messages", a_grant_octet_by_octet,
	  every_message_that_is_written_is_read_without_fault, what_a_peer_should_not_do,
	  what_cannot_be_read)
