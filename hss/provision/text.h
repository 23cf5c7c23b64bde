/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values of options, checked; shared by the two halves of the provisioning format. */
#ifndef HSS_PROVISION_TEXT_H
#define HSS_PROVISION_TEXT_H

#include "base/slice.h"

/*
 * Copy a value that is printable and shorter than size. Returns 0, or -1 with "NAME ..." in why.
 */
int text_value(struct slice s, const char *name, char *out, size_t size, char *why, size_t whysize);

#endif
