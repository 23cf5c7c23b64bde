/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Anchored calls in Kamailio. */
#ifndef IMS_VCC_ANCHOR_H
#define IMS_VCC_ANCHOR_H

#include "modules/ims_vcc/choose.h"
#include "modules/ims_vcc/core/calls.h"

/* calls.c: the calls in shared memory, behind a lock of their own. */
int vcc_calls_init(void);
void vcc_calls_destroy(void);
struct vcc_calls *vcc_calls_lock(void); /* not with vcc_lock(); nothing is sent before the unlock */
void vcc_calls_unlock(void);
void vcc_calls_work(void); /* carry out what is ordered, by all processes; without a lock */

/*
 * anchor.c: cfg functions. An INVITE outside of a dialog, of a user who calls ("orig") or is called ("term"): 1: it is anchored, or
 * moves a call, or was refused: the script ends. -2: not of a subscriber: relay it.
 */
int ki_vcc_anchor(sip_msg_t *msg, str *side);
/* A request inside a dialog. 1: it is seen to; -1: it is none of ours, nothing was answered. */
int ki_vcc_dialog(sip_msg_t *msg);
/* A CANCEL: 1: answered; -1: of no call of ours. */
int ki_vcc_cancel(sip_msg_t *msg);

void rpc_vcc_calls(rpc_t *rpc, void *ctx);
void rpc_vcc_call_stats(rpc_t *rpc, void *ctx);

#endif
