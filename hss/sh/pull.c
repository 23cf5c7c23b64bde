/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading data, TS 29.328 6.1.1, and what all Sh procedures begin with. */
#include "hss/sh/identity.h"
#include "hss/subscription/activation.h"
#include "hss/subscription/registration.h"
#include "hss/subscription/wildcard.h"

/* Access keys of table 7.6.1: what must stand in a request besides Data-Reference. */
enum {
	KEY_IMPU = 1,
	KEY_MSISDN = 2,
	KEY_SERVICE = 4,
	KEY_SERVER_NAME = 8,
	KEY_DSAI = 16,
	KEY_DOMAIN = 32,
	KEY_PSI = 64, /* a Public Service Identity; KEY_IMPU is a user's */
	KEY_PUBLIC = KEY_IMPU | KEY_PSI
};

static const struct {
	unsigned int operations, keys;
} references[SH_REFERENCES] = {
    [SH_REPOSITORY_DATA] = {SH_PULL | SH_UPDATE | SH_SUBSCRIBE, KEY_PUBLIC | KEY_SERVICE},
    [SH_PUBLIC_IDENTITY] = {SH_PULL | SH_SUBSCRIBE, KEY_PUBLIC | KEY_MSISDN},
    [SH_USER_STATE] = {SH_PULL | SH_SUBSCRIBE, KEY_IMPU},
    [SH_SCSCF_NAME] = {SH_PULL | SH_SUBSCRIBE, KEY_PUBLIC},
    [SH_FILTER_CRITERIA] = {SH_PULL | SH_SUBSCRIBE, KEY_PUBLIC | KEY_SERVER_NAME},
    /* location and state of the CS and PS domains are known to be unknown here */
    [SH_LOCATION] = {SH_PULL, KEY_IMPU | KEY_MSISDN | KEY_DOMAIN},
    [SH_CS_PS_STATE] = {SH_PULL, KEY_IMPU | KEY_MSISDN | KEY_DOMAIN},
    [SH_CHARGING] = {SH_PULL | SH_SUBSCRIBE, KEY_PUBLIC | KEY_MSISDN},
    [SH_MSISDN] = {SH_PULL, KEY_IMPU | KEY_MSISDN},
    [SH_PSI_ACTIVATION] = {SH_PULL | SH_UPDATE | SH_SUBSCRIBE, KEY_PSI},
    [SH_DSAI] = {SH_PULL | SH_UPDATE | SH_SUBSCRIBE, KEY_PUBLIC | KEY_SERVER_NAME | KEY_DSAI},
    [SH_IMSI] = {SH_PULL, KEY_IMPU | KEY_MSISDN},
    [SH_PRIVATE_IDENTITY] = {SH_PULL | SH_SUBSCRIBE, KEY_IMPU},
};

unsigned int sh_operations(uint32_t reference)
{
	return reference < SH_REFERENCES ? references[reference].operations : 0;
}

bool sh_by_number(uint32_t reference)
{
	return reference < SH_REFERENCES && (references[reference].keys & KEY_MSISDN);
}

static bool wants(const struct sh_request *req, int reference)
{
	return (req->references >> reference) & 1;
}

bool sh_permitted(const struct sh_request *req, const struct sh_known *known,
		  enum sh_operation operation)
{
	if (!req->speaks_for_itself)
		return false;
	for (int r = 0; r < SH_REFERENCES; r++)
		if (wants(req, r) && !(known->allowed[r] & references[r].operations & operation))
			return false;
	return true;
}

/* Is the key there that these references need? Sets *missing. */
static bool keys_present(const struct sh_request *req, enum sh_operation operation,
			 enum sh_missing *missing)
{
	unsigned int keys = 0;

	for (int r = 0; r < SH_REFERENCES && operation != SH_UPDATE; r++)
		if (wants(req, r))
			keys |= references[r].keys;
	*missing = !req->has_identity && !req->has_msisdn	       ? SH_MISSING_IDENTITY
		   : (keys & KEY_SERVICE) && !req->n_service	       ? SH_MISSING_SERVICE
		   : (keys & KEY_SERVER_NAME) && !req->server_name.len ? SH_MISSING_SERVER_NAME
		   : (keys & KEY_DSAI) && !req->n_tag		       ? SH_MISSING_DSAI_TAG
		   : (keys & KEY_DOMAIN) && !req->has_domain	       ? SH_MISSING_DOMAIN
								       : SH_MISSING_NOTHING;
	return *missing == SH_MISSING_NOTHING;
}

