/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The octets of a received message, judged before libfdcore sees them.
 *
 * libfdcore 1.2.1 asserts that AVPs which it reads have a value, and so ends the daemon when the
 * Result-Code of an answer has not four octets, when an unknown AVP with the M bit stands before it,
 * or when a Vendor-Specific-Application-Id holds something strange (that one from anybody, before
 * the peer is known). It also closes a connection, with all that is under way on it, when an AVP
 * that it would quote in Failed-AVP is empty.
 *
 * Here such AVPs are made unknown ones without M bit, in place, which libfdcore passes over; what is
 * then missing it says in its own way. A request of ours with a fault is rewritten to its routing
 * AVPs and one AVP that tells the fault, so that the fault is answered with the Failed-AVP that
 * RFC 6733 7.1.5 demands, and nothing else under way is lost.
 *
 * The Session-Id gets a code that libfdcore does not look for: it keeps sessions in a table, from
 * which one is freed while another message with the same Session-Id takes it, and it needs none of
 * them. Whoever sends an answer puts the Session-Id back (session.h).
 *
 * A User-Name with a '!' gets such a code, too: libfdcore takes it for a decorated NAI (RFC 5729 4.4),
 * sends the request through its routing a second time, and waits for ever when the queue to that is
 * full. A private identity may have one.
 *
 * Pure: octets and tables.
 */
#ifndef HSS_DIAMETER_WIRE_H
#define HSS_DIAMETER_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum wire_type { WIRE_OCTETS, WIRE_32, WIRE_64, WIRE_GROUP };

/* An AVP that the dictionary knows. */
struct wire_avp {
	uint32_t vendor, code;
	enum wire_type type;
};

/* How often an AVP may stand in a request (not in its groups): max -1 is any number. */
struct wire_rule {
	uint32_t vendor, code;
	int min, max;
	enum wire_type type; /* for the Failed-AVP of one that is missing */
};

/* A request that is checked whole. */
struct wire_command {
	uint32_t application, code;
	const struct wire_rule *rules;
	size_t n_rules;
};

struct wire_dict {
	const struct wire_avp *avps; /* sorted by vendor, then code */
	size_t n_avps;
	const struct wire_command *commands;
	size_t n_commands;
};

enum wire_verdict {
	WIRE_GOOD,
	WIRE_MENDED,  /* AVPs were made unknown */
	WIRE_REFUSED, /* the request tells its fault now */
	WIRE_BROKEN,  /* no message, or no room to tell: libfdcore closes the connection */
};

enum {
	WIRE_DEPTH_MAX = 8,	/* groups in groups */
	WIRE_AVPS_MAX = 4096,	/* in one message, groups and all */
	WIRE_FAILED_MAX = 1024, /* octets of an AVP that is quoted; a longer one is cut */
	/* codes of no vendor, far from all that are assigned */
	WIRE_CODE_FAULT = 0x7fff0001,
	WIRE_CODE_MASKED = 0x7fff0002,
	WIRE_CODE_SESSION = 0x7fff0003,
	WIRE_CODE_USER_NAME = 0x7fff0004,
};

/* The value of the AVP WIRE_CODE_FAULT, octets in network order: result, length of failed, failed. */
struct wire_fault {
	uint32_t result; /* Result-Code */
	size_t failed_len;
	const uint8_t *failed; /* the AVP to quote, with its headers and padding; in the value */
};

/*
 * Judge the message of len octets at msg, and mend it in place; its length never changes. *why gets
 * a few words (static text) unless it is good.
 */
enum wire_verdict wire_check(const struct wire_dict *dict, uint8_t *msg, size_t len,
			     const char **why);

/* Read the value of a WIRE_CODE_FAULT. Returns 0, or -1 if it is none (a peer may send anything). */
int wire_fault_read(const uint8_t *value, size_t len, struct wire_fault *out);

#endif
