/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which public identities belong together, as the HSS says. */
#ifndef SCSCF_SETS_H
#define SCSCF_SETS_H

#include "modules/ims_seamless_scscf/core/model.h"

/*
 * Make sure that the subscriber has a set with these IMPUs. A set that shares one of them and that
 * nothing is bound for is changed to exactly these; one with bindings gets those that it misses. An
 * IMPU of another set of the same IMPI leaves that. Texts must not lie in the model. Returns 0 and
 * *out, or SCSCF_MODEL_E_*; then a subscriber that was made for it is gone.
 */
int scscf_model_learn_set(struct scscf_model *m, struct slice impi, const struct slice *impus,
			  const bool *barred, size_t n, struct scscf_implicit_set **out);

/*
 * The HSS has changed a set: make it exactly these IMPUs. Adds rows for what it is now, and for the
 * IMPUs that left it, if the members changed. Returns 0, SCSCF_MODEL_E_UNKNOWN if the subscriber
 * has no set with one of them, SCSCF_MODEL_E_LIMIT or SCSCF_MODEL_E_NOMEM (then IMPUs may be
 * missing).
 */
int scscf_model_change_set(struct scscf_model *m, struct slice impi, const struct slice *impus,
			   const bool *barred, size_t n, uint64_t now_ms, struct scscf_effects *e);

/* The identity a SAR for the set names: the first that is not barred, else the first. */
struct slice scscf_set_identity(const struct scscf_implicit_set *set);

#endif
