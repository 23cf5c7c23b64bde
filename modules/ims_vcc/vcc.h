/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the glue files of ims_vcc share. */
#ifndef IMS_VCC_VCC_H
#define IMS_VCC_VCC_H

#include "../../core/sr_module.h"
#include "../../core/kemi.h"
#include "../../core/pvar.h"
#include "../../core/rpc.h"
#include "../../modules/tm/tm_load.h"

#include "modules/common/clock.h"
#include "modules/common/headers.h"
#include "modules/common/ids.h"
#include "modules/common/reply.h"
#include "modules/common/text.h"
#include "modules/ims_vcc/core/watch.h"
#include "modules/ims_vcc/counters.h"

/* Settings as the cfg gives them; units are in the names. */
struct vcc_params {
	str as_uri;  /* who we are: From, Contact and P-Asserted-Identity of our requests */
	str trusted; /* addresses and networks of S-CSCFs */
	str state_file;
	str policy_file;
	str calls_file;
	str peers;    /* addresses that calls may come from besides the S-CSCFs */
	str cs_route; /* first hop of calls to CS; empty: back to the S-CSCF */
	int max_calls, ack_seconds;
	int max_users;
	int reg_event; /* subscribe to the reg event of each user */
	int subscribe_seconds, retry_seconds, retry_max_seconds;
	int doubt_seconds, forget_seconds;
};
extern struct vcc_params vcc_params;
extern struct tm_binds vcc_tm;

/* state.c: the one store, in memory that all processes share, behind one lock. */
int vcc_state_init(void);
void vcc_state_destroy(void);
struct vcc_store *vcc_lock(void); /* nothing else may be called before vcc_unlock() */
void vcc_unlock(void);
int64_t vcc_now_ms(void); /* monotonic */
const struct vcc_registration_policy *vcc_policy(void);
/* Do what an outcome says: count, log, event route, SUBSCRIBE. Without the lock. */
void vcc_carry_out(const struct vcc_outcome *out);
/* n hexadecimal digits and a NUL; nobody can guess them. */
void vcc_random_text(char *out, size_t n);

/* register.c, notify.c: cfg functions, as KEMI calls them. 1, or -1: answered with a failure. */
int ki_vcc_register(sip_msg_t *msg);
int ki_vcc_notify(sip_msg_t *msg);
/* Is the message from one of the trusted S-CSCFs? Or from who may send calls? */
bool vcc_is_trusted(const sip_msg_t *msg);
bool vcc_may_call(const sip_msg_t *msg);
int vcc_trusted_init(void); /* read the parameter: 0, or -1 (logged) */

/* subscribe.c */
void vcc_subscribe(const struct vcc_subscribe *s);

/* events.c: event_route[vcc:registered], event_route[vcc:deregistered] */
int vcc_events_init(void);
void vcc_event_run(const struct vcc_outcome *out);
extern uint64_t vcc_event_user; /* whose; 0 outside of these routes */
extern const char *vcc_event_cause;

/* rpc.c, pv.c */
extern rpc_export_t vcc_rpc[];
extern pv_export_t vcc_pvs[];
/* The user whom the message is about: that of the event route; of a REGISTER its To; of other requests the Request-URI,
 * else P-Asserted-Identity. With the lock; NULL: not known. */
struct vcc_user *vcc_user_of(struct vcc_store *s, sip_msg_t *msg);

#endif
