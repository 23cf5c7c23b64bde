/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes a document and remembers whether anything failed, so that the code that does so keeps the document's shape. It is
 * written as libxml2's writer would, in a tenth of the instructions: nothing is copied twice, and nothing converted. */
#ifndef HSS_XML_WRITER_H
#define HSS_XML_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { XML_DEPTH = 16 };

struct xml {
	char *text;
	size_t len, room;
	const char *open[XML_DEPTH]; /* names of the elements that are, which must live */
	size_t depth;
	bool begun; /* the tag of the last is not closed yet */
	bool failed;
};

/* Begin a UTF-8 document. Without memory failed is set, and the calls that follow do nothing. */
void xml_begin(struct xml *x);
/* End it. Returns its text, NUL-terminated and *len bytes long, for free(); NULL if anything failed, or an element is still
 * open. */
char *xml_end(struct xml *x, size_t *len);

/* <name>, at most XML_DEPTH of them in one another; name is a literal. */
void xml_open(struct xml *x, const char *name);
void xml_close(struct xml *x);
/* <name>text</name>, escaped. */
void xml_text(struct xml *x, const char *name, const char *text);
void xml_number(struct xml *x, const char *name, uint32_t n);
/* What is XML already, and well-formed. */
void xml_raw(struct xml *x, const char *text, size_t len);

#endif
