/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_vcc/core/kept.h"

#include "modules/ims_vcc/core/calls_internal.h"

/* A call whose descriptions are longer is not kept. */
enum { KEPT_SDP_MAX = 3072 };

/* Numbers of ours may have been used that the record does not know of (RFC 3261 12.2.1.1 wants them to rise, not to be dense). */
enum { CSEQ_AHEAD = 1000 };

struct kept_leg {
	struct vcc_dialog d;
	uint32_t remote_cseq, invite_cseq;
	int offered, domain;
	struct vcc_described told;
	uint32_t theirs;
	char text[KEPT_SDP_MAX];
};

struct kept_call {
	uint32_t used; /* 0 while it is being changed */
	uint8_t access, remote, terminating, rang;
	uint32_t moves;
	char user[VCC_IDENTITY_MAX];
	struct kept_leg leg[2];
};

struct kept {
	char mark[sizeof(VCC_KEPT_MARK)];
	uint32_t record, max;
	struct kept_call call[];
};

size_t vcc_kept_bytes(unsigned max)
{
	return sizeof(struct kept) + (size_t)max * sizeof(struct kept_call);
}

static struct kept_call *record_of(const struct vcc_calls *c, const struct call *call)
{
	struct kept *k = c->kept;

	return k && call->number <= k->max ? &k->call[call->number - 1] : NULL;
}

/* The record is whole before it says so. */
static void mark(struct kept_call *r, uint32_t used)
{
	__atomic_store_n(&r->used, used, __ATOMIC_SEQ_CST);
}

static void write_leg(struct kept_leg *k, const struct leg *l)
{
	k->d = l->d;
	k->remote_cseq = l->remote_cseq;
	k->invite_cseq = l->invite_cseq;
	k->offered = l->offered;
	k->domain = l->domain;
	k->told = l->told;
	k->theirs = (uint32_t)l->theirs.len;
	if (l->theirs.len)
		memcpy(k->text, l->theirs.p, l->theirs.len);
}

void kept_write(struct vcc_calls *c, const struct call *call)
{
	struct kept_call *r = record_of(c, call);

	/* One that moves is kept as it was before. */
	if (!r || call->state > VCC_CALL_UP)
		return;
	mark(r, 0);
	if (call->state < VCC_CALL_UP || call->leg[LEG_IN].theirs.len > KEPT_SDP_MAX ||
	    call->leg[LEG_OUT].theirs.len > KEPT_SDP_MAX)
		return;
	r->access = call->access;
	r->remote = call->remote;
	r->terminating = call->terminating;
	r->rang = call->rang;
	r->moves = call->moves;
	memcpy(r->user, call->user, sizeof(r->user));
	write_leg(&r->leg[LEG_IN], &call->leg[LEG_IN]);
	write_leg(&r->leg[LEG_OUT], &call->leg[LEG_OUT]);
	mark(r, 1);
}

void kept_forget(struct vcc_calls *c, const struct call *call)
{
	struct kept_call *r = record_of(c, call);

	if (r)
		mark(r, 0);
}

/* ---- what was left ---- */

#define ENDS(text) (memchr((text), '\0', sizeof(text)) != NULL)

static bool is_dialog(const struct vcc_dialog *d)
{
	return ENDS(d->call_id) && ENDS(d->local_tag) && ENDS(d->remote_tag) &&
	       ENDS(d->local_uri) && ENDS(d->remote_uri) && ENDS(d->target) && ENDS(d->routes);
}

static bool is_leg(const struct kept_leg *k)
{
	return is_dialog(&k->d) && k->theirs <= KEPT_SDP_MAX && k->domain >= 0 &&
	       k->domain <= VCC_DOMAIN_IMS && ENDS(k->told.origin) && ENDS(k->told.address) &&
	       k->told.mlines >= 0 && k->told.mlines <= VCC_MLINES_MAX;
}

static bool is_whole(const struct kept_call *r)
{
	return r->used == 1 && r->access <= LEG_OUT && r->remote == 1 - r->access &&
	       ENDS(r->user) && is_leg(&r->leg[LEG_IN]) && is_leg(&r->leg[LEG_OUT]);
}

static int read_leg(struct vcc_calls *c, struct leg *l, const struct kept_leg *k)
{
	l->d = k->d;
	l->d.local_cseq += CSEQ_AHEAD;
	l->remote_cseq = k->remote_cseq;
	l->invite_cseq = k->invite_cseq;
	l->offered = k->offered;
	l->domain = (enum vcc_domain)k->domain;
	l->told = k->told;
	l->confirmed = true;
	leg_link(c, l);
	return leg_keep(c, &l->theirs, slice_make(k->text, k->theirs));
}

unsigned vcc_kept_attach(struct vcc_calls *c, void *memory)
{
	struct kept *k = memory;
	unsigned found = 0;

	if (k->record != sizeof(struct kept_call) || k->max != c->cfg.max) {
		memset(k->call, 0, c->cfg.max * sizeof(k->call[0]));
		k->record = sizeof(struct kept_call);
		k->max = c->cfg.max;
	}
	for (unsigned i = 0; i < k->max; i++) {
		const struct kept_call *r = &k->call[i];
		struct call *call;

		c->hint = i;
		call = is_whole(r) ? call_new(c) : NULL;
		if (!call) {
			mark(&k->call[i], 0);
			continue;
		}
		call->state = VCC_CALL_UP;
		call->access = r->access;
		call->remote = r->remote;
		call->terminating = r->terminating;
		call->rang = r->rang;
		call->moves = r->moves;
		memcpy(call->user, r->user, sizeof(call->user));
		if (read_leg(c, &call->leg[LEG_IN], &r->leg[LEG_IN]) ||
		    read_leg(c, &call->leg[LEG_OUT], &r->leg[LEG_OUT])) {
			call_end(c, call);
			mark(&k->call[i], 0);
			continue;
		}
		found++;
	}
	c->kept = k;
	return found;
}
