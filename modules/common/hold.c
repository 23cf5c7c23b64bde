/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/common/hold.h"

#include <string.h>

#include "../../core/dprint.h"
#include "../../core/mem/mem.h"
#include "../../core/receive.h"

size_t kam_hold_size(const sip_msg_t *msg)
{
	return sizeof(struct kam_held_text) + msg->len + 1;
}

void kam_hold_copy(const sip_msg_t *msg, struct kam_held_text *out)
{
	out->rcv = msg->rcv;
	out->len = msg->len;
	memcpy(out->text, msg->buf, msg->len);
	out->text[msg->len] = '\0';
}

void kam_hold_answer(sip_msg_t *msg)
{
	msg->msg_flags |= FL_RPL_SUSPENDED;
}

int kam_receive(const char *text, unsigned len, const struct receive_info *rcv)
{
	struct receive_info from = *rcv;
	char *copy = pkg_malloc(len + 1);

	if (!copy) {
		PKG_MEM_ERROR;
		return -1;
	}
	memcpy(copy, text, len);
	copy[len] = '\0';
	(void)receive_msg(copy, len, &from);
	pkg_free(copy);
	return 0;
}
