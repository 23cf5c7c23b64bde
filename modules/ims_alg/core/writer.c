/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_alg/core/writer.h"

#include "base/keyed_hash.h"

#include <stdio.h>

static void put(struct alg_writer *w, const char *p, size_t n)
{
	if (n > w->size - w->len) {
		w->full = true;
		return;
	}
	if (n)
		memcpy(w->p + w->len, p, n);
	w->len += n;
}

static void put_text(struct alg_writer *w, const char *text)
{
	put(w, text, strlen(text));
}

static void put_slice(struct alg_writer *w, struct slice s)
{
	put(w, s.p, s.len);
}

static void put_end(struct alg_writer *w)
{
	put(w, "\r\n", 2);
}

void alg_put_raw(struct alg_writer *w, struct slice raw)
{
	size_t n = raw.len;

	while (n && (raw.p[n - 1] == '\n' || raw.p[n - 1] == '\r'))
		n--;
	put(w, raw.p, n);
	put_end(w);
}

void alg_put_attr(struct alg_writer *w, const char *name, struct slice value)
{
	put(w, "a=", 2);
	put_text(w, name);
	if (value.p) {
		put(w, ":", 1);
		put_slice(w, value);
	}
	put_end(w);
}

void alg_put_c(struct alg_writer *w, const struct netaddr *a)
{
	char ip[NETADDR_TEXT_MAX];

	put_text(w, a->family == 6 ? "c=IN IP6 " : "c=IN IP4 ");
	put_text(w, netaddr_ip_text(a, ip));
	put_end(w);
}

static void put_number(struct alg_writer *w, uint64_t n)
{
	char text[24], *p = text + sizeof(text);

	do
		*--p = (char)('0' + n % 10);
	while (n /= 10);
	put(w, p, (size_t)(text + sizeof(text) - p));
}

void alg_put_mline(struct alg_writer *w, const struct sdp_line *line, const struct sdp_mline *m,
		   unsigned port, struct slice proto)
{
	const char *end = line->value.p + line->value.len, *behind = m->proto.p + m->proto.len;
	const char *gap = m->port.p + m->port.len;

	put(w, line->raw.p, (size_t)(m->port.p - line->raw.p));
	put_number(w, port);
	while (gap < m->proto.p && *gap != ' ')
		gap++; /* "/count" */
	put(w, gap, (size_t)(m->proto.p - gap));
	put_slice(w, proto);
	put(w, behind, (size_t)(end - behind));
	put_end(w);
}

/* user sess-id version nettype addrtype address */
struct origin_parts {
	struct slice id, version;
	uint64_t number;
};

static bool origin_split(struct slice v, struct origin_parts *o)
{
	struct slice rest = v, user = slice_cut(&rest, ' '), id, type;

	if (!user.len || !rest.p)
		return false;
	id = slice_cut(&rest, ' ');
	if (!id.len || !rest.p)
		return false;
	o->id = slice_make(v.p, (size_t)(id.p + id.len - v.p));
	o->version = slice_cut(&rest, ' ');
	if (!rest.p || slice_u64(o->version, UINT64_MAX, &o->number))
		return false;
	type = slice_cut(&rest, ' ');
	return slice_eq(type, SLICE_LIT("IN")) && rest.p && memchr(rest.p, ' ', rest.len);
}

void alg_put_origin(struct alg_writer *w, struct alg_origin *o, const struct sdp_line *line,
		    const struct netaddr *a)
{
	struct origin_parts parts;
	char ip[NETADDR_TEXT_MAX];

	/* What cannot be read may name its author's address in any place. */
	if (!origin_split(line->value, &parts))
		parts = (struct origin_parts){.id = SLICE_LIT("- 0")};
	if (!o->id[0] && slice_copy(parts.id, o->id, sizeof(o->id)))
		(void)slice_copy(SLICE_LIT("- 0"), o->id, sizeof(o->id));
	o->address = *a;
	if (!o->digest)
		o->version = parts.number;
	put(w, "o=", 2);
	put_text(w, o->id);
	put(w, " ", 1);
	w->version_at = w->len;
	put_number(w, o->version);
	w->version_len = w->len - w->version_at;
	put_text(w, a->family == 6 ? " IN IP6 " : " IN IP4 ");
	put_text(w, netaddr_ip_text(a, ip));
	put_end(w);
}

void alg_settle_origin(struct alg_writer *w, struct alg_origin *o, size_t from)
{
	static const struct keyed_hash_key none;
	uint64_t digest;
	char text[24];
	size_t n, tail = w->version_at + w->version_len;

	if (w->full || !w->version_len)
		return;
	digest = keyed_hash(&none, slice_make(w->p + from, w->len - from)) | 1;
	if (!o->digest || digest == o->digest) {
		o->digest = digest;
		return;
	}
	n = (size_t)snprintf(text, sizeof(text), "%llu", (unsigned long long)++o->version);
	if (n > w->version_len && w->len + n - w->version_len > w->size) {
		w->full = true;
		return;
	}
	memmove(w->p + w->version_at + n, w->p + tail, w->len - tail);
	memcpy(w->p + w->version_at, text, n);
	w->len = w->len + n - w->version_len;
	o->digest = digest;
}
