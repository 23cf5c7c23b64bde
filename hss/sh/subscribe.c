/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Subscribing to notifications, TS 29.328 6.1.3. */
#include "hss/sh/identity.h"

struct result sh_subscribe(const struct sh_request *req, const struct sh_known *known,
			   struct sh_view *view, enum sh_missing *missing)
{
	bool repository = req->references & UINT64_C(1) << SH_REPOSITORY_DATA;
	struct result result;

	*missing = SH_MISSING_NOTHING;
	memset(view, 0, sizeof(*view));
	if (!sh_permitted(req, known, SH_SUBSCRIBE)) /* step 1 */
		return SH_CANNOT_BE_NOTIFIED;
	result = sh_identify(req, known, SH_SUBSCRIBE, view, missing); /* steps 2 to 3a */
	if (result.code != RESULT_SUCCESS.code)
		return result;
	view->sets = req->sets ? req->sets : 1u << SH_ALL;
	view->repository = known->repository;
	view->n_repository = req->n_service;
	if (req->unsubscribe)
		return RESULT_SUCCESS; /* whether there was one or not (step 6) */
	for (size_t i = 0; repository && i < req->n_service; i++) /* step 5 */
		if (!known->repository[i].data)
			return SH_SUBS_DATA_ABSENT;
	if (req->send_data)
		sh_give(req, view);
	return RESULT_SUCCESS;
}

struct result sh_subscriptions_fit(const struct sh_counts *before, const struct sh_counts *after,
				   const struct sh_policy *policy)
{
	if (after->of_user > before->of_user &&
	    (after->of_as > policy->subscriptions_of_as_max ||
	     after->of_user > SH_SUBSCRIPTIONS_MAX || after->all > policy->subscriptions_max))
		return RESULT_RESOURCES_EXCEEDED;
	return RESULT_SUCCESS;
}

size_t sh_subscriptions_of(const struct sh_request *req, const struct sh_view *view,
			   struct sh_subscription out[SH_SUBSCRIBE_MAX])
{
	struct sh_subscription base = {.sub = view->sub->id,
				       .expiry = req->has_expiry ? sh_unix_time(req->expiry) : 0,
				       .one_time = req->one_time};
	size_t n = 0;

	strcpy(base.host, req->as);
	slice_copy(req->as_realm, base.realm, sizeof(base.realm));
	slice_copy(req->impi, base.impi, sizeof(base.impi));
	strcpy(base.user, req->has_identity ? req->identity : req->msisdn);
	for (uint32_t r = 0; r < SH_REFERENCES; r++) {
		if (!((req->references >> r) & 1))
			continue;
		base.reference = r;
		if (r == SH_REPOSITORY_DATA) {
			for (size_t i = 0; i < req->n_service; i++) {
				out[n] = base;
				slice_copy(req->service[i], out[n].service, sizeof(out[n].service));
				n++;
			}
			continue;
		}
		if (r == SH_DSAI) {
			for (size_t i = 0; i < req->n_tag; i++) {
				out[n] = base;
				slice_copy(req->tag[i], out[n].service, sizeof(out[n].service));
				slice_copy(req->server_name, out[n].server, sizeof(out[n].server));
				n++;
			}
			continue;
		}
		if (r == SH_PUBLIC_IDENTITY) {
			for (unsigned int s = 0; s < SH_IDENTITY_SETS; s++)
				if (view->sets & 1u << s) {
					out[n] = base;
					out[n++].sets = 1u << s;
				}
			continue;
		}
		out[n] = base;
		if (r == SH_FILTER_CRITERIA)
			slice_copy(req->server_name, out[n].server, sizeof(out[n].server));
		n++;
	}
	return n;
}

int64_t sh_unix_time(uint32_t ntp)
{
	return (int64_t)(uint32_t)(ntp - 2208988800u); /* 1900 to 1970, whichever era */
}
