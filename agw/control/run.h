/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Internal: one command of the MGC being carried out, shared by the files that do so. */
#ifndef AGW_CONTROL_RUN_H
#define AGW_CONTROL_RUN_H

#include "agw/control/gateway.h"

/* One command of one action being carried out. */
struct run {
	struct gateway *g;
	struct h248_arena *a;
	struct h248_action *out;
	const struct h248_command *cmd;
	struct context *context; /* NULL: null context */
	int64_t now_ms;
	bool in_all;	  /* one of all contexts, with one answer for all of them (W-) */
	bool any_context; /* one of all contexts: a wildcard need not match in each */
};

/* The answer to this command that says what went wrong; returns false. */
bool run_fail(struct run *r, struct slice tid, unsigned code, const char *text);
/* The answer to this command; NULL when there is no room for it. */
struct h248_command *run_reply(struct run *r, struct slice tid);
/* The Audit descriptor of the command. */
const struct h248_audit_item *run_audit(const struct run *r, bool *given);

/* on_termination.c: Add of what tid asks for, and every other command on a termination. */
bool run_add(struct run *r, struct slice tid);
bool run_on_termination(struct run *r, struct termination *t);
/* on_root.c */
bool run_on_root(struct run *r);

#endif
