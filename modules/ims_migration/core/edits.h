/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What has to be changed in a text: parts of it that are replaced, cut (another text of no octets), or where something is put in
 * (a part of no octets). All else stays byte for byte.
 */
#ifndef IMS_MIGRATION_EDITS_H
#define IMS_MIGRATION_EDITS_H

#include "base/slice.h"

enum { MIGRATION_EDITS_MAX = 4096, MIGRATION_EDITS_TEXT = 256 * 1024 };

struct migration_edit {
	uint32_t at, len; /* of the part, in the text */
	struct slice with;
};

struct migration_edits {
	bool full; /* something did not fit: nothing of it is to be used */
	unsigned n;
	size_t used;
	struct migration_edit edit[MIGRATION_EDITS_MAX];
	char text[MIGRATION_EDITS_TEXT];
};

void migration_edits_clear(struct migration_edits *e);
/* Replace len octets at at. with is copied. */
void migration_edits_add(struct migration_edits *e, size_t at, size_t len, struct slice with);
/* Put them in order. Returns 0, or -1: something did not fit, or two of them overlap. */
int migration_edits_sort(struct migration_edits *e);
/* The change of length by those from number first on that stand within len octets at at. */
long migration_edits_growth(const struct migration_edits *e, unsigned first, size_t at, size_t len);
/* The text with all of them, sorted, into out. Returns 0 and *len, or -1: size is too small. */
int migration_edits_apply(const struct migration_edits *e, struct slice text, char *out,
			  size_t size, size_t *len);

#endif
