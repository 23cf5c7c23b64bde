/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SIP messages as read from the wire (RFC 3261 7 and 25): a parser over untrusted bytes that
 * allocates nothing, and the few accessors a user agent needs. All slices point into the caller's
 * bytes.
 */
#ifndef UE_SIP_MSG_H
#define UE_SIP_MSG_H

#include "base/slice.h"

#define SIP_MESSAGE_MAX 65535
#define SIP_HEADERS_MAX 128
#define SIP_VALUES_MAX	32

enum sip_err {
	SIP_OK = 0,
	SIP_E_SYNTAX = -1,  /* not a SIP message, URI, name-addr */
	SIP_E_TOO_BIG = -2, /* a bound above is exceeded */
	SIP_E_MISSING = -3, /* Via, From, To, Call-ID or CSeq is missing or unreadable */
};

/* Text of an enum sip_err, never NULL. */
const char *sip_strerror(int err);

struct sip_header {
	struct slice name;  /* long form, e.g. "Call-ID" for "i" */
	struct slice value; /* trimmed; folded lines keep their line ends */
};

struct sip_msg {
	struct slice raw;   /* the whole message */
	struct slice start; /* the first line */
	bool request;
	struct slice method; /* of a request; of a response: the one in CSeq */
	struct slice ruri;   /* requests */
	int code;	     /* responses: 100-699; requests: 0 */
	struct slice reason; /* responses */
	struct sip_header headers[SIP_HEADERS_MAX];
	unsigned n;
	struct slice body;
	/* Taken from the mandatory headers: */
	struct slice callid;
	uint32_t cseq;
	struct slice from_tag, to_tag; /* empty if there is none */
	struct slice branch;	       /* of the top Via */
	struct slice sent_by;	       /* of the top Via: host[:port] */
};

/*
 * Parse one whole message (a datagram, or what sip_frame() cut out). Returns 0, or an enum sip_err.
 * With SIP_E_MISSING the headers are readable, the fields after "Taken from" may be empty.
 */
int sip_parse(struct slice raw, struct sip_msg *m);

/* The value of the nth (from 0) header called name, p == NULL if there is none. Names without case.
 */
struct slice sip_header(const struct sip_msg *m, const char *name, unsigned nth);

/* All values of a comma-list header over all its lines, in order; returns how many (at most max).
 */
unsigned sip_values(const struct sip_msg *m, const char *name, struct slice *out, unsigned max);

/* Cut the next element off a comma list (commas in quotes and <> do not count); false at the end.
 */
bool sip_list_next(struct slice *rest, struct slice *item);

/* Whether option tag is in the comma list header name. */
bool sip_has_tag(const struct sip_msg *m, const char *name, struct slice tag);

/* A name-addr or addr-spec with its header parameters (RFC 3261 20.10). */
struct sip_addr {
	struct slice uri;
	struct slice params; /* from the first ';' after the URI, without it; may be empty */
};
int sip_addr_parse(struct slice value, struct sip_addr *out);

/* Look up a parameter in "a=b;c;d=\"e\"": true if it is there; *value (may be NULL) without quotes.
 */
bool sip_param(struct slice params, const char *name, struct slice *value);

/* A SIP or SIPS URI. tel: and others fail. */
struct sip_uri {
	struct slice user; /* without password */
	struct slice host; /* without the brackets of an IPv6 address */
	uint16_t port;	   /* 0: none */
	struct slice params;
};
int sip_uri_parse(struct slice s, struct sip_uri *out);

enum sip_frame {
	SIP_FRAME_MORE,	     /* not all here yet */
	SIP_FRAME_MESSAGE,   /* *len bytes are one message */
	SIP_FRAME_KEEPALIVE, /* *len bytes are CRLFs between messages (RFC 5626 4.4.1) */
	SIP_FRAME_BAD,	     /* no SIP: close the connection */
};
/* Find the first message in what a stream has brought so far (RFC 3261 18.3). */
enum sip_frame sip_frame(struct slice buf, size_t *len);

#endif
