/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The audit trail: lines that follow from each other by SHA-256. */
#include <stdio.h>
#include <string.h>

#include "base/hmac_sha256.h"
#include "hss/cms/store.h"

static const char *or_none(const char *s)
{
	return s ? s : "";
}

/* Of the line before, and of each column with its end. */
static void hash_of(const uint8_t before[SHA256_LEN], int64_t n, int64_t at,
		    const char *const *text, uint8_t out[SHA256_LEN])
{
	struct sha256 h;
	char numbers[64];

	sha256_init(&h);
	sha256_update(&h, before, SHA256_LEN);
	snprintf(numbers, sizeof(numbers), "%lld %lld", (long long)n, (long long)at);
	sha256_update(&h, numbers, strlen(numbers) + 1);
	for (int i = 0; i < 5; i++)
		sha256_update(&h, text[i], strlen(text[i]) + 1);
	sha256_final(&h, out);
}

void audit_add(struct cms_store *s, int64_t now, const char *event, const char *grant,
	       const char *partner, const char *actor, const char *detail)
{
	const char *const text[] = {event, or_none(grant), or_none(partner), or_none(actor),
				    or_none(detail)};
	uint8_t before[SHA256_LEN] = {0}, hash[SHA256_LEN];
	sqlite3_stmt *q = store_query(s, "SELECT n, hash FROM audit ORDER BY n DESC LIMIT 1", "");
	int64_t n = 1;

	if (store_row(s, q)) {
		n = sqlite3_column_int64(q, 0) + 1;
		if (sqlite3_column_bytes(q, 1) == SHA256_LEN)
			memcpy(before, sqlite3_column_blob(q, 1), SHA256_LEN);
	}
	sqlite3_finalize(q);
	hash_of(before, n, now, text, hash);
	store_run(s, "INSERT INTO audit VALUES(?, ?, ?, ?, ?, ?, ?, ?)", "iisssssb", n, now,
		  text[0], text[1], text[2], text[3], text[4], (const void *)hash, sizeof(hash));
}

int64_t audit_verify(struct cms_store *s, int64_t *wrong)
{
	uint8_t before[SHA256_LEN] = {0}, hash[SHA256_LEN];
	sqlite3_stmt *q = store_query(
	    s, "SELECT n, at, event, grant_id, partner, actor, detail, hash FROM audit ORDER BY n",
	    "");
	int64_t lines = 0;

	while (store_row(s, q)) {
		const int64_t n = sqlite3_column_int64(q, 0);
		const char *text[5];

		for (int i = 0; i < 5; i++)
			text[i] = or_none((const char *)sqlite3_column_text(q, i + 2));
		hash_of(before, n, sqlite3_column_int64(q, 1), text, hash);
		if (n != lines + 1 || sqlite3_column_bytes(q, 7) != SHA256_LEN ||
		    memcmp(sqlite3_column_blob(q, 7), hash, SHA256_LEN) != 0) {
			*wrong = lines + 1;
			lines = -1;
			break;
		}
		memcpy(before, hash, SHA256_LEN);
		lines++;
	}
	sqlite3_finalize(q);
	return lines;
}
