/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parameters of an Authorization header (RFC 3261 25.1, "digest-response"). */
#ifndef SCSCF_CREDENTIALS_H
#define SCSCF_CREDENTIALS_H

#include <stdbool.h>

#include "base/slice.h"

/*
 * The value of this parameter of "Digest name=value, name="value", ...", without its quotes; escapes
 * in it stay as they are. Only a parameter counts: the same text inside another one's quoted value
 * does not. False: it is not there, or what stands before it is malformed.
 */
bool scscf_credential(struct slice authorization, struct slice name, struct slice *value);

#endif
