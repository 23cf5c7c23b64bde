/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/common/ids.h"

struct kam_id kam_id_text(uint64_t id)
{
	static const char digits[] = "0123456789abcdef";
	struct kam_id out;

	for (int i = KAM_ID_DIGITS - 1; i >= 0; i--, id >>= 4)
		out.text[i] = digits[id & 15];
	out.text[KAM_ID_DIGITS] = '\0';
	return out;
}

bool kam_id_parse(struct slice text, uint64_t *id)
{
	uint64_t value = 0;

	if (text.len != KAM_ID_DIGITS)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.p[i];

		if (c >= '0' && c <= '9')
			value = value << 4 | (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			value = value << 4 | (uint64_t)(c - 'a' + 10);
		else
			return false;
	}
	*id = value;
	return true;
}
