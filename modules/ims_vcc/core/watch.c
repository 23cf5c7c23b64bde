/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_vcc/core/watch.h"

#include <stdio.h>

enum {
	ANSWER_MS =
	    40000, /* tm answers earlier (timer F); what is later was lost with an earlier process */
	DEFAULT_S = 3761, /* RFC 3680 4.5 */
	RENEW_PART = 10,  /* renewed when a tenth is left */
	RENEW_LEAST_MS = 600000,
};

static void forget_dialog(struct vcc_watch *w)
{
	uint32_t serial = w->serial;
	uint8_t state = w->state, failures = w->failures;

	memset(w, 0, sizeof(*w));
	w->serial = serial;
	w->state = state;
	w->failures = failures;
}

static int64_t pause_ms(const struct vcc_watch *w, const struct vcc_registration_policy *p)
{
	int64_t ms = p->retry_ms;

	for (unsigned i = 1; i < w->failures && ms < p->retry_max_ms; i++)
		ms *= 2;
	return ms < p->retry_max_ms ? ms : p->retry_max_ms;
}

void vcc_watch_step(struct vcc_store *s, struct vcc_user *u, enum vcc_watch_event event,
		    const struct vcc_registration_policy *p, int64_t now, struct vcc_outcome *out)
{
	struct state_step step = state_step(&vcc_watch_table, u->watch.state, event);
	struct vcc_watch *w = &u->watch;

	(void)s;
	if (!step.allowed || (event == VCC_WATCH_EV_WANTED && !p->reg_event))
		return;
	w->state = step.next;
	switch ((enum vcc_watch_action)step.action) {
	case VCC_WATCH_DO_SUBSCRIBE:
		forget_dialog(w);
		/* fall through */
	case VCC_WATCH_DO_RENEW:
		out->subscribe = true;
		w->due_ms = now + ANSWER_MS;
		break;
	case VCC_WATCH_DO_PAUSE:
		if (w->failures < 30)
			w->failures++;
		forget_dialog(w);
		w->due_ms = now + pause_ms(w, p);
		break;
	case VCC_WATCH_DO_FORGET:
		w->failures = 0;
		forget_dialog(w);
		break;
	case VCC_WATCH_DO_KEEP:
		w->failures = 0;
		break;
	case VCC_WATCH_DO_NOTHING:
	default:
		break;
	}
}

bool vcc_watch_request(struct vcc_user *u, const struct vcc_registration_policy *p,
		       vcc_random_f random, int64_t now, struct vcc_subscribe *out)
{
	struct vcc_watch *w = &u->watch;

	(void)now;
	if (w->state != VCC_WATCH_ASKING && w->state != VCC_WATCH_RENEWING)
		return false;
	vcc_user_begin(u);
	if (!w->call_id[0]) {
		/* Its place stands in front, so that a NOTIFY finds it. */
		snprintf(w->call_id, 9, "%08x", u->number);
		random(w->call_id + 8, sizeof(w->call_id) - 9);
		random(w->local_tag, sizeof(w->local_tag) - 1);
	}
	w->cseq++;
	w->serial++;
	vcc_user_end(u);
	*out = (struct vcc_subscribe){
	    .user = u->id, .serial = w->serial, .cseq = w->cseq, .expires = p->subscribe_s};
	memcpy(out->identity, vcc_user_name(u), strlen(vcc_user_name(u)) + 1);
	memcpy(out->call_id, w->call_id, sizeof(out->call_id));
	memcpy(out->local_tag, w->local_tag, sizeof(out->local_tag));
	memcpy(out->remote_tag, w->remote_tag, sizeof(out->remote_tag));
	memcpy(out->target, w->target, sizeof(out->target));
	memcpy(out->routes, w->routes, sizeof(out->routes));
	memcpy(out->scscf, u->scscf, sizeof(out->scscf));
	return true;
}

/* Renew when a tenth is left, or ten minutes of a long one. */
static int64_t renew_ms(uint32_t seconds)
{
	int64_t all = (int64_t)seconds * 1000, before = all / RENEW_PART;

	return all - (before > RENEW_LEAST_MS ? RENEW_LEAST_MS : before);
}

static void keep(struct vcc_watch *w, const struct vcc_answer *a, int64_t now)
{
	/* A NOTIFY may have been faster, and has the dialog already (RFC 6665 4.1.2.4). */
	if (!w->remote_tag[0] && slice_copy(a->remote_tag, w->remote_tag, sizeof(w->remote_tag)))
		w->remote_tag[0] = '\0';
	if (a->contact.len && slice_copy(a->contact, w->target, sizeof(w->target)))
		w->target[0] = '\0';
	if (a->routes.len && slice_copy(a->routes, w->routes, sizeof(w->routes)))
		w->routes[0] = '\0';
	w->due_ms = now + renew_ms(a->expires ? a->expires : DEFAULT_S);
}

