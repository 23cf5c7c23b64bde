/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts of flow_register(): reading the REGISTER, its security agreement, and what is written
 * into it before it goes on to the home network (TS 24.229 5.2.2).
 */
#ifndef IMS_FLOW_REGISTER_H
#define IMS_FLOW_REGISTER_H

#include "modules/ims_flow/glue.h"

#include "sip/contact.h"

/* What the headers say. Slices point into the message. */
struct flow_reading {
	struct sec_agree_list client, verify;
	struct hdr_field *client_hdr, *verify_hdr; /* the first of each */
	struct sip_contact_list contacts;
	bool supports_path, supports_outbound, requires_path;
	bool keep;
	bool offers_ipsec;     /* Security-Client has ipsec-3gpp, of any mode */
	struct slice username; /* of Authorization; p NULL: none */
};

/* register_read.c */

/* Whether a list of option tags (Require, Supported) has this one. */
bool register_lists_tag(struct slice body, const char *tag);

/* Read all headers. 0, or -1 with the reason phrase of the 400 in *wrong. */
int register_read_headers(sip_msg_t *msg, struct flow_reading *r, const char **wrong);

/* Everything of the attempt that the message itself tells. 0, or -1 with *wrong as above. */
int register_read_attempt(sip_msg_t *msg, const struct flow_reading *r, struct flow_attempt *a,
			  const char **wrong);

/* register_security.c */

/*
 * Through a NAT nothing but ESP in UDP arrives, and without one nobody needs it. A UE that cannot
 * do it, and whose Via only names another of its own addresses, is taken as it comes. 0, or -1:
 * answered, because it claims an address that no UE behind a NAT can have.
 */
int register_look_for_nat(sip_msg_t *msg, struct flow_reading *r, struct flow_attempt *a);

/*
 * What the UE offers, as the SA set a 401 would make. Only ipsec-3gpp is an offer: mechanisms for
 * media (mediasec), tls and others say nothing of SAs. 1 chosen, 0 no IPsec, -1 answered.
 */
int register_negotiate(sip_msg_t *msg, const struct flow_reading *r, struct flow_attempt *a);

/* Over SAs: who it is, and Security-Verify. 1 go on, -1 answered, 0 dropped. */
int register_check_protected(sip_msg_t *msg, const struct flow_reading *r, struct flow_attempt *a);

/*
 * SAs of another module: it came over them if it came to the port_ps that its Security-Verify
 * names and the kernel has that SA. A UE that lies about the other ports leads only its own
 * requests astray, and only to ports that we listen on.
 */
void register_find_others(const struct flow_reading *r, struct flow_attempt *a);

/* register_media.c */

/* What it says of media security, into the attempt. */
void register_read_media(const struct flow_reading *r, struct flow_attempt *a);
/* Does Security-Verify repeat the media mechanisms that were sent? True where none are announced. */
bool register_media_verified(const struct flow_reading *r, uint8_t sent);
/* A REGISTER over no SA: the same. 0, or -1: answered with 494. */
int register_check_media(sip_msg_t *msg, const struct flow_reading *r,
			 const struct flow_attempt *a);

/* register_rewrite.c; each 0, or -1: no memory, or a header that is too long. */

/* Take the security agreement out: it is between the UE and us alone (RFC 3329 2.3.1). */
int register_strip_sec_agree(sip_msg_t *msg);

/*
 * Authorization says whether we vouch for the message; what the UE put there is taken out
 * (TS 24.229 5.2.2.1).
 */
int register_mark_integrity(sip_msg_t *msg, bool yes);

/*
 * The URI of the Path header of this set, NUL-terminated, for a phone that talks to our address
 * local, port. 0, or -1: no room. Takes the table's lock.
 */
int flow_path_uri(uint64_t set_id, const struct netaddr *local, uint16_t port, char *out,
		  size_t size);

/* Path with the flow token of a->set_id, and what Path asks for. */
int register_add_path(sip_msg_t *msg, const struct flow_reading *r, const struct flow_attempt *a);

/* register.c: an id that nobody can guess and that is never used twice. */
uint64_t flow_new_id(void);

#endif
