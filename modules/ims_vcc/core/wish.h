/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which domain a user wants for calls: the four values of TS 24.216 5.6 (Preferred_domain) and "no wish". No header,
 * parameter or AVP for it exists in any release; it travels as
 *  - an XML part of the phone's REGISTER, application/vnd.ims-domain-preference+xml (docs/modules/ims_vcc.md),
 *  - a feature tag of the phone's Contact (RFC 3840),
 *  - a line in the ServiceInfo of a filter criterion: "domain-preference: terminating=ims-preferred; precedence=user".
 * Nothing allocates but libxml2.
 */
#ifndef IMS_VCC_WISH_H
#define IMS_VCC_WISH_H

#include <stdbool.h>

#include "base/slice.h"

enum vcc_wish {
	VCC_WISH_NONE = 0, /* "default" */
	VCC_WISH_CS_PREFERRED,
	VCC_WISH_IMS_PREFERRED,
	VCC_WISH_CS_ONLY,
	VCC_WISH_IMS_ONLY,
	VCC_WISHES
};

enum vcc_precedence { VCC_PRECEDENCE_UNSET = 0, VCC_PRECEDENCE_OPERATOR, VCC_PRECEDENCE_USER };

/* "cs-preferred"; "default" for VCC_WISH_NONE, "?" out of range. */
const char *vcc_wish_name(enum vcc_wish w);
/* 0, or -1: no such word (*out is unchanged). */
int vcc_wish_parse(struct slice word, enum vcc_wish *out);
/* "operator", "user". 0 or -1. */
int vcc_precedence_parse(struct slice word, enum vcc_precedence *out);
const char *vcc_precedence_name(enum vcc_precedence p); /* "-" unset */

#define VCC_WISH_MIME		   "application/vnd.ims-domain-preference+xml"
#define VCC_WISH_NS		   "urn:x-ims-vcc:preference:1"
#define VCC_WISH_BYTES_MAX	   4096
#define VCC_WISH_DEPTH_MAX	   8
#define VCC_WISH_ACCESSES	   8
#define VCC_ACCESS_TYPE_MAX	   32
#define VCC_SERVICE_INFO_MIME	   "application/3gpp-ims+xml"
#define VCC_SERVICE_INFO_BYTES_MAX 8192

/* A wish for calls to a user who is on this kind of access; what the phone writes in P-Access-Network-Info, or the word
 * of g.3gpp.accesstype. */
struct vcc_access_wish {
	char type[VCC_ACCESS_TYPE_MAX];
	enum vcc_wish wish;
};

struct vcc_wishes {
	bool has_terminating, has_originating; /* said; the wish may be "default" all the same */
	enum vcc_wish terminating, originating;
	enum vcc_precedence precedence; /* of ServiceInfo only */
	bool has_version;
	uint32_t version;
	unsigned accesses;
	struct vcc_access_wish access[VCC_WISH_ACCESSES];
};

enum vcc_wish_error {
	VCC_WISH_OK = 0,
	VCC_WISH_E_TOO_BIG = -1, /* bytes, depth, access elements */
	VCC_WISH_E_SYNTAX =
	    -2, /* not well-formed, not UTF-8, or with a document type declaration */
	VCC_WISH_E_CONTENT =
	    -3, /* another root, a word that is no wish: the whole document is ignored */
};
const char *vcc_wish_strerror(int err);

/* Read the XML part. 0 or an enum vcc_wish_error, *out unchanged then. Unknown elements are ignored. */
int vcc_wishes_xml(struct slice body, struct vcc_wishes *out);
/* Read ServiceInfo. 1; 0: it says nothing of this; VCC_WISH_E_CONTENT: a word that is none. Unknown keys are ignored. */
int vcc_wishes_service_info(struct slice text, struct vcc_wishes *out);
/*
 * The text of <service-info> in a body application/3gpp-ims+xml (TS 24.229 7.6), copied with its entities resolved.
 * 0 (buf is a string), or an enum vcc_wish_error; VCC_WISH_E_CONTENT: there is none, VCC_WISH_E_TOO_BIG: no room.
 */
int vcc_service_info(struct slice body, char *buf, size_t size);

/* The wish for a user whose last access is of this type (empty: not known): that of the access, else the general one. */
enum vcc_wish vcc_wishes_terminating(const struct vcc_wishes *w, struct slice access);

#endif
