/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Registration state of a subscription's public identities (TS 29.228 6.1, TS 23.228 5.2.1a). Sets
 * of public identities are bit masks over sub->impu.
 */
#ifndef HSS_REGISTRATION_H
#define HSS_REGISTRATION_H

#include "hss/subscription/subscription.h"

#define IMPU_BIT(i) (UINT64_C(1) << (i))

/*
 * What registers together with the identity at index i for private identity impi: its implicit set
 * as far as impi may use it, itself included. impi < 0: whichever private identity.
 */
uint64_t implicit_set(const struct subscription *sub, int i, int impi);

bool impu_registered(const struct impu *impu);
/* "registered", "unregistered", "authentication-pending" or "not-registered". */
const char *impu_state(const struct impu *impu);
/* Is any identity of the subscription registered, unregistered with a server, or being
 * authenticated? */
bool subscription_needs_scscf(const struct subscription *sub);
/* Does the service profile of the identity, which is one of sub's, hold services for the unregistered state? */
bool impu_has_unregistered_services(const struct subscription *sub, const struct impu *impu);

/* Registered by impi: not unregistered, not pending any more. */
void impus_register(struct subscription *sub, uint64_t impus, int impi);
/* Not registered by impi any more (impi < 0: by nobody), nor unregistered or pending. */
void impus_deregister(struct subscription *sub, uint64_t impus, int impi);
/* Served unregistered by the assigned S-CSCF; registrations of all private identities end. */
void impus_unregister(struct subscription *sub, uint64_t impus);

/* Store or clear the assigned S-CSCF. Returns 0, or -1 if a name is too long (nothing is changed).
 */
int scscf_assign(struct subscription *sub, struct slice name, struct slice host,
		 struct slice realm);
void scscf_clear(struct subscription *sub);

#endif
