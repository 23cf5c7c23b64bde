/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/diameter/avp.h"

#include <ctype.h>
#include <string.h>

#include "base/utf8.h"
#include "hss/subscription/subscription.h"

static void add_value(struct builder *b, enum avp_id id, union avp_value *value)
{
	struct avp *avp = NULL;

	if (b->err)
		return;
	b->err = fd_msg_avp_new(dict.avp[id], 0, &avp);
	if (b->err == 0 && value)
		b->err = fd_msg_avp_setvalue(avp, value);
	if (b->err == 0)
		b->err = fd_msg_avp_add(b->parent, MSG_BRW_LAST_CHILD, avp);
	if (b->err && avp)
		fd_msg_free(avp);
}

void add_octets(struct builder *b, enum avp_id id, const void *data, size_t len)
{
	union avp_value v;

	v.os.data = (uint8_t *)(uintptr_t)data; /* copied by setvalue */
	v.os.len = len;
	add_value(b, id, &v);
}

void add_text(struct builder *b, enum avp_id id, const char *text)
{
	add_octets(b, id, text, strlen(text));
}

void add_text_if(struct builder *b, enum avp_id id, const char *text)
{
	if (text[0])
		add_text(b, id, text);
}

void add_u32(struct builder *b, enum avp_id id, uint32_t value)
{
	union avp_value v = {.u32 = value};

	add_value(b, id, &v);
}

struct builder open_group(struct builder *b, enum avp_id id)
{
	struct builder group = {NULL, b->err};
	struct avp *avp = NULL;

	if (group.err == 0)
		group.err = fd_msg_avp_new(dict.avp[id], 0, &avp);
	if (group.err == 0)
		group.err = fd_msg_avp_add(b->parent, MSG_BRW_LAST_CHILD, avp);
	if (group.err && avp)
		fd_msg_free(avp);
	else
		group.parent = avp;
	return group;
}

void close_group(struct builder *b, struct builder *group)
{
	if (group->err)
		b->err = group->err;
}

void add_application(struct builder *b, uint32_t id)
{
	struct builder g = open_group(b, AVP_VENDOR_SPECIFIC_APPLICATION_ID);

	add_u32(&g, AVP_VENDOR_ID, VENDOR_3GPP);
	add_u32(&g, AVP_AUTH_APPLICATION_ID, id);
	close_group(b, &g);
}

void add_redirect(struct builder *b, const char *host)
{
	char uri[IDENTITY_SIZE + 8];

	snprintf(uri, sizeof(uri), "aaa://%s", host);
	add_text(b, AVP_REDIRECT_HOST, uri);
	add_u32(b, AVP_REDIRECT_HOST_USAGE, 0);
}

/* An AVP of octets gets the code of the group: freeDiameter looks at the code when it writes. */
void add_raw(struct builder *b, enum avp_id id, const void *data, size_t len)
{
	const struct avp_definition *d = &avp_definitions[id];
	union avp_value v = {.os = {(uint8_t *)(uintptr_t)data, len}};
	struct avp *avp = NULL;
	struct avp_hdr *hdr;

	if (b->err)
		return;
	b->err = fd_msg_avp_new(dict.octets, 0, &avp);
	if (b->err == 0)
		b->err = fd_msg_avp_setvalue(avp, &v);
	if (b->err == 0)
		b->err = fd_msg_avp_hdr(avp, &hdr);
	if (b->err == 0) {
		hdr->avp_code = d->code;
		hdr->avp_flags =
		    (uint8_t)((d->m ? AVP_FLAG_MANDATORY : 0) | (d->vendor ? AVP_FLAG_VENDOR : 0));
		hdr->avp_vendor = d->vendor;
		b->err = fd_msg_avp_add(b->parent, MSG_BRW_LAST_CHILD, avp);
	}
	if (b->err && avp)
		fd_msg_free(avp);
}

struct slice avp_octets(const struct avp_hdr *hdr)
{
	if (!hdr->avp_value)
		return SLICE_NULL;
	return slice_make((const char *)hdr->avp_value->os.data, hdr->avp_value->os.len);
}

struct slice avp_octets_of(struct msg *msg, enum avp_id id)
{
	struct avp *avp = NULL;
	struct avp_hdr *hdr;

	return fd_msg_search_avp(msg, dict.avp[id], &avp) || !avp || fd_msg_avp_hdr(avp, &hdr)
		   ? SLICE_NULL
		   : avp_octets(hdr);
}

uint32_t avp_experimental_code(struct avp *group)
{
	for (struct avp *a = avp_child(group); a; a = avp_next(a)) {
		struct avp_hdr *hdr;

		if (fd_msg_avp_hdr(a, &hdr) == 0 && hdr->avp_value &&
		    avp_identify(hdr) == AVP_EXPERIMENTAL_RESULT_CODE)
			return hdr->avp_value->u32;
	}
	return 0;
}

