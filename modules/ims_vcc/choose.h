/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Domain selection for the cfg and for anchoring. */
#ifndef IMS_VCC_CHOOSE_H
#define IMS_VCC_CHOOSE_H

#include "modules/ims_vcc/core/select.h"
#include "modules/ims_vcc/vcc.h"

/* policies.c: read modparam policy_file. 0, or -1 (logged). */
int vcc_policies_init(void);
/* Those in force; only between vcc_lock() and vcc_unlock(). Never NULL. */
const struct vcc_policies *vcc_policies(void);
void rpc_vcc_reload(rpc_t *rpc, void *ctx);

/* A choice with what it rests on. */
struct vcc_chosen {
	bool subscriber; /* else nothing below is set */
	struct vcc_choice_input in;
	struct vcc_choice choice;
	char csrn[VCC_NUMBER_MAX];
};

/* What is chosen for a call to this identity. With the lock. call: the domain of a call that he has already. */
void vcc_choose_for(struct vcc_store *s, struct slice identity, enum vcc_domain call, int64_t now,
		    struct vcc_chosen *out);
/* One line of the log with all inputs and the result. */
void vcc_choose_log(struct slice identity, const struct vcc_chosen *c);

/* choose.c: the cfg function. 1: IMS first, 2: CS first, -1: no domain, -2: no subscriber of this service. */
int ki_vcc_select(sip_msg_t *msg);
/* What vcc_select() has chosen for this message; NULL: it was not called for it. */
const struct vcc_chosen *vcc_chosen_of(const sip_msg_t *msg);
void rpc_vcc_select(rpc_t *rpc, void *ctx);

#endif
