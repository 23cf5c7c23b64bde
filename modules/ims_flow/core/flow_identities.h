/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is registered over a flow set. Several implicit sets may be, each by a REGISTER of its own:
 * then the list of one 200 replaces what that address of record (To) had before, and leaves those
 * of the others alone (TS 24.229 5.2.2.1). The first line is the default identity. One that several
 * of them brought stands there as often.
 */
#ifndef IMS_FLOW_FLOW_IDENTITIES_H
#define IMS_FLOW_FLOW_IDENTITIES_H

#include "modules/ims_flow/core/flow_table.h"

/* Nobody. */
void flow_identities_clear(struct flow_set *f);

/* Whether this address of record is registered over f by a REGISTER of its own. */
bool flow_identities_have(const struct flow_set *f, struct slice aor);

/*
 * A 200 for aor lists impus, one a line. False: no room for another address of record, f is as
 * before. Identities for which there is no room are left out from the end.
 */
bool flow_identities_set(struct flow_set *f, struct slice aor, struct slice impus);

/* All identities, each once, one a line. */
void flow_identities_text(const struct flow_set *f, char out[FLOW_IMPUS_MAX]);

/* aor is registered no more; whether others remain. */
bool flow_identities_drop(struct flow_set *f, struct slice aor);

#endif
