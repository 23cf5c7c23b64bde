/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text that may stand in XML, in JSON and on a terminal. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/slice.h"

/* Well-formed UTF-8 (RFC 3629) without control characters. */
bool utf8_printable(struct slice s);

#endif
