/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the glue files of ims_seamless_pcscf share. */
#ifndef SEAMLESS_H
#define SEAMLESS_H

#include "../../core/sr_module.h"
#include "../../core/kemi.h"
#include "../../core/pvar.h"
#include "../../core/rpc.h"
#include "../../modules/tm/tm_load.h"

#include "modules/common/clock.h"
#include "modules/common/counters.h"
#include "modules/common/event_route.h"
#include "modules/common/headers.h"
#include "modules/common/ids.h"
#include "modules/common/old_names.h"
#include "modules/common/reply.h"
#include "modules/common/text.h"
#include "modules/ims_flow/api.h"
#include "core/model.h"

/* Settings as the cfg gives them; units are in the names. */
struct seamless_params {
	int enabled;
	str pcscf_uri; /* who we are: From and P-Asserted-Identity of SUBSCRIBE, part of our Path */
	str contact_uri;     /* where NOTIFYs come to */
	str subscribe_route; /* next hop of SUBSCRIBE; empty: the Service-Route's first */
	str known_options;
	int check_contacts;
	int linger_grace_seconds, linger_max_seconds, drain_seconds, settle_seconds;
	int subscribe_seconds, retry_seconds, retry_max_seconds, retries;
	int connections_max, sessions_max;
};
extern struct seamless_params seamless_params;

extern struct ims_flow_api seamless_flow;
extern struct tm_binds seamless_tm;

/* state.c: the one model, in shared memory behind one lock. */
int seamless_state_init(void);
void seamless_state_destroy(void);
/* Take the lock; nothing else may be called before seamless_unlock(). */
struct pcscf_model *seamless_lock(void);
void seamless_unlock(void);
int64_t seamless_now_ms(void); /* monotonic */
void seamless_work(void);      /* do what the state asks for; without the lock */
void seamless_tick(unsigned int ticks, void *arg);
int seamless_flow_init(void); /* bind ims_flow and hear of its events */

/* subscribe.c */
void seamless_subscribe(const struct pcscf_subscribe *s);

/* event_route.c: event_route[seamless-pcscf:set-dropped] and the PVs that live in it */
int seamless_event_init(void);
void seamless_event_set_dropped(const struct pcscf_todo *dropped);
extern const struct pcscf_todo *seamless_event_now; /* NULL outside the event route */

#define SEAMLESS_PCSCF_COUNTERS(X)                                                                 \
	X(registers, "REGISTERs with the option tag")                                              \
	X(refused_option, "requests answered with 420")                                            \
	X(malformed, "requests answered with 400 for their headers")                               \
	X(foreign_contact, "REGISTERs answered with 400 for a contact of another connection")      \
	X(bindings, "200s to REGISTER that were taken in")                                         \
	X(bindings_failed, "200s to REGISTER that could not be taken in: memory or limit")         \
	X(subscribes, "SUBSCRIBEs sent")                                                           \
	X(subscribe_failures, "SUBSCRIBEs that failed or got no answer")                           \
	X(notifies, "NOTIFYs of our subscriptions answered with 200")                              \
	X(notifies_unknown, "NOTIFYs outside our subscriptions")                                   \
	X(notifies_bad, "NOTIFYs refused for what they say")                                       \
	X(documents_discarded, "reginfo documents out of date")                                    \
	X(holds, "flow sets held, inactive or about to be dropped")                                \
	X(drops, "flow sets dropped")                                                              \
	X(drops_linger_over, "flow sets dropped because lingering was over")                       \
	X(drops_sessions_gone, "flow sets dropped because the last session left")                  \
	X(sessions, "sessions begun")                                                              \
	X(sessions_failed, "sessions not counted: memory or limit")
KAM_COUNTERS_DECLARE(seamless, SEAMLESS_PCSCF_COUNTERS)

/* cfg functions; KEMI calls them as they are. */
int ki_seamless_check(sip_msg_t *msg);
int ki_seamless_register(sip_msg_t *msg);
int ki_seamless_register_reply(sip_msg_t *msg);
int ki_seamless_notify(sip_msg_t *msg);
int ki_seamless_session(sip_msg_t *msg);
int ki_seamless_dialog(sip_msg_t *msg);

/* The flow set a request came over or goes over. 0 and *from_ue, or -1. */
int seamless_set_of(sip_msg_t *msg, flow_id_t *id, bool *from_ue);

/* Has the request our option tag in Require (left there on the way) or Proxy-Require? */
bool seamless_has_tag(const sip_msg_t *msg);

/* In a reply route: had the request? */
bool seamless_request_has_tag(void);

/* rpc.c, pv.c */
extern rpc_export_t seamless_rpc[], seamless_old_rpc[];
extern pv_export_t seamless_pvs[], seamless_old_pvs[];

#endif
