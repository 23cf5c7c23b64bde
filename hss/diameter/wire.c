/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/diameter/wire.h"

#include <string.h>

enum {
	HEADER = 20,
	FLAG_REQUEST = 0x80,
	FLAG_VENDOR = 0x80,
	FLAG_MANDATORY = 0x40,
	/* result codes, RFC 6733 7.1.5 */
	AVP_UNSUPPORTED = 5001,
	MISSING_AVP = 5005,
	AVP_TOO_MANY = 5009,
	INVALID_AVP_LENGTH = 5014,
	/* AVPs of the base protocol */
	USER_NAME = 1,
	HOST_IP_ADDRESS = 257,
	AUTH_APPLICATION = 258,
	ACCT_APPLICATION = 259,
	VENDOR_SPECIFIC_APPLICATION = 260,
	SESSION_ID = 263,
	VENDOR_ID = 266,
	ROUTE_RECORD = 282,
	DESTINATION_REALM = 283,
	PROXY_INFO = 284,
	DESTINATION_HOST = 293,
	FAULT_HEAD = 16, /* AVP header, result, length */
};

static const uint32_t NO_VENDOR = UINT32_MAX;

/* One AVP as it stands in the message. */
struct view {
	uint8_t *at;
	uint32_t code, vendor;
	uint8_t flags;
	size_t header, len, room; /* len: as it says; room: with padding, within its list */
};

/* One message being judged. */
struct check {
	const struct wire_dict *dict;
	const struct wire_command *command; /* of a request that is checked whole, else NULL */
	bool request;
	bool mended;
	size_t n_avps;
	struct {
		uint8_t *at;
		size_t header;
	} path[WIRE_DEPTH_MAX]; /* the groups that are open */
	size_t depth;
	uint32_t fault; /* result code of the first fault; 0: none */
	const char *why;
	uint8_t failed[WIRE_FAILED_MAX];
	size_t failed_len;
};

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void put32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

static void put24(uint8_t *p, size_t v)
{
	p[0] = (uint8_t)(v >> 16);
	p[1] = (uint8_t)(v >> 8);
	p[2] = (uint8_t)v;
}

