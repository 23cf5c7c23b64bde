/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_vcc/core/wish.h"

#include <libxml/tree.h>

#include "reginfo/untrusted_xml.h"

static const char *const wishes[VCC_WISHES] = {"default", "cs-preferred", "ims-preferred",
					       "cs-only", "ims-only"};
static const char *const precedences[] = {"-", "operator", "user"};

const char *vcc_wish_name(enum vcc_wish w)
{
	return (unsigned)w < VCC_WISHES ? wishes[w] : "?";
}

int vcc_wish_parse(struct slice word, enum vcc_wish *out)
{
	for (unsigned i = 0; i < VCC_WISHES; i++)
		if (slice_eq(word, slice_str(wishes[i]))) {
			*out = (enum vcc_wish)i;
			return 0;
		}
	return -1;
}

const char *vcc_precedence_name(enum vcc_precedence p)
{
	return (unsigned)p < 3 ? precedences[p] : "?";
}

int vcc_precedence_parse(struct slice word, enum vcc_precedence *out)
{
	for (unsigned i = 1; i < 3; i++)
		if (slice_eq(word, slice_str(precedences[i]))) {
			*out = (enum vcc_precedence)i;
			return 0;
		}
	return -1;
}

const char *vcc_wish_strerror(int err)
{
	switch (err) {
	case VCC_WISH_OK:
		return "ok";
	case VCC_WISH_E_TOO_BIG:
		return "too large or too deep";
	case VCC_WISH_E_SYNTAX:
		return "not well-formed, or with a declaration";
	case VCC_WISH_E_CONTENT:
		return "another root element, or a word that is no wish";
	default:
		return "?";
	}
}

/* ---- XML ---- */

/* Read a document and its root; the document is freed by the caller. */
static int read_xml(struct slice body, size_t most, xmlDoc **out)
{
	xmlDoc *xml;
	int err = untrusted_xml_read(body, most, &xml);

	if (err)
		return err == UNTRUSTED_XML_E_TOO_BIG ? VCC_WISH_E_TOO_BIG : VCC_WISH_E_SYNTAX;
	if (!xmlDocGetRootElement(xml))
		err = VCC_WISH_E_CONTENT;
	else if (untrusted_xml_depth(xmlDocGetRootElement(xml), VCC_WISH_DEPTH_MAX))
		err = VCC_WISH_E_TOO_BIG;
	if (err)
		xmlFreeDoc(xml);
	else
		*out = xml;
	return err;
}

static bool is_element(const xmlNode *n, const char *name, const char *ns)
{
	return n->type == XML_ELEMENT_NODE && strcmp((const char *)n->name, name) == 0 &&
	       (!ns || (n->ns && n->ns->href && strcmp((const char *)n->ns->href, ns) == 0));
}

static int copy_text(xmlChar *text, char *buf, size_t size)
{
	int rc = text ? slice_copy(slice_trim(slice_str((const char *)text)), buf, size) : -1;

	xmlFree(text);
	return rc;
}

static int wish_of(const xmlNode *n, enum vcc_wish *out)
{
	char word[32];

	if (copy_text(xmlNodeGetContent(n), word, sizeof(word)))
		return VCC_WISH_E_CONTENT;
	return vcc_wish_parse(slice_str(word), out) ? VCC_WISH_E_CONTENT : VCC_WISH_OK;
}

static int read_access(xmlNode *n, struct vcc_wishes *w)
{
	struct vcc_access_wish *a = &w->access[w->accesses];

	if (w->accesses == VCC_WISH_ACCESSES)
		return VCC_WISH_E_TOO_BIG;
	if (copy_text(xmlGetNoNsProp(n, (const xmlChar *)"type"), a->type, sizeof(a->type)) ||
	    !a->type[0])
		return VCC_WISH_E_CONTENT;
	w->accesses++;
	return wish_of(n, &a->wish);
}

static int read_version(xmlNode *root, struct vcc_wishes *w)
{
	char text[16];
	uint64_t version;

	if (!xmlHasNsProp(root, (const xmlChar *)"version", NULL))
		return VCC_WISH_OK;
	if (copy_text(xmlGetNoNsProp(root, (const xmlChar *)"version"), text, sizeof(text)) ||
	    slice_u64(slice_str(text), UINT32_MAX, &version))
		return VCC_WISH_E_CONTENT;
	w->has_version = true;
	w->version = (uint32_t)version;
	return VCC_WISH_OK;
}

