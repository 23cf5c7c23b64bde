/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the glue files of ims_alg share. */
#ifndef IMS_ALG_GLUE_H
#define IMS_ALG_GLUE_H

#include "../../core/dprint.h"
#include "../../core/locking.h"
#include "../../core/pvar.h"
#include "../../core/pvapi.h"
#include "../../core/rpc.h"
#include "../../core/rpc_lookup.h"
#include "../../core/sr_module.h"

#include "modules/common/clock.h"
#include "modules/common/counters.h"
#include "modules/common/process.h"
#include "modules/common/text.h"
#include "modules/ims_alg/control/mgc.h"
#include "modules/ims_alg/core/policy.h"

#define ALG_COUNTERS(X)                                                                            \
	X(gateways_up, "times a gateway came up")                                                  \
	X(gateways_lost, "times a gateway was lost")                                               \
	X(contexts_lost, "calls whose gateway lost their media")                                   \
	X(tls_failures, "TLS or DTLS handshakes with phones that failed")                          \
	X(connect_failures, "TCP connections that a gateway could not make")                       \
	X(connections_lost, "TCP connections of media that broke")                                 \
	X(media_stopped, "streams on which no packets came for stop_s")                            \
	X(calls, "INVITEs of which calls were made")                                               \
	X(calls_refused, "INVITEs for which there was no room")                                    \
	X(calls_broken, "calls that were refused or ended because their media cannot be had")      \
	X(offers, "offers placed at a gateway")                                                    \
	X(answers, "answers put in force at a gateway")                                            \
	X(offers_refused, "offers answered with 488")                                              \
	X(glares, "offers answered with 491 or 500 because another one was open")                  \
	X(foreign, "messages of a phone whose user the call does not belong to")                   \
	X(bad_answers, "answers that cannot be used")                                              \
	X(bad_bodies, "bodies in which no description can be read")                                \
	X(gateway_refused, "orders that no gateway has carried out")                               \
	X(waited, "messages that have waited for another one of their call")                       \
	X(overflows, "messages for which there was no room to wait")                               \
	X(byes, "BYEs said in the place of an end")
KAM_COUNTERS_DECLARE(alg, ALG_COUNTERS)

/* ---- settings.c: modparams, read while the configuration is; docs/modules/ims_alg.md ---- */

struct alg_listen {
	enum h248_transport_kind kind;
	struct netaddr at;
};
struct alg_gateway {
	struct mgc_gateway_config config;
	enum h248_transport_kind kind;
};
struct alg_settings {
	struct mgc_config mgc;
	str mid;
#define ALG_TIME(name, value) int name;
	MGC_TIMES(ALG_TIME)
	int compact, max_calls, max_waiting, workers, linger_ms, call_s;
	char *continue_route, *state_dir;
	unsigned listens, gateways;
	struct alg_listen listen[MGC_LISTENERS_MAX];
	struct alg_gateway gateway[MGC_GATEWAYS_MAX];
};
extern struct alg_settings alg_settings;
extern param_export_t alg_params[];
/* In mod_init: bounds, and a listener for each gateway. 0, or -1 (logged, with what to write). */
int alg_settings_check(void);

/* ---- choices.c: what core/policy.h leaves to the operator ---- */

extern struct alg_policy alg_choices;
int alg_choices_check(void);
/* What holds for a phone at this address. */
void alg_policy_of(const struct netaddr *phone, struct alg_policy *out);
/* Parameters whose text is read at once. */
#define ALG_CHOICES(X)                                                                             \
	X(when)                                                                                    \
	X(plain)                                                                                   \
	X(filter_access)                                                                           \
	X(filter_core)                                                                             \
	X(roles)                                                                                   \
	X(refuse)                                                                                  \
	X(stranger)                                                                                \
	X(unserved)                                                                                \
	X(origin)                                                                                  \
	X(hash)                                                                                    \
	X(suites)                                                                                  \
	X(suite)                                                                                   \
	X(realm_access)                                                                            \
	X(realm_core)                                                                              \
	X(access)
#define ALG_CHOICE_DECLARE(name) int alg_choice_##name(modparam_t type, void *value);
ALG_CHOICES(ALG_CHOICE_DECLARE)
/* Switches and numbers, in alg_switches. */
struct alg_switches {
	int agnostic, delayed, merged, late_access, skip_active, allow_sha1, any_signalling,
	    path_mismatch, dtls, dtls_mux;
	int family_core, dscp_access, dscp_core, tls_failure_ends;
};
extern struct alg_switches alg_switches;

/* ---- refusal.c: how it is said that something cannot be had (RFC 3261 21, RFC 6432) ---- */
const char *alg_refusal_phrase(int code);
/* Whole header lines for an answer with this code, text in them. */
void alg_refusal_headers(int code, const char *text, char *buf, size_t size);

/* ---- manage.c: cfg functions ---- */
int ki_alg_manage(sip_msg_t *msg);
int ki_alg_offer(sip_msg_t *msg);
int ki_alg_answer(sip_msg_t *msg);
int ki_alg_delete(sip_msg_t *msg);

/* ---- process.c: the controller in a process of its own ---- */

enum alg_ask { ALG_ASK_DRAIN, ALG_ASK_UNDRAIN, ALG_ASK_AUDIT };

/* In mod_init, in child_init(PROC_MAIN). 0, or -1 (logged). */
int alg_process_init(void);
int alg_process_fork(void);
/* Orders are there. From any process, under any lock. */
void alg_process_wake(void);
/* The gateways as the controller saw them a moment ago: copies at most MGC_GATEWAYS_MAX. */
unsigned alg_gateways(struct mgc_gateway_view *out, uint64_t *contexts);
/* Let the controller do it soon. 0; -1: no gateway of that name; -2: too many wait. */
int alg_ask(enum alg_ask what, struct slice gateway);

/* ---- events.c: event_route[alg:..], counters ---- */
int alg_events_init(void);
void alg_event(void *user, const struct mgc_event *event);
/* The event whose route is being run in this process; NULL: none. */
const struct mgc_event *alg_event_current(void);

/* ---- pv.c: $alg(..) ---- */
extern pv_export_t alg_pvs[];

/* ---- rpc.c, rpc_calls.c ---- */
extern rpc_export_t alg_rpc[], alg_rpc_calls[];

#endif
