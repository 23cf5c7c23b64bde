/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ue/bfcp_msg.h"

enum { /* RFC 8855 5.2 */
       FLOOR_ID = 2,
       FLOOR_REQUEST_ID = 3,
       REQUEST_STATUS = 5,
       ERROR_CODE = 6,
       SUPPORTED_ATTRIBUTES = 10,
       SUPPORTED_PRIMITIVES = 11,
       FLOOR_REQUEST_INFORMATION = 15,
       FLOOR_REQUEST_STATUS_ATTR = 17,
       OVERALL_REQUEST_STATUS = 18,
       ATTRIBUTES = 19, /* one behind the last that is known */
       DEPTH_MAX = 4,
};

static const char *const primitives[] = {NULL,
					 "FloorRequest",
					 "FloorRelease",
					 "FloorRequestQuery",
					 "FloorRequestStatus",
					 "UserQuery",
					 "UserStatus",
					 "FloorQuery",
					 "FloorStatus",
					 "ChairAction",
					 "ChairActionAck",
					 "Hello",
					 "HelloAck",
					 "Error",
					 "FloorRequestStatusAck",
					 "FloorStatusAck",
					 "Goodbye",
					 "GoodbyeAck"};

const char *ue_bfcp_primitive_name(unsigned primitive)
{
	bool known = primitive && primitive < sizeof(primitives) / sizeof(primitives[0]);

	return known ? primitives[primitive] : "unknown";
}

const char *ue_bfcp_status_name(enum ue_bfcp_status s)
{
	static const char *const names[UE_BFCP_STATUSES] = {
	    "none", "pending", "accepted", "granted", "denied", "cancelled", "released", "revoked"};

	return s < UE_BFCP_STATUSES ? names[s] : "unknown";
}

static unsigned get16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

size_t ue_bfcp_frame(struct slice in)
{
	const uint8_t *p = (const uint8_t *)in.p;

	return in.len < UE_BFCP_HEADER ? 0 : UE_BFCP_HEADER + 4 * (size_t)get16(p + 2);
}

/* One attribute whose header and value are p[0] to p[len - 1], without padding. */
static int read_attribute(const uint8_t *p, size_t len, struct ue_bfcp_msg *m, int depth,
			  const char **why);

/* Attributes one behind the other, each padded to four octets. */
static int read_attributes(const uint8_t *p, size_t len, struct ue_bfcp_msg *m, int depth,
			   const char **why)
{
	if (depth > DEPTH_MAX) {
		*why = "attributes in attributes in attributes";
		return -1;
	}
	while (len) {
		size_t n = len >= 2 ? p[1] : 0, padded = (n + 3) & ~(size_t)3;

		if (n < 2 || padded > len) {
			*why = "an attribute that is longer than what holds it";
			return -1;
		}
		for (size_t i = n; i < padded; i++)
			if (p[i])
				m->fault = "padding that is not zero";
		if (read_attribute(p, n, m, depth, why) != 0)
			return -1;
		p += padded;
		len -= padded;
	}
	return 0;
}

/* A grouped attribute: an id, and more attributes. */
static int read_group(const uint8_t *p, size_t len, struct ue_bfcp_msg *m, int depth,
		      const char **why)
{
	enum ue_bfcp_status before = m->status;

	if (len < 4) {
		*why = "a group without its id";
		return -1;
	}
	if (p[0] >> 1 == FLOOR_REQUEST_STATUS_ATTR)
		m->floor = (uint16_t)get16(p + 2);
	else
		m->request = (uint16_t)get16(p + 2);
	if (read_attributes(p + 4, len - 4, m, depth + 1, why) != 0)
		return -1;
	/* What is said of the request as a whole counts, wherever it stands. */
	if (p[0] >> 1 == FLOOR_REQUEST_STATUS_ATTR && before)
		m->status = before;
	return 0;
}

static int read_attribute(const uint8_t *p, size_t len, struct ue_bfcp_msg *m, int depth,
			  const char **why)
{
	unsigned type = p[0] >> 1;

	switch (type) {
	case FLOOR_REQUEST_INFORMATION:
	case FLOOR_REQUEST_STATUS_ATTR:
	case OVERALL_REQUEST_STATUS:
		return read_group(p, len, m, depth, why);
	case FLOOR_ID:
	case FLOOR_REQUEST_ID:
	case REQUEST_STATUS:
		if (len != 4) {
			*why = "a number of 16 bits that has another length";
			return -1;
		}
		if (type == FLOOR_ID && !m->floor)
			m->floor = (uint16_t)get16(p + 2);
		else if (type == FLOOR_REQUEST_ID)
			m->request = (uint16_t)get16(p + 2);
		else if (type == REQUEST_STATUS && p[2] && p[2] < UE_BFCP_STATUSES)
			m->status = p[2];
		else if (type == REQUEST_STATUS)
			m->fault = "a request status that does not exist";
		return 0;
	case ERROR_CODE:
		if (len < 3) {
			*why = "ERROR-CODE without a code";
			return -1;
		}
		m->error = p[2];
		m->has_error = true;
		return 0;
	case SUPPORTED_ATTRIBUTES:
		m->has_attributes = true;
		return 0;
	case SUPPORTED_PRIMITIVES:
		m->has_primitives = true;
		return 0;
	default:
		if (type < ATTRIBUTES && type)
			return 0;
		if (p[0] & 1) {
			m->unknown_mandatory = true;
			m->unknown_type = (uint8_t)type;
		}
		return 0;
	}
}

