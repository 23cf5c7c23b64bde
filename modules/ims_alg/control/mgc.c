/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The life of a controller: listeners, time, what it tells. */
#include "modules/ims_alg/control/mgc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "modules/ims_alg/control/control.h"

static const char *const code_names[MGC_CODES] = {
    [MGC_OK] = "ok",
    [MGC_NO_GATEWAY] = "no-gateway",
    [MGC_NO_RESOURCES] = "no-resources",
    [MGC_TIMED_OUT] = "timed-out",
    [MGC_REFUSED] = "refused",
    [MGC_CONTEXT_LOST] = "context-lost",
    [MGC_UNKNOWN_CALL] = "unknown-call",
    [MGC_BUSY] = "busy",
    [MGC_FAILED] = "failed",
};

const char *mgc_code_name(enum mgc_code code)
{
	return code < MGC_CODES ? code_names[code] : "?";
}

void mgc_config_default(struct mgc_config *config)
{
#define DEFAULT(name, value) .name = (value),
	*config = (struct mgc_config){MGC_TIMES(DEFAULT)};
#undef DEFAULT
	mgc_names_default(&config->names);
}

uint32_t mgc_random(struct mgc *mgc)
{
	uint32_t v;

	if (mgc->cfg.random)
		return mgc->cfg.random(mgc->cfg.user);
	return getrandom(&v, sizeof(v), 0) == sizeof(v) ? v : (uint32_t)mgc->now * 2654435761u;
}

void mgc_log(struct mgc *mgc, int level, const char *fmt, ...)
{
	char line[512];
	va_list ap;

	if (!mgc->cfg.log)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	mgc->cfg.log(mgc->cfg.user, level, line);
}

void mgc_tell(struct mgc *mgc, enum mgc_event_type type, const struct gateway *g, uint64_t call,
	      enum alg_side side, uint16_t stream, const char *text)
{
	struct mgc_event e = {type, g ? g->cfg.name : "", call, side, stream, text};

	if (mgc->cfg.event && !mgc->ending)
		mgc->cfg.event(mgc->cfg.user, &e);
}

int mgc_new(const struct mgc_config *config, struct mgc **out)
{
	struct mgc *mgc = calloc(1, sizeof(*mgc));

	if (!mgc)
		return -1;
	if (keyed_hash_key_random(&mgc->key)) {
		free(mgc);
		return -1;
	}
	mgc->cfg = *config;
	if (config->profile)
		snprintf(mgc->profile, sizeof(mgc->profile), "%s", config->profile);
	h248_arena_init(&mgc->arena, mgc->memory, sizeof(mgc->memory));
	/* Requests of an earlier life must not be taken for those of this one. */
	mgc->next_request = 1 + (mgc_random(mgc) & 0x3fffffffu);
	*out = mgc;
	return 0;
}

void mgc_free(struct mgc *mgc)
{
	if (!mgc)
		return;
	mgc->ending = true;
	for (unsigned i = 0; i < CALL_BUCKETS; i++)
		while (mgc->bucket[i]) {
			orders_drop(mgc, mgc->bucket[i]);
			context_free(mgc, mgc->bucket[i]);
		}
	orders_drop_instant(mgc);
	for (unsigned i = 0; i < mgc->listeners; i++) {
		h248_entity_free(mgc->listener[i].entity);
		h248_transport_close(mgc->listener[i].transport);
	}
	for (unsigned i = 0; i < mgc->gateways; i++)
		audit_stop(&mgc->gateway[i]);
	explicit_bzero(mgc->memory, sizeof(mgc->memory));
	free(mgc);
}

/* ---- listeners ---- */

static void on_send(void *user, const struct h248_addr *to, const char *bytes, size_t len)
{
	struct listener *l = user;

	if (l->mgc->cfg.send)
		l->mgc->cfg.send(l->mgc->cfg.user, to, bytes, len);
	else
		h248_transport_send(l->transport, to, bytes, len);
}

static void on_receive(void *user, const struct h248_addr *from, struct slice text, int64_t now_ms)
{
	struct listener *l = user;

	l->mgc->now = now_ms;
	h248_entity_receive(l->entity, from, text, now_ms);
}

static void on_link_lost(void *user, const struct h248_addr *from, int64_t now_ms)
{
	struct listener *l = user;

	l->mgc->now = now_ms;
	h248_entity_link_lost(l->entity, from, now_ms);
}

static void on_refused(void *user, const struct h248_addr *to, int64_t now_ms)
{
	struct listener *l = user;

	l->mgc->now = now_ms;
	h248_entity_refused(l->entity, to, now_ms);
}

static int own_mid(struct mgc *mgc, const struct netaddr *local, struct h248_mid *out)
{
	char ip[NETADDR_TEXT_MAX];

	if (!mgc->cfg.mid[0])
		snprintf(mgc->cfg.mid, sizeof(mgc->cfg.mid), "[%s]:%u", netaddr_ip_text(local, ip),
			 local->port);
	return h248_mid_parse(slice_str(mgc->cfg.mid), out);
}

