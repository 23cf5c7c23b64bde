/* SPDX-License-Identifier: GPL-2.0-or-later */
/* BFCP over TCP as an endpoint reads and writes it (RFC 8855 5). Pure. */
#ifndef UE_BFCP_MSG_H
#define UE_BFCP_MSG_H

#include "ue/text.h"

enum { UE_BFCP_HEADER = 12 };

enum ue_bfcp_primitive {
	UE_BFCP_FLOOR_REQUEST = 1,
	UE_BFCP_FLOOR_RELEASE = 2,
	UE_BFCP_FLOOR_REQUEST_QUERY = 3,
	UE_BFCP_FLOOR_REQUEST_STATUS = 4,
	UE_BFCP_FLOOR_QUERY = 7,
	UE_BFCP_FLOOR_STATUS = 8,
	UE_BFCP_HELLO = 11,
	UE_BFCP_HELLO_ACK = 12,
	UE_BFCP_ERROR = 13,
	UE_BFCP_GOODBYE = 16,
	UE_BFCP_GOODBYE_ACK = 17,
};

enum ue_bfcp_status { /* RFC 8855 5.2.5 */
		      UE_BFCP_NO_STATUS,
		      UE_BFCP_PENDING,
		      UE_BFCP_ACCEPTED,
		      UE_BFCP_GRANTED,
		      UE_BFCP_DENIED,
		      UE_BFCP_CANCELLED,
		      UE_BFCP_RELEASED,
		      UE_BFCP_REVOKED,
		      UE_BFCP_STATUSES,
};

/* One message. What is not in it is 0. */
struct ue_bfcp_msg {
	uint8_t version, primitive;
	uint32_t conference;
	uint16_t transaction, user;
	uint16_t floor;		    /* the first FLOOR-ID, or of FLOOR-REQUEST-STATUS */
	uint16_t request;	    /* floor request id */
	enum ue_bfcp_status status; /* of OVERALL-REQUEST-STATUS, else of the floor's */
	uint8_t error;		    /* ERROR-CODE */
	bool has_error, has_primitives, has_attributes; /* HelloAck has both lists */
	bool unknown_mandatory; /* an attribute that is not known and marked so */
	uint8_t unknown_type;	/* which */
	const char
	    *fault; /* what the sender should not have done, though it can be read; NULL: nothing */
};

/*
 * The length of the message that in begins with: 0 while its head is not there. The message is whole
 * when in is as long.
 */
size_t ue_bfcp_frame(struct slice in);

/* Read one whole message. Returns 0, or -1: *why. */
int ue_bfcp_read(struct slice in, struct ue_bfcp_msg *out, const char **why);

/* Append one message with the attributes that its primitive has (RFC 8855 5.3). */
void ue_bfcp_write(const struct ue_bfcp_msg *m, struct text *t);

/* "FloorRequest"; "granted". */
const char *ue_bfcp_primitive_name(unsigned primitive);
const char *ue_bfcp_status_name(enum ue_bfcp_status s);

#endif
