/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What offers and answers have in common: what a description says of its author's end. */
#include "modules/ims_alg/core/exchange.h"

#include "base/keyed_hash.h"

/* Digests find out whether one author's text changed; nobody else is deceived by two alike. */
static uint64_t digest(struct slice s)
{
	static const struct keyed_hash_key none;

	return keyed_hash(&none, s) | 1;
}

bool alg_association_changed(const struct alg_line *l, const struct alg_end *e,
			     const struct alg_facts *f)
{
	if (f->tls_id.p && l->peer_tls_id && digest(f->tls_id) != l->peer_tls_id)
		return true;
	return e->fingerprints.n && !fingerprint_set_eq(&e->fingerprints, &f->fingerprints);
}

void alg_set_filter(const struct alg_policy *p, const struct alg_ue *ue, const struct alg_line *l,
		    struct alg_end *e, enum alg_side side, bool passive)
{
	bool nat = ue->nat && side == ALG_ACCESS, known = netaddr_known(&e->remote);

	e->filter_address =
	    known && !nat && (p->filter[side] != ALG_FILTER_OFF || (p->delayed && l->tcp));
	e->filter_port =
	    e->filter_address && p->filter[side] == ALG_FILTER_PORT && (!l->tcp || passive);
}

/* What passes towards and from a peer that wrote this direction, as the gateway sees it. Nobody
 * sends while it is inactive, but RTCP goes on (RFC 3264 5.1). */
static enum sdp_direction mode_for(enum sdp_direction d, bool hold)
{
	unsigned towards = hold ? 0 : d & SDP_DIR_RECVONLY, from = d & SDP_DIR_SENDONLY;

	if (!towards)
		return SDP_DIR_RECVONLY;
	return from ? SDP_DIR_SENDRECV : SDP_DIR_SENDONLY;
}

/* The certificate and association of a UE whose side we secure. */
static void take_certificate(struct alg_session *s, struct alg_line *l, struct alg_end *e,
			     const struct alg_facts *f)
{
	if (l->association && !l->fresh &&
	    (alg_association_changed(l, e, f) || f->connection == ALG_CONNECTION_NEW))
		l->association = ++s->associations;
	e->fingerprints.n = f->fingerprints.n;
	memcpy(e->fingerprints.items, f->fingerprints.items,
	       f->fingerprints.n * sizeof(f->fingerprints.items[0]));
	l->peer_tls_id = f->tls_id.p ? digest(f->tls_id) : 0;
}

static void take_address(const struct alg_policy *p, const struct alg_ue *ue, struct alg_line *l,
			 struct alg_end *e, enum alg_side side, const struct alg_facts *f)
{
	/* A browser's first offer: the address comes with the media. */
	bool later = f->ice && (f->hold || f->m.port_number == 9);
	bool latch = !l->tcp && ((ue->nat && side == ALG_ACCESS) || later);

	if (later)
		e->remote = (struct netaddr){.family = 0};
	else if (!f->hold) {
		bool moved = netaddr_known(&e->remote) && !netaddr_eq(&e->remote, &f->address);

		/* Keys go with the address (RFC 4568 7.1.4); so does what was latched. */
		if (moved) {
			e->key_serial++;
			e->latch_serial += latch;
		}
		e->remote = f->address;
	}
	e->remote_rtcp = f->rtcp;
	e->latch = latch ? e->latch_serial ? ALG_LATCH_AGAIN : ALG_LATCH_ON : ALG_LATCH_NONE;
	alg_set_filter(p, ue, l, e, side, f->has_setup && f->setup == SDP_SETUP_PASSIVE);
}

void alg_take_peer(const struct alg_policy *p, const struct alg_ue *ue, struct alg_session *s,
		   struct alg_line *l, enum alg_side side, const struct alg_facts *f)
{
	struct alg_end *e = &alg_stream_of(s, l)->end[side];
	bool secured = l->treat == ALG_TREAT_SECURE && side == ALG_ACCESS;

	if (secured && (l->security == ALG_TLS || l->security == ALG_DTLS))
		take_certificate(s, l, e, f);
	/* Nothing of an exchange counts that keeps the connection (RFC 4145 5.1); whether it does,
	 * the answer says. */
	if (l->kind == ALG_KIND_BFCP && f->connection == ALG_CONNECTION_EXISTING &&
	    netaddr_known(&e->remote)) {
		l->has_pending = true;
		l->pending = f->address;
		return;
	}
	take_address(p, ue, l, e, side, f);
	if (l->kind == ALG_KIND_RTP)
		e->remote_rtcp_mux = f->rtcp_mux;
	if (l->kind == ALG_KIND_MSRP && !p->agnostic)
		(void)slice_copy(f->path, e->remote_path, sizeof(e->remote_path));
	e->mode = l->kind == ALG_KIND_RTP ? mode_for(f->dir, f->hold && !f->ice) : SDP_DIR_SENDRECV;
}

bool alg_seen_before(struct alg_session *s, enum alg_side from, const struct sdp_body *b)
{
	const struct slice first = b->line[0].raw, last = b->line[b->lines - 1].raw;
	uint64_t d = digest(slice_make(first.p, (size_t)(last.p + last.len - first.p)));
	bool same = s->origin[from].seen == d;

	s->origin[from].seen = d;
	return same;
}
