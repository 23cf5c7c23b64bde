/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The target of an HTTP request, cut and decoded (RFC 3986 2.1, 3.3). */
#ifndef HTTP_PATH_H
#define HTTP_PATH_H

#include "base/slice.h"

enum { PATH_SEGMENTS_MAX = 8, PATH_SEGMENT_SIZE = 256, QUERY_MAX = 8, QUERY_NAME_SIZE = 32 };

struct http_path {
	char seg[PATH_SEGMENTS_MAX][PATH_SEGMENT_SIZE];
	size_t n; /* "/" has none */
};

struct http_query {
	char name[QUERY_MAX][QUERY_NAME_SIZE], value[QUERY_MAX][PATH_SEGMENT_SIZE];
	size_t n;
};

/* Replace %XX. Returns 0, or -1: a bad escape, a control character, or too long for out. */
int path_decode(struct slice raw, char *out, size_t size);

/* "/a/b%2Fc" into "a" and "b/c". Returns 0, or -1: as above, an empty segment, or too many. */
int path_parse(struct slice raw, struct http_path *out);
/* Is it of this pattern, "/a/{}/b"? {} stands for any one segment. */
bool path_matches(const struct http_path *path, const char *pattern);

/* Add an argument, both still encoded. Returns 0, or -1: as above, twice the same, or too many. */
int query_add(struct http_query *q, struct slice name, struct slice value);
/* Its value, or NULL. */
const char *query_get(const struct http_query *q, const char *name);

#endif
