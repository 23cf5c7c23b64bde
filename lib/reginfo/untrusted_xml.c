/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reginfo/untrusted_xml.h"

#include <libxml/parser.h>
#include <libxml/tree.h>

static bool contains(struct slice s, const char *what)
{
	return memmem(s.p, s.len, what, strlen(what)) != NULL;
}

/*
 * What libxml2 must not even see: declarations that could define entities, and encodings in which
 * such a declaration would not be found here (all of them have NUL bytes, or are switched off by
 * UTF-8 being forced).
 */
static int refuse_early(struct slice body, size_t most)
{
	if (body.len == 0)
		return UNTRUSTED_XML_E_SYNTAX;
	if (body.len > most)
		return UNTRUSTED_XML_E_TOO_BIG;
	if (memchr(body.p, 0, body.len) || contains(body, "<!DOCTYPE") ||
	    contains(body, "<!ENTITY"))
		return UNTRUSTED_XML_E_SYNTAX;
	return UNTRUSTED_XML_OK;
}

int untrusted_xml_read(struct slice body, size_t most, xmlDoc **out)
{
	const int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
			    XML_PARSE_NOCDATA | XML_PARSE_COMPACT | XML_PARSE_IGNORE_ENC;
	int err = refuse_early(body, most);
	xmlDoc *xml;

	if (err)
		return err;
	xml = xmlReadMemory(body.p, (int)body.len, NULL, "UTF-8", options);
	if (!xml)
		return UNTRUSTED_XML_E_SYNTAX;
	if (xml->intSubset || xml->extSubset) {
		xmlFreeDoc(xml);
		return UNTRUSTED_XML_E_SYNTAX;
	}
	*out = xml;
	return UNTRUSTED_XML_OK;
}

/* Without recursion. */
int untrusted_xml_depth(const xmlNode *root, int most)
{
	const xmlNode *n = root;
	int depth = 1;

	while (n) {
		if (n->type == XML_ELEMENT_NODE && n->children) {
			if (++depth > most)
				return UNTRUSTED_XML_E_TOO_BIG;
			n = n->children;
			continue;
		}
		while (n != root && !n->next) {
			n = n->parent;
			depth--;
		}
		if (n == root)
			break;
		n = n->next;
	}
	return UNTRUSTED_XML_OK;
}