/* What a message of this primitive must have (RFC 8855 5.3). */
static const char *judge(const struct ue_bfcp_msg *m)
{
	switch (m->primitive) {
	case UE_BFCP_FLOOR_REQUEST:
		return m->floor ? NULL : "FloorRequest without FLOOR-ID";
	case UE_BFCP_FLOOR_RELEASE:
	case UE_BFCP_FLOOR_REQUEST_QUERY:
		return m->request ? NULL : "no FLOOR-REQUEST-ID";
	case UE_BFCP_FLOOR_REQUEST_STATUS:
		return m->request && m->status ? NULL : "FloorRequestStatus without id or status";
	case UE_BFCP_HELLO_ACK:
		return m->has_primitives && m->has_attributes ? NULL : "HelloAck without its lists";
	case UE_BFCP_ERROR:
		return m->has_error ? NULL : "Error without ERROR-CODE";
	default:
		return NULL;
	}
}

int ue_bfcp_read(struct slice in, struct ue_bfcp_msg *out, const char **why)
{
	const uint8_t *p = (const uint8_t *)in.p;
	struct ue_bfcp_msg m = {0};

	*why = NULL;
	if (in.len < UE_BFCP_HEADER || ue_bfcp_frame(in) != in.len) {
		*why = "not as long as it says";
		return -1;
	}
	m.version = p[0] >> 5;
	m.primitive = p[1];
	m.conference = (uint32_t)get16(p + 4) << 16 | get16(p + 6);
	m.transaction = (uint16_t)get16(p + 8);
	m.user = (uint16_t)get16(p + 10);
	/* Over TCP: version 1, and neither R nor F (RFC 8855 5.1); a receiver ignores both. */
	if (p[0] & 0x1f)
		m.fault = "R, F or a reserved bit is set";
	if (read_attributes(p + UE_BFCP_HEADER, in.len - UE_BFCP_HEADER, &m, 0, why) != 0)
		return -1;
	if (m.version != 1)
		m.fault = "a version other than 1 over TCP";
	else if (!m.fault)
		m.fault = judge(&m);
	*out = m;
	return 0;
}

static void put8(struct text *t, unsigned v)
{
	text_char(t, (char)v);
}

static void put16(struct text *t, unsigned v)
{
	put8(t, v >> 8 & 0xff);
	put8(t, v & 0xff);
}

static void put_number(struct text *t, unsigned type, unsigned value)
{
	put8(t, type << 1 | 1); /* mandatory */
	put8(t, 4);
	put16(t, value);
}

static void put_status(struct text *t, const struct ue_bfcp_msg *m)
{
	/* FLOOR-REQUEST-INFORMATION { OVERALL-REQUEST-STATUS { REQUEST-STATUS }, FLOOR-REQUEST-STATUS } */
	put8(t, FLOOR_REQUEST_INFORMATION << 1 | 1);
	put8(t, 16);
	put16(t, m->request);
	put8(t, OVERALL_REQUEST_STATUS << 1 | 1);
	put8(t, 8);
	put16(t, m->request);
	put_number(t, REQUEST_STATUS, (unsigned)m->status << 8);
	put_number(t, FLOOR_REQUEST_STATUS_ATTR, m->floor);
}

static void put_lists(struct text *t)
{
	static const uint8_t known[] = {
	    UE_BFCP_FLOOR_REQUEST,	  UE_BFCP_FLOOR_RELEASE, UE_BFCP_FLOOR_REQUEST_QUERY,
	    UE_BFCP_FLOOR_REQUEST_STATUS, UE_BFCP_HELLO,	 UE_BFCP_HELLO_ACK};
	static const uint8_t attributes[] = {
	    FLOOR_ID,	FLOOR_REQUEST_ID,	   REQUEST_STATUS,
	    ERROR_CODE, FLOOR_REQUEST_INFORMATION, FLOOR_REQUEST_STATUS_ATTR};

	put8(t, SUPPORTED_PRIMITIVES << 1 | 1);
	put8(t, 2 + sizeof(known));
	text_put(t, slice_make((const char *)known, sizeof(known)));
	put8(t, SUPPORTED_ATTRIBUTES << 1 | 1);
	put8(t, 2 + sizeof(attributes));
	for (size_t i = 0; i < sizeof(attributes); i++)
		put8(t, attributes[i] << 1);
}

void ue_bfcp_write(const struct ue_bfcp_msg *m, struct text *t)
{
	size_t start = t->len, words;

	put8(t, (unsigned)(m->version ? m->version : 1) << 5);
	put8(t, m->primitive);
	put16(t, 0);
	put16(t, m->conference >> 16);
	put16(t, m->conference & 0xffff);
	put16(t, m->transaction);
	put16(t, m->user);
	switch (m->primitive) {
	case UE_BFCP_FLOOR_REQUEST:
	case UE_BFCP_FLOOR_QUERY:
		put_number(t, FLOOR_ID, m->floor);
		break;
	case UE_BFCP_FLOOR_RELEASE:
	case UE_BFCP_FLOOR_REQUEST_QUERY:
		put_number(t, FLOOR_REQUEST_ID, m->request);
		break;
	case UE_BFCP_FLOOR_REQUEST_STATUS:
		put_status(t, m);
		break;
	case UE_BFCP_HELLO_ACK:
		put_lists(t);
		break;
	case UE_BFCP_ERROR:
		put8(t, ERROR_CODE << 1 | 1);
		put8(t, m->error == 4 ? 4 : 3);
		put8(t, m->error);
		put8(t, m->error == 4 ? (unsigned)m->unknown_type << 1 : 0);
		break;
	default:
		break;
	}
	words = (t->len - start - UE_BFCP_HEADER) / 4;
	t->p[start + 2] = (char)(words >> 8);
	t->p[start + 3] = (char)words;
}
