/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sh-Data, the document in User-Data (TS 29.328 annex D), written and read with libxml2. */
#ifndef HSS_SH_DATA_H
#define HSS_SH_DATA_H

#include "hss/sh/sh.h"

/*
 * Write what view asks for. What is not known is an empty element where the schema has one (6.1.1.1).
 * Returns a NUL-terminated string of *len bytes for free(), or NULL without memory or with a filter
 * criterion that cannot be written.
 */
char *sh_data_write(const struct sh_view *view, size_t *len);

/* Write that a public identity is deleted, for its subscribers (6.1.4.1). As above. */
char *sh_data_write_deleted(const char *impu, size_t *len);

enum sh_data_error {
	SH_DATA_GOOD,
	SH_DATA_UNREADABLE, /* no well-formed Sh-Data of what can be changed, and nothing else */
	SH_DATA_NO_MEMORY,
};

/*
 * Read a document with RepositoryData, each of a service of its own, DSAI, each of a tag of its own, and PSIActivation, or
 * some of these, and no other data, as it comes in a Profile-Update-Request: elements of the schema that would change nothing are unreadable, those of other namespaces are
 * passed over. Anybody may have written it: no document type, no entity but the five of XML, nothing fetched, no more than
 * SH_DATA_DEPTH elements in each other; more services than there is room for are only noted. Returns SH_DATA_GOOD, and out is for sh_document_free(): data are
 * the elements ServiceData with every namespace declaration that they need.
 */
enum sh_data_error sh_data_read(struct slice text, struct sh_document *out);
void sh_document_free(struct sh_document *document);

enum { SH_DATA_DEPTH = 64 };

#endif
