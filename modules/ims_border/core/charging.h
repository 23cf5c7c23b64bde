/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * P-Charging-Vector (RFC 7315 4.6, 5.6; TS 24.229 5.2): one icid for each REGISTER, initial and
 * standalone request; a dialog keeps that of its first request, answers included. Pure.
 */
#ifndef IMS_BORDER_CHARGING_H
#define IMS_BORDER_CHARGING_H

#include "base/slice.h"

#define BORDER_ICID_MAX 65 /* octets, NUL included; a longer one is not taken over */

/* The icid of a P-Charging-Vector body, without quotes. 0, or -1: none, or not of 1 to 64 visible
 * characters other than quote and backslash. */
int border_icid_read(struct slice body, char out[BORDER_ICID_MAX]);

/* An icid of 32 hex digits from 16 random octets. */
void border_icid_make(const uint8_t random[16], char out[BORDER_ICID_MAX]);

struct border_charging {
	const char *icid;
	struct slice generated_at;	 /* empty: left out */
	struct slice orig_ioi, term_ioi; /* empty: left out */
};

/* The whole header line with CRLF, NUL-terminated. Its length, or -1: no room. */
int border_charging_write(const struct border_charging *c, char *buf, size_t size);

#endif
