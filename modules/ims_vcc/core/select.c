/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_vcc/core/select.h"

const char *vcc_domain_name(enum vcc_domain d)
{
	static const char *const names[] = {"-", "cs", "ims"};

	return (unsigned)d < 3 ? names[d] : "?";
}

static enum vcc_wish want_of(const struct vcc_choice_input *in, const char **reason)
{
	if (in->precedence == VCC_PRECEDENCE_USER && in->user) {
		*reason = "user";
		return in->user;
	}
	*reason = "operator";
	if (in->operator_wish)
		return in->operator_wish;
	*reason = "user";
	if (in->user)
		return in->user;
	*reason = "nobody's wish";
	return VCC_WISH_IMS_PREFERRED;
}

struct vcc_choice vcc_choose(const struct vcc_choice_input *in)
{
	struct vcc_choice c = {.reason = ""};
	bool ims = in->registered && in->voice, cs = in->csrn && in->cs != VCC_CS_DETACHED;
	enum vcc_domain first, other;

	c.want = want_of(in, &c.reason);
	if (in->call) {
		c.first = in->call;
		c.reason = "a call is up";
		return c;
	}
	first = c.want == VCC_WISH_CS_PREFERRED || c.want == VCC_WISH_CS_ONLY ? VCC_DOMAIN_CS
									      : VCC_DOMAIN_IMS;
	other = first == VCC_DOMAIN_CS ? VCC_DOMAIN_IMS : VCC_DOMAIN_CS;
	if (first == VCC_DOMAIN_CS ? cs : ims)
		c.first = first;
	if (c.want == VCC_WISH_CS_ONLY || c.want == VCC_WISH_IMS_ONLY)
		return c;
	if (other == VCC_DOMAIN_CS ? cs : ims) {
		if (c.first)
			c.second = other;
		else
			c.first = other;
	}
	return c;
}
