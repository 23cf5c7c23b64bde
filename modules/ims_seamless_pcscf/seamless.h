/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the glue files of ims_seamless_pcscf share. */
#ifndef SEAMLESS_H
#define SEAMLESS_H

#include "../../core/sr_module.h"
#include "../../core/counters.h"
#include "../../core/kemi.h"
#include "../../core/pvar.h"
#include "../../core/rpc.h"
#include "../../core/str.h"
#include "../../modules/sl/sl.h"
#include "../../modules/tm/tm_load.h"
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
extern sl_api_t seamless_sl;

static inline struct slice slice_of(const str *s)
{
	return s && s->s && s->len > 0 ? slice_make(s->s, (size_t)s->len) : SLICE_NULL;
}

static inline str str_of(struct slice s)
{
	return (str){(char *)s.p, (int)s.len};
}

static inline str str_of_text(char *text)
{
	return (str){text, (int)strlen(text)};
}

/* state.c: the one struct pcscf_model, in shared memory behind one lock. */
int seamless_state_init(void);
void seamless_state_destroy(void);
struct pcscf_model *
seamless_lock(void); /* take the lock; nothing else may be called before seamless_unlock() */
void seamless_unlock(void);
int64_t seamless_now_ms(void);
void seamless_work(void); /* do what the state asks for; without the lock */
void seamless_tick(unsigned int ticks, void *arg);
int seamless_flow_init(void); /* bind and watch ims_flow */

/* subscribe.c */
void seamless_subscribe(const struct pcscf_subscribe *s);

/* event_route.c: event_route[seamless:set-dropped] and the PVs that live in it */
int seamless_event_init(void);
void seamless_event_set_dropped(const struct pcscf_todo *dropped);
extern const struct pcscf_todo *seamless_event_now; /* NULL outside the event route */

/* counters.c */
struct seamless_counters {
	counter_handle_t registers, refused_option, malformed, foreign_contact, bindings,
	    bindings_failed, subscribes, subscribe_failures, notifies, notifies_unknown,
	    notifies_bad, documents_discarded, holds, drops, drops_linger_over, drops_sessions_gone,
	    sessions, sessions_failed;
};
extern struct seamless_counters seamless_count;
int seamless_counters_init(void);

/* cfg functions; KEMI calls them as they are. */
int ki_seamless_check(sip_msg_t *msg);
int ki_seamless_register(sip_msg_t *msg);
int ki_seamless_register_reply(sip_msg_t *msg);
int ki_seamless_notify(sip_msg_t *msg);
int ki_seamless_session(sip_msg_t *msg);

/* The flow set a request came over or goes over. 0 and *from_ue, or -1. */
int seamless_set_of(sip_msg_t *msg, flow_id_t *id, bool *from_ue);

/* Has the request our option tag in Require (left there on the way) or Proxy-Require? */
bool seamless_has_tag(const sip_msg_t *msg);

/* In a reply route: had the request? */
bool seamless_request_has_tag(void);

/* rpc.c, pv.c */
extern rpc_export_t seamless_rpc[];
extern pv_export_t seamless_pvs[];

#endif
