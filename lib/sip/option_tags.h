/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Require, Proxy-Require, Supported: comma lists of option tags (RFC 3261 20.32, 20.29, 20.37). */
#ifndef SIP_OPTION_TAGS_H
#define SIP_OPTION_TAGS_H

#include "base/slice.h"
#include "sip/err.h"

/*
 * Take the next tag off *rest. Returns 1 and sets *tag, 0 at the end, or SIP_E_SYNTAX (an element
 * that is not a token). Empty elements (",,") are skipped, as RFC 3261 7.3.1 lets a list be cut
 * into lines anywhere.
 */
int sip_option_tags_next(struct slice *rest, struct slice *tag);

/* 1 if the list names tag (case does not matter), 0 if not, SIP_E_SYNTAX if the list is malformed.
 */
int sip_option_tags_has(struct slice list, struct slice tag);

#endif
