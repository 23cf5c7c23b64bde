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

#define ALG_COUNTERS(X)                                                                            \
	X(gateways_up, "times a gateway came up")                                                  \
	X(gateways_lost, "times a gateway was lost")                                               \
	X(contexts_lost, "calls whose gateway lost their media")                                   \
	X(tls_failures, "TLS or DTLS handshakes with phones that failed")                          \
	X(connect_failures, "TCP connections that a gateway could not make")                       \
	X(connections_lost, "TCP connections of media that broke")                                 \
	X(media_stopped, "streams on which no packets came for stop_s")
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
	int step_ms, order_ms, t_max_ms, audit_ms, inactivity_ms, grace_ms, hang_s, stop_s, compact;
	unsigned listens, gateways;
	struct alg_listen listen[MGC_LISTENERS_MAX];
	struct alg_gateway gateway[MGC_GATEWAYS_MAX];
};
extern struct alg_settings alg_settings;
extern param_export_t alg_params[];
/* In mod_init: bounds, and a listener for each gateway. 0, or -1 (logged, with what to write). */
int alg_settings_check(void);

/* ---- process.c: the controller in a process of its own ---- */

enum alg_ask { ALG_ASK_DRAIN, ALG_ASK_UNDRAIN, ALG_ASK_AUDIT };

/* In mod_init, in child_init(PROC_MAIN). 0, or -1 (logged). */
int alg_process_init(void);
int alg_process_fork(void);
/* The gateways as the controller saw them a moment ago: copies at most MGC_GATEWAYS_MAX. */
unsigned alg_gateways(struct mgc_gateway_view *out, uint64_t *contexts);
/* Let the controller do it soon. 0; -1: no gateway of that name; -2: too many wait. */
int alg_ask(enum alg_ask what, struct slice gateway);

/* ---- events.c: event_route[alg:..], $alg(..), counters ---- */
int alg_events_init(void);
void alg_event(void *user, const struct mgc_event *event);
extern pv_export_t alg_pvs[];

/* ---- rpc.c ---- */
extern rpc_export_t alg_rpc[];

#endif
