/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/http/tag.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aka/codec.h"
#include "hss/http/json.h"

void tag_of(const struct subscription *sub, char out[TAG_SIZE])
{
	json_t *json = json_of_subscription(sub);
	char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	uint8_t hash[SHA256_DIGEST_LENGTH];
	char hex[33];

	out[0] = '\0';
	if (text && SHA256((const uint8_t *)text, strlen(text), hash)) {
		hex_encode(hash, 16, hex);
		snprintf(out, TAG_SIZE, "\"%s\"", hex);
	}
	free(text);
	json_decref(json);
}

bool tag_is_listed(const char *list, const char *tag, bool weak)
{
	if (strcmp(list, "*") == 0)
		return true;
	while (tag[0]) {
		bool is_weak;
		size_t n;

		list += strspn(list, ", \t");
		is_weak = strncmp(list, "W/", 2) == 0;
		list += is_weak ? 2 : 0;
		if (*list != '"' || !list[1 + (n = strcspn(list + 1, "\""))])
			return false;
		n += 2;
		if ((weak || !is_weak) && n == strlen(tag) && strncmp(list, tag, n) == 0)
			return true;
		list += n;
	}
	return false;
}

bool tag_list_add(char list[TAG_LIST_SIZE], const char *more)
{
	size_t have = strlen(list), n = strlen(more);

	if (have + n + 2 > TAG_LIST_SIZE) {
		list[0] = '\0';
		return false;
	}
	snprintf(list + have, TAG_LIST_SIZE - have, "%s%s", have ? "," : "", more);
	return true;
}
