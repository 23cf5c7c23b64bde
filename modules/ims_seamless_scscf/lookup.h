/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a request for one of our users was sent: lookup.c chooses, follow.c follows. */
#ifndef SEAMLESS_LOOKUP_H
#define SEAMLESS_LOOKUP_H

#include "modules/ims_seamless_scscf/core/sessions.h"
#include "modules/ims_seamless_scscf/glue.h"

/*
 * The session rings at the contacts that the last seamless_lookup() of this process has chosen, if
 * that was for msg. Call with the lock held.
 */
void lookup_ring(struct scscf_model *m, struct scscf_session *s, const struct sip_msg *msg);

#endif
