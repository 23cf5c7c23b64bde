/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gateways: settings, states, which of them a new call gets. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "modules/ims_alg/control/control.h"

const char *mgc_gateway_state_name(enum mgc_gateway_state state)
{
	return state_name(&gateway_table, state);
}

/* ---- settings ---- */

static int take_realms(struct slice value, struct mgc_gateway_config *out)
{
	while (value.p && value.len) {
		struct slice one = slice_cut(&value, ',');

		if (out->realms == MGC_REALMS_MAX || !one.len ||
		    slice_copy(one, out->realm[out->realms], ALG_REALM_MAX))
			return -1;
		out->realms++;
	}
	return 0;
}

static int take_setting(struct slice name, struct slice value, struct mgc_gateway_config *out,
			enum h248_transport_kind *kind)
{
	struct h248_mid mid;
	uint64_t n;

	if (slice_eq(name, SLICE_LIT("name")))
		return value.len ? slice_copy(value, out->name, sizeof(out->name)) : -1;
	if (slice_eq(name, SLICE_LIT("address")))
		return netaddr_parse_port(value, H248_PORT_TEXT, &out->address);
	if (slice_eq(name, SLICE_LIT("mid")))
		return h248_mid_parse(value, &mid) ? -1
						   : slice_copy(value, out->mid, sizeof(out->mid));
	if (slice_eq(name, SLICE_LIT("weight"))) {
		if (slice_u64(value, 1000, &n))
			return -1;
		out->weight = (unsigned)n;
		return 0;
	}
	if (slice_eq(name, SLICE_LIT("realms")))
		return take_realms(value, out);
	if (!slice_eq(name, SLICE_LIT("transport")))
		return -1;
	*kind = slice_eq(value, SLICE_LIT("sctp")) ? H248_SCTP : H248_UDP;
	return slice_eq(value, SLICE_LIT("sctp")) || slice_eq(value, SLICE_LIT("udp")) ? 0 : -1;
}

static const char *setting_fault(struct slice name)
{
	static const char *const faults[][2] = {
	    {"name", "name: 1 to 31 characters"},
	    {"address", "address: an IP address, with a port if it is not 2944"},
	    {"mid", "mid: [192.0.2.7]:2944 or <agw.example.net>"},
	    {"weight", "weight: 0 to 1000"},
	    {"realms", "realms: at most 8, with commas between"},
	    {"transport", "transport: udp or sctp"},
	};

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		if (slice_eq(name, slice_str(faults[i][0])))
			return faults[i][1];
	return "not one of name, address, mid, weight, realms, transport";
}

int mgc_gateway_parse(struct slice text, struct mgc_gateway_config *out,
		      enum h248_transport_kind *kind, const char **why)
{
	struct mgc_gateway_config g = {.weight = 1};
	enum h248_transport_kind k = H248_UDP;

	text = slice_trim(text);
	while (text.p && text.len) {
		struct slice value = slice_cut(&text, ' '), name;

		if (!value.len)
			continue;
		name = slice_cut(&value, '=');
		if (!value.p || take_setting(name, value, &g, &k)) {
			*why = setting_fault(name);
			return -1;
		}
	}
	*why = "name and address are needed";
	if (!g.name[0] || !netaddr_known(&g.address))
		return -1;
	if (!g.mid[0]) {
		char ip[NETADDR_TEXT_MAX];

		snprintf(g.mid, sizeof(g.mid), "[%s]:%u", netaddr_ip_text(&g.address, ip),
			 g.address.port);
	}
	*out = g;
	*kind = k;
	return 0;
}

int mgc_gateway_add(struct mgc *mgc, const struct mgc_gateway_config *cfg)
{
	struct gateway *g = &mgc->gateway[mgc->gateways];

	if (mgc->gateways == MGC_GATEWAYS_MAX || cfg->listener >= mgc->listeners)
		return -1;
	for (unsigned i = 0; i < mgc->gateways; i++)
		if (strcmp(mgc->gateway[i].cfg.name, cfg->name) == 0)
			return -1;
	memset(g, 0, sizeof(*g));
	g->cfg = *cfg;
	if (h248_mid_parse(slice_str(g->cfg.mid), &g->mid))
		return -1;
	g->mgc = mgc;
	g->number = mgc->gateways;
	g->address = (struct h248_addr){.at = cfg->address};
	g->since = mgc->now;
	g->adds_end = &g->adds;
	pace_init(&g->pace);
	return (int)mgc->gateways++;
}

/* ---- choice ---- */

static bool has_realm(const struct gateway *g, const char *realm)
{
	for (unsigned i = 0; i < g->cfg.realms; i++)
		if (strcmp(g->cfg.realm[i], realm) == 0)
			return true;
	return !g->cfg.realms || !realm[0];
}

static bool fits(const struct gateway *g, const struct alg_media *media, uint32_t tried)
{
	return !(tried & 1u << g->number) && !g->drained && gateway_is_there(g) &&
	       (g->state == MGC_UP || g->state == MGC_OVERLOADED) &&
	       has_realm(g, media->realm[ALG_ACCESS]) && has_realm(g, media->realm[ALG_CORE]);
}

