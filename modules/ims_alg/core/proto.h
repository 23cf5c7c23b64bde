/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The protos of m-lines that the ALG can anchor, as one table: what they carry and how it is
 * protected. */
#ifndef IMS_ALG_PROTO_H
#define IMS_ALG_PROTO_H

#include "base/slice.h"

/* What an m-line carries. */
enum alg_kind {
	ALG_KIND_OTHER = 0, /* nothing that we know: never anchored */
	ALG_KIND_MSRP,	    /* RFC 4975 */
	ALG_KIND_BFCP,	    /* over TCP, RFC 8856 */
	ALG_KIND_RTP,
	ALG_KIND_DATAGRAM, /* udptl, UDP/BFCP: relayed as they are */
	ALG_KINDS
};

/* How one side of a stream is protected. */
enum alg_security {
	ALG_CLEAR = 0,
	ALG_TLS,  /* over TCP; certificates are known by fingerprint (RFC 8122) */
	ALG_SDES, /* SRTP with keys in a=crypto (RFC 4568) */
	ALG_DTLS, /* DTLS-SRTP (RFC 5763) */
	ALG_SECURITIES
};

enum alg_proto {
	ALG_PROTO_OTHER = 0,
	ALG_PROTO_TCP_MSRP,
	ALG_PROTO_TCP_TLS_MSRP,
	ALG_PROTO_TCP_BFCP,
	ALG_PROTO_TCP_TLS_BFCP,
	ALG_PROTO_RTP_AVP,
	ALG_PROTO_RTP_AVPF,
	ALG_PROTO_RTP_SAVP,
	ALG_PROTO_RTP_SAVPF,
	ALG_PROTO_DTLS_SAVP,
	ALG_PROTO_DTLS_SAVPF,
	ALG_PROTO_UDPTL,
	ALG_PROTO_UDP_BFCP,
	ALG_PROTOS
};

struct alg_proto_info {
	const char *text; /* "TCP/TLS/MSRP" */
	enum alg_kind kind;
	enum alg_security security; /* RTP/SAVP: ALG_SDES */
	bool feedback;		    /* AVPF, SAVPF */
	bool tcp;
	const char
	    *agnostic; /* what the gateway is told when it shall not look inside: "TCP/TLS"; the
				 text itself where that makes no difference */
};

/* Never NULL; the row of ALG_PROTO_OTHER for a value out of range. */
const struct alg_proto_info *alg_proto_info(enum alg_proto p);

/* By its text, without regard to case; ALG_PROTO_OTHER if it is not known. */
enum alg_proto alg_proto_parse(struct slice text);

/* The proto of this kind with this security; ALG_PROTO_OTHER if there is none. */
enum alg_proto alg_proto_make(enum alg_kind k, enum alg_security s, bool feedback);

/* "msrp", "tls"; "?" out of range. */
const char *alg_kind_name(enum alg_kind k);
const char *alg_security_name(enum alg_security s);

#endif
