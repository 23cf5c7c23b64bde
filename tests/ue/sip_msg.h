/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SIP messages as read from the wire (RFC 3261 7 and 25): a parser over untrusted bytes that
 * allocates nothing, and the few accessors a user agent needs. All slices point into the caller's
 * bytes.
 *
 * A second reader beside lib/sip, on purpose: the phone judges what the network writes, so it must
 * not share the network's mistakes, and it must be able to write what lib/sip refuses.
 */
#ifndef UE_SIP_MSG_H
#define UE_SIP_MSG_H

#include "base/slice.h"

#define UE_SIP_MESSAGE_MAX 65535
#define UE_SIP_HEADERS_MAX 128
#define UE_SIP_VALUES_MAX  32

enum ue_sip_err {
	UE_SIP_OK = 0,
	UE_SIP_E_SYNTAX = -1,  /* not a SIP message, URI, name-addr */
	UE_SIP_E_TOO_BIG = -2, /* a bound above is exceeded */
	UE_SIP_E_MISSING = -3, /* Via, From, To, Call-ID or CSeq is missing or unreadable */
};

/* Text of an enum ue_sip_err, never NULL. */
const char *ue_sip_strerror(int err);

struct ue_sip_header {
	struct slice name;  /* long form, e.g. "Call-ID" for "i" */
	struct slice value; /* trimmed; folded lines keep their line ends */
};

struct ue_sip_msg {
	struct slice raw;   /* the whole message */
	struct slice start; /* the first line */
	bool request;
	struct slice method; /* of a request; of a response: the one in CSeq */
	struct slice ruri;   /* requests */
	int code;	     /* responses: 100-699; requests: 0 */
	struct slice reason; /* responses */
	struct ue_sip_header headers[UE_SIP_HEADERS_MAX];
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
 * Parse one whole message (a datagram, or what ue_sip_frame() cut out). Returns 0, or an enum ue_sip_err.
 * With UE_SIP_E_MISSING the headers are readable, the fields after "Taken from" may be empty.
 */
int ue_sip_parse(struct slice raw, struct ue_sip_msg *m);

/* The value of the nth (from 0) header called name, p == NULL if there is none. Names without case.
 */
struct slice ue_sip_header(const struct ue_sip_msg *m, const char *name, unsigned nth);

/* All values of a comma-list header over all its lines, in order; returns how many (at most max).
 */
unsigned ue_sip_values(const struct ue_sip_msg *m, const char *name, struct slice *out,
		       unsigned max);

/* Cut the next element off a comma list (commas in quotes and <> do not count); false at the end.
 */
bool ue_sip_list_next(struct slice *rest, struct slice *item);

/* Whether option tag is in the comma list header name. */
bool ue_sip_has_tag(const struct ue_sip_msg *m, const char *name, struct slice tag);

/* A name-addr or addr-spec with its header parameters (RFC 3261 20.10). */
struct ue_sip_addr {
	struct slice uri;
	struct slice params; /* from the first ';' after the URI, without it; may be empty */
};
int ue_sip_addr_parse(struct slice value, struct ue_sip_addr *out);

/* Look up a parameter in "a=b;c;d=\"e\"": true if it is there; *value (may be NULL) without quotes.
 */
bool ue_sip_param(struct slice params, const char *name, struct slice *value);

/* A SIP or SIPS URI. tel: and others fail. */
struct ue_sip_uri {
	struct slice user; /* without password */
	struct slice host; /* without the brackets of an IPv6 address */
	uint16_t port;	   /* 0: none */
	struct slice params;
};
int ue_sip_uri_parse(struct slice s, struct ue_sip_uri *out);

enum ue_sip_frame {
	UE_SIP_FRAME_MORE,	/* not all here yet */
	UE_SIP_FRAME_MESSAGE,	/* *len bytes are one message */
	UE_SIP_FRAME_KEEPALIVE, /* *len bytes are CRLFs between messages (RFC 5626 4.4.1) */
	UE_SIP_FRAME_BAD,	/* no SIP: close the connection */
};
/* Find the first message in what a stream has brought so far (RFC 3261 18.3). */
enum ue_sip_frame ue_sip_frame(struct slice buf, size_t *len);

#endif