/* One by weight; without any weight, the one with the fewest contexts. */
static struct gateway *pick(struct mgc *mgc, const struct alg_media *media, uint32_t tried)
{
	struct gateway *spare = NULL;
	uint32_t total = 0, dice;

	for (unsigned i = 0; i < mgc->gateways; i++) {
		struct gateway *g = &mgc->gateway[i];

		if (!fits(g, media, tried))
			continue;
		total += g->cfg.weight;
		if (!spare || g->n_contexts < spare->n_contexts)
			spare = g;
	}
	if (!total)
		return spare;
	dice = mgc_random(mgc) % total;
	for (unsigned i = 0;; i++) {
		struct gateway *g = &mgc->gateway[i];

		if (!fits(g, media, tried))
			continue;
		if (dice < g->cfg.weight)
			return g;
		dice -= g->cfg.weight;
	}
}

struct gateway *gateway_choose(struct mgc *mgc, const struct alg_media *media, uint32_t tried,
			       bool *paced)
{
	struct gateway *g;

	*paced = false;
	while ((g = pick(mgc, media, tried)) != NULL) {
		if (media->emergency || g->pace.percent >= 100 ||
		    pace_admits(&g->pace, mgc_random(mgc)))
			return g;
		*paced = true;
		tried |= 1u << g->number;
	}
	return NULL;
}

/* ---- states ---- */

bool gateway_is_there(const struct gateway *g)
{
	enum h248_state s = g->peer ? h248_peer_state(g->peer) : H248_IDLE;

	return s == H248_ACTIVE || s == H248_LEAVING;
}

struct gateway *gateway_of(struct h248_peer *peer)
{
	return h248_peer_user(peer);
}

/* Every call of it has lost its context. */
static void forget(struct gateway *g, const char *why)
{
	struct context *next;

	audit_stop(g);
	for (struct context *c = g->contexts; c; c = next) {
		next = c->next_here;
		if (c->state == CONTEXT_GONE)
			continue;
		g->count.contexts_lost++;
		snprintf(c->why, sizeof(c->why), "%s", why);
		c->error = 0;
		/* One whose order has not worked yet goes elsewhere. Its number means nothing any more, or
		 * something else. */
		if (c->fresh && c->state == CONTEXT_WORKING) {
			context_set_id(c, 0);
			orders_move_on(g->mgc, c);
		} else {
			context_step(g->mgc, c, CONTEXT_LOSS);
		}
	}
}

void gateway_step(struct gateway *g, enum gateway_event event, const char *why)
{
	enum mgc_gateway_state from = g->state;
	struct state_step s = state_step(&gateway_table, from, event);

	if (!s.allowed) {
		mgc_log(g->mgc, LOG_ERR, "%s: %s must not happen while %s", g->cfg.name,
			state_event_name(&gateway_table, event), state_name(&gateway_table, from));
		return;
	}
	g->mgc->kick = true;
	g->state = (enum mgc_gateway_state)s.next;
	if (g->state != from) {
		g->since = g->mgc->now;
		g->grace_end = 0;
		mgc_log(g->mgc, LOG_NOTICE, "%s: %s -> %s: %s", g->cfg.name,
			mgc_gateway_state_name(from), mgc_gateway_state_name(g->state), why);
	}
	switch ((enum gateway_action)s.action) {
	case GATEWAY_COMPARE:
		audit_start(g);
		break;
	case GATEWAY_FORGET:
		g->grace_end = 0;
		forget(g, why);
		/* what was on its way before it restarted has come to who it is now */
		audit_soon(g);
		break;
	case GATEWAY_HOLD:
		audit_stop(g);
		g->grace_end = g->mgc->now + g->mgc->cfg.grace_ms;
		g->call_at = g->mgc->now + 1; /* its last requests are being given up just now */
		break;
	default:
		break;
	}
	if (g->state == from)
		return;
	mgc_tell(g->mgc,
		 g->state == MGC_RESTARTING || g->state == MGC_DOWN ? MGC_EV_GATEWAY_DOWN
		 : g->state == MGC_UP && from != MGC_OVERLOADED	    ? MGC_EV_GATEWAY_UP
								    : MGC_EV_GATEWAY_STATE,
		 g, 0, ALG_ACCESS, 0, why);
}

/* ---- the association ---- */

static struct gateway *by_mid(struct listener *l, const struct h248_mid *mid)
{
	for (unsigned i = 0; i < l->mgc->gateways; i++) {
		struct gateway *g = &l->mgc->gateway[i];

		if (g->cfg.listener == l->number && h248_mid_equal(&g->mid, mid))
			return g;
	}
	return NULL;
}

bool gateway_allow(void *user, const struct h248_addr *from, const struct h248_mid *mid)
{
	const struct gateway *g = by_mid(user, mid);

	return g && netaddr_ip_eq(&g->cfg.address, &from->at);
}

