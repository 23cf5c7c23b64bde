/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/diameter/session.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

#include "hss/subscription/subscription.h"

/* The time of the start and a counter are used once together, whatever was before a restart. */
static atomic_uint counter;
static uint32_t started;

static void note_start(void)
{
	started = (uint32_t)time(NULL);
}

void session_new(struct builder *b)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	char text[IDENTITY_SIZE + 32];

	pthread_once(&once, note_start);
	snprintf(text, sizeof(text), "%s;%u;%u", fd_g_config->cnf_diamid, started,
		 atomic_fetch_add(&counter, 1));
	add_text(b, AVP_SESSION_ID, text);
}

static struct avp *find(struct msg *msg, struct dict_object *model)
{
	struct avp *avp = NULL;

	return fd_msg_search_avp(msg, model, &avp) ? NULL : avp;
}

void session_sending(struct msg *msg)
{
	struct msg *request = NULL;
	struct avp *seen, *avp = NULL;
	struct avp_hdr *hdr;
	struct msg_hdr *head;

	if (fd_msg_hdr(msg, &head) || (head->msg_flags & CMD_FLAG_REQUEST) ||
	    fd_msg_answ_getq(msg, &request) || !request)
		return;
	seen = find(request, dict.session);
	if (!seen || fd_msg_avp_hdr(seen, &hdr) || !hdr->avp_value)
		return;
	if (fd_msg_avp_new(dict.avp[AVP_SESSION_ID], 0, &avp))
		return;
	if (fd_msg_avp_setvalue(avp, hdr->avp_value) ||
	    fd_msg_avp_add(msg, MSG_BRW_FIRST_CHILD, avp))
		fd_msg_free(avp);
}
