/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The properties of LocalControl that the gateway implements, one row each. */
#include "agw/control/local_control.h"
#include <string.h>
#include "agw/control/items.h"

enum { RATE_BITS = 40 };

static struct slice on_off(bool on)
{
	return on ? SLICE_LIT("ON") : SLICE_LIT("OFF");
}

/* ---- ipdc ---- */

/* Which one it is has been decided at Add: see local_control_realm(). */
static int parse_realm(const struct h248_parm *p, struct stream_control *c)
{
	(void)c;
	return p->relation == H248_EQ && p->value.text.len ? 0 : -1;
}

static struct slice print_realm(const struct stream *s, struct h248_arena *a)
{
	const struct config_realm *r = &s->termination->realm->cfg;

	(void)a;
	return slice_str(r->ipdc[0] ? r->ipdc : r->name);
}

/* ---- gm: remote source filter (H.248.43) ---- */

static int parse_saf(const struct h248_parm *p, struct stream_control *c)
{
	return h248_parm_bool(p, &c->filter.address_on);
}

static struct slice print_saf(const struct stream *s, struct h248_arena *a)
{
	(void)a;
	return on_off(s->control.filter.address_on);
}

static int parse_spf(const struct h248_parm *p, struct stream_control *c)
{
	return h248_parm_bool(p, &c->filter.port_on);
}

static struct slice print_spf(const struct stream *s, struct h248_arena *a)
{
	(void)a;
	return on_off(s->control.filter.port_on);
}

/* "192.0.2.1", "192.0.2.0/24", the same for IPv6. */
static int parse_sam(const struct h248_parm *p, struct stream_control *c)
{
	struct slice bits = p->value.text, ip = slice_cut(&bits, '/');
	uint64_t n;

	if (slice_copy(p->value.text, c->filter_mask, sizeof(c->filter_mask)) < 0 ||
	    netaddr_parse(slice_trim(ip), &c->filter.prefix) < 0)
		return -1;
	n = c->filter.prefix.family == 4 ? 32 : 128;
	if (bits.p && slice_u64(slice_trim(bits), n, &n) < 0)
		return -1;
	c->filter.prefix_bits = (uint8_t)n;
	c->filter.has_prefix = true;
	return 0;
}

static struct slice print_sam(const struct stream *s, struct h248_arena *a)
{
	(void)a;
	return s->control.filter.has_prefix ? slice_str(s->control.filter_mask) : SLICE_NULL;
}

/* "5000" or "5000-5009" or "[5000:5009]"'s two values. */
static int parse_spr(const struct h248_parm *p, struct stream_control *c)
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

static struct slice print_spr(const struct stream *s, struct h248_arena *a)
{
	const struct media_filter *f = &s->control.filter;

	if (!f->port_min)
		return SLICE_NULL;
	return h248_printf(a, f->port_max > f->port_min ? "%u-%u" : "%u", f->port_min, f->port_max);
}

/* ---- rtcph, ds, seplink ---- */

static int parse_rsb(const struct h248_parm *p, struct stream_control *c)
{
	return h248_parm_bool(p, &c->rsb);
}

static struct slice print_rsb(const struct stream *s, struct h248_arena *a)
{
	(void)a;
	return s->control.rsb ? on_off(true) : SLICE_NULL;
}

static int parse_dscp(const struct h248_parm *p, struct stream_control *c)
{
	if (slice_hex(p->value.text, &c->dscp, 1) < 0 || c->dscp > 63)
		return -1;
	c->has_dscp = true;
	return 0;
}

static struct slice print_dscp(const struct stream *s, struct h248_arena *a)
{
	return s->control.has_dscp ? h248_printf(a, "%02X", s->control.dscp) : SLICE_NULL;
}

static int parse_linkage(const struct h248_parm *p, struct stream_control *c)
{
	return linkage_is_valid(p->value.text)
		   ? slice_copy(p->value.text, c->linkage, sizeof(c->linkage))
		   : -1;
}

static struct slice print_linkage(const struct stream *s, struct h248_arena *a)
{
	(void)a;
	return s->control.linkage[0] ? slice_str(s->control.linkage) : SLICE_NULL;
}

/* ---- tman: policing by a token bucket (H.248.53) ---- */

static int parse_pol(const struct h248_parm *p, struct stream_control *c)
{
	return h248_parm_bool(p, &c->police);
}

static struct slice print_pol(const struct stream *s, struct h248_arena *a)
{
	(void)a;
	return s->control.police ? on_off(true) : SLICE_NULL;
}

