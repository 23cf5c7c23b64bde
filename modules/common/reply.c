/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/common/reply.h"

#include "../../core/data_lump_rpl.h"
#include "../../core/dprint.h"
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
