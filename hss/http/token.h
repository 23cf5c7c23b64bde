/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who may ask over HTTP: bearer tokens (RFC 6750) of 256 random bits. The file of tokens has their
 * SHA-256 only, one a line: NAME read|provision|admin|migration HEX. `hssctl token` writes it.
 */
#ifndef HSS_HTTP_TOKEN_H
#define HSS_HTTP_TOKEN_H

#include <stdint.h>

#include "base/slice.h"

/* Each may what the one before may, too. */
enum http_role {
	ROLE_NONE, /* anybody: the page itself, and the description of the API */
	ROLE_READ,
	ROLE_PROVISION,
	ROLE_ADMIN,	/* import */
	ROLE_MIGRATION, /* apart from those: nothing but the bindings of migrated users */
};

enum { TOKENS_MAX = 256, TOKEN_NAME_SIZE = 32, TOKEN_SIZE = 65, TOKEN_FILE_MAX = 64 << 10 };

struct token {
	char name[TOKEN_NAME_SIZE];
	enum http_role role;
	uint8_t hash[32];
};

struct tokens {
	struct token token[TOKENS_MAX];
	size_t n;
};

const char *role_name(enum http_role role);
/* "read", "provision", "admin" or "migration"; ROLE_NONE for another word. */
enum http_role role_parse(struct slice word);

/* Read the text of a file. Returns 0, or -1 with "line N: ..." in why. */
int tokens_parse(struct slice text, struct tokens *out, char *why, size_t size);

/* A new secret, as hex digits, and its hash. Returns 0, or -1 without random numbers. */
int token_make(char secret[TOKEN_SIZE], uint8_t hash[32]);

/* Whose secret it is, or NULL. Takes as long for each wrong one. */
const struct token *tokens_find(const struct tokens *tokens, struct slice secret);

#endif
