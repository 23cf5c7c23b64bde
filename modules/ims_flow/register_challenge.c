/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The 401 to a REGISTER: its keys stay here, and make a temporary SA set (TS 33.203 7.2). */
#include "modules/ims_flow/register_reply.h"
#include "modules/ims_flow/changes.h"
#include "modules/ims_flow/core/flow_pending.h"
#include "modules/ims_flow/kernel.h"

/* Two SPIs for us: counted up, so that one is not used again soon; the kernel says if somebody has
 * it. */
static uint32_t next_spi(void)
{
	uint32_t spi = shared->next_spi++;

	if (shared->next_spi > (uint32_t)settings.spi_max ||
	    shared->next_spi < (uint32_t)settings.spi_min)
		shared->next_spi = settings.spi_min;
	return spi;
}

/* What the UE is told when the kernel refused its SAs. */
static const char *refusal(int rc)
{
	switch (rc) {
	case XFRM_E_EXISTS:
		return "SPI In Use";
	case XFRM_E_UNSUPPORTED:
		return "IPsec Not Available";
	case XFRM_E_NO_MEMORY:
		return "No Resources For Security Association";
	default:
		return "No Security Association";
	}
}

/* Policies and SAs of the temporary set, or none of them. 0 or an enum xfrm_err. */
static int install(struct flow_attempt *a, const struct challenge *c, struct flow_set *f,
		   unsigned slot, struct flow_effects *fx, int *which)
{
	int rc = kernel_apply(fx);

	fx->n = 0;
	*which = -1;
	if (rc == 0) {
		rc = kernel_add(&a->ue, &a->local, &a->sa, c->ck, c->ik, which);
		if (rc && rc != XFRM_E_EXISTS)
			kernel_refused("an SA set", rc);
	}
	if (rc == 0)
		return 0;
	TABLE_LOCK();
	flow_unchallenge(table, f, slot, fx);
	/* Its SAs were never there. */
	fx->n -= fx->n && fx->fx[fx->n - 1].kind == FX_SA_DEL;
	TABLE_UNLOCK();
	kernel_apply(fx);
	fx->n = 0;
	return rc;
}

/* Sets that lack SAs until their UE is heard may exist until then. */
static void expect_to_hear(const struct flow_attempt *a)
{
	if (a->sa.missing)
		shared->lacking_until_ms = flow_now() + settings.timers.reg_await_ms;
}

/*
 * 0, or -1: logged, nothing installed, and *why is what to tell the UE. 1: the UE was challenged
 * anew over SAs that have the SPIs it offers, so there can be no others beside them; the 401 goes
 * on without Security-Server, and the UE answers over what it has, or begins anew with other SPIs.
 */
static int make_temporary_set(struct flow_attempt *a, const struct challenge *c, const char **why)
{
	struct flow_effects *fx = changes_begin();
	int rc = XFRM_E_EXISTS, which = -1;

	for (int tries = 0; tries < 4 && rc == XFRM_E_EXISTS; tries++) {
		struct flow_set *f;
		unsigned slot;

		a->sa.spi_pc = next_spi();
		a->sa.spi_ps = next_spi();
		TABLE_LOCK();
		if (which == 1 || which == 2)
			flow_pending_remove_same_spi(table, a, fx);
		rc = flow_challenge(table, a, &settings.timers, flow_now(), fx, &f, &slot);
		if (rc == FLOW_LIFE_SPI)
			flow_refuse(table, a, &settings.timers, flow_now(), fx);
		TABLE_UNLOCK();
		if (rc == FLOW_LIFE_SPI) {
			LM_INFO("challenged anew over the SAs that it offers: no others\n");
			changes_end(fx);
			a->sa.spi_pc = 0;
			return 1;
		}
		if (rc) {
			LM_INFO("no SA set for a challenged REGISTER: %s\n",
				rc == FLOW_LIFE_FULL	? "max_sets is reached"
				: rc == FLOW_LIFE_TAKEN ? "another UE has its address and port"
							: "its flow set has ended");
			counter_inc(rc == FLOW_LIFE_TAKEN ? flow_counters.port_taken
							  : flow_counters.table_full);
			changes_end(fx);
			*why = rc == FLOW_LIFE_FULL    ? "Too Many Registrations"
			       : rc == FLOW_LIFE_TAKEN ? "Port In Use"
						       : "Flow Has Ended";
			return -1;
		}
		a->sa.missing = f->sa[slot].missing;
		rc = install(a, c, f, slot, fx, &which);
		if (rc == XFRM_E_EXISTS)
			COUNT(spi_collisions);
	}
	changes_end(fx);
	if (rc == XFRM_E_EXISTS)
		LM_INFO("no SA set: the SPIs that the UE offers are in use\n");
	*why = refusal(rc);
	if (rc == 0)
		expect_to_hear(a);
	return rc ? -1 : 0;
}

