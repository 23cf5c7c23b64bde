/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/cx/ifc_xml.h"
#include "hss/sh/data.h"
#include "hss/subscription/activation.h"
#include "hss/subscription/registration.h"

static bool wants(const struct sh_view *view, int reference)
{
	return (view->references >> reference) & 1;
}

static void write_identities(struct xml *x, const struct sh_view *view, enum sh_identity_set set)
{
	uint64_t impus = sh_identities(view, set);

	for (size_t i = 0; i < view->sub->n_impu; i++)
		if (impus & IMPU_BIT(i))
			xml_text(x, "IMSPublicIdentity", view->sub->impu[i].uri);
}

static bool meant(const struct sh_view *view, size_t impi)
{
	return view->impi >= 0 ? (size_t)view->impi == impi
			       : (view->sub->impu[view->impu].impis >> impi) & 1;
}

/* One set of identities stands in PublicIdentifiers, several have elements of their own (annex C). */
static bool one_set(const struct sh_view *view)
{
	return (view->sets & (view->sets - 1)) == 0;
}

static void write_public_identifiers(struct xml *x, const struct sh_view *view)
{
	bool identities = wants(view, SH_PUBLIC_IDENTITY) && one_set(view);

	if (!identities && !wants(view, SH_MSISDN))
		return;
	xml_open(x, "PublicIdentifiers");
	for (int s = 0; identities && s < SH_IDENTITY_SETS; s++)
		if (view->sets & 1u << s)
			write_identities(x, view, (enum sh_identity_set)s);
	for (size_t i = 0; wants(view, SH_MSISDN) && i < view->sub->n_impi; i++)
		if (meant(view, i) && view->sub->impi[i].msisdn[0])
			xml_text(x, "MSISDN", view->sub->impi[i].msisdn);
	xml_close(x);
}

static void write_repository(struct xml *x, const struct repository *r)
{
	xml_open(x, "RepositoryData");
	xml_text(x, "ServiceIndication", r->service);
	xml_number(x, "SequenceNumber", r->sequence);
	if (r->data)
		xml_raw(x, r->data, r->len);
	xml_close(x);
}

static void write_charging(struct xml *x, const struct charging *c)
{
	static const char *const names[2][2] = {
	    {"PrimaryEventChargingFunctionName", "SecondaryEventChargingFunctionName"},
	    {"PrimaryChargingCollectionFunctionName", "SecondaryChargingCollectionFunctionName"}};

	xml_open(x, "ChargingInformation");
	for (int i = 0; i < 2; i++)
		if (c->ecf[i][0])
			xml_text(x, names[0][i], c->ecf[i]);
	for (int i = 0; i < 2; i++)
		if (c->ccf[i][0])
			xml_text(x, names[1][i], c->ccf[i]);
	xml_close(x);
}

static void write_dsai(struct xml *x, const struct sh_view *view, struct slice tag)
{
	char name[DSAI_TAG_SIZE];

	if (slice_copy(tag, name, sizeof(name)))
		return;
	xml_open(x, "DSAI");
	xml_text(x, "DSAI-Tag", name);
	xml_number(x, "DSAI-Value",
		   dsai_active(view->sub, view->impu, tag) ? SH_DSAI_ACTIVE : SH_DSAI_INACTIVE);
	xml_close(x);
}

/* In an extension of Sh-IMS-Data, and in the one of the next release inside it. */
static void write_switches(struct xml *x, const struct sh_view *view)
{
	if (!wants(view, SH_PSI_ACTIVATION) && !wants(view, SH_DSAI))
		return;
	xml_open(x, "Extension");
	if (wants(view, SH_PSI_ACTIVATION))
		xml_number(x, "PSIActivation",
			   view->sub->impu[view->impu].inactive ? SH_PSI_INACTIVE : SH_PSI_ACTIVE);
	if (wants(view, SH_DSAI)) {
		xml_open(x, "Extension");
		for (size_t i = 0; i < view->n_tag; i++)
			write_dsai(x, view, view->tag[i]);
		xml_close(x);
	}
	xml_close(x);
}

