/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The private line: who somebody is, and what authenticates him. No message shows a key or a password. */
#include "aka/codec.h"
#include "aka/err.h"
#include "base/utf8.h"
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

/* A value of key material. */
struct octets {
	bool given;
	uint8_t len, value[32];
};

/* The words of a private line that are its key, beside what is in the identity already. */
struct key_words {
	struct octets k, opc, op, topc, top;
	bool algorithm, tuak; /* given; and it is TUAK */
	uint32_t res, keccak; /* of TUAK, bits and runs of the permutation; 0: not given */
	bool counter;	      /* amf or sqn */
	bool ha1, realm;
	struct slice password; /* p NULL: not given */
};

static int hex_value(struct slice v, const char *name, uint8_t *out, size_t n, bool *given,
		     const struct why *why)
{
	*given = true;
	return slice_hex(v, out, n) ? line_fail(why, "%s takes %zu hex digits", name, 2 * n) : 0;
}

static int octets_value(struct slice v, const char *name, struct octets *out, uint8_t n,
			const struct why *why)
{
	out->len = n;
	return hex_value(v, name, out->value, n, &out->given, why);
}

/* K of either algorithm: only TUAK has one of 256 bits (TS 35.231 5). */
static int k_value(struct slice v, struct octets *out, const struct why *why)
{
	if (v.len == 2 * AKA_K_MAX)
		return octets_value(v, "k", out, AKA_K_MAX, why);
	out->given = true;
	out->len = 16;
	return slice_hex(v, out->value, 16)
		   ? line_fail(why, "k takes 32 hex digits, with algorithm=tuak also 64")
		   : 0;
}

static int algorithm_value(struct slice v, struct key_words *key, const struct why *why)
{
	key->algorithm = true;
	key->tuak = slice_eq(v, SLICE_LIT("tuak"));
	return key->tuak || slice_eq(v, SLICE_LIT("milenage"))
		   ? 0
		   : line_fail(why, "algorithm takes milenage or tuak");
}

/* RES as AKA carries it has 32 to 128 bits (TS 33.102 6.3.7). */
static int res_value(struct slice v, uint32_t *res, const struct why *why)
{
	if (line_number(v, "res", 8 * AKA_RES_MAX, res, why))
		return -1;
	return *res == 32 || *res == 64 || *res == 128
		   ? 0
		   : line_fail(why, "res takes 32, 64 or 128 bits");
}

