/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_seamless_scscf/core/reginfo_ids.h"
#include "modules/ims_seamless_scscf/core/identity.h"

static struct scscf_reginfo_id id_of(uint64_t hash)
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuv";
	struct scscf_reginfo_id id;

	for (int i = 0; i < SCSCF_REGINFO_ID_DIGITS; i++, hash >>= 5)
		id.text[i] = digits[hash & 31];
	id.text[SCSCF_REGINFO_ID_DIGITS] = '\0';
	return id;
}

static uint64_t hash_of(const struct keyed_hash_key *key, struct slice impu)
{
	char buf[SCSCF_IDENTITY_MAX];
	struct slice canonical;

	return keyed_hash(key, scscf_identity_key(impu, buf, &canonical) ? impu : canonical);
}

struct scscf_reginfo_id scscf_registration_id(const struct keyed_hash_key *key, struct slice impu)
{
	return id_of(hash_of(key, impu));
}

struct scscf_reginfo_id scscf_contact_id(const struct keyed_hash_key *key, struct slice impu,
					 struct slice contact)
{
	const uint64_t both[2] = {hash_of(key, impu), keyed_hash(key, contact)};

	return id_of(keyed_hash(key, slice_make((const char *)both, sizeof(both))));
}

/* ---- documents of stock ---- */

struct cursor {
	char *at, *end;
};

/* Moves behind the next text; false: it does not come before the next stop (NULL: the end). */
static bool skip(struct cursor *c, const char *text, const char *stop)
{
	size_t len = strlen(text), stop_len = stop ? strlen(stop) : 0;

	for (char *p = c->at; p + len <= c->end; p++) {
		if (!memcmp(p, text, len)) {
			c->at = p + len;
			return true;
		}
		if (stop && p + stop_len <= c->end && !memcmp(p, stop, stop_len))
			return false;
	}
	return false;
}

/* What stands up to this text; NULL p: it does not come. */
static struct slice until(struct cursor *c, const char *text)
{
	char *from = c->at;

	return skip(c, text, NULL) ? slice_make(from, (size_t)(c->at - from) - strlen(text))
				   : SLICE_NULL;
}

/* The id goes where the old one stood, and what is left of that becomes white space behind it. */
static size_t put_id(struct slice old, const struct scscf_reginfo_id *id)
{
	char *at = (char *)old.p;

	if (old.len < SCSCF_REGINFO_ID_DIGITS)
		return 0;
	memcpy(at, id->text, SCSCF_REGINFO_ID_DIGITS);
	at[SCSCF_REGINFO_ID_DIGITS] = '"';
	memset(at + SCSCF_REGINFO_ID_DIGITS + 1, ' ', old.len - SCSCF_REGINFO_ID_DIGITS);
	return 1;
}

static size_t replace_contacts(const struct keyed_hash_key *key, struct slice impu,
			       struct cursor *c)
{
	size_t n = 0;

	while (skip(c, "<contact id=\"", "</registration>")) {
		struct slice old = until(c, "\""), uri = SLICE_NULL;
		struct scscf_reginfo_id id;

		if (old.p && skip(c, "<uri>", "</contact>"))
			uri = until(c, "</uri>");
		if (!uri.p)
			continue;
		id = scscf_contact_id(key, impu, uri);
		n += put_id(old, &id);
	}
	return n;
}

size_t scscf_reginfo_replace_ids(const struct keyed_hash_key *key, char *document, size_t len)
{
	struct cursor c = {document, document + len};
	size_t n = 0;

	while (skip(&c, "<registration aor=\"", NULL)) {
		struct slice impu = until(&c, "\""), old = SLICE_NULL;
		struct scscf_reginfo_id id;

		if (impu.p && skip(&c, "id=\"", ">"))
			old = until(&c, "\"");
		if (!old.p)
			continue;
		id = scscf_registration_id(key, impu);
		n += put_id(old, &id);
		n += replace_contacts(key, impu, &c);
	}
	return n;
}