static int parse_sdr(const struct h248_parm *p, struct stream_control *c)
{
	return h248_parm_u64(p, 1ull << RATE_BITS, &c->police_rate);
}

static struct slice print_sdr(const struct stream *s, struct h248_arena *a)
{
	return s->control.police_rate
		   ? h248_printf(a, "%llu", (unsigned long long)s->control.police_rate)
		   : SLICE_NULL;
}

static int parse_mbs(const struct h248_parm *p, struct stream_control *c)
{
	return h248_parm_u64(p, 1ull << RATE_BITS, &c->police_burst);
}

static struct slice print_mbs(const struct stream *s, struct h248_arena *a)
{
	return s->control.police_burst
		   ? h248_printf(a, "%llu", (unsigned long long)s->control.police_burst)
		   : SLICE_NULL;
}

/* ---- the table, in the order of an audit ---- */

static const struct property_item items[] = {
    {"ipdc", "realm", true, parse_realm, print_realm},
    {"gm", "saf", false, parse_saf, print_saf},
    {"gm", "sam", true, parse_sam, print_sam},
    {"gm", "spf", false, parse_spf, print_spf},
    {"gm", "spr", true, parse_spr, print_spr},
    {"ds", "dscp", false, parse_dscp, print_dscp},
    {"seplink", "linkage", true, parse_linkage, print_linkage},
    {"rtcph", "rsb", false, parse_rsb, print_rsb},
    {"tman", "pol", false, parse_pol, print_pol},
    {"tman", "sdr", false, parse_sdr, print_sdr},
    {"tman", "mbs", false, parse_mbs, print_mbs},
};
enum { ITEMS = sizeof(items) / sizeof(items[0]) };

static const struct h248_item *item_of(const struct h248_name *name)
{
	return h248_item_find(name->pkg, H248_PROPERTY, name->item, SLICE_NULL);
}

int local_control_declare(struct h248_support *support)
{
	for (size_t i = 0; i < ITEMS; i++)
		if (items_add(support, items[i].package, H248_PROPERTY, items[i].name, 0, NULL) < 0)
			return -1;
	return 0;
}

struct slice local_control_realm(const struct h248_local_control *lc)
{
	for (const struct h248_parm *p = lc ? lc->properties : NULL; p; p = p->next)
		if (items_is(item_of(&p->name), "ipdc", "realm"))
			return p->value.text;
	return SLICE_NULL;
}

static unsigned take(const struct h248_parm *p, struct stream_control *c, const char **why)
{
	const struct h248_item *item = item_of(&p->name);

	for (size_t i = 0; i < ITEMS; i++) {
		if (!items_is(item, items[i].package, items[i].name))
			continue;
		*why = items[i].name;
		if (p->relation != H248_EQ && p->relation != H248_OR &&
		    (p->relation != H248_RANGE || items[i].parse != parse_spr))
			return 449;
		return items[i].parse(p, c) < 0 ? 449 : 0; /* of alternatives the first */
	}
	*why = "property";
	return 445;
}

unsigned local_control_parse(const struct h248_local_control *lc, struct stream_control *out,
			     const char **why)
{
	struct stream_control c = {.mode = lc->mode ? lc->mode : H248_INACTIVE,
				   .reserved_value = lc->reserved_value == H248_ON,
				   .reserved_group = lc->reserved_group == H248_ON};

	if (c.mode == H248_LOOPBACK) {
		*why = "Loopback";
		return 517;
	}
	for (const struct h248_parm *p = lc->properties; p; p = p->next) {
		unsigned code = take(p, &c, why);

		if (code)
			return code;
	}
	if (c.police && !c.police_burst)
		c.police_burst = c.police_rate ? c.police_rate : 1;
	*out = c;
	return 0;
}

void local_control_print(const struct stream *s, struct h248_arena *a, struct h248_stream *out)
{
	const struct stream_control *c = &s->control;
	struct h248_local_control *lc = h248_new_control(a, out);

	if (!lc)
		return;
	lc->mode = c->mode;
	lc->mode_relation = H248_EQ;
	if (c->reserved_value)
		lc->reserved_value = H248_ON;
	if (c->reserved_group)
		lc->reserved_group = H248_ON;
	for (size_t i = 0; i < ITEMS; i++) {
		struct slice v = items[i].print(s, a);

		if (v.p)
			h248_new_parm(a, &lc->properties, items[i].package, items[i].name, v,
				      items[i].quoted);
	}
}
