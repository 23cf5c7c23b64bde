/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by dialog.c, dialog_uac.c and dialog_uas.c only. */
#ifndef UE_DIALOG_IMPL_H
#define UE_DIALOG_IMPL_H

#include "ue/dialog.h"

#define DIALOG_ALLOW "INVITE, ACK, CANCEL, BYE, UPDATE, PRACK, INFO, MESSAGE, OPTIONS, NOTIFY"

/* A new one at the head of the UE's list; one of that name is forgotten first. */
struct dialog *dialog_new(struct conn *c, struct slice name);
void dialog_set_state(struct dialog *d, enum dialog_state s);
/* Over: no media, no automatic answer. The object stays for expectations. */
void dialog_end(struct dialog *d);
/* Remote target from Contact. */
void dialog_take_target(struct dialog *d, const struct ue_sip_msg *m);
void dialog_request_begin(struct dialog *d, struct text *t, const char *method, uint32_t cseq);
void dialog_put_contact(struct dialog *d, struct text *t);
/* Edit, send in a client transaction, free the text. 0 or -1. */
int dialog_send(struct dialog *d, struct text *t, const struct ue_sip_edits *edits, tx_h h);

#endif
