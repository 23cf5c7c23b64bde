/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The m-line of MSRP (RFC 4975): messages in chunks, answers and reports, files (RFC 5547). What was
 * not acknowledged when a connection was lost goes on over the next one. The receiver compares each
 * octet with what the sender sent, if that is in this process, and the hash with the one announced.
 */
#ifndef UE_MEDIA_MSRP_H
#define UE_MEDIA_MSRP_H

#include "ue/media.h"
#include "ue/ue.h"

/* How a message is sent. */
struct msrp_send_options {
	const char *type;    /* NULL: text/plain */
	uint64_t chunk;	     /* octets in one SEND; 0: 2048 */
	uint64_t rate;	     /* octets in a second; 0: as fast as it goes */
	bool success;	     /* Success-Report: yes */
	const char *failure; /* Failure-Report; NULL: it is not written (yes) */
};

/* Queue a text, or the file of the m-line's plan. The result comes into op: 200 when all octets are
 * acknowledged. 0, or -1: this m-line has no such thing. */
int msrp_send(struct media_line *l, struct slice text, const struct msrp_send_options *o,
	      struct op *op);
int msrp_send_file(struct media_line *l, const struct msrp_send_options *o, struct op *op);

/* A message that came. */
struct msrp_message {
	char *id, *type;
	struct text data;
	uint64_t size; /* of the whole, when it is known */
	bool whole, aborted, taken;
	bool compared;	/* with what the sender sent, or by the announced hash */
	uint64_t wrong; /* octets that were not what was sent */
};
/* The oldest message that was not taken and that fits(m, arg); NULL: none. */
struct msrp_message *msrp_find(struct media_line *l,
			       bool (*fits)(const struct msrp_message *, void *), void *arg);
/* The status of the last REPORT; 0: none came. */
int msrp_last_report(const struct media_line *l);

#endif
