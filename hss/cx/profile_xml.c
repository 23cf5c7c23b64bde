/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/cx/profile_xml.h"

#include <libxml/xmlwriter.h>
#include <stdio.h>

#include "hss/subscription/ifc.h"

/* A writer that remembers whether anything failed, so that the shape of the document stays readable
 * here. */
struct xml {
	xmlTextWriterPtr w;
	bool failed;
};

static void open_tag(struct xml *x, const char *name)
{
	if (xmlTextWriterStartElement(x->w, BAD_CAST name) < 0)
		x->failed = true;
}

static void close_tag(struct xml *x)
{
	if (xmlTextWriterEndElement(x->w) < 0)
		x->failed = true;
}

static void text_tag(struct xml *x, const char *name, const char *text)
{
	if (xmlTextWriterWriteElement(x->w, BAD_CAST name, BAD_CAST text) < 0)
		x->failed = true;
}

static void number_tag(struct xml *x, const char *name, uint32_t n)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", n);
	text_tag(x, name, text);
}

static void write_spt(struct xml *x, const struct spt *spt)
{
	open_tag(x, "SPT");
	number_tag(x, "ConditionNegated", spt->negated);
	number_tag(x, "Group", spt->group);
	switch (spt->kind) {
	case SPT_METHOD:
		text_tag(x, "Method", spt->name);
		break;
	case SPT_URI:
		text_tag(x, "RequestURI", spt->name);
		break;
	case SPT_CASE:
		text_tag(x, "SessionCase", spt->name);
		break;
	case SPT_HEADER:
	case SPT_SDP:
		open_tag(x, spt->kind == SPT_HEADER ? "SIPHeader" : "SessionDescription");
		text_tag(x, spt->kind == SPT_HEADER ? "Header" : "Line", spt->name);
		if (spt->has_content)
			text_tag(x, "Content", spt->content);
		close_tag(x);
		break;
	}
	if (spt->registration_types) {
		open_tag(x, "Extension");
		for (uint32_t i = 0; i < 3; i++)
			if (spt->registration_types & 1u << i)
				number_tag(x, "RegistrationType", i);
		close_tag(x);
	}
	close_tag(x);
}

static void write_ifc(struct xml *x, const struct ifc *ifc)
{
	struct trigger t;
	const char *why;

	open_tag(x, "InitialFilterCriteria");
	number_tag(x, "Priority", ifc->priority);
	/* what does not parse was refused on its way in; never let it match everything */
	if (trigger_parse(slice_str(ifc->trigger), &t, &why))
		x->failed = true;
	else if (t.n) {
		open_tag(x, "TriggerPoint");
		number_tag(x, "ConditionTypeCNF", t.cnf);
		for (size_t i = 0; i < t.n; i++)
			write_spt(x, &t.spt[i]);
		close_tag(x);
	}
	open_tag(x, "ApplicationServer");
	text_tag(x, "ServerName", ifc->as);
	number_tag(x, "DefaultHandling", ifc->terminate);
	if (ifc->service_info[0])
		text_tag(x, "ServiceInfo", ifc->service_info);
	if (ifc->include_request || ifc->include_response) {
		open_tag(x, "Extension");
		if (ifc->include_request)
			text_tag(x, "IncludeRegisterRequest", "");
		if (ifc->include_response)
			text_tag(x, "IncludeRegisterResponse", "");
		close_tag(x);
	}
	close_tag(x);
	if (ifc->part != IFC_BOTH)
		number_tag(x, "ProfilePartIndicator", ifc->part == IFC_UNREGISTERED);
	close_tag(x);
}

static void write_identity(struct xml *x, const struct impu *impu)
{
	open_tag(x, "PublicIdentity");
	number_tag(x, "BarringIndication", impu->barred);
	text_tag(x, "Identity", impu->uri);
	if (impu->display[0]) {
		open_tag(x, "Extension");
		number_tag(x, "IdentityType", 0);
		open_tag(x, "Extension");
		text_tag(x, "DisplayName", impu->display);
		close_tag(x);
		close_tag(x);
	}
	close_tag(x);
}

static void write_service_profile(struct xml *x, const struct subscription *sub, uint64_t impus,
				  int first)
{
	uint32_t profile = sub->impu[first].profile;

	open_tag(x, "ServiceProfile");
	write_identity(x, &sub->impu[first]);
	for (int i = 0; i < (int)sub->n_impu; i++)
		if (i != first && (impus & UINT64_C(1) << i) && sub->impu[i].profile == profile)
			write_identity(x, &sub->impu[i]);
	for (size_t i = 0; i < sub->n_ifc; i++)
		if (sub->ifc[i].profile == profile)
			write_ifc(x, &sub->ifc[i]);
	close_tag(x);
}

/* One ServiceProfile for each profile number in use, that of first in front. */
static void write_subscription(struct xml *x, const struct subscription *sub, const char *impi,
			       uint64_t impus, int first)
{
	uint64_t done = 0;

	open_tag(x, "IMSSubscription");
	text_tag(x, "PrivateID", impi);
	for (int pass = first < 0 ? 0 : -1; pass < (int)sub->n_impu; pass++) {
		int i = pass < 0 ? first : pass;

		if (!(impus & UINT64_C(1) << i) || (done & UINT64_C(1) << i))
			continue;
		write_service_profile(x, sub, impus, i);
		for (int j = 0; j < (int)sub->n_impu; j++)
			if (sub->impu[j].profile == sub->impu[i].profile)
				done |= UINT64_C(1) << j;
	}
	close_tag(x);
}

char *profile_xml(const struct subscription *sub, const char *impi, uint64_t impus, int first,
		  size_t *len)
{
	xmlBufferPtr buf = xmlBufferCreate();
	struct xml x = {buf ? xmlNewTextWriterMemory(buf, 0) : NULL, false};
	char *out = NULL;

	if (!x.w)
		goto out;
	if (first >= 0 && !(impus & UINT64_C(1) << first))
		first = -1;
	if (xmlTextWriterStartDocument(x.w, NULL, "UTF-8", NULL) < 0)
		x.failed = true;
	write_subscription(&x, sub, impi, impus, first);
	if (xmlTextWriterEndDocument(x.w) < 0)
		x.failed = true;
	xmlFreeTextWriter(x.w);
	if (x.failed)
		goto out;
	*len = (size_t)xmlBufferLength(buf);
	out = strndup((const char *)xmlBufferContent(buf), *len);
out:
	xmlBufferFree(buf);
	return out;
}

int profile_check(const struct subscription *sub, char *why, size_t size)
{
	for (size_t i = 0; i < sub->n_impi; i++) {
		uint64_t all = sub->n_impu == 64 ? UINT64_MAX : (UINT64_C(1) << sub->n_impu) - 1;
		size_t len;
		char *xml = profile_xml(sub, sub->impi[i].name, all, -1, &len);

		if (!xml) {
			snprintf(why, size, "the profile of %s cannot be written",
				 sub->impi[i].name);
			return -1;
		}
		free(xml);
	}
	return 0;
}