/* Does the kind of identity fit every reference? */
static bool identity_fits(const struct sh_request *req, const struct sh_view *view)
{
	const struct impu *u = view->impu >= 0 ? &view->sub->impu[view->impu] : NULL;
	unsigned int kind = !u ? KEY_MSISDN : u->service ? KEY_PSI : KEY_IMPU;

	for (int r = 0; r < SH_REFERENCES; r++)
		if (wants(req, r) && !(references[r].keys & kind))
			return false;
	/* a wildcard stands for services that have no state each */
	return !wants(req, SH_PSI_ACTIVATION) || !u || !wildcard_is(slice_str(u->uri));
}

/* Has the identity every DSAI that is named? */
static bool dsais_exist(const struct sh_request *req, const struct sh_view *view)
{
	for (size_t i = 0; i < req->n_tag; i++)
		if (!dsai_exists(view->sub, view->impu, req->tag[i], req->server_name))
			return false;
	return true;
}

static int find_msisdn(const struct subscription *sub, const char *msisdn)
{
	for (size_t i = 0; i < sub->n_impi; i++)
		if (strcmp(sub->impi[i].msisdn, msisdn) == 0)
			return (int)i;
	return -1;
}

struct result sh_identify(const struct sh_request *req, const struct sh_known *known,
			  enum sh_operation operation, struct sh_view *view,
			  enum sh_missing *missing)
{
	const struct subscription *sub = known->sub;
	int by_number = -1;

	memset(view, 0, sizeof(*view));
	view->sub = sub;
	view->impu = view->impi = -1;
	view->charging = sub && sub->has_charging ? &sub->charging : known->charging;
	view->server_name = req->server_name;
	view->domain = req->domain;
	if (!keys_present(req, operation, missing))
		return RESULT_MISSING_AVP;
	if (sub && req->has_identity)
		view->impu = subscription_impu(sub, slice_str(req->identity));
	else if (sub)
		by_number = find_msisdn(sub, req->msisdn);
	if (view->impu < 0 && by_number < 0)
		return CX_USER_UNKNOWN;
	if (req->impi.len) {
		view->impi = subscription_impi(sub, req->impi);
		if (view->impi < 0 || (by_number >= 0 && by_number != view->impi) ||
		    (view->impu >= 0 && !(sub->impu[view->impu].impis & 1u << view->impi)))
			return CX_IDENTITIES_DONT_MATCH;
	}
	if (by_number >= 0)
		view->impi = by_number;
	view->tag = req->tag;
	view->n_tag = req->n_tag;
	if (!identity_fits(req, view))
		return SH_OPERATION_NOT_ALLOWED;
	if (wants(req, SH_DSAI) && operation != SH_UPDATE && !dsais_exist(req, view))
		return SH_DSAI_NOT_AVAILABLE;
	return RESULT_SUCCESS;
}

enum sh_user_state sh_user_state(const struct impu *u)
{
	/* the most registered of all private identities counts (7.6.3) */
	return u->registered	 ? SH_STATE_REGISTERED
	       : u->unregistered ? SH_REGISTERED_UNREG_SERVICES
	       : u->pending	 ? SH_AUTHENTICATION_PENDING
				 : SH_NOT_REGISTERED;
}

/* The private identities that are meant: the one named, or all that may use the public identity. */
static uint16_t private_identities(const struct sh_view *view)
{
	return view->impi >= 0 ? (uint16_t)(1u << view->impi) : view->sub->impu[view->impu].impis;
}

uint64_t sh_identities(const struct sh_view *view, enum sh_identity_set set)
{
	const struct subscription *sub = view->sub;
	uint64_t out = 0, within = UINT64_MAX;

	/* a service is registered with nobody */
	if (set == SH_REGISTERED && view->impu >= 0 && sub->impu[view->impu].service)
		return 0;
	if (set == SH_IMPLICIT)
		within = view->impu < 0 ? 0 : implicit_set(sub, view->impu, -1);
	else if (set == SH_ALIAS)
		within = view->impu < 0 ? 0 : alias_set(sub, view->impu);
	for (size_t i = 0; i < sub->n_impu; i++) {
		const struct impu *u = &sub->impu[i];

		if (u->barred || !(within & IMPU_BIT(i)) ||
		    !(u->impis & private_identities(view)) ||
		    (set == SH_REGISTERED && !impu_registered(u)))
			continue;
		out |= IMPU_BIT(i);
	}
	return out;
}

