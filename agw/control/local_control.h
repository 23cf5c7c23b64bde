/* SPDX-License-Identifier: GPL-2.0-or-later */
/* LocalControl: its properties read into stream_control and written back. */
#ifndef AGW_CONTROL_LOCAL_CONTROL_H
#define AGW_CONTROL_LOCAL_CONTROL_H

#include "agw/control/model.h"

/*
 * A whole LocalControl descriptor: what it leaves out goes back to its default (H.248.1 7.1.7),
 * except ipdc/realm, which cannot change after Add. Returns 0 or an H.248 error code with a text in
 * *why; *out is then unchanged.
 */
unsigned local_control_parse(const struct h248_local_control *lc, struct stream_control *out,
			     const char **why);

/* The value of its ipdc/realm; p NULL: not given. lc may be NULL. */
struct slice local_control_realm(const struct h248_local_control *lc);

/* For AuditValue: what is in force. */
void local_control_print(const struct stream *s, struct h248_arena *a, struct h248_stream *out);

#endif