bool avp_is_identity(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!isalnum((unsigned char)s.p[i]) && !memchr("-._", s.p[i], 3))
			return false;
	return s.len > 0 && s.len < IDENTITY_SIZE;
}

bool avp_is_name(struct slice s)
{
	return s.len > 0 && s.len < IDENTITY_SIZE && utf8_printable(s);
}

struct avp *avp_child(msg_or_avp *of)
{
	struct avp *avp = NULL;

	return fd_msg_browse(of, MSG_BRW_FIRST_CHILD, &avp, NULL) ? NULL : avp;
}

struct avp *avp_next(struct avp *of)
{
	struct avp *avp = NULL;

	return fd_msg_browse(of, MSG_BRW_NEXT, &avp, NULL) ? NULL : avp;
}

static void add_as_it_came(struct builder *b, struct avp *avp)
{
	struct avp_hdr *hdr;
	int id = -1;

	if (b->err == 0)
		b->err = fd_msg_avp_hdr(avp, &hdr);
	if (b->err == 0)
		id = avp_identify(hdr);
	if (id < 0)
		return;
	if (avp_definitions[id].type == AVP_UNSIGNED32) {
		add_u32(b, (enum avp_id)id, hdr->avp_value->u32);
	} else if (avp_definitions[id].type == AVP_OCTETSTRING) {
		add_octets(b, (enum avp_id)id, avp_octets(hdr).p, avp_octets(hdr).len);
	} else {
		struct builder g = open_group(b, (enum avp_id)id);

		for (struct avp *a = avp_child(avp); a; a = avp_next(a))
			add_as_it_came(&g, a);
		close_group(b, &g);
	}
}

void add_failed(struct builder *b, struct avp *wrong)
{
	struct builder g = open_group(b, AVP_FAILED_AVP);

	add_as_it_came(&g, wrong);
	close_group(b, &g);
}

/* Octets in the making. */
struct pack {
	uint8_t *out;
	size_t max, n;
};

static int pack_octets(struct pack *p, const void *data, size_t len)
{
	if (len > p->max - p->n)
		return -1;
	if (len)
		memcpy(p->out + p->n, data, len);
	p->n += len;
	return 0;
}

static int pack_u32(struct pack *p, uint32_t v)
{
	uint32_t wire = htonl(v);

	return pack_octets(p, &wire, sizeof(wire));
}

static int pack_children(struct pack *p, struct avp *group, int depth);

static int pack_value(struct pack *p, struct avp *avp, enum avp_id id, const struct avp_hdr *hdr,
		      int depth)
{
	enum avp_type type = avp_definitions[id].type;

	if (type == AVP_GROUPED)
		return pack_children(p, avp, depth + 1);
	if (!hdr->avp_value)
		return -1;
	return type == AVP_UNSIGNED32
		   ? pack_u32(p, hdr->avp_value->u32)
		   : pack_octets(p, hdr->avp_value->os.data, hdr->avp_value->os.len);
}

/* Header, value, and padding (RFC 6733 4.1). */
static int pack_one(struct pack *p, struct avp *avp, int depth)
{
	const struct avp_definition *d;
	size_t begin = p->n, len;
	struct avp_hdr *hdr;
	uint32_t flags;
	int id;

	if (fd_msg_avp_hdr(avp, &hdr))
		return -1;
	id = avp_identify(hdr);
	if (id < 0)
		return 0;
	d = &avp_definitions[id];
	flags = (d->vendor ? AVP_FLAG_VENDOR : 0) | (d->m ? AVP_FLAG_MANDATORY : 0);
	if (pack_u32(p, d->code) || pack_u32(p, 0) || (d->vendor && pack_u32(p, d->vendor)) ||
	    pack_value(p, avp, (enum avp_id)id, hdr, depth))
		return -1;
	len = p->n - begin;
	flags = htonl(flags << 24 | (uint32_t)len);
	memcpy(p->out + begin + 4, &flags, sizeof(flags));
	return pack_octets(p, "\0\0\0", (4 - len % 4) % 4);
}

static int pack_children(struct pack *p, struct avp *group, int depth)
{
	enum { DEEPEST = 4 };

	if (depth > DEEPEST)
		return -1;
	for (struct avp *a = avp_child(group); a; a = avp_next(a))
		if (pack_one(p, a, depth))
			return -1;
	return 0;
}

int avp_pack(struct avp *group, uint8_t *out, size_t max, size_t *len)
{
	struct pack p = {out, max, 0};

	if (pack_children(&p, group, 0))
		return -1;
	*len = p.n;
	return 0;
}
