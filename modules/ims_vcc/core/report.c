/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_vcc/core/report.h"

#include "sip/header.h"
#include "sip/multipart.h"
#include "sip/name_addr.h"

enum { BODY_DEPTH_MAX = 4, IDENTITY_MAX = 191, LINES_MAX = 40 };

const char *vcc_report_strerror(int err)
{
	switch (err) {
	case VCC_REPORT_OK:
		return "ok";
	case VCC_REPORT_E_SYNTAX:
		return "a header field is missing or malformed";
	case VCC_REPORT_E_EXPIRES:
		return "it does not say for how long";
	case VCC_REPORT_E_IDENTITY:
		return "To is no SIP or tel URI that can be kept";
	case VCC_REPORT_E_BODY:
		return "the body cannot be read";
	default:
		return "?";
	}
}

/* ---- a message as text ---- */

struct line {
	struct slice name, value;
};

/* Its header fields are cut once: each is asked for by name, most of them several times. */
struct text {
	struct slice first, body;
	struct line line[LINES_MAX];
	size_t lines;
	struct slice beyond; /* header lines that line[] has no place for */
};

static void text_of(struct slice message, struct text *out)
{
	struct slice rest = message, name, value;

	/* Empty lines before a message are allowed (RFC 3261 7.5). */
	while (rest.len && (*rest.p == '\r' || *rest.p == '\n'))
		rest = slice_make(rest.p + 1, rest.len - 1);
	out->first = slice_trim(slice_cut(&rest, '\n'));
	out->lines = 0;
	while (out->lines < LINES_MAX && sip_header_next(&rest, &name, &value))
		out->line[out->lines++] = (struct line){name, value};
	out->beyond = SLICE_NULL;
	if (out->lines == LINES_MAX) {
		out->beyond = rest;
		while (sip_header_next(&rest, &name, &value))
			;
		out->beyond.len -= rest.len;
	}
	out->body = rest;
}

static bool named(const struct line *l, struct slice wanted, char compact)
{
	return l->value.p && (slice_eq_nocase(l->name, wanted) ||
			      (compact && l->name.len == 1 && (l->name.p[0] | 0x20) == compact));
}

/* The value of the header number n of this name; p NULL: there is none. */
static struct slice nth(const struct text *t, const char *name, char compact, unsigned n)
{
	struct slice rest = t->beyond, wanted = slice_str(name);
	struct line l;

	for (size_t i = 0; i < t->lines; i++)
		if (named(&t->line[i], wanted, compact) && n-- == 0)
			return t->line[i].value;
	while (sip_header_next(&rest, &l.name, &l.value))
		if (named(&l, wanted, compact) && n-- == 0)
			return l.value;
	return SLICE_NULL;
}

static struct slice only(const struct text *t, const char *wanted, char compact)
{
	return nth(t, wanted, compact, 1).p ? SLICE_NULL : nth(t, wanted, compact, 0);
}

/* How many elements of a Contact there may be over all headers is bounded by the list. */
static int contacts_of(const struct text *t, struct sip_contact_list *list)
{
	struct slice value;

	for (unsigned i = 0; (value = nth(t, "Contact", 'm', i)).p; i++)
		if (sip_contact_list_add(list, value))
			return -1;
	return 0;
}

static bool is_request(const struct text *t)
{
	return t->first.len > 9 && memcmp(t->first.p, "REGISTER ", 9) == 0;
}

static bool is_success(const struct text *t)
{
	return t->first.len > 9 && memcmp(t->first.p, "SIP/2.0 2", 9) == 0;
}

/* ---- header fields ---- */

/* The value of name=.. or name=".." among parameters that begin with the first of them. */
static struct slice value_of(struct slice params, const char *name)
{
	while (params.p) {
		struct slice value = slice_trim(slice_cut(&params, ';'));
		struct slice key = slice_trim(slice_cut(&value, '='));

		if (value.p && slice_eq_nocase(key, slice_str(name)))
			return sip_unquote(slice_trim(value));
	}
	return SLICE_NULL;
}

struct slice vcc_access_type(struct slice access)
{
	return slice_trim(slice_cut(&access, ';'));
}

static bool is_network_provided(struct slice access)
{
	while (access.p)
		if (slice_eq_nocase(slice_trim(slice_cut(&access, ';')),
				    SLICE_LIT("network-provided")))
			return true;
	return false;
}

/* The phone's own, else the network's. */
static struct slice access_of(const struct text *t)
{
	struct slice first = SLICE_NULL, value;

	for (unsigned i = 0; (value = nth(t, "P-Access-Network-Info", 0, i)).p; i++)
		while (value.p) {
			struct slice one = slice_trim(slice_cut(&value, ','));

			if (!is_network_provided(one) && one.len)
				return one;
			if (!first.p && one.len)
				first = one;
		}
	return first;
}

