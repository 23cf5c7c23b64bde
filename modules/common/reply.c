/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/common/reply.h"

#include "../../core/data_lump.h"
#include "../../core/data_lump_rpl.h"
#include "../../core/dprint.h"
#include "../../core/mem/mem.h"
#include "../../core/sr_module.h"
#include "../../modules/sl/sl.h"

#include "modules/common/text.h"

static sl_api_t sl;

int kam_reply_init(void)
{
	if (find_module_by_name("sl") && sl_load_api(&sl) == 0)
		return 0;
	LM_ERR("sl is not loaded: load sl.so before " MOD_NAME ".so (answers)\n");
	return -1;
}

int kam_reply(sip_msg_t *msg, int status, const char *reason, const char *headers)
{
	str text = str_of_text(reason);

	if (headers && *headers &&
	    !add_lump_rpl(msg, (char *)headers, (int)strlen(headers), LUMP_RPL_HDR))
		LM_ERR("no memory for the headers of a %d\n", status);
	/* sl looks for the transaction itself. */
	if (sl.freply(msg, status, &text) >= 0)
		return 0;
	LM_ERR("cannot send %d %s\n", status, reason);
	return -1;
}

void kam_reply_becomes(sip_msg_t *msg, int status, const char *reason)
{
	struct msg_start *line = &msg->first_line;
	struct lump *l;
	char *text;

	for (int i = 2, rest = status; i >= 0; i--, rest /= 10)
		line->u.reply.status.s[i] = (char)('0' + rest % 10);
	line->u.reply.statuscode = (unsigned)status;
	text = pkg_malloc(strlen(reason));
	l = text ? del_lump(msg, (int)(line->u.reply.reason.s - msg->buf), line->u.reply.reason.len,
			    0)
		 : NULL;
	if (!l) {
		PKG_MEM_ERROR;
		if (text)
			pkg_free(text);
		return;
	}
	memcpy(text, reason, strlen(reason));
	if (!insert_new_lump_after(l, text, (int)strlen(reason), 0))
		pkg_free(text);
}
