/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A libxml2 writer that remembers whether anything failed, so that the code that writes a document
 * keeps the document's shape. */
#ifndef HSS_XML_WRITER_H
#define HSS_XML_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct xml {
	struct _xmlTextWriter *w;
	struct _xmlBuffer *buf;
	bool failed;
};

/* Begin a UTF-8 document. Without memory failed is set, and the calls that follow do nothing. */
void xml_begin(struct xml *x);
/* End it. Returns its text, NUL-terminated and *len bytes long, for free(); NULL if anything failed. */
char *xml_end(struct xml *x, size_t *len);

void xml_open(struct xml *x, const char *name);
void xml_close(struct xml *x);
/* <name>text</name>, escaped. */
void xml_text(struct xml *x, const char *name, const char *text);
void xml_number(struct xml *x, const char *name, uint32_t n);
/* What is XML already, and well-formed. */
void xml_raw(struct xml *x, const char *text, size_t len);

#endif
