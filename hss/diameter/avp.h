/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Building messages: each call adds one AVP at the end of a message or group and remembers a
 * failure, so that an answer is written as the list that it is and checked once.
 */
#ifndef HSS_DIAMETER_AVP_H
#define HSS_DIAMETER_AVP_H

#include "base/slice.h"
#include "hss/diameter/dict.h"

struct builder {
	msg_or_avp *parent;
	int err; /* errno value of the first failure, or 0 */
};

void add_octets(struct builder *b, enum avp_id id, const void *data, size_t len);
void add_text(struct builder *b, enum avp_id id, const char *text);
/* As add_text(), but nothing for "". */
void add_text_if(struct builder *b, enum avp_id id, const char *text);
void add_u32(struct builder *b, enum avp_id id, uint32_t value);
/* Open a group: AVPs added to the returned builder stand in it. Take it back with close_group(). */
struct builder open_group(struct builder *b, enum avp_id id);
void close_group(struct builder *b, struct builder *group);

/* Vendor-Specific-Application-Id of 3GPP's application id. */
void add_application(struct builder *b, uint32_t id);
/* Redirect-Host of an HSS (RFC 6733 6.12), which is to be asked each time. */
void add_redirect(struct builder *b, const char *host);
/* A group whose content is written already: len octets of AVPs, padded. */
void add_raw(struct builder *b, enum avp_id id, const void *data, size_t len);

/*
 * The content of a group that came, as octets for add_raw(): what this HSS has no name for is left out.
 * Returns 0 and *len, or -1: more than max, nested too deep, or without a value.
 */
int avp_pack(struct avp *group, uint8_t *out, size_t max, size_t *len);

/* Failed-AVP with an AVP that came (RFC 6733 7.5); what is in a group is quoted with it. */
void add_failed(struct builder *b, struct avp *wrong);

/* The first AVP in a message or group, and the one after another; NULL where there is none. */
struct avp *avp_child(msg_or_avp *of);
struct avp *avp_next(struct avp *of);

/* The octets of a parsed AVP; empty if it has no value. / Those of the first AVP of this kind in a message, empty without
 * one. */
struct slice avp_octets(const struct avp_hdr *hdr);
struct slice avp_octets_of(struct msg *msg, enum avp_id id);

/* The code in an Experimental-Result that came; 0 without one. */
uint32_t avp_experimental_code(struct avp *group);

/* Is it a DiameterIdentity: an FQDN (RFC 6733 4.3.1), shorter than IDENTITY_SIZE? What is not goes into no store. */
bool avp_is_identity(struct slice s);
/* Is it a name in UTF-8: not empty, without control characters, shorter than IDENTITY_SIZE? */
bool avp_is_name(struct slice s);

#endif
