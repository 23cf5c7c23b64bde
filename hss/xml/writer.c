/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/xml/writer.h"

#include <libxml/xmlwriter.h>
#include <stdio.h>
#include <string.h>

void xml_begin(struct xml *x)
{
	x->buf = xmlBufferCreate();
	x->w = x->buf ? xmlNewTextWriterMemory(x->buf, 0) : NULL;
	x->failed = !x->w || xmlTextWriterStartDocument(x->w, NULL, "UTF-8", NULL) < 0;
}

char *xml_end(struct xml *x, size_t *len)
{
	char *out = NULL;

	if (x->w && xmlTextWriterEndDocument(x->w) < 0)
		x->failed = true;
	xmlFreeTextWriter(x->w);
	if (!x->failed) {
		*len = (size_t)xmlBufferLength(x->buf);
		out = strndup((const char *)xmlBufferContent(x->buf), *len);
	}
	xmlBufferFree(x->buf);
	return out;
}

void xml_open(struct xml *x, const char *name)
{
	if (x->w && xmlTextWriterStartElement(x->w, BAD_CAST name) < 0)
		x->failed = true;
}

void xml_close(struct xml *x)
{
	if (x->w && xmlTextWriterEndElement(x->w) < 0)
		x->failed = true;
}

void xml_text(struct xml *x, const char *name, const char *text)
{
	if (x->w && xmlTextWriterWriteElement(x->w, BAD_CAST name, BAD_CAST text) < 0)
		x->failed = true;
}

void xml_number(struct xml *x, const char *name, uint32_t n)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", n);
	xml_text(x, name, text);
}

void xml_raw(struct xml *x, const char *text, size_t len)
{
	if (x->w && xmlTextWriterWriteRawLen(x->w, BAD_CAST text, (int)len) < 0)
		x->failed = true;
}
