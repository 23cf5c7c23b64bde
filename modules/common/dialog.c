/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/common/dialog.h"

#include "../../core/parser/contact/parse_contact.h"
#include "../../core/parser/parse_rr.h"
#include "../../core/parser/parse_to.h"

#include "modules/common/headers.h"
#include "modules/common/text.h"

int kam_dialog_read(sip_msg_t *rpl, struct kam_dialog_parts *out)
{
	contact_body_t *contacts;
	str routes = {NULL, 0};

	*out = (struct kam_dialog_parts){0};
	if (kam_headers_parse(rpl))
		return -1;
	if (rpl->to && get_to(rpl))
		out->remote_tag = slice_of(get_to(rpl)->tag_value);
	if (rpl->contact && parse_contact(rpl->contact) == 0) {
		contacts = (contact_body_t *)rpl->contact->parsed;
		if (contacts && contacts->contacts)
			out->contact = slice_of(contacts->contacts->uri);
	}
	if (rpl->record_route && print_rr_body(rpl->record_route, &routes, 1, NULL) == 0)
		out->routes = routes;
	return 0;
}
