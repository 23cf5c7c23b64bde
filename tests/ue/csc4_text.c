/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <jansson.h>
#include <stdlib.h>

#include "base/hmac_sha256.h"
#include "ue/csc4_text.h"

enum { NAME_MAX_LEN = 255 };

static void put_member(struct text *out, const char *name, const char *value)
{
	if (!value)
		return;
	text_add(out, "%s\"%s\":", out->p[out->len - 1] == '{' ? "" : ",", name);
	text_json(out, slice_str(value));
}

void csc4_write_wish(const struct csc4_wish *w, struct text *out)
{
	struct slice rest = slice_str(w->services), place = slice_str(w->place), plmn;

	text_char(out, '{');
	put_member(out, "mcServiceId", w->mc_id);
	put_member(out, "ueInstanceId", w->instance);
	put_member(out, "partnerSystemId", w->partner);
	if (w->services) {
		text_add(out, ",\"services\":");
		for (char mark = '['; rest.len; mark = ',') {
			text_char(out, mark);
			text_json(out, slice_cut(&rest, ','));
		}
		text_char(out, ']');
	}
	text_add(out, ",\"location\":{");
	if (w->place) {
		plmn = slice_cut(&place, '/');
		text_add(out, "\"plmn\":");
		text_json(out, plmn);
		if (place.len) {
			text_add(out, ",\"tac\":");
			text_json(out, place);
		}
	}
	text_add(out, "}}");
}

/* A text that may stand in a header of SIP: not empty, no blank, no control octet, nothing that ends a quoted string or a URI. */
static const char *name_of(const json_t *value)
{
	const char *s = json_string_value(value);
	const size_t n = json_string_length(value);

	if (!s || n == 0 || n > NAME_MAX_LEN || strlen(s) != n)
		return NULL;
	for (const char *c = s; *c; c++)
		if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7f || strchr("\"<>\\", *c))
			return NULL;
	return s;
}

static const char *member(const json_t *object, const char *name)
{
	return name_of(json_object_get(object, name));
}

/* A URI of SIP of a public identity. */
static const char *public_of(const json_t *value)
{
	const char *s = name_of(value);

	return s && (strncmp(s, "sip:", 4) == 0 || strncmp(s, "tel:", 4) == 0) ? s : NULL;
}

static void system_take(struct ue_system *s, const json_t *sip, const char *id)
{
	const json_t *impus = json_object_get(sip, "publicIdentities");

	ue_system_clear(s);
	ue_set(&s->impi, slice_str(member(sip, "privateIdentity")));
	ue_set(&s->domain, slice_str(member(sip, "homeDomain")));
	ue_set(&s->realm, slice_str(member(sip, "realm")));
	ue_set(&s->pcscf, slice_str(name_of(json_array_get(json_object_get(sip, "pcscf"), 0))));
	ue_set(&s->id, slice_str(id));
	for (size_t i = 0; i < json_array_size(impus); i++)
		s->impu[s->impus++] = ue_dup(slice_str(public_of(json_array_get(impus, i))));
}

static const char *what_is_wrong(const json_t *sip)
{
	const json_t *impus = json_object_get(sip, "publicIdentities");
	const size_t n = json_array_size(impus);
	const char *registrar = member(sip, "registrarUri"), *domain = member(sip, "homeDomain");

	if (!member(sip, "privateIdentity") || !strchr(member(sip, "privateIdentity"), '@'))
		return "there is no private identity";
	if (n == 0 || n > UE_IMPUS_MAX)
		return "there is no public identity, or there are too many";
	for (size_t i = 0; i < n; i++)
		if (!public_of(json_array_get(impus, i)))
			return "a public identity is none";
	if (!domain || !member(sip, "realm"))
		return "there is no domain or no realm";
	if (!registrar || strncmp(registrar, "sip:", 4) != 0 || strcmp(registrar + 4, domain) != 0)
		return "the registrar is not the domain's";
	if (!name_of(json_array_get(json_object_get(sip, "pcscf"), 0)))
		return "there is no P-CSCF";
	if (strcmp(json_string_value(json_object_get(sip, "authentication"))
		       ? json_string_value(json_object_get(sip, "authentication"))
		       : "",
		   "IMS-AKA") != 0)
		return "it is not authenticated by IMS AKA";
	return NULL;
}

static bool is_sha256(const char *s)
{
	return s && strlen(s) == 64 && strspn(s, "0123456789abcdef") == 64;
}

/* Only a path: a phone asks nobody but the server that it trusts. */
static bool is_path(const char *s)
{
	return s && s[0] == '/' && s[1] != '/';
}

int csc4_read_connection(struct slice body, struct ue_system *system, struct csc4_given *given,
			 const char **why)
{
	json_t *all = json_loadb(body.p ? body.p : "", body.len, JSON_REJECT_DUPLICATES, NULL);
	const json_t *sip = json_object_get(all, "sip"),
		     *document = json_object_get(all, "initialUeConfig");
	const char *id = member(all, "id"), *sha256 = member(document, "sha256"),
		   *href = member(document, "href");

	*given = (struct csc4_given){0};
	*why = !json_is_object(all)		      ? "the answer is no JSON object"
	       : !id || strpbrk(id, "/?#%")	      ? "there is no id"
	       : !is_path(href) || !is_sha256(sha256) ? "no configuration document is named"
						      : what_is_wrong(sip);
	if (!*why) {
		system_take(system, sip, id);
		ue_set(&given->partner, slice_str(member(all, "partnerSystemId")));
		ue_set(&given->chosen_by, slice_str(member(all, "chosenBy")));
		ue_set(&given->expires, slice_str(member(all, "expires")));
		ue_set(&given->href, slice_str(href));
		memcpy(given->sha256, sha256, sizeof(given->sha256));
	}
	json_decref(all);
	return *why ? -1 : 0;
}

void csc4_given_free(struct csc4_given *given)
{
	free(given->partner);
	free(given->chosen_by);
	free(given->expires);
	free(given->href);
	*given = (struct csc4_given){0};
}

void csc4_read_problem(struct slice body, struct text *out)
{
	json_t *all = json_loadb(body.p ? body.p : "", body.len, 0, NULL);
	const char *type = json_string_value(json_object_get(all, "type")),
		   *detail = json_string_value(json_object_get(all, "detail"));
	const char *last = type ? strrchr(type, ':') : NULL;

	if (type)
		text_add(out, "%s: %s", last ? last + 1 : type, detail ? detail : "");
	json_decref(all);
}

bool csc4_is_document(const struct csc4_given *given, struct slice document)
{
	uint8_t digest[SHA256_LEN];
	struct sha256 s;
	char hex[65];

	sha256_init(&s);
	sha256_update(&s, document.p ? document.p : "", document.len);
	sha256_final(&s, digest);
	for (size_t i = 0; i < SHA256_LEN; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	return strcmp(hex, given->sha256) == 0;
}
