/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_migration/core/name.h"

static bool is_digit(int c)
{
	return c >= '0' && c <= '9';
}

bool migration_is_number(struct slice s)
{
	for (size_t i = 1; i < s.len; i++)
		if (!is_digit(s.p[i]))
			return false;
	return s.len >= 2 && s.len <= 16 && s.p[0] == '+';
}

bool migration_in_domain(struct slice host, struct slice domain)
{
	if (domain.len == 0 || host.len < domain.len ||
	    !slice_eq_nocase(slice_make(host.p + host.len - domain.len, domain.len), domain))
		return false;
	return host.len == domain.len || host.p[host.len - domain.len - 1] == '.';
}

static bool is_user(struct slice s)
{
	if (s.len == 0 || s.len > MIGRATION_USER_MAX ||
	    !(migration_is_alnum(s.p[0]) || (s.p[0] == '+' && s.len > 1 && is_digit(s.p[1]))))
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!migration_is_user_char(s.p[i]))
			return false;
	return true;
}

/* Labels of letters, digits and '-', none of them empty or with a '-' at its end. */
static bool is_host(struct slice s)
{
	char last = '.';

	for (size_t i = 0; i < s.len; i++) {
		if (!migration_is_host_char(s.p[i]) ||
		    (!migration_is_alnum(s.p[i]) && !migration_is_alnum(last)))
			return false;
		last = s.p[i];
	}
	return s.len > 0 && s.len <= MIGRATION_HOST_MAX && migration_is_alnum(last);
}

static bool has_scheme(struct slice *s, struct slice scheme)
{
	if (s->len <= scheme.len || !slice_eq_nocase(slice_make(s->p, scheme.len), scheme))
		return false;
	*s = slice_make(s->p + scheme.len, s->len - scheme.len);
	return true;
}

int migration_name_parse(struct slice text, struct migration_name *out)
{
	struct migration_name n = {MIGRATION_NAI, SLICE_NULL, SLICE_NULL};

	if (has_scheme(&text, SLICE_LIT("tel:"))) {
		n.kind = MIGRATION_TEL;
		n.user = text;
		if (!migration_is_number(text))
			return -1;
		*out = n;
		return 0;
	}
	if (has_scheme(&text, SLICE_LIT("sip:")))
		n.kind = MIGRATION_SIP;
	n.host = text;
	n.user = slice_cut(&n.host, '@');
	if (!n.host.p || !is_user(n.user) || !is_host(n.host))
		return -1;
	*out = n;
	return 0;
}
