/* SPDX-License-Identifier: GPL-2.0-or-later */
/* XML documents of strangers, read by libxml2 without what it could be made to do with them. */
#ifndef REGINFO_UNTRUSTED_XML_H
#define REGINFO_UNTRUSTED_XML_H

#include "base/slice.h"

/* libxml2's xmlDoc and xmlNode */
struct _xmlDoc;
struct _xmlNode;

enum untrusted_xml_error {
	UNTRUSTED_XML_OK = 0,
	UNTRUSTED_XML_E_TOO_BIG = -1, /* octets, or depth */
	UNTRUSTED_XML_E_SYNTAX =
	    -2, /* not well-formed, not UTF-8, or with a declaration of a type or entity (RFC 3023 3.1) */
};

/* Read a document of at most so many octets; xmlFreeDoc() is the caller's. 0, or an enum untrusted_xml_error. */
int untrusted_xml_read(struct slice body, size_t most, struct _xmlDoc **out);

/* Has the tree below root at most so many levels, root included and whatever is in it? 0, or UNTRUSTED_XML_E_TOO_BIG. */
int untrusted_xml_depth(const struct _xmlNode *root, int most);

#endif
