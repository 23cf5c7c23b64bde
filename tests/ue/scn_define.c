/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines that make accesses and UEs. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "ue/scn_run.h"

/* "name=value": the value if the name fits, else NULL. */
static const char *option(const char *word, const char *name)
{
	size_t n = strlen(name);

	return strncmp(word, name, n) == 0 && word[n] == '=' ? word + n + 1 : NULL;
}

static int access_option(struct access *a, const char *w, char **pcscf)
{
	const char *v;
	uint64_t port;

	if ((v = option(w, "addr")))
		return netaddr_parse_port(slice_str(v), a->local.port, &a->local);
	if ((v = option(w, "pcscf"))) {
		ue_set(pcscf, slice_str(v));
		return netaddr_parse_port(slice_str(v), 5060, &a->pcscf);
	}
	if ((v = option(w, "netns"))) {
		if (*v)
			ue_set(&a->netns, slice_str(v));
		return 0;
	}
	if ((v = option(w, "dev"))) {
		if (*v)
			ue_set(&a->dev, slice_str(v));
		return 0;
	}
	if ((v = option(w, "pani"))) {
		ue_set(&a->pani, slice_str(v));
		return 0;
	}
	if ((v = option(w, "transport"))) {
		a->tcp = strcmp(v, "tcp") == 0;
		return a->tcp || strcmp(v, "udp") == 0 ? 0 : -1;
	}
	if ((v = option(w, "ipsec"))) {
		a->ipsec = strcmp(v, "yes") == 0;
		return a->ipsec || strcmp(v, "no") == 0 ? 0 : -1;
	}
	if ((v = option(w, "nat"))) {
		a->nat = strcmp(v, "yes") == 0;
		return a->nat || strcmp(v, "no") == 0 ? 0 : -1;
	}
	if ((v = option(w, "alg")))
		return sec_agree_offer_parse(slice_str(v), &a->offer);
	if ((v = option(w, "port"))) {
		if (slice_u64(slice_str(v), 65535, &port) != 0)
			return -1;
		a->local.port = (uint16_t)port;
		return 0;
	}
	return -1;
}

static int define_access(struct scn_args *a)
{
	struct access *acc;
	char *pcscf = NULL;
	int rc = SCN_OK;

	if (a->n < 2)
		return scn_fail(a, SCN_SYNTAX, NULL, "access NAME addr=IP pcscf=IP ...");
	if (access_find(slice_str(a->w[1])))
		return a->check_only
			   ? SCN_OK
			   : scn_fail(a, SCN_SYNTAX, NULL, "access '%s' is there already", a->w[1]);
	acc = access_new(slice_str(a->w[1]));
	acc->local.port = 5060;
	for (unsigned i = 2; i < a->n && rc == SCN_OK; i++)
		if (access_option(acc, a->w[i], &pcscf) != 0 && !a->check_only)
			rc = scn_fail(a, SCN_SYNTAX, NULL, "access: bad option '%s'", a->w[i]);
	if (rc == SCN_OK && !a->check_only &&
	    (!acc->local.family || acc->local.family != acc->pcscf.family))
		rc = scn_fail(a, SCN_SYNTAX, NULL,
			      "access: addr= and pcscf= must be there, of one IP version");
	if (rc == SCN_OK && !a->check_only && access_open(acc) != 0)
		rc = scn_fail(a, SCN_MACHINE, NULL, "network namespace '%s': %s", acc->netns,
			      strerror(errno));
	free(pcscf);
	return rc;
}

/* The words of a phone's card. */
struct card {
	char *k, *opc, *op; /* opc and op: of TUAK topc and top */
	struct aka_key key; /* of TUAK: how long RES is, and how often Keccak runs */
};

static int card_number(const char *v, unsigned max, unsigned scale, uint8_t *out)
{
	char *end;
	unsigned long n = strtoul(v, &end, 10);

	if (*end || n == 0 || n > max || n % scale)
		return -1;
	*out = (uint8_t)(n / scale);
	return 0;
}

/* Returns 1 if the word is none of these, -1 if it is wrong. */
static int card_option(struct card *card, const char *w)
{
	static const struct {
		const char *name;
		size_t field;
		int tuak;
	} words[] = {{"k", offsetof(struct card, k), 0},
		     {"opc", offsetof(struct card, opc), 0},
		     {"op", offsetof(struct card, op), 0},
		     {"topc", offsetof(struct card, opc), 1},
		     {"top", offsetof(struct card, op), 1}};
	const char *v;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if ((v = option(w, words[i].name))) {
			if (words[i].tuak)
				card->key.algorithm = AKA_TUAK;
			ue_set((char **)((char *)card + words[i].field), slice_str(v));
			return 0;
		}
	if ((v = option(w, "res")))
		return card_number(v, 8 * AKA_RES_MAX, 8, &card->key.res_len);
	if ((v = option(w, "keccak")))
		return card_number(v, TUAK_ITERATIONS_MAX, 1, &card->key.tuak.iterations);
	return 1;
}

