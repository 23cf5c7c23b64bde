/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TR 23.781 6.2.1 steps 7 and 12: the partner is asked, and its initial UE configuration fetched. */
#ifndef HSS_CMS_ASK_H
#define HSS_CMS_ASK_H

#include "hss/cms/call.h"

/* Ask for call->grant; makes the UE's answer and calls call->done, now or on the client's thread. */
void ask_partner(struct call *call);

/* The UE's answer about a grant that lives. */
void answer_connection(struct call *call, unsigned int status, const struct grant *g);

/* For call->later: when our HSS knows the migration in call->grant, the UE is answered with it; 201 where call->made. */
void tell_connection(struct call *call);

#endif
