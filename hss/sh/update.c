/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changing repository data, TS 29.328 6.1.2. */
#include "hss/sh/identity.h"

/* Step 6: 0 is for what is new; after that each change counts up, and 65535 is followed by 1. */
static bool follows(uint32_t sequence, uint32_t stored)
{
	return sequence != 0 && sequence - 1 == stored % REPOSITORY_SEQUENCE_MAX;
}

static struct result decide(const struct sh_known *known, const struct repository *update,
			    const struct sh_policy *policy, enum sh_change *change)
{
	const struct repository *stored = &known->repository[0];

	if (stored->data ? !follows(update->sequence, stored->sequence) : update->sequence != 0)
		return SH_TRANSPARENT_OUT_OF_SYNC;
	if (!update->data && !stored->data)
		return SH_OPERATION_NOT_ALLOWED;
	if (update->data && (update->len > policy->data_max ||
			     (!stored->data && known->services >= policy->services_max)))
		return CX_TOO_MUCH_DATA;
	*change = update->data ? SH_PUT : SH_REMOVE;
	return RESULT_SUCCESS;
}

struct result sh_update(const struct sh_request *req, const struct sh_known *known,
			const struct repository *update, const struct sh_policy *policy,
			enum sh_change *change, struct sh_view *view, enum sh_missing *missing)
{
	struct result result;

	*missing = SH_MISSING_NOTHING;
	*change = SH_NO_CHANGE;
	memset(view, 0, sizeof(*view));
	if (!sh_permitted(req, known, SH_UPDATE)) /* step 1 */
		return SH_CANNOT_BE_MODIFIED;
	result = sh_identify(req, known, view, missing); /* steps 2 to 4a */
	if (result.code != RESULT_SUCCESS.code)
		return result;
	return update ? decide(known, update, policy, change) : SH_USER_DATA_NOT_RECOGNIZED;
}