static size_t hex_octets(const char *hex, uint8_t *out, size_t max)
{
	size_t n = hex ? strlen(hex) / 2 : 0;

	return n <= max && slice_hex(slice_str(hex ? hex : ""), out, n) == 0 ? n : 0;
}

/* The card's key, if there are all words for it. Returns -1 where they do not fit. */
static int insert_card(struct ue *u, const struct card *card)
{
	uint8_t k[AKA_K_MAX], op[AKA_OP_MAX];
	const char *second = card->opc ? card->opc : card->op;
	struct slice k_octets = {(const char *)k, hex_octets(card->k, k, sizeof(k))};
	struct slice op_octets = {(const char *)op, hex_octets(second, op, sizeof(op))};
	int err;

	if (!card->k || !second)
		return 0;
	u->key = card->key;
	err = card->opc ? aka_key_fill(&u->key, k_octets, op_octets)
			: aka_key_derive(&u->key, k_octets, op_octets);
	u->has_key = err == 0;
	return err ? -1 : 0;
}

static int ue_option(struct ue *u, const char *w, struct card *card)
{
	static const char *const names[] = {"impi", "domain", "realm", "instance", "display"};
	char **fields[] = {&u->home.impi, &u->home.domain, &u->home.realm, &u->instance,
			   &u->display};
	const char *v;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if ((v = option(w, names[i]))) {
			ue_set(fields[i], slice_str(v));
			return 0;
		}
	if ((v = option(w, "impu"))) {
		if (u->home.impus == UE_IMPUS_MAX)
			return -1;
		u->home.impu[u->home.impus++] = ue_dup(slice_str(v));
		return 0;
	}
	return card_option(card, w) == 0 ? 0 : -1;
}

/* What follows from the rest when it is not given. */
static int complete(struct ue *u)
{
	struct ue_system *s = &u->home;
	const char *at = s->impi ? strchr(s->impi, '@') : NULL;
	struct text t = {0};

	if (!s->impi || s->impus == 0)
		return -1;
	if (!s->domain)
		s->domain = ue_dup(slice_str(at ? at + 1 : s->impi));
	if (!s->realm)
		s->realm = ue_dup(slice_str(s->domain));
	if (!u->instance) { /* stable, made from the IMPI: a name-based URN in the form of RFC 4122
			     */
		uint32_t h = slice_hash(slice_str(s->impi));

		text_add(&t, "urn:uuid:%08x-%04x-5%03x-8%03x-%08x%04x", h, h >> 16, h & 0xfff,
			 h >> 8 & 0xfff, h * 2654435761u, h & 0xffff);
		u->instance = t.p;
	}
	return 0;
}

static int define_ue(struct scn_args *a)
{
	struct card card = {.key = {.res_len = 8, .tuak = {.iterations = 1}}};
	struct ue *u;
	int rc = SCN_OK;

	if (a->n < 2)
		return scn_fail(a, SCN_SYNTAX, NULL, "ue NAME impi=ID impu=URI ...");
	if (ue_find(slice_str(a->w[1])))
		return a->check_only
			   ? SCN_OK
			   : scn_fail(a, SCN_SYNTAX, NULL, "UE '%s' is there already", a->w[1]);
	u = ue_new(slice_str(a->w[1]));
	for (unsigned i = 2; i < a->n && rc == SCN_OK; i++)
		if (ue_option(u, a->w[i], &card) != 0 && !a->check_only)
			rc = scn_fail(a, SCN_SYNTAX, NULL, "ue: bad option '%.20s...'", a->w[i]);
	if (rc == SCN_OK && complete(u) != 0 && !a->check_only)
		rc = scn_fail(a, SCN_SYNTAX, NULL, "ue: impi= and impu= must be there");
	if (rc == SCN_OK && insert_card(u, &card) != 0 && !a->check_only)
		rc = scn_fail(a, SCN_SYNTAX, NULL, "ue: k= and what belongs to it are no key");
	free(card.k);
	free(card.opc);
	free(card.op);
	return rc;
}

int scn_define(struct scn_args *a)
{
	return strcmp(a->w[0], "access") == 0 ? define_access(a) : define_ue(a);
}