static size_t padded(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

static const struct wire_avp *find_avp(const struct wire_dict *d, uint32_t vendor, uint32_t code)
{
	size_t low = 0, high = d->n_avps;

	while (low < high) {
		size_t mid = (low + high) / 2;
		const struct wire_avp *a = &d->avps[mid];

		if (a->vendor == vendor && a->code == code)
			return a;
		if (a->vendor < vendor || (a->vendor == vendor && a->code < code))
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

static size_t least_size(enum wire_type type)
{
	return type == WIRE_32 ? 4 : type == WIRE_64 ? 8 : 0;
}

/*
 * Read the header at p. Returns 0, or -1 if the AVP cannot be told from what follows it: a header
 * that is cut, a length below it or beyond the list.
 */
static int view_avp(uint8_t *p, size_t left, struct view *v)
{
	memset(v, 0, sizeof(*v));
	v->at = p;
	v->room = left;
	if (left < 8)
		return -1;
	v->code = get32(p);
	v->flags = p[4];
	v->len = get32(p + 4) & 0xffffff;
	v->header = v->flags & FLAG_VENDOR ? 12 : 8;
	if (v->len < v->header || v->len > left)
		return -1;
	if (v->flags & FLAG_VENDOR) /* libfdcore finds no AVP of a vendor 0 */
		v->vendor = get32(p + 8) ? get32(p + 8) : NO_VENDOR;
	v->room = padded(v->len) < left ? padded(v->len) : left;
	return 0;
}

/* Make room octets at p an AVP that nobody knows and nobody must. */
static void mask(struct check *c, uint8_t *p, size_t len)
{
	put32(p, WIRE_CODE_MASKED);
	p[4] = 0;
	put24(p + 5, len);
	c->mended = true;
}

/* Put the headers of the open groups in front of what stands at failed (RFC 6733 7.5). */
static void wrap_failed(struct check *c)
{
	for (size_t i = c->depth; i > 0; i--) {
		size_t h = c->path[i - 1].header;

		if (c->failed_len + h > sizeof(c->failed))
			return;
		memmove(c->failed + h, c->failed, padded(c->failed_len));
		memcpy(c->failed, c->path[i - 1].at, h);
		put24(c->failed + 5, h + padded(c->failed_len));
		c->failed_len = h + padded(c->failed_len);
	}
}

/* Remember the first fault with the AVP that is to be quoted: head and len octets of value. */
static void fault(struct check *c, uint32_t result, const char *why, const uint8_t *head,
		  size_t header, const uint8_t *value, size_t len)
{
	if (!c->why)
		c->why = why;
	if (c->fault)
		return;
	c->fault = result;
	if (len > sizeof(c->failed) - header - WIRE_DEPTH_MAX * 12)
		len = sizeof(c->failed) - header - WIRE_DEPTH_MAX * 12;
	memset(c->failed, 0, sizeof(c->failed));
	memcpy(c->failed, head, header);
	if (len && value)
		memcpy(c->failed + header, value, len);
	put24(c->failed + 5, header + len);
	c->failed_len = header + len;
	wrap_failed(c);
}

/* Its length is impossible: quoted with as many zeroes as its type has octets at least. */
static void fault_length(struct check *c, const struct view *v, size_t least)
{
	uint8_t head[12] = {0};
	size_t have = v->room < 8 ? v->room : v->flags & FLAG_VENDOR && v->room >= 12 ? 12 : 8;

	memcpy(head, v->at, have);
	if (have < 12)
		head[4] &= (uint8_t)~FLAG_VENDOR;
	fault(c, INVALID_AVP_LENGTH, "an AVP of impossible length", head, have < 8 ? 8 : have, NULL,
	      least);
}

/* Does libfdcore read the address that it holds? (RFC 6733 4.3.1) */
static bool good_address(const struct view *v)
{
	const uint8_t *p = v->at + v->header;
	size_t n = v->len - v->header;

	return n >= 2 && p[0] == 0 && ((p[1] == 1 && n == 6) || (p[1] == 2 && n == 18));
}

static bool check_list(struct check *c, uint8_t *p, size_t len, bool must);

/* Inside Vendor-Specific-Application-Id libfdcore takes for granted that every AVP has a value. */
static bool strange_application(const struct check *c, const struct view *v)
{
	return c->depth > 0 && get32(c->path[c->depth - 1].at) == VENDOR_SPECIFIC_APPLICATION &&
	       !(c->path[c->depth - 1].at[4] & FLAG_VENDOR) && !(v->flags & FLAG_VENDOR) &&
	       v->code != VENDOR_ID && v->code != AUTH_APPLICATION && v->code != ACCT_APPLICATION;
}

/* Is the group that is open at the top one that libfdcore copies into answers? */
static bool in_proxy_info(const struct check *c)
{
	return c->depth > 0 && get32(c->path[0].at) == PROXY_INFO &&
	       !(c->path[0].at[4] & FLAG_VENDOR);
}

/* An AVP that no dictionary has. Returns false if it cannot stay as it is. */
static bool check_unknown(struct check *c, const struct view *v, bool must)
{
	if (in_proxy_info(c) && v->len == v->header) { /* libfdcore could not write it again */
		if (!c->why)
			c->why = "an empty AVP in Proxy-Info";
		return false;
	}
	if (!(v->flags & FLAG_MANDATORY) || !must)
		return true;
	if (c->command) {
		fault(c, AVP_UNSUPPORTED, "an unknown AVP with the M bit", v->at, v->header,
		      v->at + v->header, v->len - v->header);
		return true;
	}
	/* an answer is read as far as it can be; libfdcore cannot quote an empty one */
	if (c->request && v->len > v->header)
		return true;
	if (!c->why)
		c->why = "an unknown AVP with the M bit";
	return false;
}

static bool check_group(struct check *c, const struct view *v, bool must)
{
	bool ok;

	if (c->depth == WIRE_DEPTH_MAX) {
		fault(c, INVALID_AVP_LENGTH, "groups too deep", v->at, v->header, NULL, 0);
		return false;
	}
	c->path[c->depth].at = v->at;
	c->path[c->depth].header = v->header;
	c->depth++;
	ok = check_list(c, v->at + v->header, v->len - v->header, must);
	c->depth--;
	/* libfdcore copies it into answers, and counts on its being padded */
	if (v->vendor == 0 && v->code == PROXY_INFO && v->len % 4)
		ok = false;
	return ok;
}

/* Is the AVP fit to be seen? If not it must be masked, or the group that it is in. */
static bool check_avp(struct check *c, const struct view *v, bool must)
{
	const struct wire_avp *known = find_avp(c->dict, v->vendor, v->code);
	size_t n = v->len - v->header;

	if (strange_application(c, v)) {
		if (!c->why)
			c->why = "a strange AVP in Vendor-Specific-Application-Id";
		return false;
	}
	if (v->vendor == 0 && v->code >= WIRE_CODE_FAULT && v->code <= WIRE_CODE_USER_NAME)
		return false;	      /* nobody but us says that */
	if (v->vendor == NO_VENDOR) { /* libfdcore finds it by its code, and then without a value */
		check_unknown(c, v, must);
		return false;
	}
	if (!known)
		return check_unknown(c, v, must);
	if (known->type == WIRE_GROUP)
		return check_group(c, v, must && (v->flags & FLAG_MANDATORY));
	if (least_size(known->type) && n != least_size(known->type)) {
		fault_length(c, v, least_size(known->type));
		return false;
	}
	if (v->vendor == 0 && v->code == HOST_IP_ADDRESS && !good_address(v)) {
		if (!c->why)
			c->why = "a Host-IP-Address that is none";
		return false;
	}
	return true;
}

/*
 * Check a list of AVPs. At the top what is unfit is masked; inside a group the whole group is
 * unfit, which the return says.
 */
static bool check_list(struct check *c, uint8_t *p, size_t len, bool must)
{
	uint8_t *last = NULL;
	size_t at = 0;

	while (at < len) {
		struct view v;

		if (view_avp(p + at, len - at, &v) || ++c->n_avps > WIRE_AVPS_MAX) {
			fault_length(c, &v, 0);
			if (c->depth)
				return false;
			if (len - at >= 8)
				mask(c, p + at, len - at);
			else if (last)
				mask(c, last, (size_t)(p + len - last));
			else
				c->fault = 0; /* nothing left to tell it with */
			return last || len - at >= 8;
		}
		if (!check_avp(c, &v, must)) {
			if (c->depth)
				return false;
			mask(c, v.at, v.len);
		}
		last = v.at;
		at += v.room;
	}
	return true;
}

static const struct wire_command *find_command(const struct wire_dict *d, const uint8_t *msg)
{
	uint32_t code = get32(msg + 4) & 0xffffff, application = get32(msg + 8);

	for (size_t i = 0; i < d->n_commands; i++)
		if (d->commands[i].code == code && d->commands[i].application == application)
			return &d->commands[i];
	return NULL;
}

/* How many octets the AVP at p[at] takes with its padding; 0 at the end, or where none can be told. */
static size_t room_at(const uint8_t *p, size_t len, size_t at)
{
	size_t left = len - at, n;

	if (left < 8)
		return 0;
	n = get32(p + at + 4) & 0xffffff;
	if (n < 8 || n > left)
		return 0;
	return padded(n) < left ? padded(n) : left;
}

static void check_rule(struct check *c, const struct wire_rule *r, uint8_t *p, size_t len)
{
	uint8_t head[12] = {0};
	size_t at = 0, header = r->vendor ? 12 : 8;
	struct view v;
	int n = 0;

	for (size_t room; (room = room_at(p, len, at)) > 0; at += room) {
		if (get32(p + at) != r->code || view_avp(p + at, len - at, &v) ||
		    v.vendor != r->vendor)
			continue;
		if (++n > r->max && r->max >= 0) {
			fault(c, AVP_TOO_MANY, "an AVP more often than it may be", v.at, v.header,
			      v.at + v.header, v.len - v.header);
			return;
		}
	}
	if (n >= r->min)
		return;
	put32(head, r->code);
	head[4] = (uint8_t)(FLAG_MANDATORY | (r->vendor ? FLAG_VENDOR : 0));
	put32(head + 8, r->vendor);
	fault(c, MISSING_AVP, "an AVP is missing", head, header, NULL,
	      r->type == WIRE_OCTETS ? 1 : least_size(r->type));
}

/* Does libfdcore need it to route a request and to answer it? */
static bool routing(const struct view *v, bool all)
{
	if (v->vendor)
		return false;
	return v->code == DESTINATION_REALM || v->code == DESTINATION_HOST ||
	       (all && (v->code == SESSION_ID || v->code == PROXY_INFO || v->code == ROUTE_RECORD));
}

/* Keep only what routes the request; returns how many octets. */
static size_t keep_routing(uint8_t *p, size_t len, bool all, bool move)
{
	size_t at = 0, kept = 0;
	struct view v;

	while (at < len && view_avp(p + at, len - at, &v) == 0) {
		if (routing(&v, all)) {
			if (move)
				memmove(p + kept, v.at, v.room);
			kept += v.room;
		}
		at += v.room;
	}
	return kept;
}

/* Rewrite the request so that it tells its fault. Returns false if there is no room for that. */
static bool tell_fault(const struct check *c, uint8_t *p, size_t len)
{
	bool all = keep_routing(p, len, true, false) + FAULT_HEAD <= len;
	size_t kept = keep_routing(p, len, all, false), room;

	if (kept + FAULT_HEAD > len)
		return false;
	keep_routing(p, len, all, true);
	p += kept;
	len -= kept;
	room = len - FAULT_HEAD;
	memset(p, 0, len);
	put32(p, WIRE_CODE_FAULT);
	put24(p + 5, len);
	put32(p + 8, c->fault);
	if (padded(c->failed_len) <= room) {
		put32(p + 12, (uint32_t)padded(c->failed_len));
		memcpy(p + FAULT_HEAD, c->failed, c->failed_len);
	}
	return true;
}

/* Keep from libfdcore what it would do too much with. */
static void hide(uint8_t *p, size_t len)
{
	size_t at = 0;
	struct view v;

	while (at < len && view_avp(p + at, len - at, &v) == 0) {
		if (v.code == SESSION_ID && v.vendor == 0)
			put32(v.at, WIRE_CODE_SESSION);
		if (v.code == USER_NAME && v.vendor == 0 &&
		    memchr(v.at + v.header, '!', v.len - v.header))
			put32(v.at, WIRE_CODE_USER_NAME);
		at += v.room;
	}
}

static enum wire_verdict judge(const struct wire_dict *dict, uint8_t *msg, size_t len,
			       const char **why)
{
	struct check c;
	bool parsed;

	memset(&c, 0, offsetof(struct check, failed));
	c.failed_len = 0;
	c.dict = dict;
	c.request = msg[4] & FLAG_REQUEST;
	c.command = c.request ? find_command(dict, msg) : NULL;
	parsed = check_list(&c, msg + HEADER, len - HEADER, true);
	for (size_t i = 0; c.command && !c.fault && i < c.command->n_rules; i++)
		check_rule(&c, &c.command->rules[i], msg + HEADER, len - HEADER);
	*why = c.why;
	if (!parsed)
		return WIRE_BROKEN;
	if (c.command && c.fault)
		return tell_fault(&c, msg + HEADER, len - HEADER) ? WIRE_REFUSED : WIRE_BROKEN;
	return c.mended ? WIRE_MENDED : WIRE_GOOD;
}

enum wire_verdict wire_check(const struct wire_dict *dict, uint8_t *msg, size_t len,
			     const char **why)
{
	enum wire_verdict verdict;

	*why = "no message";
	if (len < HEADER || msg[0] != 1 || (get32(msg) & 0xffffff) != len)
		return WIRE_BROKEN;
	verdict = judge(dict, msg, len, why);
	hide(msg + HEADER, len - HEADER);
	return verdict;
}

int wire_fault_read(const uint8_t *value, size_t len, struct wire_fault *out)
{
	if (len < 8)
		return -1;
	out->result = get32(value);
	out->failed_len = get32(value + 4);
	out->failed = value + 8;
	return out->failed_len <= len - 8 ? 0 : -1;
}
