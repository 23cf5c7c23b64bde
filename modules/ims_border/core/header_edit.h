/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a rule makes of the body of one header. Pure; any bytes may stand there. */
#ifndef IMS_BORDER_HEADER_EDIT_H
#define IMS_BORDER_HEADER_EDIT_H

#include "modules/ims_border/core/header_rules.h"

/* What the Privacy headers of a message ask for (RFC 3323 4.2, RFC 7044 10.1.2). */
struct border_privacy {
	bool id, history;
};

/* Add what one Privacy header says. */
void border_privacy_add(struct border_privacy *p, struct slice body);

enum border_edit {
	BORDER_KEEP,   /* as it is */
	BORDER_DROP,   /* the whole header goes */
	BORDER_REPLACE /* the body becomes the text in buf */
};

/*
 * Judge a header body. What cannot be read, or does not fit into buf, is dropped: the border fails
 * closed. BORDER_OURS and BORDER_AS_SENT count as cut, BORDER_FLOW as pass.
 */
enum border_edit border_edit(enum border_action action, struct slice body,
			     const struct border_privacy *privacy, char *buf, size_t size,
			     size_t *len);

/*
 * Take the next element off a list: up to sep, outside of quotes and <>. 1 and *elem (trimmed), 0 at
 * the end, -1: a quote or < that does not end.
 */
int border_list_next(struct slice *rest, char sep, struct slice *elem);

#endif
