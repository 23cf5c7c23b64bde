/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Identities of SIP as bindings have them: private identities (NAI, TS 23.003 13.3), public ones as sip: and tel: URIs
 * (13.4). Pure; any octets may be given.
 */
#ifndef IMS_MIGRATION_NAME_H
#define IMS_MIGRATION_NAME_H

#include "base/slice.h"

enum {
	MIGRATION_USER_MAX = 128, /* octets of a user part, without NUL */
	MIGRATION_HOST_MAX = 128, /* of a host */
};

enum migration_kind { MIGRATION_NAI, MIGRATION_SIP, MIGRATION_TEL };

struct migration_name {
	enum migration_kind kind;
	struct slice user; /* of TEL: '+' and digits */
	/* As it is written; compared without case. Of TEL: the domain of its form "sip:+49...@domain;user=phone", empty
	 * where none is known. */
	struct slice host;
};

/*
 * Take "user@host", "sip:user@host" or "tel:+digits" apart. The slices point into text. Returns 0, or -1 for anything
 * else: other schemes, ports, parameters, escapes, and users that cannot be found again in any text: such that do not
 * begin with a letter, a digit, or '+' and a digit, or have other characters than letters, digits and "-_.~+".
 */
int migration_name_parse(struct slice text, struct migration_name *out);

/* Of what users of identities consist, and hosts. */
static inline bool migration_is_alnum(int c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool migration_is_user_char(int c)
{
	return migration_is_alnum(c) || c == '-' || c == '_' || c == '.' || c == '~' || c == '+';
}

static inline bool migration_is_host_char(int c)
{
	return migration_is_alnum(c) || c == '-' || c == '.';
}

/* Is it '+' and 1 to 15 digits (RFC 3966 5.1.4, E.164)? */
bool migration_is_number(struct slice s);

/* Is the host domain, or below it? An empty domain is none. */
bool migration_in_domain(struct slice host, struct slice domain);

#endif
