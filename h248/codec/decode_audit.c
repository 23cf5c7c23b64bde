/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Audit descriptor (clause 7.1.12, single items since version 2), Statistics and Packages. */
#include "h248/codec/scan.h"

int decode_statistics(struct scanner *s, struct h248_parm **list)
{
	if (scan_expect(s, '{'))
		return -1;
	do {
		struct h248_parm *parm = scan_new(s, sizeof(*parm));

		if (!parm || scan_name(s, scan_word(s), true, &parm->name) ||
		    scan_relation(s, parm, false))
			return -1;
		*list = parm;
		list = &parm->next;
	} while (scan_accept(s, ','));
	return scan_expect(s, '}');
}

int decode_packages(struct scanner *s, struct h248_package **list)
{
	if (scan_expect(s, '{'))
		return -1;
	do {
		struct slice word = scan_word(s);
		struct slice version = word, name = slice_cut(&version, '-');
		struct h248_package *package = scan_new(s, sizeof(*package));
		uint64_t v;

		if (!package)
			return -1;
		if (!scan_is_name(name) || !version.p)
			return scan_fail(s, 0, "package-version expected");
		if (scan_number(s, version, UINT16_MAX, &v))
			return -1;
		package->name = name;
		package->version = (uint16_t)v;
		*list = package;
		list = &package->next;
	} while (scan_accept(s, ','));
	return scan_expect(s, '}');
}

/* The word was read: a descriptor's name, alone or (version 2) with the parts that are asked for.
 */
int decode_audit_item(struct scanner *s, enum h248_token token, struct h248_audit_item **out)
{
	enum h248_descriptor_kind kind = descriptor_of_token(token);
	struct h248_audit_item *item;
	bool was;
	int rc;

	switch (kind) {
	case H248_D_MEDIA:
	case H248_D_MODEM:
	case H248_D_MUX:
	case H248_D_EVENTS:
	case H248_D_SIGNALS:
	case H248_D_DIGIT_MAP:
	case H248_D_EVENT_BUFFER:
	case H248_D_OBSERVED_EVENTS:
	case H248_D_STATISTICS:
	case H248_D_PACKAGES:
		break;
	default:
		return scan_fail(s, 0, "not a descriptor that can be audited");
	}
	item = scan_new(s, sizeof(*item));
	if (!item)
		return -1;
	*out = item;
	item->kind = kind;
	if (!scan_peek(s, '{') && !scan_peek(s, '='))
		return 0;
	if (kind == H248_D_MODEM || kind == H248_D_MUX || kind == H248_D_OBSERVED_EVENTS)
		return scan_fail(s, 0, "this descriptor is audited as a whole");
	if (scan_since(s, 2))
		return -1;
	item->part = scan_new(s, sizeof(*item->part));
	if (!item->part)
		return -1;
	item->part->kind = kind;
	was = s->in_audit;
	s->in_audit = true;
	rc = decode_descriptor_body(s, item->part);
	s->in_audit = was;
	return rc;
}

int decode_audit(struct scanner *s, struct h248_audit_item **list)
{
	if (scan_expect(s, '{'))
		return -1;
	if (scan_accept(s, '}'))
		return 0;
	do {
		if (decode_audit_item(s, scan_token(s), list))
			return -1;
		list = &(*list)->next;
	} while (scan_accept(s, ','));
	return scan_expect(s, '}');
}
