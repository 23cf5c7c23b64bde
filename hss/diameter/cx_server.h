/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answering UAR, LIR, MAR and SAR: the handlers of cx_application. */
#ifndef HSS_DIAMETER_CX_SERVER_H
#define HSS_DIAMETER_CX_SERVER_H

#include "hss/diameter/application.h"

enum cx_command_index {
	CX_COMMAND_UA,
	CX_COMMAND_SA,
	CX_COMMAND_LI,
	CX_COMMAND_MA,
	CX_COMMAND_RT,
	CX_COMMAND_PP,
};

/* arg is the struct service that decides. */
void cx_answer_uar(struct incoming *in, void *arg);
void cx_answer_lir(struct incoming *in, void *arg);
void cx_answer_mar(struct incoming *in, void *arg);
void cx_answer_sar(struct incoming *in, void *arg);

#endif
