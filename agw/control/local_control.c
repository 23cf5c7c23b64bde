/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "agw/control/local_control.h"
#include "h248/check.h"

/* gm/sam: "192.0.2.1", "192.0.2.0/24", the same for IPv6 (H.248.43). */
static int parse_mask(struct slice text, struct stream_control *c)
{
	struct slice bits = text, ip = slice_cut(&bits, '/');
	uint64_t n;

	if (slice_copy(text, c->filter_mask, sizeof(c->filter_mask)) < 0 ||
	    netaddr_parse(slice_trim(ip), &c->filter.prefix) < 0)
		return -1;
	n = c->filter.prefix.family == 4 ? 32 : 128;
	if (bits.p && slice_u64(slice_trim(bits), n, &n) < 0)
		return -1;
	c->filter.prefix_bits = (uint8_t)n;
	c->filter.has_prefix = true;
	return 0;
}

/* gm/spr: "5000" or "5000-5009" or "[5000:5009]"'s two values. */
static int parse_ports(const struct h248_parm *p, struct stream_control *c)
{
	struct slice high = p->value.text, low = slice_cut(&high, '-');
	uint64_t a, b;

	if (p->relation == H248_RANGE && p->value.next)
		high = p->value.next->text;
	if (slice_u64(slice_trim(low), 65535, &a) < 0 || !a)
		return -1;
	b = a;
	if (high.p && slice_u64(slice_trim(high), 65535, &b) < 0)
		return -1;
	if (b < a)
		return -1;
	c->filter.port_min = (uint16_t)a;
	c->filter.port_max = (uint16_t)b;
	return 0;
}

static int parse_property(const struct h248_parm *p, struct stream_control *c, struct slice *realm)
{
	const struct h248_name *n = &p->name;
	uint64_t v = 0;
	uint8_t octet;

	if (h248_name_is(n, "ipdc", "realm")) {
		*realm = p->value.text;
		return 0;
	}
	if (h248_name_is(n, "gm", "saf"))
		return h248_parm_bool(p, &c->filter.address_on);
	if (h248_name_is(n, "gm", "spf"))
		return h248_parm_bool(p, &c->filter.port_on);
	if (h248_name_is(n, "gm", "sam"))
		return parse_mask(p->value.text, c);
	if (h248_name_is(n, "gm", "spr"))
		return parse_ports(p, c);
	if (h248_name_is(n, "ds", "dscp")) {
		if (slice_hex(p->value.text, &octet, 1) < 0 || octet > 63)
			return -1;
		c->has_dscp = true;
		c->dscp = octet;
		return 0;
	}
	if (h248_name_is(n, "seplink", "linkage"))
		return linkage_is_valid(p->value.text)
			   ? slice_copy(p->value.text, c->linkage, sizeof(c->linkage))
			   : -1;
	if (h248_name_is(n, "rtcph", "rsb") || h248_name_is(n, "gm", "rsb"))
		return h248_parm_bool(p, &c->rsb);
	if (h248_name_is(n, "tman", "pol"))
		return h248_parm_bool(p, &c->police);
	if (h248_name_is(n, "tman", "sdr"))
		return h248_parm_u64(p, 1ull << 40, &c->police_rate);
	if (h248_name_is(n, "tman", "mbs"))
		return h248_parm_u64(p, 1ull << 40, &c->police_burst);
	if (h248_name_is(n, "tman", "pdr") || h248_name_is(n, "tman", "dvt") ||
	    h248_name_is(n, "tman", "pmu") || h248_name_is(n, "tman", "mps"))
		return h248_parm_u64(p, 1ull << 40, &v); /* taken, not policed */
	return 0; /* h248_check_command() has refused what no package of ours has */
}

unsigned local_control_parse(const struct h248_local_control *lc, struct stream_control *out,
			     struct slice *realm, const char **why)
{
	struct stream_control c = {.mode = lc->mode ? lc->mode : H248_INACTIVE,
				   .reserved_value = lc->reserved_value == H248_ON,
				   .reserved_group = lc->reserved_group == H248_ON};

	*realm = SLICE_NULL;
	if (c.mode == H248_LOOPBACK) {
		*why = "Loopback";
		return 517;
	}
	for (const struct h248_parm *p = lc->properties; p; p = p->next)
		if (parse_property(p, &c, realm) < 0) {
			*why = h248_name_is(&p->name, "gm", "sam")   ? "gm/sam"
			       : h248_name_is(&p->name, "gm", "spr") ? "gm/spr"
								     : "property value";
			return 449;
		}
	if (c.police && !c.police_burst)
		c.police_burst = c.police_rate ? c.police_rate : 1;
	*out = c;
	return 0;
}

static void put_switch(struct h248_arena *a, struct h248_local_control *lc, const char *pkg,
		       const char *item, bool on)
{
	h248_new_parm(a, &lc->properties, pkg, item, on ? SLICE_LIT("ON") : SLICE_LIT("OFF"),
		      false);
}

void local_control_print(const struct stream *s, struct h248_arena *a, struct h248_stream *out)
{
	const struct stream_control *c = &s->control;
	struct h248_local_control *lc = h248_new_control(a, out);
	const struct config_realm *r = &s->termination->realm->cfg;

	if (!lc)
		return;
	lc->mode = c->mode;
	lc->mode_relation = H248_EQ;
	if (c->reserved_value)
		lc->reserved_value = H248_ON;
	if (c->reserved_group)
		lc->reserved_group = H248_ON;
	h248_new_parm(a, &lc->properties, "ipdc", "realm",
		      slice_str(r->ipdc[0] ? r->ipdc : r->name), true);
	put_switch(a, lc, "gm", "saf", c->filter.address_on);
	if (c->filter.has_prefix)
		h248_new_parm(a, &lc->properties, "gm", "sam", slice_str(c->filter_mask), true);
	put_switch(a, lc, "gm", "spf", c->filter.port_on);
	if (c->filter.port_min)
		h248_new_parm(a, &lc->properties, "gm", "spr",
			      h248_printf(a,
					  c->filter.port_max > c->filter.port_min ? "%u-%u" : "%u",
					  c->filter.port_min, c->filter.port_max),
			      true);
	if (c->has_dscp)
		h248_new_parm(a, &lc->properties, "ds", "dscp", h248_printf(a, "%02X", c->dscp),
			      false);
	if (c->linkage[0])
		h248_new_parm(a, &lc->properties, "seplink", "linkage", slice_str(c->linkage),
			      true);
	if (c->rsb)
		put_switch(a, lc, "rtcph", "rsb", true);
	if (c->police) {
		put_switch(a, lc, "tman", "pol", true);
		h248_new_parm(a, &lc->properties, "tman", "sdr",
			      h248_printf(a, "%llu", (unsigned long long)c->police_rate), false);
		h248_new_parm(a, &lc->properties, "tman", "mbs",
			      h248_printf(a, "%llu", (unsigned long long)c->police_burst), false);
	}
}
