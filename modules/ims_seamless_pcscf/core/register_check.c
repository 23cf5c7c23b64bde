/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "register_check.h"

#include "sip/contact.h"
#include "sip/option_tags.h"
#include "sip/uri.h"

static void name_unsupported(struct pcscf_option_verdict *out, struct slice tag)
{
	size_t have = strlen(out->unsupported), sep = have > 0 ? 2 : 0;

	out->code = 420;
	if (sip_option_tags_has(slice_str(out->unsupported), tag) == 1)
		return;
	if (have + sep + tag.len >= sizeof(out->unsupported))
		return;
	memcpy(out->unsupported + have, ", ", sep);
	memcpy(out->unsupported + have + sep, tag.p, tag.len);
	out->unsupported[have + sep + tag.len] = '\0';
}

static bool is_known(struct slice tag, struct slice known)
{
	return slice_eq_nocase(tag, SLICE_LIT("sec-agree")) || sip_option_tags_has(known, tag) == 1;
}

/* Returns -1 on a malformed line. */
static int check_line(struct slice line, bool ours_only, bool enabled, struct slice known,
		      struct pcscf_option_verdict *out)
{
	struct slice tag;
	int rc;

	while ((rc = sip_option_tags_next(&line, &tag)) == 1) {
		bool seamless = slice_eq_nocase(tag, SLICE_LIT(SEAMLESS_TAG));

		if (seamless && enabled)
			out->seamless = true;
		else if (seamless || (!ours_only && !is_known(tag, known)))
			name_unsupported(out, tag);
	}
	return rc;
}

void pcscf_option_headers_check(const struct pcscf_option_headers *h, bool enabled,
				struct slice known, struct pcscf_option_verdict *out)
{
	int rc = 0;

	*out = (struct pcscf_option_verdict){0};
	for (size_t i = 0; i < h->proxy_require_n && rc == 0; i++)
		rc = check_line(h->proxy_require[i], false, enabled, known, out);
	for (size_t i = 0; i < h->require_n && rc == 0; i++)
		rc = check_line(h->require[i], true, enabled, known, out);
	if (rc < 0)
		out->code = 400;
}

int pcscf_option_line_strip(struct slice line, char *buf, size_t size)
{
	struct slice tag;
	bool found = false;
	size_t len = 0;
	int rc;

	while ((rc = sip_option_tags_next(&line, &tag)) == 1) {
		size_t sep = len > 0 ? 2 : 0;

		if (slice_eq_nocase(tag, SLICE_LIT(SEAMLESS_TAG))) {
			found = true;
			continue;
		}
		if (len + sep + tag.len >= size)
			return -1;
		memcpy(buf + len, ", ", sep);
		memcpy(buf + len + sep, tag.p, tag.len);
		len += sep + tag.len;
	}
	if (rc < 0 || !found)
		return -1;
	buf[len] = '\0';
	return (int)len;
}

_Static_assert(HEADER_LINES_MAX > SIP_CONTACT_LIST_MAX,
	       "a contact could stand in a line nobody reads");

static bool is_own(const struct sip_contact *c, struct slice source, struct slice via)
{
	struct sip_uri_parts u;

	return sip_uri_parse(c->uri, &u) == 0 &&
	       (sip_host_eq(u.host, source) || sip_host_eq(u.host, via));
}

static void refuse(struct pcscf_register_intent *out, const char *reason)
{
	if (out->code == 0)
		out->reason = reason;
	out->code = 400;
}

static void review(const struct sip_contact_list *list, uint32_t default_expires,
		   struct slice source, struct slice via, struct pcscf_register_intent *out)
{
	if (list->star && default_expires != 0)
		refuse(out, "Contact * Without Expires 0");
	out->ends_own = list->star;
	for (size_t i = 0; i < list->n; i++) {
		const struct sip_contact *c = &list->contact[i];
		uint32_t expires = c->has_expires ? c->expires : default_expires;
		bool own = is_own(c, source, via);

		if (expires == 0) {
			out->removed++;
			out->ends_own = out->ends_own || own;
		} else if (!own) {
			refuse(out, "Contact Of Another Connection");
		}
	}
}

void pcscf_register_contacts_check(const struct slice *contacts, size_t contacts_n,
				   uint32_t default_expires, struct slice source, struct slice via,
				   struct pcscf_register_intent *out)
{
	struct sip_contact_list list = {0};

	*out = (struct pcscf_register_intent){0};
	for (size_t i = 0; i < contacts_n; i++) {
		int err = sip_contact_list_add(&list, contacts[i]);

		if (err) {
			refuse(out,
			       err == SIP_E_TOO_MANY ? "Too Many Contacts" : "Malformed Contact");
			return;
		}
	}
	review(&list, default_expires, source, via, out);
}

bool pcscf_contact_is_emergency(struct slice uri)
{
	struct sip_uri_parts u;
	struct slice value;

	return sip_uri_parse(uri, &u) == 0 && sip_uri_param(&u, SLICE_LIT("sos"), &value) == 1;
}

int pcscf_address_list_first(struct slice list, struct slice *uri)
{
	struct sip_uri_parts parts;
	struct sip_name_addr a;

	while (sip_name_addr_next(&list, &a) == 1) {
		if (sip_uri_parse(a.uri, &parts))
			continue;
		*uri = a.uri;
		return 0;
	}
	return -1;
}

int pcscf_associated_set_next(struct slice *list, struct slice *uri)
{
	struct sip_uri_parts parts;
	struct sip_name_addr a;
	struct slice value;

	while (sip_name_addr_next(list, &a) == 1) {
		if (sip_param_get(a.params, SLICE_LIT("seamless-set"), &value) != 1 ||
		    sip_uri_parse(a.uri, &parts))
			continue;
		*uri = a.uri;
		return 1;
	}
	return 0;
}

int pcscf_route_top_user(struct slice route, struct slice *user)
{
	struct sip_uri_parts parts;
	struct sip_name_addr a;

	if (sip_name_addr_next(&route, &a) != 1 || sip_uri_parse(a.uri, &parts) ||
	    parts.user.len == 0)
		return -1;
	*user = parts.user;
	return 0;
}
