/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/cms/document.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hmac_sha256.h"

#define ROOT	  "mcptt-UE-initial-configuration"
#define NAMESPACE "urn:3gpp:mcptt:mcpttUEinitConfig:1.0"

static void ignore(void *ctx, const char *fmt, ...)
{
	(void)ctx;
	(void)fmt;
}

/* No entity is expanded, nothing is fetched; a DTD refuses the whole. */
static xmlDocPtr read_document(struct slice text)
{
	xmlParserCtxtPtr ctxt;
	xmlDocPtr doc;

	if (text.len == 0 || text.len > DOCUMENT_MAX)
		return NULL;
	ctxt = xmlNewParserCtxt();
	if (!ctxt)
		return NULL;
	ctxt->sax->warning = ctxt->sax->error = ignore;
	doc = xmlCtxtReadMemory(ctxt, text.p, (int)text.len, NULL, NULL,
				XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	xmlFreeParserCtxt(ctxt);
	if (doc && (doc->intSubset || doc->extSubset)) {
		xmlFreeDoc(doc);
		doc = NULL;
	}
	return doc;
}

static xmlNodePtr child(xmlNodePtr of, const char *name)
{
	for (xmlNodePtr n = of ? of->children : NULL; n; n = n->next)
		if (n->type == XML_ELEMENT_NODE && xmlStrEqual(n->name, BAD_CAST name))
			return n;
	return NULL;
}

static bool has_attribute(xmlNodePtr n, const char *name)
{
	return n && xmlHasProp(n, BAD_CAST name);
}

/* What it lacks, or NULL. */
static const char *lacks(xmlDocPtr doc)
{
	xmlNodePtr root = xmlDocGetRootElement(doc), network = child(root, "on-network");

	if (!root || !xmlStrEqual(root->name, BAD_CAST ROOT) || !root->ns ||
	    !xmlStrEqual(root->ns->href, BAD_CAST NAMESPACE))
		return "its root is not " ROOT " of " NAMESPACE;
	if (!has_attribute(root, "domain"))
		return "its root has no attribute domain";
	if (!network)
		return "it has no on-network";
	if (!has_attribute(child(network, "HPLMN"), "PLMN"))
		return "on-network has no HPLMN with a PLMN";
	if (!child(network, "App-Server-Info"))
		return "on-network has no App-Server-Info";
	return NULL;
}

int document_check(struct slice text, char *why, size_t size)
{
	xmlDocPtr doc = read_document(text);
	const char *missing =
	    doc ? lacks(doc) : "it is no XML of at most 65536 octets without a DTD";

	xmlFreeDoc(doc);
	if (!missing)
		return 0;
	snprintf(why, size, "%s", missing);
	return -1;
}

/* Behind name, as the schema has it, and in the place of the master's. */
static bool set_ue(xmlNodePtr root, const char *instance)
{
	xmlNodePtr old = child(root, "mcptt-UE-id"), name = child(root, "name");
	xmlNodePtr id = xmlNewNode(root->ns, BAD_CAST "mcptt-UE-id");

	if (!id || !xmlNewTextChild(id, root->ns, BAD_CAST "Instance-ID-URN", BAD_CAST instance)) {
		xmlFreeNode(id);
		return false;
	}
	if (old) {
		xmlReplaceNode(old, id);
		xmlFreeNode(old);
	} else if (name) {
		xmlAddNextSibling(name, id);
	} else if (root->children) {
		xmlAddPrevSibling(root->children, id);
	} else {
		xmlAddChild(root, id);
	}
	return true;
}

char *document_make(struct slice master, const char *xui, const char *instance, size_t *len)
{
	xmlDocPtr doc = read_document(master);
	xmlChar *dump = NULL;
	char *text = NULL;
	int n = 0;

	*len = 0;
	if (doc && !lacks(doc) &&
	    xmlSetProp(xmlDocGetRootElement(doc), BAD_CAST "XUI-URI", BAD_CAST xui) &&
	    set_ue(xmlDocGetRootElement(doc), instance))
		xmlDocDumpMemoryEnc(doc, &dump, &n, "UTF-8");
	if (dump && n > 0 && n <= DOCUMENT_MAX) {
		text = malloc((size_t)n);
		if (text)
			memcpy(text, dump, (size_t)n);
		*len = (size_t)n;
	}
	xmlFree(dump);
	xmlFreeDoc(doc);
	return text;
}

void document_sha256(const void *data, size_t len, char out[65])
{
	uint8_t hash[SHA256_LEN];
	struct sha256 h;

	sha256_init(&h);
	sha256_update(&h, data, len);
	sha256_final(&h, hash);
	for (size_t i = 0; i < SHA256_LEN; i++)
		snprintf(out + 2 * i, 3, "%02x", hash[i]);
}
