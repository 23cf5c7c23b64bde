/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef AGW_CONTROL_SHOW_H
#define AGW_CONTROL_SHOW_H

#include "agw/control/gateway.h"

/* Write a context: one line of it, or all with streams and counters. */
typedef void show_h(const struct context *c, struct outbuf *out);
show_h show_line, show_context;

/* Answer r with all contexts, a hundred each turn of the main loop. 0, or -1 without memory. */
int show_all(struct gateway *g, struct request *r, show_h *show);

#endif
