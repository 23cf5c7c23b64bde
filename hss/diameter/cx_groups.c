/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/diameter/cx_groups.h"

void add_capabilities(struct builder *b, const struct capabilities *c)
{
	struct builder g = open_group(b, AVP_SERVER_CAPABILITIES);

	for (size_t i = 0; i < c->n_mandatory; i++)
		add_u32(&g, AVP_MANDATORY_CAPABILITY, c->mandatory[i]);
	for (size_t i = 0; i < c->n_optional; i++)
		add_u32(&g, AVP_OPTIONAL_CAPABILITY, c->optional[i]);
	add_text_if(&g, AVP_SERVER_NAME, c->server);
	close_group(b, &g);
}

void add_charging(struct builder *b, const struct charging *c)
{
	struct builder g = open_group(b, AVP_CHARGING_INFORMATION);

	add_text_if(&g, AVP_PRIMARY_ECF, c->ecf[0]);
	add_text_if(&g, AVP_SECONDARY_ECF, c->ecf[1]);
	add_text_if(&g, AVP_PRIMARY_CCF, c->ccf[0]);
	add_text_if(&g, AVP_SECONDARY_CCF, c->ccf[1]);
	close_group(b, &g);
}

void decode_features(struct avp *group, bool mandatory, uint32_t *features, uint32_t *wanted,
		     bool *others_wanted)
{
	uint32_t vendor = 0, id = 0, list = 0;

	for (struct avp *a = avp_child(group); a; a = avp_next(a)) {
		struct avp_hdr *hdr;

		if (fd_msg_avp_hdr(a, &hdr) || !hdr->avp_value)
			continue;
		switch (avp_identify(hdr)) {
		case AVP_VENDOR_ID:
			vendor = hdr->avp_value->u32;
			break;
		case AVP_FEATURE_LIST_ID:
			id = hdr->avp_value->u32;
			break;
		case AVP_FEATURE_LIST:
			list = hdr->avp_value->u32;
			break;
		}
	}
	if (vendor != VENDOR_3GPP || id != 1) {
		*others_wanted |= mandatory && list;
		return;
	}
	*features |= list;
	if (mandatory)
		*wanted |= list;
}

void add_features(struct builder *b, uint32_t features, bool request)
{
	struct builder g = open_group(b, AVP_SUPPORTED_FEATURES);
	struct avp_hdr *hdr;

	if (g.err == 0 && request) {
		g.err = fd_msg_avp_hdr(g.parent, &hdr);
		if (g.err == 0)
			hdr->avp_flags |= AVP_FLAG_MANDATORY;
	}
	add_u32(&g, AVP_VENDOR_ID, VENDOR_3GPP);
	add_u32(&g, AVP_FEATURE_LIST_ID, 1);
	add_u32(&g, AVP_FEATURE_LIST, features);
	close_group(b, &g);
}
