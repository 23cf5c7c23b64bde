/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/migration/verdict.h"

#include <strings.h>

#include "aka/crypto.h"

bool name_decorated(struct slice name)
{
	return name.len && memchr(name.p, '!', name.len);
}

/* In its own name, and from its own realm: a connection says who it is, an AVP does not. */
static bool speaks_for_itself(const struct config_partner *p, const struct config_peer *peer,
			      const struct cx_request *req)
{
	return slice_eq_nocase(req->origin_host, slice_str(peer->name)) &&
	       config_partner_realm(p, req->origin_realm);
}

struct result verdict_partner(struct migration *m, struct rates *rates,
			      const struct config_peer *peer, const struct cx_request *req,
			      int64_t now, int64_t now_ms, struct binding *b,
			      struct cx_request *own)
{
	const struct config_partner *p = config_partner(m->cfg, peer->partner);
	int impu, err;

	if (!p || !speaks_for_itself(p, peer, req) || name_decorated(req->impi) ||
	    migration_is_inbound(m, req->impi))
		return CX_USER_UNKNOWN;
	if (!rates_partner(rates, (size_t)(p - m->cfg->partner), p->rate, now_ms))
		return RESULT_TOO_BUSY;
	err = migration_away(m, p->name, req->impi, b);
	if (err && err != STORE_ENOTFOUND)
		return err == STORE_EAWAY ? RESULT_TOO_BUSY : RESULT_UNABLE_TO_COMPLY;
	if (err || !binding_serves(b, now))
		return CX_USER_UNKNOWN;
	impu = req->n_impu ? binding_pair(b, req->impu[0]) : -1;
	if (impu < 0)
		return CX_IDENTITIES_DONT_MATCH;
	if (!rates_user(rates, registry_hash(m->registry, req->impi), now_ms))
		return RESULT_TOO_BUSY;
	*own = *req;
	own->impi = slice_str(b->own.impi);
	own->n_impu = 1;
	strcpy(own->impu[0], b->own.impu[impu]);
	return RESULT_SUCCESS;
}

struct result verdict_visitor(const struct migration *m, const struct cx_request *req, int64_t now,
			      struct binding *b, int *impu)
{
	enum cx_scheme scheme;
	int err = name_decorated(req->impi) ? STORE_ENOTFOUND : migration_here(m, req->impi, b);

	if (err && err != STORE_ENOTFOUND)
		return err == STORE_EAWAY ? RESULT_TOO_BUSY : RESULT_UNABLE_TO_COMPLY;
	if (err || !binding_serves(b, now))
		return CX_USER_UNKNOWN;
	*impu = req->n_impu ? binding_own(b, req->impu[0]) : -1;
	if (*impu < 0)
		return CX_IDENTITIES_DONT_MATCH;
	/* HA1 has names in it, so that nothing but AKA stands a swap of them */
	if (!slice_eq_nocase(req->scheme, SLICE_LIT("Unknown")) && scheme_of(req->scheme, &scheme))
		return CX_AUTH_SCHEME_NOT_SUPPORTED;
	if (req->resync.len && req->resync.len != AKA_RAND_LEN + AKA_AUTS_LEN)
		return RESULT_INVALID_AVP_VALUE;
	return RESULT_SUCCESS;
}

/* Those that are about the user, and mean the same to the S-CSCF. */
static bool of_user(struct result r)
{
	static const struct result those[] = {
	    {5001, true}, {5002, true}, {5004, true}, {5006, true}};

	for (size_t i = 0; i < sizeof(those) / sizeof(those[0]); i++)
		if (r.experimental && r.code == those[i].code)
			return true;
	return false;
}

struct result verdict_answer(const struct primary_answer *a)
{
	if (!a->answered || !a->from_there)
		return RESULT_UNABLE_TO_COMPLY;
	if (!a->result.experimental && a->result.code == RESULT_SUCCESS.code && a->has_vector)
		return RESULT_SUCCESS;
	return of_user(a->result) ? a->result : RESULT_UNABLE_TO_COMPLY;
}

int scheme_of(struct slice name, enum cx_scheme *scheme)
{
	for (int s = CX_AKAV1_MD5; s <= CX_AKAV2_SHA_256; s++)
		if (slice_eq_nocase(name, slice_str(cx_scheme_name((enum cx_scheme)s)))) {
			*scheme = (enum cx_scheme)s;
			return 0;
		}
	return -1;
}

int redirect_host(struct slice uri, char out[IDENTITY_SIZE])
{
	size_t skip = uri.len > 6 && strncasecmp(uri.p, "aaa://", 6) == 0    ? 6
		      : uri.len > 7 && strncasecmp(uri.p, "aaas://", 7) == 0 ? 7
									     : 0;
	struct slice host = slice_make(uri.p + skip, uri.len - skip);

	if (!skip)
		return -1;
	for (size_t i = 0; i < host.len; i++)
		if (host.p[i] == ':' || host.p[i] == ';')
			host.len = i;
	return identity_is_domain(host) ? slice_copy(host, out, IDENTITY_SIZE) : -1;
}

bool redirect_allowed(const struct config *cfg, const char *partner, const char *host,
		      const char *asked)
{
	const struct config_peer *peer = config_peer(cfg, slice_str(host));

	return peer && strcmp(peer->partner, partner) == 0 && strcasecmp(host, asked) != 0;
}
