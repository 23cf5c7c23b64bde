/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What ims_flow_mod.c puts together: functions of the cfg, and what each part starts. */
#ifndef IMS_FLOW_EXPORTS_H
#define IMS_FLOW_EXPORTS_H

#include "modules/ims_flow/glue.h"

/* register.c, reply.c, route.c, check.c: the cfg functions, named as KEMI names them. */
int ki_flow_register(sip_msg_t *msg);
int ki_flow_register_reply(sip_msg_t *msg);
int ki_flow_route(sip_msg_t *msg);
int ki_flow_check(sip_msg_t *msg);
int ki_flow_from_ue(sip_msg_t *msg);
int ki_flow_record_route(sip_msg_t *msg);
int ki_flow_access_side(sip_msg_t *msg);

/*
 * route.c: whether a request of the UE of f goes to its home network, which alone decides who may
 * reach whom (TS 24.229 5.2.6.3), and not to a UE or to a place of the UE's choice. Inside a dialog
 * the route set is the dialog's, which ims_border checks. 0; 400: its Route is not the Service-Route;
 * 403: it leads to another UE, or cannot be read.
 */
int goes_home(sip_msg_t *msg, const struct flow_set *f);

/* route.c: Record-Route with these URI parameters (each with its ';') in the entry of the UE's side.
 * 1 or -1. */
int record_route_with(sip_msg_t *msg, struct slice ue_params);

/*
 * next_hop.c: whether the next hop of the REGISTER sent this answer to it. tm takes one from
 * anybody who names its branch, and a phone can guess that from requests that tm sent it: a 200 of
 * its own must not make it somebody else.
 */
int next_hop_init(
    void); /* mod_init: 0, or -1 without tm. A challenge without a transaction is dropped from then on */
bool answer_is_from_next_hop(sip_msg_t *msg);

/* outbound.c: every packet to a UE leaves from where it should. */
int outbound_init(void);

/* keepalive.c: CRLF and STUN over UDP, closed connections. */
int keepalive_init(void);

/* rpc.c, pv.c, api_bind.c */
extern rpc_export_t flow_rpc[];
extern pv_export_t flow_pvs[];
int bind_ims_flow(struct ims_flow_api *api);
/* Whom to assert in a request of a UE: no, one or two identities, points into the set's copy. */
struct flow_asserted {
	struct slice uri[2];
	unsigned n;
};
/* asserted NULL: the request goes to the UE of f. */
void pv_set_current(sip_msg_t *msg, const struct flow_set *f, const struct flow_asserted *asserted);
/* "<uri>" or "<uri>, <uri>" of the last flow_check() for msg, NUL-terminated. 0, or -1: none, or no
 * room. */
int pv_asserted(sip_msg_t *msg, char *buf, unsigned size);
/* The id of the set that flow_route() has chosen for msg, 0: none. */
uint64_t pv_routed(sip_msg_t *msg);
void pv_set_event(const struct flow_api_info *info, const char *reason);

/* keys.c: read the key file, or make it. 0, or -1 (logged): the keys are as before. */
int keys_load(bool create);

/*
 * state_file.c: the memory of the table, from the state file or not. 0, or -1 (logged); note what
 * time it is, for the run after this one; the end.
 */
int table_open(void);
void table_note_time(void);
void table_close(void);

#endif
