/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/diameter/cx_client.h"

#include <stdlib.h>

#include "hss/cx/profile_xml.h"
#include "hss/diameter/avp.h"
#include "hss/diameter/cx_groups.h"
#include "hss/diameter/cx_server.h"
#include "hss/diameter/session.h"

static struct builder new_request(enum cx_command_index type, const struct subscription *sub,
				  int impi, struct msg **msg)
{
	struct builder b = {NULL, 0};

	b.err = fd_msg_new(cx_application.commands[type].request, MSGFL_ALLOC_ETEID, msg);
	b.parent = *msg;
	session_new(&b);
	add_application(&b, cx_application.id);
	add_u32(&b, AVP_AUTH_SESSION_STATE, 1);
	if (b.err == 0)
		b.err = fd_msg_add_origin(*msg, 0);
	add_text(&b, AVP_DESTINATION_HOST, sub->scscf_host);
	add_text(&b, AVP_DESTINATION_REALM, sub->scscf_realm);
	add_text(&b, AVP_USER_NAME, sub->impi[impi].name);
	return b;
}

/* Send what was built, or free it. */
static int send_request(struct builder *b, struct msg *msg, unsigned int seconds, outcome_h done,
			void *arg)
{
	if (b->err == 0)
		return client_send(msg, seconds, done, arg);
	if (msg)
		fd_msg_free(msg);
	return b->err;
}

int cx_send_rtr(const struct subscription *sub, int impi, uint64_t impus,
		enum deregistration_reason reason, const char *info, unsigned int seconds,
		outcome_h done, void *arg)
{
	struct msg *msg = NULL;
	struct builder b = new_request(CX_COMMAND_RT, sub, impi, &msg), g;

	for (size_t i = 0; i < sub->n_impu; i++)
		if (impus & UINT64_C(1) << i)
			add_text(&b, AVP_PUBLIC_IDENTITY, sub->impu[i].uri);
	g = open_group(&b, AVP_DEREGISTRATION_REASON);
	add_u32(&g, AVP_REASON_CODE, reason);
	add_text_if(&g, AVP_REASON_INFO, info);
	close_group(&b, &g);
	return send_request(&b, msg, seconds, done, arg);
}

int cx_send_ppr(const struct subscription *sub, int impi, uint64_t impus,
		const struct charging *charging, unsigned int seconds, outcome_h done, void *arg)
{
	struct msg *msg = NULL;
	size_t len = 0;
	char *xml = profile_xml(sub, sub->impi[impi].name, impus, -1, NULL, &len);
	struct builder b;

	if (!xml)
		return EINVAL;
	b = new_request(CX_COMMAND_PP, sub, impi, &msg);
	if (sub->scscf_features & CX_FEATURE_SIFC)
		add_features(&b, CX_FEATURE_SIFC, true);
	add_octets(&b, AVP_USER_DATA, xml, len);
	if (charging->ecf[0][0] || charging->ccf[0][0])
		add_charging(&b, charging);
	free(xml);
	return send_request(&b, msg, seconds, done, arg);
}
