/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/diameter/sh_client.h"

#include "hss/diameter/avp.h"
#include "hss/diameter/cx_groups.h"
#include "hss/diameter/session.h"
#include "hss/diameter/sh_server.h"

/* TBCD, the first digit in the low half (TS 29.002 17.7.8). */
static void add_msisdn(struct builder *b, const char *digits)
{
	uint8_t octets[(MSISDN_SIZE + 1) / 2];
	size_t n = strlen(digits), len = (n + 1) / 2;

	for (size_t i = 0; i < len && i < sizeof(octets); i++) {
		unsigned int high = 2 * i + 1 < n ? (unsigned int)(digits[2 * i + 1] - '0') : 15;

		octets[i] = (uint8_t)(high << 4 | (unsigned int)(digits[2 * i] - '0'));
	}
	add_octets(b, AVP_MSISDN, octets, len);
}

int sh_send_pnr(const struct sh_subscription *to, uint32_t features, const char *data, size_t len,
		unsigned int seconds, outcome_h done, void *arg)
{
	struct msg *msg = NULL;
	struct builder b = {NULL, 0}, user;

	b.err = fd_msg_new(sh_application.commands[SH_COMMAND_PN].request, MSGFL_ALLOC_ETEID, &msg);
	b.parent = msg;
	session_new(&b);
	add_application(&b, sh_application.id);
	add_u32(&b, AVP_AUTH_SESSION_STATE, 1);
	if (b.err == 0)
		b.err = fd_msg_add_origin(msg, 0);
	add_text(&b, AVP_DESTINATION_HOST, to->host);
	add_text(&b, AVP_DESTINATION_REALM, to->realm);
	if (features)
		add_features(&b, features, true);
	user = open_group(&b, AVP_USER_IDENTITY);
	if (sh_user_is_number(to))
		add_msisdn(&user, to->user);
	else
		add_text(&user, AVP_PUBLIC_IDENTITY, to->user);
	close_group(&b, &user);
	add_text_if(&b, AVP_USER_NAME, to->impi);
	add_octets(&b, AVP_SH_USER_DATA, data, len);
	if (b.err == 0)
		return client_send(msg, seconds, done, arg);
	if (msg)
		fd_msg_free(msg);
	return b.err;
}
