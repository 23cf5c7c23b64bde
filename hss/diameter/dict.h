/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Our AVPs and applications in freeDiameter's dictionary. All of it is ours: Debian's
 * dict_dcca_3gpp has no commands, and dict_sip, which must not be loaded beside this, has RFC 4740
 * names that clash. The rules of requests are not given to freeDiameter: wire.h checks them, which
 * answers with a better Failed-AVP; answers that we get are read for what they have.
 */
#ifndef HSS_DIAMETER_DICT_H
#define HSS_DIAMETER_DICT_H

#include <freeDiameter/freeDiameter-host.h>
#include <freeDiameter/libfdcore.h>

#include "hss/diameter/application.h"
#include "hss/diameter/wire.h"

/* Made by dict_load(); constant afterwards. */
struct dict {
	struct dict_object *vendor; /* 3GPP */
	struct dict_object *avp[AVPS];
	struct dict_object *session;   /* the Session-Id of a message that came (wire.h) */
	struct dict_object *user_name; /* a User-Name that was kept from libfdcore (wire.h) */
	struct dict_object *octets; /* an AVP of octets, whose code may be changed: see add_raw() */
};
extern struct dict dict;

/* Add vendor and AVPs to freeDiameter's dictionary, after fd_core_initialize(), and make libfdcore
 * lenient where peers need it. Returns 0 or an errno value. */
int dict_load(void);
/* Add an application with its commands. Returns 0 or an errno value. */
int dict_load_application(struct application *app);

/*
 * The tables for wire_check(): every AVP that freeDiameter's dictionary has by now, and the requests
 * of the applications. Made once; what it allocates lives as long as the process. Returns 0 or an
 * errno value.
 */
int dict_make_wire(struct application *const *apps, size_t n, struct wire_dict *out);

/* The identifier of a received AVP, or -1 if it is none of ours. */
int avp_identify(const struct avp_hdr *hdr);

#endif
