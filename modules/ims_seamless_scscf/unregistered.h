/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Services of users who are not registered. */
#ifndef SEAMLESS_UNREGISTERED_H
#define SEAMLESS_UNREGISTERED_H

#include "modules/ims_seamless_scscf/glue.h"

/* In mod_init. 0 or -1. */
int unregistered_init(void);
/* Forget what is too old, a little at a time. In the module's process. */
void unregistered_timer(uint64_t now_ms);
/* The HSS has something new to say of these. Was the profile of one of them kept? */
bool unregistered_forget(const struct slice *impus, size_t n);
/*
 * seamless_scscf_unregistered(half, route): 1: his filter criteria can be run (orig: or he is registered); 0: the
 * HSS is asked, and route runs when it has answered; -1: there are none.
 */
int seamless_unregistered(struct sip_msg *msg, str *half, str *route);
/* Records of who is not registered, with this profile (usrloc_profile.c). Those with a contact stay as they are. 0 or -1. */
int usrloc_store_unregistered(ims_subscription *s, const str charging[4]);

#endif