void challenge_tick(void)
{
	if (flow_now() >= shared->lacking_until_ms)
		return;
	for (uint32_t place = 0; place < flow_table_max(table); place++) {
		struct flow_effects *fx;
		struct flow_set *f, copy;
		bool lacks;

		TABLE_LOCK();
		f = flow_at(table, place);
		lacks = f && f->state == FLOW_PENDING && f->sa[0].missing;
		if (lacks)
			copy = *f;
		TABLE_UNLOCK();
		if (!lacks)
			continue;
		fx = changes_begin();
		if (kernel_heard(&copy, &copy.sa[0])) {
			TABLE_LOCK();
			f = flow_by_id(table, copy.id);
			if (f && f->sa[0].spi_ps == copy.sa[0].spi_ps)
				flow_take_spis(table, f, 0, flow_now(), fx);
			TABLE_UNLOCK();
		}
		changes_end(fx);
	}
}

/* Keys have no business in the others, but cost nothing to look for. */
static bool is_challenge(const struct hdr_field *h)
{
	return kam_header_is(h, "WWW-Authenticate") || kam_header_is(h, "Proxy-Authenticate") ||
	       kam_header_is(h, "Authentication-Info");
}

int reply_take_keys(sip_msg_t *msg, struct challenge *keys)
{
	struct challenge one;
	bool aka = false, other = false;
	int rc = 0, whole = 0;

	memset(keys, 0, sizeof(*keys));
	for (struct hdr_field *h = msg->headers; h; h = h->next) {
		struct slice body = kam_header_body(h);

		if (!is_challenge(h))
			continue;
		if (flow_challenge_read(body, &one)) {
			if (!flow_challenge_may_hold_keys(body))
				continue;
			rc |= kam_header_remove(msg, h);
			/* tm keeps copies of the whole buffer. */
			memset((char *)body.p, ' ', body.len);
			whole = 1;
			continue;
		}
		for (unsigned i = 0; i < one.n_cut; i++) {
			rc |= kam_text_cut(msg, one.cut[i]);
			memset((char *)one.cut[i].p, ' ', one.cut[i].len);
		}
		if (one.n_cut && !keys->n_cut)
			*keys = one;
		aka |= one.aka;
		other |= one.other;
	}
	keys->aka = aka;
	keys->other = other;
	explicit_bzero(&one, sizeof(one));
	return rc ? -1 : whole;
}

/* The challenge is not AKA's, or the UE is without IPsec. */
static int without_keys(sip_msg_t *msg, const struct flow_attempt *a)
{
	if (!a->ipsec)
		return reply_add_media(msg, a) ? -1 : 1;
	COUNT(keys_missing);
	if (settings.ipsec != IPSEC_REQUIRED)
		return reply_add_media(msg, a) ? -1 : 1;
	LM_ERR("401 without ck and ik: no SA can be set up\n");
	return reply_turn_into_500(msg, "No Keys For Security Association");
}

/* Passwords are for a P-CSCF that says so (TS 33.203 annex N): no AKA phone is talked into one. */
static int refuse_digest(sip_msg_t *msg, bool first)
{
	if (first) {
		COUNT(digest_refused);
		LM_INFO("a challenge that is not AKA's: refused, because digest is 0\n");
	}
	return reply_turn_into(msg, 403, "SIP Digest Not Allowed");
}

int reply_on_401(sip_msg_t *msg, struct flow_attempt *a, const struct challenge *keys, bool first)
{
	const char *why = "No Security Association";
	char line[600], server[512];
	int rc = 0, n;

	if (first)
		COUNT(challenges);
	if (!settings.digest && (!keys->aka || keys->other))
		return refuse_digest(msg, first);
	if (!a->ipsec || (!keys->has_ck && !keys->has_ik))
		return without_keys(msg, a);
	if (first)
		rc = keys->has_ck && keys->has_ik ? make_temporary_set(a, keys, &why) : -1;
	else
		rc = attempt_await(a) ? -1 : a->sa.spi_pc == 0;
	if (rc > 0)
		return 1;
	if (rc || security_server(&a->sa, server, sizeof(server)))
		return reply_turn_into_500(msg, why);
	n = snprintf(line, sizeof(line), "Security-Server: %s\r\n", server);
	if (kam_header_add_last(msg, slice_make(line, n)))
		return reply_turn_into_500(msg, "Server Internal Error");
	return 1;
}
