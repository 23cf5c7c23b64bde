/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reginfo/parser.h"

#include <libxml/tree.h>
#include <stdlib.h>

#include "reginfo/untrusted_xml.h"

/* Where the rows and strings of one document go: a single block, cut off piece by piece. */
struct arena {
	struct reginfo_registration *regs;
	struct reginfo_contact *contacts;
	struct reginfo_param *params;
	char *text;
	size_t text_left;
};

struct counts {
	size_t regs, contacts, params;
};

static bool is_element(const xmlNode *n, const char *name, const char *ns)
{
	return n->type == XML_ELEMENT_NODE && strcmp((const char *)n->name, name) == 0 && n->ns &&
	       n->ns->href && strcmp((const char *)n->ns->href, ns) == 0;
}

static int count_rows(const xmlNode *root, struct counts *c)
{
	for (const xmlNode *r = root->children; r; r = r->next) {
		if (!is_element(r, "registration", REGINFO_NS))
			continue;
		c->regs++;
		for (const xmlNode *k = r->children; k; k = k->next) {
			if (!is_element(k, "contact", REGINFO_NS))
				continue;
			c->contacts++;
			for (const xmlNode *p = k->children; p; p = p->next)
				c->params += is_element(p, "unknown-param", REGINFO_NS);
		}
	}
	if (c->regs > REGINFO_MAX_REGISTRATIONS || c->contacts > REGINFO_MAX_CONTACTS ||
	    c->params > REGINFO_MAX_PARAMS)
		return REGINFO_E_TOO_BIG;
	return REGINFO_OK;
}

/* Copy a libxml2 string into the arena, trimmed, and free it. */
static int keep_text(struct arena *a, xmlChar *text, struct slice *out)
{
	struct slice s = slice_trim(slice_str((const char *)text));
	int err = REGINFO_OK;

	if (s.len > a->text_left) {
		err = REGINFO_E_TOO_BIG;
	} else {
		memcpy(a->text, s.p, s.len);
		*out = slice_make(a->text, s.len);
		a->text += s.len;
		a->text_left -= s.len;
	}
	xmlFree(text);
	return err;
}

/* 1 when the attribute is there, 0 when not, or an error. */
static int attr_text(const xmlNode *n, const char *name, struct arena *a, struct slice *out)
{
	xmlAttr *attr = xmlHasNsProp(n, (const xmlChar *)name, NULL);
	xmlChar *text;
	int err;

	if (!attr)
		return 0;
	text = xmlNodeListGetString(n->doc, attr->children, 1);
	if (!text) {
		*out = SLICE_LIT("");
		return 1;
	}
	err = keep_text(a, text, out);
	return err ? err : 1;
}

static int attr_needed(const xmlNode *n, const char *name, struct arena *a, struct slice *out)
{
	int rc = attr_text(n, name, a, out);

	if (rc < 0)
		return rc;
	return rc == 1 && out->len > 0 ? REGINFO_OK : REGINFO_E_CONTENT;
}

static int attr_u32(const xmlNode *n, const char *name, struct arena *a, bool *present,
		    uint32_t *out)
{
	struct slice s;
	uint64_t v;
	int rc = attr_text(n, name, a, &s);

	*present = false;
	if (rc <= 0)
		return rc;
	if (slice_u64(s, UINT32_MAX, &v))
		return REGINFO_E_CONTENT;
	*present = true;
	*out = (uint32_t)v;
	return REGINFO_OK;
}

static int content_text(const xmlNode *n, struct arena *a, struct slice *out)
{
	xmlChar *text = xmlNodeGetContent(n);

	return text ? keep_text(a, text, out) : REGINFO_E_NOMEM;
}

static int read_connection(const xmlNode *n, struct arena *a, struct reginfo_contact *c)
{
	struct slice word = SLICE_NULL;
	bool present;
	int err = attr_needed(n, "state", a, &word);

	if (!err)
		err = reginfo_connection_parse(word, &c->connection);
	if (!err)
		err = attr_u32(n, "linger", a, &present, &c->linger);
	return err;
}

static int read_temp_gruu(const xmlNode *n, struct arena *a, struct reginfo_contact *c)
{
	bool present;
	int err = attr_needed(n, "uri", a, &c->temp_gruu);

	return err ? err : attr_u32(n, "first-cseq", a, &present, &c->temp_gruu_first_cseq);
}

static int read_param(const xmlNode *n, struct arena *a, struct reginfo_contact *c)
{
	struct reginfo_param *p = a->params++;
	int err = attr_needed(n, "name", a, &p->name);

	c->params_n++;
	return err ? err : content_text(n, a, &p->value);
}

static int read_contact_child(const xmlNode *n, struct arena *a, struct reginfo_contact *c)
{
	if (is_element(n, "uri", REGINFO_NS))
		return content_text(n, a, &c->uri);
	if (is_element(n, "display-name", REGINFO_NS))
		return content_text(n, a, &c->display_name);
	if (is_element(n, "unknown-param", REGINFO_NS))
		return read_param(n, a, c);
	if (is_element(n, "pub-gruu", REGINFO_NS_GRUU))
		return attr_needed(n, "uri", a, &c->pub_gruu);
	if (is_element(n, "temp-gruu", REGINFO_NS_GRUU))
		return read_temp_gruu(n, a, c);
	if (is_element(n, "connection", REGINFO_NS_SEAMLESS))
		return read_connection(n, a, c);
	return REGINFO_OK;
}