static int keccak_value(struct slice v, uint32_t *keccak, const struct why *why)
{
	if (line_number(v, "keccak", TUAK_ITERATIONS_MAX, keccak, why))
		return -1;
	return *keccak ? 0
		       : line_fail(why, "keccak takes a number from 1 to %d", TUAK_ITERATIONS_MAX);
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

static int giba_value(struct slice v, bool *giba, const struct why *why)
{
	*giba = slice_eq(v, SLICE_LIT("yes"));
	return *giba || slice_eq(v, SLICE_LIT("no")) ? 0 : line_fail(why, "giba takes yes or no");
}

/* A password alone may have been written in the place of an option: it is not shown either. */
static int unknown_private_option(struct slice word, const struct why *why)
{
	struct slice rest = word;

	slice_cut(&rest, '=');
	return line_unknown(rest.p ? word : SLICE_LIT("..."), "private", why);
}

/* The words of a card's key. *found: it was one of them. */
static int card_option(struct impi *p, struct slice word, struct key_words *key, bool *found,
		       const struct why *why)
{
	struct slice v;

	*found = true;
	if (word_option(word, "k", &v))
		return k_value(v, &key->k, why);
	if (word_option(word, "opc", &v))
		return octets_value(v, "opc", &key->opc, 16, why);
	if (word_option(word, "op", &v))
		return octets_value(v, "op", &key->op, 16, why);
	if (word_option(word, "topc", &v))
		return octets_value(v, "topc", &key->topc, TUAK_TOP_LEN, why);
	if (word_option(word, "top", &v))
		return octets_value(v, "top", &key->top, TUAK_TOP_LEN, why);
	if (word_option(word, "algorithm", &v))
		return algorithm_value(v, key, why);
	if (word_option(word, "res", &v))
		return res_value(v, &key->res, why);
	if (word_option(word, "keccak", &v))
		return keccak_value(v, &key->keccak, why);
	if (word_option(word, "amf", &v))
		return hex_value(v, "amf", p->amf, 2, &key->counter, why);
	if (word_option(word, "sqn", &v))
		return sqn_value(v, &p->sqn, &key->counter, why);
	*found = false;
	return 0;
}

static int private_option(struct impi *p, struct slice word, struct key_words *key,
			  const struct why *why)
{
	struct slice v;
	bool found;
	int err = card_option(p, word, key, &found, why);

	if (found)
		return err;
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
	if (word_option(word, "giba", &v))
		return giba_value(v, &p->giba, why);
	return unknown_private_option(word, why);
}

static struct slice octets_slice(const struct octets *o)
{
	return slice_make((const char *)o->value, o->len);
}

/* What is said of the algorithm belongs to one k. */
static int check_algorithm(const struct key_words *key, const struct why *why)
{
	if (!key->k.given && (key->algorithm || key->res || key->keccak))
		return line_fail(why, "algorithm, res and keccak need k beside them");
	if (!key->tuak && (key->res || key->keccak))
		return line_fail(why, "res and keccak are for algorithm=tuak");
	if (key->k.given && !key->tuak && key->k.len != 16)
		return line_fail(why, "k takes 32 hex digits unless algorithm=tuak");
	return 0;
}

/* A whole key; op is OP or TOP, opc what is made of it. */
static int whole_key(struct impi *p, const struct key_words *key, const struct octets *op,
		     const struct octets *opc, const struct why *why)
{
	struct slice k = octets_slice(&key->k);
	int err;

	p->key = (struct aka_key){.algorithm = key->tuak ? AKA_TUAK : AKA_MILENAGE};
	if (key->tuak) {
		p->key.res_len = key->res ? (uint8_t)(key->res / 8) : 8;
		p->key.tuak.iterations = key->keccak ? (uint8_t)key->keccak : 1;
	}
	err = op->given ? aka_key_derive(&p->key, k, octets_slice(op))
			: aka_key_fill(&p->key, k, octets_slice(opc));
	if (err)
		return line_fail(why, "the key cannot be used: %s", aka_strerror(err));
	explicit_bzero(p->ha1, sizeof(p->ha1));
	p->realm[0] = '\0';
	return 0;
}

/* AKA: keys that belong together. */
static int aka_key(struct impi *p, const struct key_words *key, const struct why *why)
{
	bool tuak = key->k.given ? key->tuak : p->key.algorithm == AKA_TUAK;
	const struct octets *op = tuak ? &key->top : &key->op;
	const struct octets *opc = tuak ? &key->topc : &key->opc;
	const struct octets *other_op = tuak ? &key->op : &key->top;
	const struct octets *other_opc = tuak ? &key->opc : &key->topc;
	const char *names[] = {tuak ? "topc" : "opc", tuak ? "top" : "op"};

	if (check_algorithm(key, why))
		return -1;
	if (other_op->given || other_opc->given)
		return line_fail(why,
				 "opc and op are for Milenage, topc and top for algorithm=tuak");
	if (key->k.given && !op->given && !opc->given)
		return line_fail(why, "k needs %s or %s beside it: %s belongs to one k", names[0],
				 names[1], tuak ? "a TOPc" : "an OPc");
	if (op->given && (!key->k.given || opc->given))
		return line_fail(why, "%s needs k beside it and excludes %s", names[1], names[0]);
	if (key->realm)
		return line_fail(why,
				 "realm needs password or ha1 beside it, which is made for it");
	if (impi_by_digest(p) && !key->k.given && (opc->given || key->counter))
		return line_fail(why, "opc, amf and sqn are for an identity with k");
	if (key->k.given)
		return whole_key(p, key, op, opc, why);
	if (opc->given && aka_key_fill(&p->key, aka_key_k(&p->key), octets_slice(opc)))
		return line_fail(why, "the key cannot be used");
	return 0;
}

/* Is anything said of a card? */
static bool of_card(const struct key_words *key)
{
	return key->k.given || key->op.given || key->opc.given || key->top.given ||
	       key->topc.given || key->algorithm || key->res || key->keccak || key->counter;
}

/* SIP digest: the password becomes HA1 here and is kept nowhere (TS 33.203 annex N). SQN stays: the card may come back. */
static int digest_key(struct impi *p, const struct key_words *key, const struct why *why)
{
	const char *at = strrchr(p->name, '@');

	if (of_card(key) || (key->ha1 && key->password.p))
		return line_fail(why, "a private identity has one of k, password and ha1");
	if (!key->realm && !p->realm[0]) {
		if (!at || !at[1])
			return line_fail(
			    why, "password and ha1 need realm= where the identity has no '@'");
		strcpy(p->realm, at + 1);
	}
	explicit_bzero(&p->key, sizeof(p->key));
	if (key->ha1)
		return 0;
	if (!key->password.len || !utf8_printable(key->password))
		return line_fail(why, "password takes printable UTF-8, in quotes if it has blanks");
	if (aka_digest_ha1(slice_str(p->name), slice_str(p->realm), key->password, p->ha1))
		return line_fail(why, "crypto library failure");
	return 0;
}

static struct slice name_of(struct slice word)
{
	return slice_cut(&word, '=');
}

/* Of two values of one word nobody can say which is meant: the card's may be the first. */
static int each_once(const struct words *w, const struct why *why)
{
	for (size_t i = 2; i < w->n; i++)
		for (size_t k = 2; k < i; k++)
			if (slice_eq(name_of(w->w[i]), name_of(w->w[k])))
				return line_fail(why, "%.*s is given twice",
						 (int)line_word_name(w->w[i]).len,
						 line_word_name(w->w[i]).p);
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
		err = each_once(w, why);
	if (err == 0)
		err = key.ha1 || key.password.p ? digest_key(p, &key, why) : aka_key(p, &key, why);
	*key_given = key.k.given || key.ha1 || key.password.p;
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
	/* the bearer is found by it (TS 33.203 T.5) */
	if (err == 0 && p.giba && !p.imsi[0])
		err = line_fail(why, "giba=yes needs the IMSI: imsi=DIGITS");
	if (err == 0)
		sub->impi[i < 0 ? (int)sub->n_impi++ : i] = p;
	explicit_bzero(&p, sizeof(p));
	return err;
}
