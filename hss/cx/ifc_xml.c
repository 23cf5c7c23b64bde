/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/cx/ifc_xml.h"

#include "hss/subscription/ifc.h"

static void write_spt(struct xml *x, const struct spt *spt)
{
	xml_open(x, "SPT");
	xml_number(x, "ConditionNegated", spt->negated);
	xml_number(x, "Group", spt->group);
	switch (spt->kind) {
	case SPT_METHOD:
		xml_text(x, "Method", spt->name);
		break;
	case SPT_URI:
		xml_text(x, "RequestURI", spt->name);
		break;
	case SPT_CASE:
		xml_text(x, "SessionCase", spt->name);
		break;
	case SPT_HEADER:
	case SPT_SDP:
		xml_open(x, spt->kind == SPT_HEADER ? "SIPHeader" : "SessionDescription");
		xml_text(x, spt->kind == SPT_HEADER ? "Header" : "Line", spt->name);
		if (spt->has_content)
			xml_text(x, "Content", spt->content);
		xml_close(x);
		break;
	}
	if (spt->registration_types) {
		xml_open(x, "Extension");
		for (uint32_t i = 0; i < 3; i++)
			if (spt->registration_types & 1u << i)
				xml_number(x, "RegistrationType", i);
		xml_close(x);
	}
	xml_close(x);
}

void ifc_xml(struct xml *x, const struct ifc *ifc)
{
	struct trigger t;
	const char *why;

	xml_open(x, "InitialFilterCriteria");
	xml_number(x, "Priority", ifc->priority);
	/* what does not parse was refused on its way in; never let it match everything */
	if (trigger_parse(slice_str(ifc->trigger), &t, &why))
		x->failed = true;
	else if (t.n) {
		xml_open(x, "TriggerPoint");
		xml_number(x, "ConditionTypeCNF", t.cnf);
		for (size_t i = 0; i < t.n; i++)
			write_spt(x, &t.spt[i]);
		xml_close(x);
	}
	xml_open(x, "ApplicationServer");
	xml_text(x, "ServerName", ifc->as);
	xml_number(x, "DefaultHandling", ifc->terminate);
	if (ifc->service_info[0])
		xml_text(x, "ServiceInfo", ifc->service_info);
	if (ifc->include_request || ifc->include_response) {
		xml_open(x, "Extension");
		if (ifc->include_request)
			xml_text(x, "IncludeRegisterRequest", "");
		if (ifc->include_response)
			xml_text(x, "IncludeRegisterResponse", "");
		xml_close(x);
	}
	xml_close(x);
	if (ifc->part != IFC_BOTH)
		xml_number(x, "ProfilePartIndicator", ifc->part == IFC_UNREGISTERED);
	xml_close(x);
}