void vcc_watch_answered(struct vcc_store *s, struct vcc_user *u, uint32_t serial,
			const struct vcc_answer *a, const struct vcc_registration_policy *p,
			int64_t now, struct vcc_outcome *out)
{
	struct vcc_watch *w = &u->watch;
	enum vcc_watch_event event = VCC_WATCH_EV_FAILED;

	*out = (struct vcc_outcome){.user = u->id};
	if (serial != w->serial || (w->state != VCC_WATCH_ASKING && w->state != VCC_WATCH_RENEWING))
		return;
	vcc_user_begin(u);
	if (a->code >= 200 && a->code < 300) {
		event = VCC_WATCH_EV_OK;
		keep(w, a, now);
		if (!w->target[0] || !w->remote_tag[0])
			event = VCC_WATCH_EV_FAILED; /* no dialog came of it */
	} else if (a->code == 481 || a->code == 404 || a->code == 489) {
		event = VCC_WATCH_EV_LOST;
	}
	vcc_watch_step(s, u, event, p, now, out);
	/* Who was asked because of a doubt, and does not answer, is not waited for. */
	if (event != VCC_WATCH_EV_OK && u->state == VCC_REG_DOUBTFUL && !out->subscribe)
		vcc_registration_step(s, u, VCC_REG_EV_NO_WORD, "no word", p, now, out);
	vcc_user_arm(s, u);
	vcc_user_end(u);
}

struct vcc_user *vcc_watch_find(struct vcc_store *s, struct slice call_id, struct slice local_tag)
{
	struct vcc_user *u;
	uint32_t at = 0;
	uint64_t id;
	uint8_t number[4];

	/* The first eight digits of a Call-ID of ours are the place of the record. */
	if (call_id.len < 8 || slice_hex(slice_make(call_id.p, 8), number, 4))
		return NULL;
	at = (uint32_t)number[0] << 24 | (uint32_t)number[1] << 16 | (uint32_t)number[2] << 8 |
	     number[3];
	if (!at)
		return NULL;
	at--;
	u = vcc_users_next(s, &at);
	id = u ? u->id : 0;
	if (!id || !u->watch.call_id[0] || !slice_eq(slice_str(u->watch.call_id), call_id) ||
	    !slice_eq(slice_str(u->watch.local_tag), local_tag))
		return NULL;
	return u;
}

static bool says(struct slice state, const char *word)
{
	return slice_eq_nocase(slice_trim(slice_cut(&state, ';')), slice_str(word));
}

/* Seconds that the subscription has left, as its NOTIFY says; 0: it does not. */
static uint32_t left(struct slice state)
{
	(void)slice_cut(&state, ';');
	while (state.p) {
		struct slice value = slice_trim(slice_cut(&state, ';'));
		uint64_t n;

		if (slice_eq_nocase(slice_trim(slice_cut(&value, '=')), SLICE_LIT("expires")) &&
		    !slice_u64(slice_trim(value), UINT32_MAX, &n))
			return (uint32_t)n;
	}
	return 0;
}

static int same_dialog(struct vcc_watch *w, const struct vcc_notify *n)
{
	if (!n->remote_tag.len ||
	    (w->remote_tag[0] && !slice_eq(slice_str(w->remote_tag), n->remote_tag)))
		return VCC_NOTIFY_UNKNOWN;
	if (w->heard && n->cseq <= w->remote_cseq)
		return VCC_NOTIFY_OUT_OF_ORDER;
	return VCC_NOTIFY_OK;
}

static void apply(struct vcc_store *s, struct vcc_user *u, const struct vcc_notify *n,
		  const struct vcc_registration_policy *p, int64_t now, struct vcc_outcome *out)
{
	enum reginfo_verdict v =
	    reginfo_watch_judge(&u->watch.version, n->doc->version, n->doc->full);

	if (v == REGINFO_DISCARD)
		return;
	vcc_reg_event(s, u, n->doc, p, now, out);
	if (v == REGINFO_APPLY_AND_REFRESH)
		vcc_watch_step(s, u, VCC_WATCH_EV_WANTED, p, now, out);
}

int vcc_watch_notified(struct vcc_store *s, struct vcc_user *u, const struct vcc_notify *n,
		       const struct vcc_registration_policy *p, int64_t now,
		       struct vcc_outcome *out)
{
	struct vcc_watch *w = &u->watch;
	int rc = same_dialog(w, n);

	*out = (struct vcc_outcome){.user = u->id};
	if (rc)
		return rc;
	vcc_user_begin(u);
	if (!w->remote_tag[0] && slice_copy(n->remote_tag, w->remote_tag, sizeof(w->remote_tag)))
		w->remote_tag[0] = '\0';
	if (n->contact.len && slice_copy(n->contact, w->target, sizeof(w->target)))
		w->target[0] = '\0';
	w->heard = true;
	w->remote_cseq = n->cseq;
	if (n->doc)
		apply(s, u, n, p, now, out);
	if (u->watch.state == VCC_WATCH_ACTIVE && left(n->state))
		w->due_ms = now + renew_ms(left(n->state));
	if (says(n->state, "terminated"))
		vcc_watch_step(s, u, VCC_WATCH_EV_CLOSED, p, now, out);
	vcc_user_arm(s, u);
	vcc_user_end(u);
	return VCC_NOTIFY_OK;
}
