/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A request or an answer of an anchored call, read from its text, and what of it is passed on. Slices point into the text. */
#ifndef IMS_VCC_MESSAGE_H
#define IMS_VCC_MESSAGE_H

#include <stdbool.h>

#include "base/slice.h"

enum { VCC_MESSAGE_ROUTES_MAX = 16 };

struct vcc_message {
	bool request;
	struct slice method; /* of an answer: that in CSeq */
	struct slice uri;    /* Request-URI */
	unsigned code;
	struct slice reason;
	struct slice call_id;
	struct slice from_uri, from_tag, to_uri, to_tag;
	struct slice contact; /* URI of the first Contact; empty: none */
	uint32_t cseq;
	struct slice route[VCC_MESSAGE_ROUTES_MAX]; /* elements of Route, as written */
	size_t routes;
	struct slice recorded[VCC_MESSAGE_ROUTES_MAX]; /* of Record-Route */
	size_t recorded_n;
	struct slice asserted; /* URI of the first P-Asserted-Identity */
	struct slice served;   /* of P-Served-User */
	struct slice type, body;
	bool is_sdp;
	struct slice headers; /* all header lines, with their CRLF */
};

/* Read it. 0, or -1: a header field that is needed is missing, twice, or malformed; more than 16 routes. */
int vcc_message_read(struct slice text, struct vcc_message *out);

/*
 * The header lines that go on to the other side, as they came: all but those that belong to one dialog or one hop (Via, Route,
 * Record-Route, From, To, Call-ID, CSeq, Contact, Content-Length), and credentials. Of RAck the number of the INVITE becomes rack_cseq
 * (0: as it is). The octets that it takes; more than size: it did not fit.
 */
size_t vcc_message_pass(const struct vcc_message *m, uint32_t rack_cseq, char *buf, size_t size);

#endif
