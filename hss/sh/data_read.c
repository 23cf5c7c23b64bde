/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/tree.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "hss/sh/data.h"
#include "hss/subscription/activation.h"

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

/* 0 or 1. Returns -1 where it is neither. */
static int switch_value(const xmlNode *node)
{
	char text[8];

	if (text_of(node, text, sizeof(text)) || (text[0] != '0' && text[0] != '1') || text[1])
		return -1;
	return text[0] - '0';
}

static enum sh_data_error read_dsai(const xmlNode *node, struct sh_document *out)
{
	static const char *const members[] = {"DSAI-Tag", "DSAI-Value", NULL};
	struct sh_dsai *d = &out->dsai[out->n_dsai];
	char tag[DSAI_TAG_SIZE];
	size_t n[2];
	xmlNodePtr name = child(node, "DSAI-Tag", &n[0]), value = child(node, "DSAI-Value", &n[1]);
	int v = value ? switch_value(value) : -1;

	if (n[0] != 1 || n[1] != 1 || !only(node, members) || v < 0 ||
	    text_of(name, tag, sizeof(tag)) || !dsai_is_tag(slice_str(tag)))
		return SH_DATA_UNREADABLE;
	for (size_t i = 0; i < out->n_dsai; i++)
		if (strcmp(out->dsai[i].tag, tag) == 0)
			return SH_DATA_UNREADABLE;
	if (out->n_dsai == SH_TAGS_MAX) {
		out->too_many = true;
		return SH_DATA_GOOD;
	}
	strcpy(d->tag, tag);
	d->active = v == SH_DSAI_ACTIVE;
	out->n_dsai++;
	return SH_DATA_GOOD;
}

static enum sh_data_error read_activation(const xmlNode *node, struct sh_document *out)
{
	int v = switch_value(node);

	if (v < 0 || out->has_activation)
		return SH_DATA_UNREADABLE;
	out->has_activation = true;
	out->active = v == SH_PSI_ACTIVE;
	return SH_DATA_GOOD;
}

/* What may stand in Sh-IMS-Data and the extensions in each other that it has (annex D): each release has put its own inside
 * the one before. */
static const struct {
	const char *members[3];
	enum sh_data_error (*read)(const xmlNode *node, struct sh_document *out); /* the first */
} ims_data[] = {{{"Extension"}, NULL},
		{{"PSIActivation", "Extension"}, read_activation},
		{{"DSAI", "Extension"}, read_dsai},
		{{"Extension"}, NULL}};

static enum sh_data_error read_ims_data(const xmlNode *node, size_t depth, struct sh_document *out)
{
	enum { DEEPEST = sizeof(ims_data) / sizeof(ims_data[0]) - 1 };
	enum sh_data_error err =
	    only(node, ims_data[depth].members) ? SH_DATA_GOOD : SH_DATA_UNREADABLE;

	for (const xmlNode *c = node->children; c && err == SH_DATA_GOOD; c = c->next) {
		if (c->type != XML_ELEMENT_NODE || foreign(c))
			continue;
		if (named(c, "Extension"))
			err = read_ims_data(c, depth < DEEPEST ? depth + 1 : depth, out);
		else
			err = ims_data[depth].read(c, out);
	}
	return err;
}

/* One element in the document that is not passed over. */
static enum sh_data_error read_member(const xmlNode *node, struct sh_document *out)
{
	if (named(node, "RepositoryData"))
		return add_repository(node, out);
	return named(node, "Sh-IMS-Data") ? read_ims_data(node, 0, out) : SH_DATA_GOOD;
}

void sh_document_free(struct sh_document *document)
{
	for (size_t i = 0; i < SH_SERVICES_MAX; i++)
		repository_free(&document->repository[i]);
	document->n_repository = document->n_dsai = 0;
}

enum sh_data_error sh_data_read(struct slice text, struct sh_document *out)
{
	static const char *const members[] = {"RepositoryData", "Sh-IMS-Data", NULL};
	xmlDocPtr doc = parse(text);
	const xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;
	enum sh_data_error err = SH_DATA_UNREADABLE;

	memset(out, 0, sizeof(*out));
	if (root && named(root, "Sh-Data") && !too_deep(root, 0) && only(root, members)) {
		err = SH_DATA_GOOD;
		for (const xmlNode *c = root->children; c && err == SH_DATA_GOOD; c = c->next)
			if (c->type == XML_ELEMENT_NODE && !foreign(c))
				err = read_member(c, out);
		if (err == SH_DATA_GOOD && !sh_document_references(out))
			err = SH_DATA_UNREADABLE;
	}
	if (doc)
		xmlFreeDoc(doc);
	if (err)
		sh_document_free(out);
	return err;
}
