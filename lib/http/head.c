/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "http/head.h"

#include <strings.h>

/* How often a head has the fields that decide what is asked, by whom, and where it ends. */
struct framing {
	unsigned int hosts, authorizations, lengths, codings;
	bool unclear;
};

static bool is_token(const char *name)
{
	static const char others[] = "!#$%&'*+-.^_`|~";

	for (const char *c = name; *c; c++)
		if (!(*c >= '0' && *c <= '9') && !((*c | 32) >= 'a' && (*c | 32) <= 'z') &&
		    !strchr(others, *c))
			return false;
	return *name != '\0';
}

static enum MHD_Result on_field(void *arg, enum MHD_ValueKind kind, const char *name,
				const char *value)
{
	struct framing *f = arg;

	(void)kind;
	f->unclear |= !is_token(name);
	f->hosts += strcasecmp(name, MHD_HTTP_HEADER_HOST) == 0;
	f->authorizations += strcasecmp(name, MHD_HTTP_HEADER_AUTHORIZATION) == 0;
	f->lengths += strcasecmp(name, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0;
	if (strcasecmp(name, MHD_HTTP_HEADER_TRANSFER_ENCODING) == 0) {
		f->codings++;
		f->unclear |= !value || strcasecmp(value, "chunked") != 0;
	}
	return MHD_YES;
}

bool head_unclear(struct MHD_Connection *c)
{
	struct framing f = {0};

	MHD_get_connection_values(c, MHD_HEADER_KIND, on_field, &f);
	return f.unclear || f.hosts > 1 || f.authorizations > 1 || f.lengths + f.codings > 1;
}

const char *head_field(struct MHD_Connection *c, const char *name)
{
	return MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
}

bool head_announces_over(struct MHD_Connection *c, size_t max)
{
	const char *length = head_field(c, MHD_HTTP_HEADER_CONTENT_LENGTH);
	uint64_t n;

	return length && (slice_u64(slice_str(length), UINT64_MAX, &n) || n > max);
}

struct netaddr head_peer(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	struct sockaddr_storage ss = {0};
	struct netaddr a = {0};

	if (!info || !info->client_addr)
		return a;
	if (info->client_addr->sa_family == AF_INET)
		memcpy(&ss, info->client_addr, sizeof(struct sockaddr_in));
	else if (info->client_addr->sa_family == AF_INET6)
		memcpy(&ss, info->client_addr, sizeof(struct sockaddr_in6));
	netaddr_from_sockaddr(&ss, &a);
	return a;
}
