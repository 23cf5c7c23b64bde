/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two seamless modules once had the same names for their cfg functions, RPCs, pseudo-variables
 * and counters. For one release the old names go on working while only one of them is loaded; when
 * both are, an old name is refused and the message says which names are meant now.
 */
#ifndef KAM_OLD_NAMES_H
#define KAM_OLD_NAMES_H

#include <stdbool.h>

#include "../../core/rpc.h"

/* Are both modules loaded? Certain only when the cfg has been read: in mod_init and in fixups. */
bool kam_old_names_clash(void);
/*
 * For the fixup of a cfg function and the like: old is used, now is what this module calls it.
 * 0 (said as a warning), or -1: refused (said as an error).
 */
int kam_old_name(const char *old, const char *now);
/*
 * In mod_init: make the old RPCs known if they do not clash. Where they clash, calling one gives a
 * fault that names the new ones. 0, or -1 (logged).
 */
int kam_old_rpcs(rpc_export_t *old);

#endif
