/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_flow/core/start_check.h"

#include "base/netaddr.h"

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* hostname of RFC 3261 25.1, and the underscore that some sites have. */
static bool is_name(struct slice s)
{
	char before = '.';

	for (size_t i = 0; i < s.len; before = s.p[i++]) {
		bool mark = s.p[i] == '-' || s.p[i] == '.';

		if (!is_alnum(s.p[i]) && s.p[i] != '_' && !mark)
			return false;
		if ((mark && before == '.') || (s.p[i] == '.' && before == '-'))
			return false;
	}
	return s.len && before != '-' && before != '.';
}

const char *flow_host_fault(struct slice text)
{
	struct slice rest = text, host;
	struct netaddr addr;
	uint64_t port;

	if (text.len > 60)
		return "it is longer than 60 octets";
	if (text.len && *text.p == '[')
		return netaddr_parse_port(text, 5060, &addr) ? "it is no IPv6 address in brackets"
							     : NULL;
	host = slice_cut(&rest, ':');
	if (!is_name(host))
		return "it is not host or host:port, without sip: and without a user";
	if (rest.p && (slice_u64(rest, 65535, &port) || !port))
		return "its port is no number from 1 to 65535";
	return NULL;
}

const char *flow_left_over(struct slice text)
{
	static const char *const names[] = {"PCSCF_HOST", "FLOW_DIR", "HOME_DOMAIN"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (text.len && memmem(text.p, text.len, names[i], strlen(names[i])))
			return names[i];
	return NULL;
}
