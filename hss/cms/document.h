/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Initial UE configuration documents (TS 24.484 7.2): made of a master document, and those of partners looked at. */
#ifndef HSS_CMS_DOCUMENT_H
#define HSS_CMS_DOCUMENT_H

#include "base/slice.h"

enum { DOCUMENT_MAX = 64 << 10 }; /* octets */

#define DOCUMENT_TYPE "application/vnd.3gpp.mcptt-ue-init-config+xml"
#define DOCUMENT_AUID "org.3gpp.mcptt.ue-init-config"

/*
 * Is it one: well-formed, without a DTD, root and namespace as TS 24.484 7.2 has them, with domain, on-network, an HPLMN with its
 * PLMN, and App-Server-Info? Unknown elements and attributes are left alone. Returns 0, or -1 with why.
 */
int document_check(struct slice text, char *why, size_t size);

/*
 * Make the document of one UE: XUI-URI, and the mcptt-UE-id that is only his (in place of any that the master has). The same
 * arguments make the same octets. Returns text of *len octets (the caller's; free()), or NULL: no such master, or no
 * memory.
 */
char *document_make(struct slice master, const char *xui, const char *instance, size_t *len);

/* Lower-case hex of the SHA-256. */
void document_sha256(const void *data, size_t len, char out[65]);

#endif
