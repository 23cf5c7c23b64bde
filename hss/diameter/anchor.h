/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libfdproto 1.2.1 waits on the time-out of the session that expires first without keeping that
 * session: when an answer frees it, the wait reads freed memory, and an impossible time found there
 * ends its thread. The anchor is a session of ours that always expires first and is never freed.
 */
#ifndef HSS_DIAMETER_ANCHOR_H
#define HSS_DIAMETER_ANCHOR_H

enum { ANCHOR_RENEW_SECONDS = 3600 };

/* Drop the anchor, once freeDiameter has its configuration. Returns 0 or an errno value. */
int anchor_drop(void);
/* Move its end into the future; due every ANCHOR_RENEW_SECONDS. Returns 0 or an errno value. */
int anchor_renew(void);

#endif