int mgc_listen(struct mgc *mgc, enum h248_transport_kind kind, const struct netaddr *local)
{
	struct listener *l = &mgc->listener[mgc->listeners];
	struct h248_entity_config cfg = {.role = H248_ROLE_MGC,
					 .user = l,
					 .version_max = mgc->cfg.version_max,
					 .profile = mgc->profile[0] ? mgc->profile : NULL,
					 .profile_version = 255,
					 .style = mgc->cfg.compact ? H248_COMPACT : H248_PRETTY,
					 .audit_ms = mgc->cfg.audit_ms,
					 .silence_ms = mgc->cfg.t_max_ms,
					 .max_peers = MGC_GATEWAYS_MAX,
					 .stranger_code = 0,
					 .send = on_send,
					 .state = gateway_state,
					 .request = notify_request,
					 .registration = gateway_registration,
					 .allow = gateway_allow};
	struct h248_transport_config transport = {.kind = kind,
						  .local = {.at = *local},
						  .listen = true,
						  .user = l,
						  .receive = on_receive,
						  .link_lost = on_link_lost,
						  .refused = on_refused};
	int rc;

	if (mgc->listeners == MGC_LISTENERS_MAX || own_mid(mgc, local, &cfg.mid))
		return H248_E_ARGUMENT;
	*l = (struct listener){.mgc = mgc, .number = mgc->listeners, .kind = kind, .local = *local};
	h248_timers_default(&cfg.timers, kind != H248_UDP);
	cfg.timers.t_max_ms = mgc->cfg.t_max_ms;
	rc = mgc->cfg.send ? H248_OK : h248_transport_open(&transport, &l->transport);
	if (rc == H248_OK)
		rc = h248_entity_new(&cfg, &l->entity);
	if (rc != H248_OK) {
		h248_transport_close(l->transport);
		return rc;
	}
	return (int)mgc->listeners++;
}

/* Where a gateway shall go: to this listener. */
static int come_here(struct mgc *mgc, const struct gateway *g)
{
	struct listener *l = &mgc->listener[g->cfg.listener];
	char ip[NETADDR_TEXT_MAX];
	struct h248_mid us = {.kind = l->local.family == 6 ? H248_MID_IPV6 : H248_MID_IPV4,
			      .name = slice_str(netaddr_ip_text(&l->local, ip)),
			      .port = l->local.port};

	return h248_mgc_reclaim(l->entity, &g->mid, &g->address, &us, mgc->now);
}

/* Over SCTP the gateway sees that the connection broke, and it is always the one who connects
 * (TS 29.334 5.12). It may wait between two attempts: a second, and its own random time besides. */
enum { GATEWAY_COMES_MS = 5000 };

static bool is_called(const struct mgc *mgc, const struct gateway *g)
{
	return mgc->listener[g->cfg.listener].kind == H248_UDP;
}

void mgc_call(struct mgc *mgc, struct gateway *g)
{
	int rc = is_called(mgc, g) ? come_here(mgc, g) : H248_OK;

	g->call_at = mgc->now + mgc->cfg.t_max_ms;
	if (rc != H248_OK && rc != H248_E_STATE)
		mgc_log(mgc, LOG_WARNING, "%s: cannot be called: %s", g->cfg.name,
			h248_strerror(rc));
}

void mgc_start(struct mgc *mgc, int64_t now_ms)
{
	mgc->now = now_ms;
	for (unsigned i = 0; i < mgc->gateways; i++) {
		struct gateway *g = &mgc->gateway[i];

		mgc_call(mgc, g);
		/* Calls that were loaded wait for it so long. */
		if (g->n_contexts)
			g->grace_end = now_ms + mgc->cfg.t_max_ms + mgc->cfg.grace_ms +
				       (is_called(mgc, g) ? 0 : GATEWAY_COMES_MS);
	}
}

int mgc_fd(const struct mgc *mgc, unsigned listener)
{
	return listener < mgc->listeners && mgc->listener[listener].transport
		   ? h248_transport_fd(mgc->listener[listener].transport)
		   : -1;
}

void mgc_ready(struct mgc *mgc, unsigned listener, int64_t now_ms)
{
	mgc->now = now_ms;
	if (listener < mgc->listeners && mgc->listener[listener].transport)
		h248_transport_ready(mgc->listener[listener].transport, now_ms);
}

void mgc_receive(struct mgc *mgc, unsigned listener, const struct h248_addr *from,
		 struct slice text, int64_t now_ms)
{
	mgc->now = now_ms;
	if (listener < mgc->listeners)
		h248_entity_receive(mgc->listener[listener].entity, from, text, now_ms);
}

/* ---- time ---- */

int64_t mgc_timeout(const struct mgc *mgc, int64_t now_ms)
{
	int64_t wait = context_timeout(mgc, now_ms);

	for (unsigned i = 0; i < mgc->gateways; i++) {
		int64_t t = gateway_timeout(&mgc->gateway[i], now_ms);

		if (t >= 0 && (wait < 0 || t < wait))
			wait = t;
	}
	for (unsigned i = 0; i < mgc->listeners; i++) {
		int64_t t = h248_entity_timeout(mgc->listener[i].entity, now_ms);

		if (t >= 0 && (wait < 0 || t < wait))
			wait = t;
	}
	return wait;
}

void mgc_tick(struct mgc *mgc, int64_t now_ms)
{
	mgc->now = now_ms;
	for (unsigned i = 0; i < mgc->listeners; i++)
		h248_entity_tick(mgc->listener[i].entity, now_ms);
	for (unsigned i = 0; i < mgc->gateways; i++)
		gateway_timers(&mgc->gateway[i]);
	context_timers(mgc);
}

size_t mgc_contexts(const struct mgc *mgc)
{
	return mgc->contexts;
}

void mgc_each_call(const struct mgc *mgc, void (*f)(uint64_t call, void *arg), void *arg)
{
	for (unsigned i = 0; i < CALL_BUCKETS; i++)
		for (const struct context *c = mgc->bucket[i]; c; c = c->next_call)
			if (c->state != CONTEXT_GONE)
				f(c->call, arg);
}
