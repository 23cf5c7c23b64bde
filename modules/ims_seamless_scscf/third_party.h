/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Telling the cfg of each implicit set that a REGISTER has registered, moved or de-registered, so
 * that the application servers of the set's criteria hear of it (TS 24.229 5.4.1.7). The stock
 * ims_isc looks at a REGISTER's From, To and Expires; it is given one that says what is so.
 */
#ifndef SEAMLESS_THIRD_PARTY_H
#define SEAMLESS_THIRD_PARTY_H

#include "modules/ims_seamless_scscf/glue.h"

/* 0 or -1 (logged). */
int third_party_init(void);
struct kept_register;
/* What the application servers may see of a REGISTER, in shared memory; NULL: nobody wants it, or
 * memory is short. Free with shm_free(). */
struct kept_register *third_party_keep(struct sip_msg *msg);
/*
 * Run the event route for the set of this public identity, soon and in the module's own process.
 * known: it was registered before. expires_s: how long it is registered still, 0: not any more.
 */
void third_party_tell(const struct kept_register *kept, struct slice impu, bool known,
		      uint32_t expires_s);
/* The set of this identity is registered no more, and no REGISTER has said so: a lapse, an RTR, an
 * operator. In that process. */
void third_party_ended(struct slice impu);
/* In that process. */
void third_party_timer(void);

#endif
