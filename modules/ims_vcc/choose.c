/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vcc_select(): which domain a call goes to. */
#include "modules/ims_vcc/choose.h"

#include <stdio.h>

#include "../../core/dprint.h"

static struct vcc_chosen chosen; /* for the message that this process works on */
static unsigned chosen_for;
static int chosen_pid;

const struct vcc_chosen *vcc_chosen_of(const sip_msg_t *msg)
{
	return chosen_pid && msg->id == chosen_for && msg->pid == chosen_pid ? &chosen : NULL;
}

/* The user's own, else what ServiceInfo says in his name. */
static enum vcc_wish wish_of(const struct vcc_user *u, struct slice access)
{
	enum vcc_wish w = vcc_wishes_terminating(&u->wishes, access);

	return w ? w : vcc_wishes_terminating(&u->by_default, access);
}

void vcc_choose_for(struct vcc_store *s, struct slice identity, enum vcc_domain call, int64_t now,
		    struct vcc_chosen *out)
{
	const struct vcc_policies *p = vcc_policies();
	const struct vcc_policy_row *row = vcc_policy_of(p, identity);
	const struct vcc_user *u = vcc_users_find(s, identity);

	*out = (struct vcc_chosen){.in = {.call = call}};
	/* His line may be under another of his identities, and he may be known by another than his line's. */
	for (unsigned i = 0; u && !row && i < VCC_IDENTITIES_MAX; i++)
		if (u->identity[i].uri[0])
			row = vcc_policy_of(p, slice_str(u->identity[i].uri));
	if (!u && row)
		u = vcc_users_find(s, slice_str(row->user));
	out->subscriber = row || p->has_default;
	if (!out->subscriber)
		return;
	out->in.operator_wish = (enum vcc_wish)(row && row->wish ? row->wish : p->wish);
	out->in.precedence =
	    (enum vcc_precedence)(row && row->precedence ? row->precedence : p->precedence);
	if (u) {
		if (!out->in.precedence)
			out->in.precedence = u->by_default.precedence;
		out->in.user = wish_of(u, vcc_last_access(u, now));
		out->in.registered = vcc_is_registered(u);
		out->in.voice = vcc_has_voice(u, now);
		out->in.cs = (enum vcc_cs_state)u->cs;
	}
	if (row && row->csrn[0]) {
		out->in.csrn = true;
		memcpy(out->csrn, row->csrn, sizeof(out->csrn));
	}
	out->choice = vcc_choose(&out->in);
}

static int describe(const struct vcc_chosen *c, char *buf, size_t size)
{
	return snprintf(
	    buf, size,
	    "user=%s operator=%s precedence=%s ims=%s%s cs=%s csrn=%s call=%s: %s, then %s (%s: "
	    "%s)",
	    vcc_wish_name(c->in.user), vcc_wish_name(c->in.operator_wish),
	    vcc_precedence_name(c->in.precedence), c->in.registered ? "registered" : "no",
	    c->in.registered && !c->in.voice ? " without voice" : "", vcc_cs_name(c->in.cs),
	    c->csrn[0] ? c->csrn : "-", vcc_domain_name(c->in.call),
	    vcc_domain_name(c->choice.first), vcc_domain_name(c->choice.second), c->choice.reason,
	    vcc_wish_name(c->choice.want));
}

void vcc_choose_log(struct slice identity, const struct vcc_chosen *c)
{
	char text[384];

	describe(c, text, sizeof(text));
	LM_NOTICE("selection for %.*s %s\n", (int)identity.len, identity.p, text);
}

int ki_vcc_select(sip_msg_t *msg)
{
	struct slice identity;

	if (msg->first_line.type != SIP_REQUEST)
		return -1;
	identity = slice_of(*GET_RURI(msg));
	vcc_choose_for(vcc_lock(), identity, VCC_DOMAIN_NONE, vcc_now_ms(), &chosen);
	vcc_unlock();
	chosen_for = msg->id;
	chosen_pid = msg->pid;
	if (!chosen.subscriber)
		return -2;
	vcc_choose_log(identity, &chosen);
	switch (chosen.choice.first) {
	case VCC_DOMAIN_IMS:
		counter_inc(vcc_counters.selected_ims);
		return 1;
	case VCC_DOMAIN_CS:
		counter_inc(vcc_counters.selected_cs);
		return 2;
	default:
		counter_inc(vcc_counters.selected_none);
		return -1;
	}
}

void rpc_vcc_select(rpc_t *rpc, void *ctx)
{
	struct vcc_chosen c;
	char text[384];
	str uri;

	if (rpc->scan(ctx, "S", &uri) < 1) {
		rpc->fault(ctx, 400, "Say for whom: vcc.select sip:user@home");
		return;
	}
	vcc_choose_for(vcc_lock(), slice_of(uri), VCC_DOMAIN_NONE, vcc_now_ms(), &c);
	vcc_unlock();
	if (!c.subscriber) {
		rpc->rpl_printf(
		    ctx, "no subscriber: neither a line of his nor a default in policy_file");
		return;
	}
	describe(&c, text, sizeof(text));
	rpc->rpl_printf(ctx, "%s", text);
}
