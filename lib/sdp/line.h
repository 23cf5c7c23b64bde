/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One line of a session description (RFC 8866 5), and the lines that everybody reads: m=, c=, a=.
 * Everything is a slice into the text; nothing allocates. Whole descriptions: sdp/body.h.
 */
#ifndef SDP_LINE_H
#define SDP_LINE_H

#include "base/netaddr.h"

enum sdp_err {
	SDP_OK = 0,
	SDP_E_SYNTAX = -1,   /* not what RFC 8866 9 allows */
	SDP_E_TOO_MANY = -2, /* more lines or m-lines than the bound in body.h */
	SDP_E_SPACE = -3,    /* the caller's room is too small */
	SDP_E_VALUE = -4,    /* a value that may not stand in a line, or no such line */
};

/* Fixed English text for a code above; never NULL. */
const char *sdp_strerror(int err);

struct sdp_line {
	char type;	    /* 'v', 'm', 'a', ..; 0: an empty line */
	struct slice value; /* behind "x=" */
	struct slice raw;   /* the whole line with its end, as it stood there */
};

/*
 * Cut the next line off *rest; CRLF, LF and CR end it. Returns 1, 0 at the end, or SDP_E_SYNTAX for
 * a line that is neither empty nor "x=" with a letter from a to z.
 */
int sdp_line_next(struct slice *rest, struct sdp_line *out);

/* An 'a' line's value: a=name, or a=name:value. */
struct sdp_attr {
	struct slice name;
	struct slice value; /* blanks around it cut off; p is NULL without ':' */
};
struct sdp_attr sdp_attr_split(struct slice value);

/* m=media port[/count] proto formats (RFC 8866 5.14). Several blanks count as one. */
struct sdp_mline {
	struct slice media; /* "audio", "message" */
	struct slice port;  /* as written, without "/count" */
	uint16_t port_number;
	uint16_t port_count; /* 1 if it is not written */
	struct slice proto;  /* "TCP/TLS/MSRP" */
	struct slice formats;
	bool choose; /* the port is the wildcard; then port_number is 0 */
};

/*
 * wildcard: a text that may stand for the port ("$" in H.248.1 7.1.8), or empty. Returns 0, or
 * SDP_E_SYNTAX and leaves *out undefined. Missing formats are accepted.
 */
int sdp_mline_parse(struct slice value, struct slice wildcard, struct sdp_mline *out);

/* c=IN IP4|IP6 address[/ttl[/count]] (RFC 8866 5.7). */
struct sdp_connection {
	struct slice address_type; /* "IP4", "IP6" */
	struct slice address;	   /* as written, with what follows a '/' */
	struct netaddr ip;	   /* family 0: a name or the wildcard */
};

/*
 * wildcard: a text that may stand for the address type and the address, or empty. Returns 0, or
 * SDP_E_SYNTAX (an address of the other family, too) and leaves *out undefined.
 */
int sdp_connection_parse(struct slice value, struct slice wildcard, struct sdp_connection *out);

/* The same without reading the address: ip stays without one. */
int sdp_connection_split(struct slice value, struct slice wildcard, struct sdp_connection *out);

/* Who sends (RFC 8866 6.7). Two bits, seen from the author of the description. */
enum sdp_direction {
	SDP_DIR_INACTIVE = 0,
	SDP_DIR_SENDONLY = 1,
	SDP_DIR_RECVONLY = 2,
	SDP_DIR_SENDRECV = 3,
};

/* "sendrecv" and so on. */
const char *sdp_direction_name(enum sdp_direction d);
/* By the name of an attribute. Returns 0, or -1 for another attribute. */
int sdp_direction_parse(struct slice name, enum sdp_direction *out);
/* The most that an answer may say to this direction of an offer, seen from the answerer. */
enum sdp_direction sdp_direction_answer(enum sdp_direction offered);

/* a=setup: who connects (RFC 4145 4). */
enum sdp_setup {
	SDP_SETUP_ACTIVE,
	SDP_SETUP_PASSIVE,
	SDP_SETUP_ACTPASS,
	SDP_SETUP_HOLDCONN,
	SDP_SETUPS,
};

const char *sdp_setup_name(enum sdp_setup s);
/* The value of a=setup, without regard to case. Returns 0, or -1 for another value. */
int sdp_setup_parse(struct slice value, enum sdp_setup *out);

#endif
