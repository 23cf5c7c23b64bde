/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_vcc/core/described.h"

#include <stdio.h>

#include "base/keyed_hash.h"
#include "base/text_out.h"

/* o=user id version nettype addrtype address */
static int origin_of(struct slice value, struct slice *session, uint64_t *version,
		     struct slice *address)
{
	struct slice rest = value, user = slice_cut(&rest, ' '), id = slice_cut(&rest, ' '), number;

	if (!rest.p)
		return -1;
	*session = slice_make(user.p, (size_t)(id.p + id.len - user.p));
	number = slice_cut(&rest, ' ');
	*address = rest;
	return slice_u64(number, UINT64_MAX, version) || !rest.len ? -1 : 0;
}

struct scan {
	struct slice session, address;
	uint64_t version, content;
	int mlines;
	size_t end; /* of the m-line number keep - 1 */
	char kind[VCC_MLINES_MAX][64];
};

static int scan(struct slice text, int keep, struct scan *s)
{
	/* Told apart from another text by who wrote both: no secret is needed. */
	static const struct keyed_hash_key key = {{0x736470, 0x6f3d}};
	struct slice rest = text, format;
	struct sdp_mline m;
	struct sdp_line l;
	bool origin = false;
	int rc;

	memset(s, 0, sizeof(*s));
	s->end = text.len;
	if (text.len < 5 || memcmp(text.p, "v=0", 3) != 0 || text.len > VCC_SDP_MAX)
		return -1;
	while ((rc = sdp_line_next(&rest, &l)) == 1) {
		if (l.type == 'o') {
			if (origin || origin_of(l.value, &s->session, &s->version, &s->address))
				return -1;
			origin = true;
			continue;
		}
		s->content = (s->content << 7 | s->content >> 57) ^ keyed_hash(&key, l.raw);
		if (l.type != 'm')
			continue;
		if (s->mlines == keep)
			s->end = (size_t)(l.raw.p - text.p);
		if (s->mlines == VCC_MLINES_MAX || sdp_mline_parse(l.value, SLICE_NULL, &m))
			return -1;
		format = slice_cut(&m.formats, ' ');
		snprintf(s->kind[s->mlines], sizeof(s->kind[0]), "%.*s 0 %.*s %.*s",
			 (int)(m.media.len < 16 ? m.media.len : 16), m.media.p,
			 (int)(m.proto.len < 24 ? m.proto.len : 24), m.proto.p,
			 (int)(format.len < 16 ? format.len : 16), format.len ? format.p : "");
		s->mlines++;
	}
	return rc < 0 || !origin ? -1 : 0;
}

int vcc_described_mlines(struct slice text)
{
	struct scan s;

	return scan(text, -1, &s) ? -1 : s.mlines;
}

static int copy(char *field, size_t size, struct slice text)
{
	return slice_copy(text, field, size);
}

static void add_mlines(struct text_out *o, const char (*kind)[64], int from, int to)
{
	for (int i = from; i < to; i++) {
		text_put(o, SLICE_LIT("m="));
		text_put(o, slice_str(kind[i]));
		text_put(o, SLICE_LIT("\r\nc=IN IP4 0.0.0.0\r\n"));
	}
}

static void write_lines(struct text_out *o, const struct vcc_described *d, struct slice text)
{
	struct slice rest = text;
	struct sdp_line l;
	char line[320];

	while (sdp_line_next(&rest, &l) == 1) {
		if (l.type != 'o') {
			if (l.type)
				text_put(o, l.raw);
			continue;
		}
		snprintf(line, sizeof(line), "o=%s %llu %s\r\n", d->origin,
			 (unsigned long long)d->version, d->address);
		text_put(o, slice_str(line));
	}
	if (o->len && o->buf[o->len - 1] != '\n')
		text_put(o, SLICE_LIT("\r\n"));
}

int vcc_described_tell(struct vcc_described *d, struct slice text, int offered, char *buf,
		       size_t size, size_t *len)
{
	struct vcc_described was = *d;
	struct text_out o = {buf, size, 0, false};
	struct scan s;
	bool same;
	int want;

	if (scan(text, offered, &s))
		return -1;
	want = offered >= 0 ? offered : s.mlines > d->mlines ? s.mlines : d->mlines;
	same = !d->any || (slice_eq(s.session, slice_str(d->origin)) &&
			   slice_eq(s.address, slice_str(d->address)) && s.version >= d->version);
	if (!d->any && (copy(d->origin, sizeof(d->origin), s.session) ||
			copy(d->address, sizeof(d->address), s.address))) {
		*d = was;
		return -1;
	}
	if (same)
		d->version = s.version;
	else if (s.content != d->content)
		d->version++;
	d->any = true;
	d->content = s.content;
	for (int i = 0; i < s.mlines; i++)
		memcpy(d->kind[i], s.kind[i], sizeof(d->kind[0]));
	if (same && want == s.mlines) {
		text_put(&o, text);
	} else {
		write_lines(&o, d, slice_make(text.p, s.mlines > want ? s.end : text.len));
		add_mlines(&o, d->kind, s.mlines, want);
	}
	if (want > d->mlines)
		d->mlines = want;
	if (o.full) {
		*d = was;
		return -1;
	}
	*len = o.len;
	return 0;
}
