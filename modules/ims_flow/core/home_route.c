/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_flow/core/home_route.h"

#include "sip/uri.h"

bool flow_route_is_loose(struct slice uri)
{
	struct sip_uri_parts u;
	struct slice value;

	return sip_uri_parse(uri, &u) == 0 && sip_uri_param(&u, SLICE_LIT("lr"), &value) == 1;
}

bool flow_home_route_fits(const struct slice *uris, unsigned n, struct slice service_route)
{
	unsigned i = 0;

	if (!n || !service_route.len)
		return true;
	while (service_route.p) {
		struct slice line = slice_cut(&service_route, '\n');

		if (i == n || !sip_same_place(uris[i], line) ||
		    (flow_route_is_loose(line) && !flow_route_is_loose(uris[i])))
			return false;
		i++;
	}
	return i == n;
}

int flow_home_route_text(struct slice wanted, char *buf, size_t size)
{
	size_t at = 0;

	if (!size)
		return -1;
	buf[0] = '\0';
	while (wanted.p) {
		struct slice uri = slice_cut(&wanted, '\n');

		if (!uri.len)
			continue;
		if (at + uri.len + 5 > size) {
			buf[0] = '\0';
			return -1;
		}
		if (at) {
			memcpy(buf + at, ", ", 2);
			at += 2;
		}
		buf[at++] = '<';
		memcpy(buf + at, uri.p, uri.len);
		at += uri.len;
		buf[at++] = '>';
		buf[at] = '\0';
	}
	return 0;
}