unsigned gateway_registration(void *user, struct h248_peer *peer,
			      const struct h248_services *request, struct h248_services *reply)
{
	struct listener *l = user;
	struct gateway *g = by_mid(l, h248_peer_mid(peer));

	(void)reply;
	if (!g)
		return 402;
	g->peer = peer;
	h248_peer_set_user(peer, g);
	g->restart = request->method == H248_RESTART;
	g->registered = true;
	g->mgc->kick = true;
	g->count.registrations++;
	return 0;
}

static void is_active(struct gateway *g, enum h248_state from, const char *why)
{
	bool registered = g->registered;

	g->registered = false;
	if (from == H248_LEAVING && !registered) {
		gateway_step(g, GATEWAY_STAYS, why);
	} else {
		gateway_step(g, g->restart ? GATEWAY_RESTARTED : GATEWAY_REGISTERED, why);
		notify_arm_root(g);
	}
	if (g->drained)
		gateway_step(g, GATEWAY_DRAIN, "drained by the operator");
}

void gateway_state(void *user, struct h248_peer *peer, enum h248_state from, enum h248_state to,
		   const char *why, int64_t now_ms)
{
	struct gateway *g = gateway_of(peer);

	(void)user;
	if (!g)
		return;
	g->mgc->now = now_ms;
	switch (to) {
	case H248_ACTIVE:
		is_active(g, from, why);
		break;
	case H248_LEAVING:
		gateway_step(g, GATEWAY_GRACEFUL, why);
		break;
	case H248_LOST:
		/* A restart that comes while it is up: ACTIVE follows at once. */
		if (strcmp(why, "restarted") == 0)
			break;
		g->count.lost++;
		gateway_step(g, GATEWAY_LOST, why);
		break;
	case H248_IDLE:
		gateway_step(g, GATEWAY_LEFT, why);
		break;
	default:
		break;
	}
}

/* ---- time ---- */

void gateway_timers(struct gateway *g)
{
	int64_t now = g->mgc->now;

	/* It came back before its loss was noticed. */
	if (g->registered && gateway_is_there(g))
		is_active(g, H248_ACTIVE, "registered again");
	if (pace_tick(&g->pace, now) && g->state == MGC_OVERLOADED)
		gateway_step(g, GATEWAY_RELIEVED, "all new calls pass again");
	if (g->call_at && now >= g->call_at) {
		g->call_at = 0;
		if (g->state == MGC_RESTARTING || (g->state == MGC_DOWN && !gateway_is_there(g)))
			mgc_call(g->mgc, g);
	}
	if (g->grace_end && now >= g->grace_end) {
		g->grace_end = 0;
		gateway_step(g, GATEWAY_GRACE_OVER, "the gateway is gone");
	}
	audit_timers(g);
}

static int64_t until(int64_t at, int64_t now, int64_t wait)
{
	int64_t left = at > now ? at - now : 0;

	return at && (wait < 0 || left < wait) ? left : wait;
}

int64_t gateway_timeout(const struct gateway *g, int64_t now)
{
	int64_t wait = until(g->call_at, now, until(g->grace_end, now, -1));

	wait = until(g->pace.percent < 100 ? g->pace.second_end : 0, now, wait);
	return until(audit_due(g), now, wait);
}

/* ---- for people ---- */

unsigned mgc_gateways(const struct mgc *mgc)
{
	return mgc->gateways;
}

void mgc_gateway_view(const struct mgc *mgc, unsigned n, struct mgc_gateway_view *out)
{
	const struct gateway *g = &mgc->gateway[n];
	uint32_t deviation;

	*out = g->count;
	memcpy(out->name, g->cfg.name, sizeof(out->name));
	netaddr_text(g->peer ? &h248_peer_address(g->peer)->at : &g->cfg.address, out->address);
	out->state = g->state;
	out->weight = g->cfg.weight;
	out->contexts = g->n_contexts;
	out->pace = g->pace.percent;
	out->drained = g->drained;
	out->since_ms = g->since;
	if (!g->peer)
		return;
	out->version = h248_peer_version(g->peer);
	h248_channel_rtt(h248_peer_channel(g->peer), &out->rtt_ms, &deviation);
}

static struct gateway *by_name(struct mgc *mgc, struct slice name)
{
	for (unsigned i = 0; i < mgc->gateways; i++)
		if (slice_eq(slice_str(mgc->gateway[i].cfg.name), name))
			return &mgc->gateway[i];
	return NULL;
}

int mgc_gateway_drain(struct mgc *mgc, struct slice name, bool on, int64_t now_ms)
{
	struct gateway *g = by_name(mgc, name);

	mgc->now = now_ms;
	if (!g)
		return -1;
	if (g->drained == on)
		return 0;
	g->drained = on;
	/* One that wants no calls itself stays so. */
	if (on || !g->peer || h248_peer_state(g->peer) != H248_LEAVING)
		gateway_step(g, on ? GATEWAY_DRAIN : GATEWAY_STAYS,
			     on ? "drained by the operator" : "let back by the operator");
	return 0;
}

int mgc_gateway_audit(struct mgc *mgc, struct slice name, int64_t now_ms)
{
	struct gateway *g = by_name(mgc, name);

	mgc->now = now_ms;
	if (!g || !gateway_is_there(g))
		return -1;
	audit_start(g);
	return 0;
}
