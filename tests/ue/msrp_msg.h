/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MSRP as an endpoint reads and writes it (RFC 4975 7, 9). Names begin with ue_msrp_: the gateway
 * has a reader of its own (agw/media/msrp.h), and what judges it must not share its mistakes. Pure.
 */
#ifndef UE_MSRP_MSG_H
#define UE_MSRP_MSG_H

#include "ue/text.h"

enum {
	UE_MSRP_HEAD_MAX = 16384, /* start line and headers */
	UE_MSRP_TID_MAX = 32,	  /* RFC 4975 9: ident */
};

/* The head of one chunk or response. Slices lie in what the reader keeps, until its next call. */
struct ue_msrp_head {
	bool request;
	int code;	     /* of a response */
	struct slice method; /* of a request: SEND, REPORT, ... */
	struct slice tid, to_path, from_path, message_id, type, status, success, failure;
	bool has_range;
	uint64_t start, end, total; /* Byte-Range; the first octet is 1 */
	bool open_end, open_total;  /* it was written as "*" */
	bool has_body;
};

enum ue_msrp_event {
	UE_MSRP_MORE, /* nothing more until more octets come */
	UE_MSRP_HEAD, /* a head is in *head */
	UE_MSRP_BODY, /* octets of the body are in *body */
	UE_MSRP_END,  /* the end line; *flag is '$', '+' or '#' */
	UE_MSRP_BAD,  /* this is no MSRP; *why says in what. The reader is of no more use */
};

/* Zero-initialise. */
struct ue_msrp_reader {
	struct text in;
	size_t at;	/* read up to here */
	size_t scanned; /* octets of an incomplete head that were looked at */
	enum { UE_MSRP_IDLE, UE_MSRP_IN_BODY, UE_MSRP_AT_END, UE_MSRP_BROKEN } state;
	char end_flag; /* with UE_MSRP_AT_END: of a chunk without body */
	char mark[2 + 7 + UE_MSRP_TID_MAX];
	size_t mark_len; /* of CRLF, seven dashes, transaction id */
};

void ue_msrp_feed(struct ue_msrp_reader *r, struct slice octets);
enum ue_msrp_event ue_msrp_next(struct ue_msrp_reader *r, struct ue_msrp_head *head,
				struct slice *body, char *flag, const char **why);
void ue_msrp_reader_free(struct ue_msrp_reader *r);

/* The parts of an MSRP URI (RFC 4975 6). */
struct ue_msrp_uri {
	bool secure;
	struct slice host, session, transport;
	uint16_t port;
};

/* One URI. Returns 0, or -1 for what is none: another scheme, no port, no session. */
int ue_msrp_uri_parse(struct slice text, struct ue_msrp_uri *out);
/* Two paths of one URI or more, compared URI by URI as RFC 4975 6.1 says. */
bool ue_msrp_path_eq(struct slice a, struct slice b);

/* Append a head up to and with Byte-Range, which "end 0" writes as "*"; total 0, too. */
struct ue_msrp_range {
	uint64_t start, end, total;
};
void ue_msrp_write_send(struct text *t, const char *tid, const char *to, const char *from,
			const char *message_id, const struct ue_msrp_range *range);
/* Append a whole REPORT: octets 1 to total of the message have come. */
void ue_msrp_write_report(struct text *t, const char *tid, struct slice to, const char *from,
			  struct slice message_id, uint64_t total, int status);
/* Append a whole response; to is the From-Path of the request (RFC 4975 7.2: its first URI). */
void ue_msrp_write_response(struct text *t, struct slice tid, int code, struct slice to,
			    const char *from);
/* Append the end line. */
void ue_msrp_write_end(struct text *t, const char *tid, char flag);

/* The reason phrase of a code, for people. */
const char *ue_msrp_reason(int code);

#endif