static void charging_of(const struct text *t, struct vcc_report *out)
{
	struct slice vector = only(t, "P-Charging-Vector", 0);

	out->icid = value_of(vector, "icid-value");
	out->orig_ioi = value_of(vector, "orig-ioi");
	out->charging_functions = only(t, "P-Charging-Function-Addresses", 0);
}

static bool is_identity(struct slice uri)
{
	struct slice scheme = slice_cut(&uri, ':');

	return uri.len > 0 && scheme.len + 1 + uri.len <= IDENTITY_MAX &&
	       (slice_eq_nocase(scheme, SLICE_LIT("sip")) ||
		slice_eq_nocase(scheme, SLICE_LIT("sips")) ||
		slice_eq_nocase(scheme, SLICE_LIT("tel")));
}

static int who(const struct text *t, struct vcc_report *out)
{
	struct slice number = only(t, "CSeq", 0), to = only(t, "To", 't');
	struct sip_name_addr a;
	uint64_t n;

	out->call_id = only(t, "Call-ID", 'i');
	out->from = only(t, "From", 'f');
	if (!out->call_id.len || sip_name_addr_parse(out->from, &a) ||
	    slice_u64(slice_cut(&number, ' '), UINT32_MAX, &n) || sip_name_addr_parse(to, &a))
		return VCC_REPORT_E_SYNTAX;
	out->cseq = (uint32_t)n;
	out->identity = a.uri;
	return is_identity(a.uri) ? VCC_REPORT_OK : VCC_REPORT_E_IDENTITY;
}

/* In table 11 the Contact alone says for how long, and it is the phone's. */
static int how_long(const struct text *t, struct vcc_report *out)
{
	struct sip_contact_list contacts = {0};
	struct slice expires = only(t, "Expires", 0), uri = t->first;

	if (contacts_of(t, &contacts))
		return VCC_REPORT_E_SYNTAX;
	(void)slice_cut(&uri, ' ');
	if (contacts.n)
		out->contact = out->scscf = contacts.contact[0].uri;
	if (expires.p)
		return sip_delta_seconds(expires, &out->expires) ? VCC_REPORT_E_EXPIRES
								 : VCC_REPORT_OK;
	if (!contacts.n || !contacts.contact[0].has_expires)
		return VCC_REPORT_E_EXPIRES;
	out->phone_headers = true;
	out->scscf = slice_cut(&uri, ' ');
	for (size_t i = 0; i < contacts.n; i++)
		if (contacts.contact[i].expires > out->expires)
			out->expires = contacts.contact[i].expires;
	out->asked = contacts;
	return VCC_REPORT_OK;
}

/* ---- bodies ---- */

static int part(const struct sip_part *p, unsigned deep, bool inside, struct vcc_report *out);

static int parts(const struct sip_part *p, unsigned deep, bool inside, struct vcc_report *out)
{
	struct sip_parts walk;
	struct sip_part one;
	int rc;

	if (deep > BODY_DEPTH_MAX || sip_parts_begin(&walk, p->type, p->content))
		return VCC_REPORT_E_BODY;
	while ((rc = sip_parts_next(&walk, &one, NULL)) == 1) {
		rc = part(&one, deep + 1, inside, out);
		if (rc)
			return rc;
	}
	return rc < 0 ? VCC_REPORT_E_BODY : VCC_REPORT_OK;
}

static void wishes_of_part(struct slice content, struct vcc_report *out)
{
	struct vcc_wishes found;
	int err = vcc_wishes_xml(content, &found);

	if (err)
		out->wish_error = err;
	else if (!out->has_wishes) {
		out->wishes = found;
		out->has_wishes = true;
	}
}

/* B: a tag of the tree of URIs (RFC 3840 9): "+u.operator.example.domain-preference". */
static void wishes_of_contacts(struct vcc_report *out)
{
	static const struct slice end = SLICE_LIT("." VCC_CONTACT_WISH_TAG);

	for (size_t i = 0; i < out->asked.n && !out->has_wishes; i++) {
		struct slice rest = out->asked.contact[i].params, name, value;

		while (sip_param_next(&rest, &name, &value) == 1) {
			struct vcc_wishes w = {.has_terminating = true};

			if (name.len <= end.len || name.p[0] != '+' ||
			    !slice_eq_nocase(slice_make(name.p + name.len - end.len, end.len), end))
				continue;
			if (vcc_wish_parse(sip_unquote(value), &w.terminating)) {
				out->wish_error = VCC_WISH_E_CONTENT;
				continue;
			}
			out->wishes = w;
			out->has_wishes = true;
			break;
		}
	}
}

static struct slice private_identity_of(const struct text *t)
{
	struct slice value = only(t, "Authorization", 0);

