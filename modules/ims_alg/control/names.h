/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the H.248 items are spelled whose names could not be confirmed against their Recommendations
 * (H.248.89, .90, .11), as package/item. A gateway of another vendor may want other spellings; on
 * receipt the usual ones are understood besides.
 */
#ifndef IMS_ALG_NAMES_H
#define IMS_ALG_NAMES_H

#include "h248/message.h"

enum mgc_name {
	MGC_TCP_ESTABLISH, /* signal: connect now; tcpbcc/EstBNC */
	MGC_TLS_ESTABLISH, /* signal: be TLS client; tlsbsc/EstablishBNC */
	MGC_TCP_CHANGE,	   /* event: a TCP connection came up, failed, went; tcpbcc/BNCChange */
	MGC_TLS_CHANGE,	   /* event: the same of TLS; tlsbsc/BNCChange */
	MGC_OVERLOAD,	   /* event of ROOT: the gateway is overloaded; ocp/mg_overload */
	MGC_NAMES
};

enum { MGC_NAME_MAX = 64 };

struct mgc_names {
	char text[MGC_NAMES][MGC_NAME_MAX]; /* "package/item"; "": it is not used */
};

/* As h248/packages.h has them. */
void mgc_names_default(struct mgc_names *names);

/*
 * Use text for one of them; "" for none. 0, or -1 and nothing is changed: not package/item in the
 * letters of a PkgdName (H.248.1 Annex B.2), or too long.
 */
int mgc_names_set(struct mgc_names *names, enum mgc_name which, struct slice text);

/* Package and item of one of them, NUL-terminated, in buf. False: it is not used. */
bool mgc_names_split(const struct mgc_names *names, enum mgc_name which, char buf[MGC_NAME_MAX],
		     const char **package, const char **item);

/* Is what came this one, in the spelling of the settings or in another that is in use? */
bool mgc_names_is(const struct mgc_names *names, enum mgc_name which, const struct h248_name *came);

/* What a BNCChange says has happened, from the value of its Type. */
enum mgc_change { MGC_CHANGE_UNKNOWN, MGC_CHANGE_UP, MGC_CHANGE_FAILED, MGC_CHANGE_ENDED };
enum mgc_change mgc_change_of(struct slice type);

#endif
