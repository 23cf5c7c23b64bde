/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The gateway without its sockets to the outside: real model, real media engine with one worker,
 * realms "core" (127.0.0.1) and "access" (127.0.0.2). Actions go in as text and replies come out as
 * text.
 */
#ifndef TESTS_CONTROL_RIG_H
#define TESTS_CONTROL_RIG_H

#include "agw/control/items.h"

extern struct gateway control;

/* Before and after each test. more: lines for [gateway], or NULL. */
void control_start(const char *more);
void control_stop(void);
/* Carry out actions ("C=${A=ip/core/${}}"); the reply's actions as compact text, valid until the
 * next call. */
const char *control_do(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The first error code in a reply; 0 = none. */
unsigned control_code(const char *reply);
/* A call with one RTP stream on each side: its context, and the TerminationIDs. */
uint32_t control_call(char core[H248_TID_MAX], char access[H248_TID_MAX]);

#endif