	(void)slice_cut(&value, ' ');
	while (value.p) {
		struct slice one = slice_cut(&value, ','), key = slice_trim(slice_cut(&one, '='));

		if (one.p && slice_eq_nocase(key, SLICE_LIT("username")))
			return sip_unquote(slice_trim(one));
	}
	return SLICE_NULL;
}

static void whole(const struct text *t, struct sip_part *out)
{
	*out = (struct sip_part){
	    .type = nth(t, "Content-Type", 'c', 0),
	    .twice = nth(t, "Content-Type", 'c', 1).p != NULL,
	    .content = t->body,
	};
}

static uint32_t expires_of(const struct text *t)
{
	uint32_t seconds = 0;

	(void)sip_delta_seconds(only(t, "Expires", 0), &seconds);
	return seconds;
}

static int copy_of_request(const struct text *t, unsigned deep, struct vcc_report *out)
{
	struct sip_part body;

	if (out->has_request)
		return VCC_REPORT_E_BODY;
	out->has_request = true;
	out->asked.n = 0;
	out->asked.star = false;
	if (contacts_of(t, &out->asked))
		return VCC_REPORT_E_BODY;
	out->asked_expires = expires_of(t);
	out->private_identity = private_identity_of(t);
	if (!out->access.len)
		out->access = access_of(t);
	whole(t, &body);
	/* What is odd in the phone's own body is the phone's affair. */
	if (t->body.len && part(&body, deep + 1, true, out))
		out->wish_error = VCC_WISH_E_SYNTAX;
	return VCC_REPORT_OK;
}

static int copy_of_response(const struct text *t, struct vcc_report *out)
{
	struct slice value;

	if (out->has_response)
		return VCC_REPORT_E_BODY;
	out->has_response = true;
	if (contacts_of(t, &out->granted))
		return VCC_REPORT_E_BODY;
	out->granted_expires = expires_of(t);
	for (unsigned i = 0; (value = nth(t, "P-Associated-URI", 0, i)).p; i++) {
		struct sip_name_addr a;

		while (out->associated_n < VCC_ASSOCIATED_MAX &&
		       sip_name_addr_next(&value, &a) == 1)
			if (is_identity(a.uri))
				out->associated[out->associated_n++] = a.uri;
	}
	return VCC_REPORT_OK;
}

static int part(const struct sip_part *p, unsigned deep, bool inside, struct vcc_report *out)
{
	if (p->twice)
		return VCC_REPORT_E_BODY;
	if (sip_media_type_is_multipart(p->type))
		return parts(p, deep, inside, out);
	if (inside) {
		if (sip_media_type_is(p->type, VCC_WISH_MIME))
			wishes_of_part(p->content, out);
		return VCC_REPORT_OK;
	}
	if (sip_media_type_is(p->type, VCC_SERVICE_INFO_MIME)) {
		if (vcc_service_info(p->content, out->service_info, sizeof(out->service_info)))
			return VCC_REPORT_E_BODY;
		return VCC_REPORT_OK;
	}
	if (sip_media_type_is(p->type, "message/sip") ||
	    sip_media_type_is(p->type, "message/sipfrag")) {
		struct text t;

		text_of(p->content, &t);
		if (is_request(&t))
			return copy_of_request(&t, deep, out);
		return is_success(&t) ? copy_of_response(&t, out) : VCC_REPORT_E_BODY;
	}
	return VCC_REPORT_OK;
}

/* What the body is, whatever its Content-Length says. */
static int body_of(const struct text *t, struct vcc_report *out)
{
	struct sip_part body;
	int err;

	if (!slice_trim(t->body).len)
		return VCC_REPORT_OK;
	whole(t, &body);
	err = part(&body, 0, out->phone_headers, out);
	if (err)
		return err;
	if (out->service_info[0])
		out->has_default =
		    vcc_wishes_service_info(slice_str(out->service_info), &out->by_default) == 1;
	return VCC_REPORT_OK;
}

int vcc_report_read(struct slice message, struct vcc_report *out)
{
	struct text t;
	int err;

	memset(out, 0, sizeof(*out));
	if (message.len > VCC_REPORT_BYTES_MAX)
		return VCC_REPORT_E_SYNTAX;
	text_of(message, &t);
	if (!is_request(&t))
		return VCC_REPORT_E_SYNTAX;
	err = who(&t, out);
	if (!err)
		err = how_long(&t, out);
	if (err)
		return err;
	out->access = access_of(&t);
	out->visited = sip_unquote(slice_trim(only(&t, "P-Visited-Network-ID", 0)));
	charging_of(&t, out);
	if (out->phone_headers)
		out->private_identity = private_identity_of(&t);
	err = body_of(&t, out);
	if (!err)
		wishes_of_contacts(out);
	return err;
}
