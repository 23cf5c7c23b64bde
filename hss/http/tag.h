/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Entity tags (RFC 9110 8.8.3) of subscriptions: that of one is made of what GET answers, so it is another one after any
 * change, a registration and a sequence number among them. A subscription and all paths below it have the same tag.
 */
#ifndef HSS_HTTP_TAG_H
#define HSS_HTTP_TAG_H

#include <stdbool.h>
#include <stddef.h>

#include "hss/subscription/subscription.h"

enum {
	TAG_SIZE = 2 + 32 + 1, /* with its quotes and NUL */
	TAG_LIST_SIZE = 1024,  /* of a field that lists tags */
};

/* The tag of what is there, or "" without memory: that is nobody's. */
void tag_of(const struct subscription *sub, char out[TAG_SIZE]);
/*
 * Does a list of tags, as If-Match and If-None-Match have it, name this one? weak: tags with W/ count, too (RFC 9110
 * 8.8.3.2). "*" names any. What is no list of tags names none of those behind the fault.
 */
bool tag_is_listed(const char *list, const char *tag, bool weak);
/* Put what another line of the field has behind the list. Returns false if it has no room; the list names nothing then. */
bool tag_list_add(char list[TAG_LIST_SIZE], const char *more);

#endif
