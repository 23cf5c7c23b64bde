/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_border/core/charging.h"

#include "modules/ims_border/core/header_edit.h"
#include "sip/chars.h"
#include "sip/name_addr.h"

#include <stdio.h>

static bool is_visible(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~' || s.p[i] == '"' || s.p[i] == '\\')
			return false;
	return s.len > 0;
}

int border_icid_read(struct slice body, char out[BORDER_ICID_MAX])
{
	struct slice param;

	while (border_list_next(&body, ';', &param) == 1) {
		struct slice value = param, name = slice_trim(slice_cut(&value, '='));

		if (!slice_eq_nocase(name, SLICE_LIT("icid-value")))
			continue;
		value = sip_unquote(slice_trim(value));
		return is_visible(value) ? slice_copy(value, out, BORDER_ICID_MAX) : -1;
	}
	return -1;
}

void border_icid_make(const uint8_t random[16], char out[BORDER_ICID_MAX])
{
	for (int i = 0; i < 16; i++)
		snprintf(out + 2 * i, 3, "%02x", random[i]);
}

static int put_param(char *buf, size_t size, int at, const char *name, struct slice value)
{
	int n;

	if (at < 0 || !value.len)
		return at;
	n = snprintf(buf + at, size - (size_t)at, ";%s=%.*s", name, (int)value.len, value.p);
	return n > 0 && (size_t)n < size - (size_t)at ? at + n : -1;
}

int border_charging_write(const struct border_charging *c, char *buf, size_t size)
{
	bool token = sip_is_token(slice_str(c->icid));
	int at = snprintf(buf, size, "P-Charging-Vector: icid-value=%s%s%s", token ? "" : "\"",
			  c->icid, token ? "" : "\"");

	if (at < 0 || (size_t)at >= size)
		return -1;
	at = put_param(buf, size, at, "icid-generated-at", c->generated_at);
	at = put_param(buf, size, at, "orig-ioi", c->orig_ioi);
	at = put_param(buf, size, at, "term-ioi", c->term_ioi);
	if (at < 0 || (size_t)at + 3 > size)
		return -1;
	memcpy(buf + at, "\r\n", 3);
	return at + 2;
}