static int read_root(xmlNode *root, struct vcc_wishes *w)
{
	int err = read_version(root, w);

	for (xmlNode *n = root->children; n && !err; n = n->next) {
		if (is_element(n, "terminating", VCC_WISH_NS)) {
			err = w->has_terminating ? VCC_WISH_E_CONTENT : wish_of(n, &w->terminating);
			w->has_terminating = true;
		} else if (is_element(n, "originating", VCC_WISH_NS)) {
			err = w->has_originating ? VCC_WISH_E_CONTENT : wish_of(n, &w->originating);
			w->has_originating = true;
		} else if (is_element(n, "access", VCC_WISH_NS)) {
			err = read_access(n, w);
		}
	}
	return err;
}

int vcc_wishes_xml(struct slice body, struct vcc_wishes *out)
{
	struct vcc_wishes found = {0};
	xmlDoc *xml;
	int err = read_xml(body, VCC_WISH_BYTES_MAX, &xml);

	if (err)
		return err;
	if (!is_element(xmlDocGetRootElement(xml), "domain-preference", VCC_WISH_NS))
		err = VCC_WISH_E_CONTENT;
	else
		err = read_root(xmlDocGetRootElement(xml), &found);
	xmlFreeDoc(xml);
	if (!err)
		*out = found;
	return err;
}

int vcc_service_info(struct slice body, char *buf, size_t size)
{
	int err, rc = VCC_WISH_E_CONTENT;
	xmlNode *root;
	xmlDoc *xml;

	err = read_xml(body, VCC_SERVICE_INFO_BYTES_MAX, &xml);
	if (err)
		return err;
	root = xmlDocGetRootElement(xml);
	for (xmlNode *n = is_element(root, "ims-3gpp", NULL) ? root->children : NULL; n;
	     n = n->next)
		if (is_element(n, "service-info", NULL)) {
			rc = copy_text(xmlNodeGetContent(n), buf, size) ? VCC_WISH_E_TOO_BIG
									: VCC_WISH_OK;
			break;
		}
	xmlFreeDoc(xml);
	return rc;
}

/* ---- ServiceInfo ---- */

static int read_pair(struct slice key, struct slice value, struct vcc_wishes *w)
{
	if (slice_eq(key, SLICE_LIT("terminating"))) {
		w->has_terminating = true;
		return vcc_wish_parse(value, &w->terminating);
	}
	if (slice_eq(key, SLICE_LIT("originating"))) {
		w->has_originating = true;
		return vcc_wish_parse(value, &w->originating);
	}
	if (slice_eq(key, SLICE_LIT("precedence")))
		return vcc_precedence_parse(value, &w->precedence);
	return 0;
}

int vcc_wishes_service_info(struct slice text, struct vcc_wishes *out)
{
	struct vcc_wishes found = {0};

	while (text.p) {
		struct slice line = slice_cut(&text, '\n'), name = slice_cut(&line, ':');

		if (!line.p || !slice_eq(slice_trim(name), SLICE_LIT("domain-preference")))
			continue;
		while (line.p) {
			struct slice value = slice_cut(&line, ';');
			struct slice key = slice_trim(slice_cut(&value, '='));

			if (read_pair(key, slice_trim(value), &found))
				return VCC_WISH_E_CONTENT;
		}
		*out = found;
		return 1;
	}
	return 0;
}

enum vcc_wish vcc_wishes_terminating(const struct vcc_wishes *w, struct slice access)
{
	for (unsigned i = 0; i < w->accesses && access.len; i++) {
		struct slice type = slice_str(w->access[i].type);

		/* "wlan" also stands for what the phone writes in P-Access-Network-Info: IEEE-802.11a. */
		if (slice_eq_nocase(type, access) ||
		    (slice_eq_nocase(type, SLICE_LIT("wlan")) && access.len >= 11 &&
		     slice_eq_nocase(slice_make(access.p, 11), SLICE_LIT("IEEE-802.11"))) ||
		    (slice_eq_nocase(type, SLICE_LIT("cellular")) && access.len >= 5 &&
		     slice_eq_nocase(slice_make(access.p, 5), SLICE_LIT("3GPP-"))))
			return w->access[i].wish;
	}
	return w->has_terminating ? w->terminating : VCC_WISH_NONE;
}
