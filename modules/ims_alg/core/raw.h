/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A SIP message as it lies in a buffer: its headers one by one, continuation lines with them. */
#ifndef IMS_ALG_RAW_H
#define IMS_ALG_RAW_H

#include "base/slice.h"

/* Begin: *rest is what follows the start line. False: there is none. */
bool alg_raw_begin(struct slice message, struct slice *rest);

/* Take the next header off: its name, and its body without blanks around it. False: the headers are
 * over. A line without a colon is passed over. */
bool alg_raw_next(struct slice *rest, struct slice *name, struct slice *body);

/* The body of the first header with one of both names (compact form; NULL: none). p NULL: not there. */
struct slice alg_raw_header(struct slice message, const char *name, const char *compact);

#endif
