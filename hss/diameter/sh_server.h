/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answering the requests of Sh: the handlers of sh_application. */
#ifndef HSS_DIAMETER_SH_SERVER_H
#define HSS_DIAMETER_SH_SERVER_H

#include "hss/diameter/application.h"

enum sh_command_index { SH_COMMAND_UD, SH_COMMAND_PU, SH_COMMAND_SN, SH_COMMAND_PN };

/* arg is the struct service that decides. */
void sh_answer_udr(struct incoming *in, void *arg);
void sh_answer_pur(struct incoming *in, void *arg);
void sh_answer_snr(struct incoming *in, void *arg);

#endif
