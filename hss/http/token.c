/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/http/token.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <sys/random.h>

#include "aka/codec.h"
#include "daemon/words.h"

static const char *const roles[] = {"none", "read", "provision", "admin", "migration"};

const char *role_name(enum http_role role)
{
	return roles[role];
}

enum http_role role_parse(struct slice word)
{
	for (int r = ROLE_READ; r <= ROLE_MIGRATION; r++)
		if (slice_eq(word, slice_str(roles[r])))
			return (enum http_role)r;
	return ROLE_NONE;
}

static const char *parse_line(const struct words *w, struct tokens *out)
{
	struct token *t = &out->token[out->n];

	if (w->n == 0)
		return NULL;
	if (out->n == TOKENS_MAX)
		return "there are more than 256 tokens";
	if (w->n != 3)
		return "a line is: NAME read|provision|admin|migration HASH";
	if (w->w[0].len == 0 || slice_copy(w->w[0], t->name, sizeof(t->name)))
		return "a name has 1 to 31 octets";
	t->role = role_parse(w->w[1]);
	if (t->role == ROLE_NONE)
		return "a role is read, provision, admin or migration";
	if (slice_hex(w->w[2], t->hash, sizeof(t->hash)))
		return "a hash has 64 hex digits";
	out->n++;
	return NULL;
}

int tokens_parse(struct slice text, struct tokens *out, char *why, size_t size)
{
	struct words words;
	unsigned int line = 0;

	out->n = 0;
	while (text.p) {
		int err = words_split(slice_cut(&text, '\n'), &words);
		const char *wrong = err ? words_strerror(err) : parse_line(&words, out);

		line++;
		if (wrong) {
			snprintf(why, size, "line %u: %s", line, wrong);
			out->n = 0;
			return -1;
		}
	}
	return 0;
}

int token_make(char secret[TOKEN_SIZE], uint8_t hash[32])
{
	uint8_t random[32];

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return -1;
	hex_encode(random, sizeof(random), secret);
	explicit_bzero(random, sizeof(random));
	SHA256((const unsigned char *)secret, TOKEN_SIZE - 1, hash);
	return 0;
}

const struct token *tokens_find(const struct tokens *tokens, struct slice secret)
{
	const struct token *found = NULL;
	uint8_t hash[32];

	SHA256((const unsigned char *)(secret.p ? secret.p : ""), secret.len, hash);
	for (size_t i = 0; i < tokens->n; i++)
		if (CRYPTO_memcmp(hash, tokens->token[i].hash, sizeof(hash)) == 0)
			found = &tokens->token[i];
	return found;
}
