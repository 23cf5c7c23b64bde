/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changing data and switches, TS 29.328 6.1.2. */
#include "hss/sh/identity.h"
#include "hss/subscription/activation.h"

/* Step 6: 0 is for what is new; after that each change counts up, and 65535 is followed by 1. */
static bool follows(uint32_t sequence, uint32_t stored)
{
	return sequence != 0 && sequence - 1 == stored % REPOSITORY_SEQUENCE_MAX;
}

static struct result decide(const struct repository *stored, const struct repository *update,
			    const struct sh_policy *policy, uint64_t services,
			    enum sh_change *change)
{
	if (stored->data ? !follows(update->sequence, stored->sequence) : update->sequence != 0)
		return SH_TRANSPARENT_OUT_OF_SYNC;
	if (!update->data && !stored->data)
		return SH_OPERATION_NOT_ALLOWED;
	if (update->data &&
	    (update->len > policy->data_max || (!stored->data && services >= policy->services_max)))
		return CX_TOO_MUCH_DATA;
	*change = update->data ? SH_PUT : SH_REMOVE;
	return RESULT_SUCCESS;
}

/* Each as if it came alone, but for the room that the others take (steps 4c to 6). */
static struct result decide_data(const struct sh_known *known, const struct sh_document *document,
				 const struct sh_policy *policy, struct sh_update *out)
{
	uint64_t services = known->services;

	for (size_t i = 0; i < document->n_repository; i++) {
		const struct repository *stored = &known->repository[i];
		struct result r =
		    decide(stored, &document->repository[i], policy, services, &out->change[i]);

		if (r.code != RESULT_SUCCESS.code) {
			memset(out->change, 0, sizeof(out->change));
			out->failed = document->n_repository > 1 ? (int)i : -1;
			return r;
		}
		services += out->change[i] == SH_PUT && !stored->data;
	}
	return RESULT_SUCCESS;
}

/* Step 4a. */
static struct result decide_dsai(const struct sh_view *view, const struct sh_document *document)
{
	for (size_t i = 0; i < document->n_dsai; i++)
		if (!dsai_exists(view->sub, view->impu, slice_str(document->dsai[i].tag),
				 SLICE_NULL))
			return SH_DSAI_NOT_AVAILABLE;
	return RESULT_SUCCESS;
}

/* All or nothing, of several Data-References, too. */
static struct result decide_all(const struct sh_known *known, const struct sh_document *document,
				const struct sh_policy *policy, const struct sh_view *view,
				struct sh_update *out)
{
	uint64_t references = sh_document_references(document);
	struct result r = decide_dsai(view, document);
	int reference = SH_DSAI;

	if (r.code == RESULT_SUCCESS.code) {
		r = decide_data(known, document, policy, out);
		reference = SH_REPOSITORY_DATA;
	}
	if (r.code != RESULT_SUCCESS.code && (references & (references - 1)))
		out->failed_reference = reference;
	return r;
}

uint64_t sh_document_references(const struct sh_document *document)
{
	return (document->n_repository ? UINT64_C(1) << SH_REPOSITORY_DATA : 0) |
	       (document->n_dsai ? UINT64_C(1) << SH_DSAI : 0) |
	       (document->has_activation ? UINT64_C(1) << SH_PSI_ACTIVATION : 0);
}

/* Is the document of what the request says, in a form that the AS has asked for? */
static bool recognized(const struct sh_request *req, const struct sh_document *document)
{
	return document && sh_document_references(document) == req->references &&
	       (document->n_repository < 2 || (req->features & SH_FEATURE_UPDATE_EFF));
}

struct result sh_update(const struct sh_request *req, const struct sh_known *known,
			const struct sh_document *document, const struct sh_policy *policy,
			struct sh_update *out, struct sh_view *view, enum sh_missing *missing)
{
	struct result result;

	*missing = SH_MISSING_NOTHING;
	memset(out, 0, sizeof(*out));
	out->failed = out->failed_reference = -1;
	memset(view, 0, sizeof(*view));
	if (!sh_permitted(req, known, SH_UPDATE)) /* step 1 */
		return SH_CANNOT_BE_MODIFIED;
	result = sh_identify(req, known, SH_UPDATE, view, missing); /* steps 2 to 4 */
	if (result.code == SH_OPERATION_NOT_ALLOWED.code &&
	    (req->references & (req->references - 1)))
		out->failed_reference = SH_PSI_ACTIVATION; /* the others are for every identity */
	if (result.code != RESULT_SUCCESS.code)
		return result;
	if (!recognized(req, document))
		return SH_USER_DATA_NOT_RECOGNIZED;
	return document->too_many ? CX_TOO_MUCH_DATA
				  : decide_all(known, document, policy, view, out);
}
