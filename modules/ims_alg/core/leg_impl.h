/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What leg.c and leg_sessions.c share. Not for others. */
#ifndef IMS_ALG_LEG_IMPL_H
#define IMS_ALG_LEG_IMPL_H

#include "modules/ims_alg/core/leg.h"

/* An empty session. */
void alg_session_begin(struct alg_session *s, const struct alg_leg_with *with);
void alg_session_copy(struct alg_session *to, const struct alg_session *from);
/* Keep a session of the stack, which is wiped. NULL: no memory. */
struct alg_session *alg_leg_keep(const struct alg_memory *memory, struct alg_session *s);
void alg_leg_drop(const struct alg_memory *memory, struct alg_session **s);
/* *to becomes *from, which is empty then. */
void alg_leg_move(const struct alg_memory *memory, struct alg_session **to,
		  struct alg_session **from);
/* All but the last. */
void alg_leg_forget(struct alg_leg *l, const struct alg_memory *memory);
/* The side that a message came from. */
enum alg_side alg_leg_side_of(const struct alg_leg *l, const struct alg_message *m);

#endif
