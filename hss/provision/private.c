/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The private line: who somebody is, and what authenticates him. No message shows a key or a password. */
#include "aka/codec.h"
#include "hss/provision/line.h"
#include "hss/provision/text.h"

/* An E.164 number without plus, or an IMSI; "" takes it away. */
static int digits_value(struct slice v, const char *name, char out[MSISDN_SIZE],
			const struct why *why)
{
	bool digits = v.len < MSISDN_SIZE && (v.len == 0 || v.len >= 5);

	for (size_t i = 0; i < v.len; i++)
		digits = digits && v.p[i] >= '0' && v.p[i] <= '9';
	if (!digits)
		return line_fail(why, "%s takes 5 to %d digits", name, MSISDN_SIZE - 1);
	return slice_copy(v, out, MSISDN_SIZE);
}

/* The words of a private line that are its key, beside what is in the identity already. */
struct key_words {
	bool k, opc, op, counter; /* of AKA; counter: amf or sqn */
	bool ha1, realm;
	struct slice password; /* p NULL: not given */
	uint8_t op_value[16];
};

static int hex_value(struct slice v, const char *name, uint8_t *out, size_t n, bool *given,
		     const struct why *why)
{
	*given = true;
	return slice_hex(v, out, n) ? line_fail(why, "%s takes %zu hex digits", name, 2 * n) : 0;
}

static int sqn_value(struct slice v, uint64_t *sqn, bool *given, const struct why *why)
{
	uint8_t octets[6];

	if (hex_value(v, "sqn", octets, sizeof(octets), given, why))
		return -1;
	*sqn = 0;
	for (size_t i = 0; i < sizeof(octets); i++)
		*sqn = *sqn << 8 | octets[i];
	return 0;
}

static int ha1_value(struct slice v, char out[AKA_DIGEST_SIZE], bool *given, const struct why *why)
{
	uint8_t octets[16];
	int err = hex_value(v, "ha1", octets, sizeof(octets), given, why);

	if (err == 0)
		hex_encode(octets, sizeof(octets), out);
	explicit_bzero(octets, sizeof(octets));
	return err;
}

static int realm_value(struct slice v, char out[IDENTITY_SIZE], bool *given, const struct why *why)
{
	*given = true;
	if (text_value(v, "realm", out, IDENTITY_SIZE, why->text, why->size))
		return -1;
	return line_bare_word(out) ? 0 : line_fail(why, "realm takes a domain name");
}

/* A password alone may have been written in the place of an option: it is not shown either. */
static int unknown_private_option(struct slice word, const struct why *why)
{
	struct slice rest = word;

	slice_cut(&rest, '=');
	return line_unknown(rest.p ? word : SLICE_LIT("..."), "private", why);
}

static int private_option(struct impi *p, struct slice word, struct key_words *key,
			  const struct why *why)
{
	struct slice v;

	if (word_option(word, "k", &v))
		return hex_value(v, "k", p->key.k, 16, &key->k, why);
	if (word_option(word, "opc", &v))
		return hex_value(v, "opc", p->key.opc, 16, &key->opc, why);
	if (word_option(word, "op", &v))
		return hex_value(v, "op", key->op_value, 16, &key->op, why);
	if (word_option(word, "amf", &v))
		return hex_value(v, "amf", p->amf, 2, &key->counter, why);
	if (word_option(word, "sqn", &v))
		return sqn_value(v, &p->sqn, &key->counter, why);
	if (word_option(word, "ha1", &v))
		return ha1_value(v, p->ha1, &key->ha1, why);
	if (word_option(word, "realm", &v))
		return realm_value(v, p->realm, &key->realm, why);
	if (word_option(word, "password", &key->password))
		return 0;
	if (word_option(word, "msisdn", &v))
		return digits_value(v, "msisdn", p->msisdn, why);
	if (word_option(word, "imsi", &v))
		return digits_value(v, "imsi", p->imsi, why);
	return unknown_private_option(word, why);
}

/* AKA: keys that belong together. */
static int aka_key(struct impi *p, const struct key_words *key, const struct why *why)
{
	if (key->k && !key->op && !key->opc)
		return line_fail(why, "k needs opc or op beside it: an OPc belongs to one k");
	if (key->op && (!key->k || key->opc))
		return line_fail(why, "op needs k beside it and excludes opc");
	if (key->realm)
		return line_fail(why,
				 "realm needs password or ha1 beside it, which is made for it");
	if (impi_by_digest(p) && !key->k && (key->opc || key->counter))
		return line_fail(why, "opc, amf and sqn are for an identity with k");
	if (key->op && milenage_opc(p->key.k, key->op_value, p->key.opc))
		return line_fail(why, "crypto library failure");
	if (key->k) {
		explicit_bzero(p->ha1, sizeof(p->ha1));
		p->realm[0] = '\0';
	}
	return 0;
}

/* SIP digest: the password becomes HA1 here and is kept nowhere (TS 33.203 annex N). */
static int digest_key(struct impi *p, const struct key_words *key, const struct why *why)
{
	const char *at = strrchr(p->name, '@');

	if (key->k || key->op || key->opc || key->counter || (key->ha1 && key->password.p))
		return line_fail(why, "a private identity has one of k, password and ha1");
	if (!key->realm && !p->realm[0]) {
		if (!at || !at[1])
			return line_fail(
			    why, "password and ha1 need realm= where the identity has no '@'");
		strcpy(p->realm, at + 1);
	}
	explicit_bzero(&p->key, sizeof(p->key));
	p->sqn = 0;
	if (key->ha1)
		return 0;
	if (!key->password.len || !text_printable(key->password))
		return line_fail(why, "password takes printable UTF-8, in quotes if it has blanks");
	if (aka_digest_ha1(slice_str(p->name), slice_str(p->realm), key->password, p->ha1))
		return line_fail(why, "crypto library failure");
	return 0;
}

static int private_options(struct impi *p, const struct words *w, bool *key_given,
			   const struct why *why)
{
	struct key_words key = {.password = SLICE_NULL};
	int err = 0;

	for (size_t i = 2; i < w->n && err == 0; i++)
		err = private_option(p, w->w[i], &key, why);
	if (err == 0)
		err = key.ha1 || key.password.p ? digest_key(p, &key, why) : aka_key(p, &key, why);
	*key_given = key.k || key.ha1 || key.password.p;
	explicit_bzero(&key, sizeof(key));
	return err;
}

int line_private(struct subscription *sub, const struct words *w, const struct why *why)
{
	struct impi p = {.amf = {0x80, 0}};
	bool key_given;
	int i, err;

	if (w->n < 2)
		return line_fail(why, "a private line needs an identity");
	i = subscription_impi(sub, w->w[1]);
	if (i >= 0)
		p = sub->impi[i];
	else if (sub->n_impi == SUB_IMPIS_MAX)
		return line_fail(why, "a subscription has at most %d private identities",
				 SUB_IMPIS_MAX);
	else if (text_value(w->w[1], "a private identity", p.name, sizeof(p.name), why->text,
			    why->size))
		return -1;
	else if (!line_bare_word(p.name))
		return line_fail(why,
				 "a private identity has no blanks, commas, quotes, '#' or angles");
	err = private_options(&p, w, &key_given, why);
	if (err == 0 && i < 0 && !key_given)
		err = line_fail(why, "a new private identity needs k and opc (or op), or password");
	if (err == 0)
		sub->impi[i < 0 ? (int)sub->n_impi++ : i] = p;
	explicit_bzero(&p, sizeof(p));
	return err;
}
