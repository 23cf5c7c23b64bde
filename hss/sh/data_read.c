/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/tree.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "hss/sh/data.h"

/* A document type could define entities that grow without end, or name files. */
static void refuse_type(void *ctx, const xmlChar *name, const xmlChar *external,
			const xmlChar *system)
{
	xmlParserCtxtPtr parser = ctx;

	(void)name;
	(void)external;
	(void)system;
	parser->wellFormed = 0;
	xmlStopParser(parser);
}

static xmlDocPtr parse(struct slice text)
{
	xmlParserCtxtPtr parser = text.len && text.len < INT32_MAX ? xmlNewParserCtxt() : NULL;
	xmlDocPtr doc;

	if (!parser)
		return NULL;
	parser->sax->internalSubset = refuse_type;
	/* UTF-8 whatever it says: nothing that was not looked at as what it is read as */
	doc = xmlCtxtReadMemory(parser, text.p, (int)text.len, NULL, "UTF-8",
				XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	if (doc && !parser->nsWellFormed) { /* a prefix of no namespace: other readers refuse it */
		xmlFreeDoc(doc);
		doc = NULL;
	}
	xmlFreeParserCtxt(parser);
	return doc;
}

static bool named(const xmlNode *node, const char *name)
{
	return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

/* The only child element of that name; *n counts them. */
static xmlNodePtr child(const xmlNode *of, const char *name, size_t *n)
{
	xmlNodePtr found = NULL;

	*n = 0;
	for (xmlNodePtr c = of->children; c; c = c->next)
		if (named(c, name)) {
			found = found ? found : c;
			(*n)++;
		}
	return found;
}

/* The text of an element that holds nothing else. Returns 0, or -1. */
static int text_of(const xmlNode *node, char *out, size_t size)
{
	struct slice s;
	xmlChar *content;
	int err;

	for (const xmlNode *c = node->children; c; c = c->next)
		if (c->type != XML_TEXT_NODE && c->type != XML_CDATA_SECTION_NODE)
			return -1;
	content = xmlNodeGetContent(node);
	if (!content)
		return -1;
	s = slice_trim(slice_str((const char *)content));
	err = s.len && utf8_printable(s) ? slice_copy(s, out, size) : -1;
	xmlFree(content);
	return err;
}

static bool too_deep(const xmlNode *node, int depth)
{
	if (depth > SH_DATA_DEPTH)
		return true;
	for (const xmlNode *c = node->children; c; c = c->next)
		if (c->type == XML_ENTITY_REF_NODE ||
		    (c->type == XML_ELEMENT_NODE && too_deep(c, depth + 1)))
			return true;
	return false;
}

/* The element by itself, with the namespaces that it has from around it. */
static enum sh_data_error take_data(xmlNodePtr node, struct repository *out)
{
	xmlDocPtr doc = xmlNewDoc(BAD_CAST "1.0");
	xmlBufferPtr buf = xmlBufferCreate();
	xmlNodePtr copy = doc ? xmlDocCopyNode(node, doc, 1) : NULL;
	enum sh_data_error err = SH_DATA_NO_MEMORY;

	if (copy)
		xmlDocSetRootElement(doc, copy);
	if (copy && buf && xmlReconciliateNs(doc, copy) >= 0 &&
	    xmlNodeDump(buf, doc, copy, 0, 0) >= 0) {
		out->len = (size_t)xmlBufferLength(buf);
		out->data = strndup((const char *)xmlBufferContent(buf), out->len);
		if (out->data)
			err = SH_DATA_GOOD;
	}
	if (buf)
		xmlBufferFree(buf);
	if (doc)
		xmlFreeDoc(doc);
	return err;
}

static const char *const none[] = {NULL};

/* Of another namespace than what it stands in. */
static bool foreign(const xmlNode *node)
{
	const xmlNs *around = node->parent->ns;

	return node->ns && !(around && xmlStrEqual(node->ns->href, around->href));
}

static bool blank(const xmlNode *node)
{
	for (const xmlChar *c = node->content; c && *c; c++)
		if (!strchr(" \t\r\n", *c))
			return false;
	return true;
}

/*
 * Is there nothing in it but elements of these names? The schema lets anybody add those of other namespaces (TS 29.328
 * annex D). Other data of the schema would change nothing, and the answer would say that they did.
 */
static bool only(const xmlNode *of, const char *const *names)
{
	for (const xmlNode *c = of->children; c; c = c->next) {
		const char *const *name = names;

		if (c->type == XML_COMMENT_NODE || c->type == XML_PI_NODE)
			continue;
		if (c->type != XML_ELEMENT_NODE) {
			if (!blank(c))
				return false;
			continue;
		}
		while (*name && !named(c, *name))
			name++;
		if (*name || foreign(c) || (named(c, "Extension") && only(c, none)))
			continue;
		return false;
	}
	return true;
}

static enum sh_data_error read_repository(const xmlNode *node, struct repository *out)
{
	static const char *const members[] = {"ServiceIndication", "SequenceNumber", "ServiceData",
					      NULL};
	char number[16];
	uint64_t sequence;
	size_t n[3];
	xmlNodePtr service = child(node, "ServiceIndication", &n[0]);
	xmlNodePtr sequence_number = child(node, "SequenceNumber", &n[1]);
	xmlNodePtr data = child(node, "ServiceData", &n[2]);

	if (n[0] != 1 || n[1] != 1 || n[2] > 1 || !only(node, members) ||
	    text_of(service, out->service, sizeof(out->service)) ||
	    text_of(sequence_number, number, sizeof(number)) ||
	    slice_u64(slice_str(number), REPOSITORY_SEQUENCE_MAX, &sequence))
		return SH_DATA_UNREADABLE;
	out->sequence = (uint32_t)sequence;
	return data ? take_data(data, out) : SH_DATA_GOOD;
}

static bool has_service(const struct sh_document *d, const char *service)
{
	for (size_t i = 0; i < d->n_repository; i++)
		if (strcmp(d->repository[i].service, service) == 0)
			return true;
	return false;
}

/* One more; two of one service would be two changes of the same data. */
static enum sh_data_error add_repository(const xmlNode *node, struct sh_document *out)
{
	struct repository *r = &out->repository[out->n_repository];
	enum sh_data_error err;

	out->too_many = out->n_repository == SH_SERVICES_MAX;
	if (out->too_many)
		return SH_DATA_GOOD;
	err = read_repository(node, r);
	if (err)
		return err;
	if (!has_service(out, r->service)) {
		out->n_repository++;
		return SH_DATA_GOOD;
	}
	repository_free(r);
	return SH_DATA_UNREADABLE;
}

void sh_document_free(struct sh_document *document)
{
	for (size_t i = 0; i < SH_SERVICES_MAX; i++)
		repository_free(&document->repository[i]);
	document->n_repository = 0;
}

enum sh_data_error sh_data_read(struct slice text, struct sh_document *out)
{
	static const char *const members[] = {"RepositoryData", NULL};
	xmlDocPtr doc = parse(text);
	const xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;
	enum sh_data_error err = SH_DATA_UNREADABLE;

	memset(out, 0, sizeof(*out));
	if (root && named(root, "Sh-Data") && !too_deep(root, 0) && only(root, members)) {
		err = SH_DATA_GOOD;
		for (const xmlNode *c = root->children; c && err == SH_DATA_GOOD; c = c->next)
			if (named(c, "RepositoryData") && !foreign(c))
				err = add_repository(c, out);
		if (err == SH_DATA_GOOD && out->n_repository == 0)
			err = SH_DATA_UNREADABLE;
	}
	if (doc)
		xmlFreeDoc(doc);
	if (err)
		sh_document_free(out);
	return err;
}
