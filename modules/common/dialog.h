/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dialogs that a module keeps by itself, over tm. */
#ifndef KAM_DIALOG_H
#define KAM_DIALOG_H

#include "../../core/parser/msg_parser.h"

#include "base/slice.h"

/* What a 2xx to our request says of the dialog (RFC 3261 12.1.2). The slices lie in the message; empty: not there. */
struct kam_dialog_parts {
	struct slice remote_tag, contact; /* of To; URI of the first Contact */
	str routes; /* Record-Route in reverse; in pkg memory, pkg_free() is the caller's. s NULL: none */
};

/* Read them; what cannot be read is as if it was not there. 0, or -1: the headers cannot be parsed, nothing is there. */
int kam_dialog_read(sip_msg_t *rpl, struct kam_dialog_parts *out);

#endif
