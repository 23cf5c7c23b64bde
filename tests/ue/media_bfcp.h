/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The m-line of BFCP over TCP (RFC 8855, RFC 8856): a floor participant, or a floor control server. */
#ifndef UE_MEDIA_BFCP_H
#define UE_MEDIA_BFCP_H

#include "ue/bfcp_msg.h"
#include "ue/media.h"
#include "ue/ue.h"

/*
 * A participant's request, release, query or hello; the result comes into op: 200, or 400 with the
 * Error's code in the text. A server's grant, deny or revoke, about the last request, is over at
 * once. 0; -1: this end cannot do that, or there is no connection or no request.
 */
int bfcp_do(struct media_line *l, const char *verb, struct op *op);

/* What is known of the floor: a status of RFC 8855 5.2.5. */
enum ue_bfcp_status bfcp_floor(const struct media_line *l);

#endif