static void write_ims_data(struct xml *x, const struct sh_view *view)
{
	const struct subscription *sub = view->sub;

	if (!wants(view, SH_SCSCF_NAME) && !wants(view, SH_FILTER_CRITERIA) &&
	    !wants(view, SH_USER_STATE) && !wants(view, SH_CHARGING) &&
	    !wants(view, SH_PSI_ACTIVATION) && !wants(view, SH_DSAI))
		return;
	xml_open(x, "Sh-IMS-Data");
	if (wants(view, SH_SCSCF_NAME))
		xml_text(x, "SCSCFName", sub->scscf);
	if (wants(view, SH_FILTER_CRITERIA)) {
		xml_open(x, "IFCs");
		for (size_t i = 0; i < subscription_ifcs(sub); i++)
			if (sh_criterion_meant(view, subscription_ifc(sub, i)))
				ifc_xml(x, subscription_ifc(sub, i));
		xml_close(x);
	}
	if (wants(view, SH_USER_STATE)) {
		enum sh_user_state state = sh_user_state(&sub->impu[view->impu]);

		xml_number(x, "IMSUserState",
			   view->hide_pending && state == SH_AUTHENTICATION_PENDING
			       ? SH_NOT_REGISTERED
			       : state);
	}
	if (wants(view, SH_CHARGING))
		write_charging(x, view->charging);
	write_switches(x, view);
	xml_close(x);
}

/* tSh-Data-Extension and those in it: each release has put its own inside the one before. */
static void write_extension(struct xml *x, const struct sh_view *view)
{
	static const char *const sets[SH_IDENTITY_SETS] = {[SH_REGISTERED] = "RegisteredIdentities",
							   [SH_IMPLICIT] = "ImplicitIdentities",
							   [SH_ALL] = "AllIdentities",
							   [SH_ALIAS] = "AliasIdentities"};
	static const enum sh_identity_set order[] = {SH_REGISTERED, SH_IMPLICIT, SH_ALL, SH_ALIAS};
	bool several = wants(view, SH_PUBLIC_IDENTITY) && !one_set(view);
	bool fifth = wants(view, SH_IMSI) || wants(view, SH_PRIVATE_IDENTITY), imsi_written = false;

	if (!several && !fifth)
		return;
	xml_open(x, "Extension");
	for (int i = 0; several && i < SH_IDENTITY_SETS; i++)
		if (view->sets & 1u << order[i]) {
			xml_open(x, sets[order[i]]);
			write_identities(x, view, order[i]);
			xml_close(x);
		}
	for (int depth = 2; fifth && depth <= 5; depth++)
		xml_open(x, "Extension");
	for (size_t i = 0; wants(view, SH_IMSI) && i < view->sub->n_impi && !imsi_written; i++) {
		char imsi[MSISDN_SIZE];

		sh_imsi(&view->sub->impi[i], imsi);
		if (!meant(view, i) || !imsi[0])
			continue;
		xml_text(x, "IMSI", imsi); /* the schema has room for one */
		imsi_written = true;
	}
	if (wants(view, SH_IMSI) && !imsi_written)
		xml_text(x, "IMSI", "");
	for (size_t i = 0; wants(view, SH_PRIVATE_IDENTITY) && i < view->sub->n_impi; i++)
		if (meant(view, i))
			xml_text(x, "IMSPrivateUserIdentity", view->sub->impi[i].name);
	for (int depth = 2; fifth && depth <= 5; depth++)
		xml_close(x);
	xml_close(x);
}

char *sh_data_write(const struct sh_view *view, size_t *len)
{
	struct xml x;

	xml_begin(&x);
	xml_open(&x, "Sh-Data");
	write_public_identifiers(&x, view);
	for (size_t i = 0; wants(view, SH_REPOSITORY_DATA) && i < view->n_repository; i++)
		write_repository(&x, &view->repository[i]);
	write_ims_data(&x, view);
	if (wants(view, SH_LOCATION))
		xml_text(&x, view->domain ? "PSLocationInformation" : "CSLocationInformation", "");
	write_extension(&x, view);
	xml_close(&x);
	return xml_end(&x, len);
}

char *sh_data_write_deleted(const char *impu, size_t *len)
{
	struct xml x;

	xml_begin(&x);
	xml_open(&x, "Sh-Data");
	xml_open(&x, "Extension");
	xml_open(&x, "Extension");
	xml_open(&x, "DeletedIdentities");
	xml_text(&x, "IMSPublicIdentity", impu);
	xml_close(&x);
	xml_close(&x);
	xml_close(&x);
	xml_close(&x);
	return xml_end(&x, len);
}
