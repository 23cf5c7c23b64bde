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

static int read_key(const char *v, uint8_t out[16])
{
	return slice_hex(slice_str(v), out, 16);
}

static int ue_option(struct ue *u, const char *w, int *keys, uint8_t op[16])
{
	static const char *const names[] = {"impi", "domain", "realm", "instance", "display"};
	char **fields[] = {&u->impi, &u->domain, &u->realm, &u->instance, &u->display};
	const char *v;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if ((v = option(w, names[i]))) {
			ue_set(fields[i], slice_str(v));
			return 0;
		}
	if ((v = option(w, "impu"))) {
		if (u->impus == UE_IMPUS_MAX)
			return -1;
		u->impu[u->impus++] = ue_dup(slice_str(v));
		return 0;
	}
	if ((v = option(w, "k"))) {
		*keys |= 1;
		return read_key(v, u->key.k);
	}
	if ((v = option(w, "opc"))) {
		*keys |= 2;
		return read_key(v, u->key.opc);
	}
	if ((v = option(w, "op"))) {
		*keys |= 4;
		return read_key(v, op);
	}
	return -1;
}

/* What follows from the rest when it is not given. */
static int complete(struct ue *u, int keys, const uint8_t op[16])
{
	const char *at = u->impi ? strchr(u->impi, '@') : NULL;
	struct text t = {0};

	if (!u->impi || u->impus == 0)
		return -1;
	if (!u->domain)
		u->domain = ue_dup(slice_str(at ? at + 1 : u->impi));
	if (!u->realm)
		u->realm = ue_dup(slice_str(u->domain));
	if (!u->instance) { /* stable, made from the IMPI: a name-based URN in the form of RFC 4122
			     */
		uint32_t h = slice_hash(slice_str(u->impi));

		text_add(&t, "urn:uuid:%08x-%04x-5%03x-8%03x-%08x%04x", h, h >> 16, h & 0xfff,
			 h >> 8 & 0xfff, h * 2654435761u, h & 0xffff);
		u->instance = t.p;
	}
	if ((keys & 5) == 5 && !(keys & 2) && milenage_opc(u->key.k, op, u->key.opc) == 0)
		keys |= 2;
	u->has_key = (keys & 3) == 3;
	return 0;
}

static int define_ue(struct scn_args *a)
{
	uint8_t op[16];
	struct ue *u;
	int keys = 0;

	if (a->n < 2)
		return scn_fail(a, SCN_SYNTAX, NULL, "ue NAME impi=ID impu=URI ...");
	if (ue_find(slice_str(a->w[1])))
		return a->check_only
			   ? SCN_OK
			   : scn_fail(a, SCN_SYNTAX, NULL, "UE '%s' is there already", a->w[1]);
	u = ue_new(slice_str(a->w[1]));
	for (unsigned i = 2; i < a->n; i++)
		if (ue_option(u, a->w[i], &keys, op) != 0 && !a->check_only)
			return scn_fail(a, SCN_SYNTAX, NULL, "ue: bad option '%.20s...'", a->w[i]);
	if (complete(u, keys, op) != 0 && !a->check_only)
		return scn_fail(a, SCN_SYNTAX, NULL, "ue: impi= and impu= must be there");
	return SCN_OK;
}

int scn_define(struct scn_args *a)
{
	return strcmp(a->w[0], "access") == 0 ? define_access(a) : define_ue(a);
}
