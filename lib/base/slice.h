/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A slice: bytes that somebody else owns, by pointer and length. The one type in which untrusted
 * text travels through this project; never NUL-terminated, never freed through a slice.
 */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
	const char *p; /* may be NULL when len is 0 */
	size_t len;    /* bytes */
};

#define SLICE_NULL ((struct slice){NULL, 0})
/* A slice over a string literal, without its terminating NUL. */
#define SLICE_LIT(lit) ((struct slice){"" lit, sizeof(lit) - 1})

/* A slice over n bytes at p. */
static inline struct slice slice_make(const char *p, size_t n)
{
	return (struct slice){p, n};
}

/* A slice over a NUL-terminated string; NULL gives the empty slice. */
static inline struct slice slice_str(const char *s)
{
	return (struct slice){s, s ? strlen(s) : 0};
}

/* Equal byte by byte. */
static inline bool slice_eq(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

/* Equal when ASCII letters are compared without case (SIP tokens, RFC 3261 7.3.1). */
bool slice_eq_nocase(struct slice a, struct slice b);

/* The slice without blanks (SP, HTAB, CR, LF) at either end. */
struct slice slice_trim(struct slice s);

/*
 * Cut *s at the first byte sep: returns what stood before it and leaves in *s what follows it.
 * Without sep returns all and leaves *s empty with p == NULL.
 */
struct slice slice_cut(struct slice *s, char sep);

/*
 * Decimal number of 1 to 20 digits and nothing else. Returns 0 and sets *out, or -1 (empty, other
 * bytes, larger than max) and leaves *out alone.
 */
int slice_u64(struct slice s, uint64_t max, uint64_t *out);

/*
 * 2 * n hex digits into n octets, either case. Returns 0, or -1 (wrong length, other bytes) and
 * leaves out undefined.
 */
int slice_hex(struct slice s, uint8_t *out, size_t n);

/*
 * Copy into buf as a NUL-terminated string. Returns 0, or -1 if it needs more than size - 1 bytes
 * or has a NUL in it, behind which two different texts would look the same.
 */
int slice_copy(struct slice s, char *buf, size_t size);

/*
 * FNV-1a over the bytes: for names and colours of our own making. Not for a table whose keys a
 * stranger can choose (Call-ID, Contact, identity, tag): who knows the hash makes all keys meet in
 * one bucket. Such a table takes base/keyed_hash.h. `make lint` lists who may call this.
 */
uint32_t slice_hash(struct slice s);

#endif