static int read_contact_words(const xmlNode *n, struct arena *a, struct reginfo_contact *c)
{
	struct slice word = SLICE_NULL;
	int err = attr_needed(n, "id", a, &c->id);

	if (!err)
		err = attr_needed(n, "state", a, &word);
	if (!err)
		err = reginfo_contact_state_parse(word, &c->state);
	if (!err)
		err = attr_needed(n, "event", a, &word);
	return err ? err : reginfo_event_parse(word, &c->event);
}

static int read_contact_options(const xmlNode *n, struct arena *a, struct reginfo_contact *c)
{
	int err = attr_text(n, "q", a, &c->q);

	if (err >= 0)
		err = attr_text(n, "callid", a, &c->callid);
	if (err >= 0)
		err = attr_u32(n, "cseq", a, &c->has_cseq, &c->cseq);
	if (!err)
		err = attr_u32(n, "expires", a, &c->has_expires, &c->expires);
	if (!err)
		err = attr_u32(n, "retry-after", a, &c->has_retry_after, &c->retry_after);
	return err ? err : attr_u32(n, "duration-registered", a, &c->has_duration, &c->duration);
}

static int read_contact(const xmlNode *n, struct arena *a, struct reginfo_contact *c)
{
	int err = read_contact_words(n, a, c);

	if (!err)
		err = read_contact_options(n, a, c);
	c->params = a->params;
	for (const xmlNode *k = n->children; k && !err; k = k->next)
		err = read_contact_child(k, a, c);
	if (!err && c->uri.len == 0)
		err = REGINFO_E_CONTENT;
	return err;
}

static int read_registration(const xmlNode *n, struct arena *a, struct reginfo_registration *r)
{
	struct slice word = SLICE_NULL;
	int err = attr_needed(n, "aor", a, &r->aor);

	if (!err)
		err = attr_needed(n, "id", a, &r->id);
	if (!err)
		err = attr_needed(n, "state", a, &word);
	if (!err)
		err = reginfo_reg_state_parse(word, &r->state);
	r->contacts = a->contacts;
	for (const xmlNode *k = n->children; k && !err; k = k->next)
		if (is_element(k, "contact", REGINFO_NS)) {
			r->contacts_n++;
			err = read_contact(k, a, a->contacts++);
		}
	return err;
}

static int read_root(const xmlNode *root, struct arena *a, struct reginfo_doc *doc)
{
	struct slice word = SLICE_NULL;
	bool present;
	int err = attr_u32(root, "version", a, &present, &doc->version);

	if (!err && !present)
		err = REGINFO_E_CONTENT;
	if (!err)
		err = attr_needed(root, "state", a, &word);
	if (!err) {
		doc->full = slice_eq(word, SLICE_LIT("full"));
		if (!doc->full && !slice_eq(word, SLICE_LIT("partial")))
			err = REGINFO_E_CONTENT;
	}
	doc->registrations = a->regs;
	for (const xmlNode *k = root->children; k && !err; k = k->next)
		if (is_element(k, "registration", REGINFO_NS)) {
			doc->registrations_n++;
			err = read_registration(k, a, a->regs++);
		}
	return err;
}

static int arena_new(const struct counts *n, size_t text, struct arena *a, void **memory)
{
	size_t regs = n->regs * sizeof(*a->regs);
	size_t contacts = n->contacts * sizeof(*a->contacts);
	size_t params = n->params * sizeof(*a->params);
	char *block = calloc(1, regs + contacts + params + text);

	if (!block)
		return REGINFO_E_NOMEM;
	a->regs = (void *)block;
	a->contacts = (void *)(block + regs);
	a->params = (void *)(block + regs + contacts);
	a->text = block + regs + contacts + params;
	a->text_left = text;
	*memory = block;
	return REGINFO_OK;
}

static int read_document(const xmlDoc *xml, size_t text, struct reginfo_doc *doc)
{
	const xmlNode *root = xmlDocGetRootElement(xml);
	struct reginfo_doc found = {0};
	struct counts n = {0};
	struct arena a;
	int err;

	if (!root || !is_element(root, "reginfo", REGINFO_NS))
		return REGINFO_E_CONTENT;
	if (untrusted_xml_depth(root, REGINFO_MAX_DEPTH))
		return REGINFO_E_TOO_BIG;
	err = count_rows(root, &n);
	if (!err)
		err = arena_new(&n, text, &a, &found.memory);
	if (!err)
		err = read_root(root, &a, &found);
	if (err)
		free(found.memory);
	else
		*doc = found;
	return err;
}

int reginfo_parse(struct slice body, struct reginfo_doc *doc)
{
	xmlDoc *xml;
	int err = untrusted_xml_read(body, REGINFO_MAX_BYTES, &xml);

	if (err)
		return err == UNTRUSTED_XML_E_TOO_BIG ? REGINFO_E_TOO_BIG : REGINFO_E_SYNTAX;
	err = read_document(xml, body.len, doc);
	xmlFreeDoc(xml);
	return err;
}

void reginfo_free(struct reginfo_doc *doc)
{
	free(doc->memory);
	*doc = (struct reginfo_doc){0};
}
