/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads application/reginfo+xml from untrusted bytes (libxml2). UTF-8 only; no document type
 * declarations, so no entities beyond the five of XML; no network, no files; size, depth and number
 * of rows bounded. Unknown elements and attributes are skipped (RFC 3680 5.1).
 */
#ifndef REGINFO_PARSER_H
#define REGINFO_PARSER_H

#include "reginfo/reginfo.h"

#define REGINFO_MAX_BYTES	  (256 * 1024)
#define REGINFO_MAX_DEPTH	  16
#define REGINFO_MAX_REGISTRATIONS 256
#define REGINFO_MAX_CONTACTS	  1024 /* over all registrations */
#define REGINFO_MAX_PARAMS	  4096 /* over all contacts */

/*
 * Parse body into *doc. All slices of *doc lie in one block that reginfo_free() releases; body need
 * not outlive the call. Returns 0, or REGINFO_E_TOO_BIG / SYNTAX / CONTENT / NOMEM with *doc
 * untouched. Mandatory attributes must be there and known words; unknown-param values come trimmed
 * of outer blanks.
 */
int reginfo_parse(struct slice body, struct reginfo_doc *doc);

/* Release what reginfo_parse() made and clear *doc; a doc with memory == NULL is only cleared. */
void reginfo_free(struct reginfo_doc *doc);

#endif