void sh_imsi(const struct impi *impi, char out[MSISDN_SIZE])
{
	const char *at = strchr(impi->name, '@');
	size_t n = at ? (size_t)(at - impi->name) : 0, len = strlen(impi->name);

	strcpy(out, impi->imsi);
	if (out[0] || n < 6 || n > 15 || strspn(impi->name, "0123456789") != n ||
	    strncmp(at, "@ims.mnc", 8) != 0 || len < 16 ||
	    strcmp(impi->name + len - 16, ".3gppnetwork.org") != 0)
		return;
	memcpy(out, impi->name, n);
	out[n] = '\0';
}

bool sh_criterion_meant(const struct sh_view *view, const struct ifc *f)
{
	return f->profile == view->sub->impu[view->impu].profile &&
	       slice_eq_nocase(slice_str(f->as), view->server_name) &&
	       !ifc_masked(view->sub, view->impu, f);
}

/* Has this HSS anything to say for the reference? */
static bool available(const struct sh_view *view, int reference)
{
	const struct subscription *sub = view->sub;
	uint16_t impis = private_identities(view);
	char imsi[MSISDN_SIZE];

	switch (reference) {
	case SH_REPOSITORY_DATA:
		for (size_t i = 0; i < view->n_repository; i++)
			if (view->repository[i].data)
				return true;
		return false;
	case SH_PUBLIC_IDENTITY:
		for (int s = 0; s < SH_IDENTITY_SETS; s++)
			if ((view->sets & 1u << s) && sh_identities(view, (enum sh_identity_set)s))
				return true;
		return false;
	case SH_USER_STATE:
	case SH_PRIVATE_IDENTITY:
	case SH_PSI_ACTIVATION:
	case SH_DSAI:
		return true;
	case SH_SCSCF_NAME:
		return sub->scscf[0] != '\0';
	case SH_FILTER_CRITERIA:
		for (size_t i = 0; i < subscription_ifcs(sub); i++)
			if (sh_criterion_meant(view, subscription_ifc(sub, i)))
				return true;
		return false;
	case SH_CHARGING:
		return view->charging->ecf[0][0] || view->charging->ccf[0][0];
	case SH_MSISDN:
		for (size_t i = 0; i < sub->n_impi; i++)
			if ((impis & 1u << i) && sub->impi[i].msisdn[0])
				return true;
		return false;
	case SH_IMSI:
		for (size_t i = 0; i < sub->n_impi; i++) {
			sh_imsi(&sub->impi[i], imsi);
			if ((impis & 1u << i) && imsi[0])
				return true;
		}
		return false;
	}
	return false;
}

static bool anything(const struct sh_view *view)
{
	for (int r = 0; r < SH_REFERENCES; r++)
		if (((view->references >> r) & 1) && available(view, r))
			return true;
	return false;
}

void sh_give(const struct sh_request *req, struct sh_view *view)
{
	view->references = req->references;
	if (!(req->features & SH_FEATURE_NOTIF_EFF) && !anything(view))
		view->references = 0;
}

struct result sh_pull(const struct sh_request *req, const struct sh_known *known,
		      struct sh_view *view, enum sh_missing *missing)
{
	struct result result;

	*missing = SH_MISSING_NOTHING;
	memset(view, 0, sizeof(*view));
	if (!sh_permitted(req, known, SH_PULL)) /* step 1 */
		return SH_CANNOT_BE_READ;
	result = sh_identify(req, known, SH_PULL, view, missing); /* steps 2 and 3 */
	if (result.code != RESULT_SUCCESS.code)
		return result;
	view->sets = req->sets ? req->sets : 1u << SH_ALL;
	view->repository = known->repository;
	view->n_repository = req->n_service;
	sh_give(req, view);
	return RESULT_SUCCESS;
}
