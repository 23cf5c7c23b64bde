/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>

#include "ue/route_set.h"
#include "ue/text.h"

void route_set_add(struct route_set *r, struct slice uri)
{
	if (r->n < UE_SIP_VALUES_MAX)
		r->uri[r->n++] = ue_dup(uri);
}

void route_set_free(struct route_set *r)
{
	while (r->n)
		free(r->uri[--r->n]);
}

void route_set_take(struct route_set *r, const struct ue_sip_msg *m, bool reverse)
{
	struct slice values[UE_SIP_VALUES_MAX];
	unsigned n = ue_sip_values(m, "Record-Route", values, UE_SIP_VALUES_MAX);
	struct ue_sip_addr a;

	route_set_free(r);
	for (unsigned i = 0; i < n; i++)
		if (ue_sip_addr_parse(values[reverse ? n - 1 - i : i], &a) == 0)
			route_set_add(r, a.uri);
}

int route_set_write(const struct route_set *r, char *buf, size_t size)
{
	size_t at = 0;

	for (unsigned i = 0; i < r->n; i++) {
		int n = snprintf(buf + at, size - at, "%s<%s>%s", i ? ", " : "Route: ", r->uri[i],
				 i + 1 == r->n ? "\r\n" : "");

		if (n < 0 || (size_t)n >= size - at)
			return -1;
		at += (size_t)n;
	}
	if (r->n == 0 && size)
		buf[0] = '\0';
	return (int)at;
}

void route_set_rebuild(const struct route_set *old, struct slice old_pcscf, struct slice first_hop,
		       struct route_set *to)
{
	bool partner_due = false;
	unsigned i;

	for (i = 0; i < old->n; i++) {
		struct ue_sip_uri u;
		struct slice r2;
		bool doubled;

		if (ue_sip_uri_parse(slice_str(old->uri[i]), &u) != 0)
			break;
		doubled = ue_sip_param(u.params, "r2", &r2) && slice_eq_nocase(r2, SLICE_LIT("on"));
		if (partner_due && doubled)
			partner_due = false;
		else if (slice_eq_nocase(u.host, old_pcscf))
			partner_due = doubled;
		else
			break;
	}
	route_set_add(to, first_hop);
	for (; i < old->n; i++)
		route_set_add(to, slice_str(old->uri[i]));
}
