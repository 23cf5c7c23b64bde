/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Local and Remote: alternatives of one media block each, over the lines of sdp/line.h. */
#include "h248/codec.h"
#include "h248/model/small.h"
#include "h248/sdp.h"
#include "sdp/line.h"

static const struct slice choose = {"$", 1};

/* Cuts one line off *text; it ends with LF or, if any CR is there at all, with CRLF or CR. Knowing
 * that for the whole text makes it cheaper than sdp_line_next(). */
static inline struct slice cut_line(struct slice *text, bool has_cr)
{
	const char *lf = memchr(text->p, '\n', text->len);
	size_t n = lf ? (size_t)(lf - text->p) : text->len;
	const char *cr = has_cr ? memchr(text->p, '\r', n) : NULL;
	struct slice line;

	if (cr)
		n = (size_t)(cr - text->p);
	line = slice_make(text->p, n);
	if (cr && lf == cr + 1)
		n++;
	if (n < text->len)
		n++;
	text->p += n;
	text->len -= n;
	return line;
}

static bool is_choose(struct slice s)
{
	return s.len == 1 && s.p[0] == '$';
}

static int parse_connection(struct slice value, struct h248_sdp *sdp)
{
	struct sdp_connection c;

	if (sdp->has_connection || sdp_connection_split(value, choose, &c) != SDP_OK)
		return H248_E_SYNTAX;
	sdp->address_type = c.address_type;
	sdp->address = c.address;
	sdp->has_connection = true;
	return H248_OK;
}

static int parse_media(struct slice value, struct h248_sdp *sdp)
{
	struct sdp_mline m;

	/* One stream, one m= line: H.248.1 7.1.8. */
	if (sdp->has_media || sdp_mline_parse(value, choose, &m) != SDP_OK)
		return H248_E_SYNTAX;
	sdp->has_media = true;
	sdp->media = m.media;
	sdp->port = m.port;
	sdp->port_number = m.port_number;
	sdp->port_count = m.port_count;
	sdp->proto = m.proto;
	sdp->formats = m.formats;
	return H248_OK;
}

static int parse_line(struct h248_sdp *sdp, struct slice line, struct h248_arena *arena,
		      struct h248_sdp_line ***tail)
{
	struct slice value = slice_make(line.p + 2, line.len - 2);
	struct h248_sdp_line *node;

	switch (line.p[0]) {
	case 'v':
		sdp->version = value;
		return H248_OK;
	case 'o':
		sdp->origin = value;
		return H248_OK;
	case 's':
		sdp->session = value;
		return H248_OK;
	case 't':
		sdp->timing = value;
		return H248_OK;
	case 'c':
		return parse_connection(value, sdp);
	case 'm':
		return parse_media(value, sdp);
	default:
		node = arena_new(arena, sizeof(*node));
		if (!node)
			return H248_E_MEMORY;
		node->type = line.p[0];
		node->value = value;
		**tail = node;
		*tail = &node->next;
		return H248_OK;
	}
}

/* The next alternative begins; *tail: where its lines will go. */
static struct h248_sdp *new_block(struct h248_arena *arena, struct h248_sdp **last,
				  struct h248_sdp_line ***tail)
{
	struct h248_sdp *block = arena_new(arena, sizeof(*block));

	if (!block)
		return NULL;
	*last = block;
	*tail = &block->lines;
	return block;
}

int h248_sdp_parse(struct slice text, struct h248_arena *arena, struct h248_sdp **out)
{
	struct h248_sdp *first = NULL, *sdp = NULL, **last = &first;
	struct h248_sdp_line **tail = NULL;
	bool has_cr = text.len && memchr(text.p, '\r', text.len);
	unsigned lines = 0, blocks = 0;

	if (text.len && memchr(text.p, 0, text.len))
		return H248_E_SYNTAX;
	while (text.len) {
		struct slice line = cut_line(&text, has_cr);
		int rc;

		if (line.len == 0)
			continue;
		if (++lines > H248_SDP_LINES_MAX)
			return H248_E_SIZE;
		if (line.len < 2 || line.p[1] != '=' || line.p[0] < 'a' || line.p[0] > 'z')
			return H248_E_SYNTAX;
		if (!sdp || line.p[0] == 'v') {
			if (++blocks > H248_SDP_BLOCKS_MAX)
				return H248_E_SIZE;
			sdp = new_block(arena, last, &tail);
			if (!sdp)
				return H248_E_MEMORY;
			last = &sdp->next;
		}
		rc = parse_line(sdp, line, arena, &tail);
		if (rc)
			return rc;
	}
	*out = first;
	return H248_OK;
}

struct out {
	char *p, *end;
	int result;
};

static void put(struct out *o, struct slice s)
{
	if (s.len > (size_t)(o->end - o->p)) {
		o->result = H248_E_SPACE;
		return;
	}
	if (s.len)
		memcpy(o->p, s.p, s.len);
	o->p += s.len;
}

static void put_value(struct out *o, struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '\r' || s.p[i] == '\n' || s.p[i] == 0)
			o->result = H248_E_VALUE;
	}
	put(o, s);
}

static void put_line(struct out *o, char type, struct slice value)
{
	put(o, slice_make(&type, 1));
	put(o, SLICE_LIT("="));
	put_value(o, value);
	put(o, SLICE_LIT("\r\n"));
}

static void put_connection(struct out *o, const struct h248_sdp *sdp)
{
	put(o, SLICE_LIT("c=IN "));
	put_value(o, sdp->address_type);
	put(o, SLICE_LIT(" "));
	put_value(o, sdp->address);
	put(o, SLICE_LIT("\r\n"));
}

static void put_media(struct out *o, const struct h248_sdp *sdp)
{
	const struct slice *parts[] = {&sdp->port, &sdp->proto, &sdp->formats};

	put(o, SLICE_LIT("m="));
	put_value(o, sdp->media);
	for (size_t i = 0; i < 3; i++) {
		if (i == 2 && !parts[i]->len)
			break;
		put(o, SLICE_LIT(" "));
		put_value(o, *parts[i]);
		if (i == 0 && sdp->port_count > 1) {
			char text[12], *p = text + sizeof(text);

			for (uint32_t n = sdp->port_count; n; n /= 10)
				*--p = (char)('0' + n % 10);
			*--p = '/';
			put(o, slice_make(p, (size_t)(text + sizeof(text) - p)));
		}
	}
	put(o, SLICE_LIT("\r\n"));
}

static struct slice or_default(struct slice value, bool full, const char *fallback)
{
	return value.p || !full ? value : slice_str(fallback);
}

/* Session lines stand before t=, the others behind m=. */
static bool is_session_line(char type)
{
	return type == 'i' || type == 'u' || type == 'e' || type == 'p';
}

static void put_block(struct out *o, const struct h248_sdp *sdp, bool full, bool alternatives)
{
	struct slice version = or_default(sdp->version, full || alternatives, "0");
	struct slice origin = or_default(sdp->origin, full, NULL),
		     session = or_default(sdp->session, full, "-");
	struct slice timing = or_default(sdp->timing, full, "0 0");

	if (version.p)
		put_line(o, 'v', version);
	if (origin.p) {
		put_line(o, 'o', origin);
	} else if (full) {
		put(o, SLICE_LIT("o=- 0 0 IN "));
		put_value(o, sdp->has_connection ? sdp->address_type : SLICE_LIT("IP4"));
		put(o, SLICE_LIT(" "));
		put_value(o, sdp->has_connection ? sdp->address : SLICE_LIT("0.0.0.0"));
		put(o, SLICE_LIT("\r\n"));
	}
	if (session.p)
		put_line(o, 's', session);
	for (const struct h248_sdp_line *l = sdp->lines; l; l = l->next) {
		if (is_session_line(l->type))
			put_line(o, l->type, l->value);
	}
	if (sdp->has_connection)
		put_connection(o, sdp);
	if (timing.p)
		put_line(o, 't', timing);
	if (sdp->has_media)
		put_media(o, sdp);
	for (const struct h248_sdp_line *l = sdp->lines; l; l = l->next) {
		if (!is_session_line(l->type))
			put_line(o, l->type, l->value);
	}
}

int h248_sdp_write(const struct h248_sdp *sdp, bool full, char *buf, size_t size, size_t *len)
{
	struct out o = {.p = buf, .end = buf + size};
	bool alternatives = sdp && sdp->next;

	for (; sdp; sdp = sdp->next)
		put_block(&o, sdp, full, alternatives);
	if (o.result)
		return o.result;
	*len = (size_t)(o.p - buf);
	return H248_OK;
}

bool h248_sdp_attribute_next(const struct h248_sdp *sdp, const char *name,
			     const struct h248_sdp_line **pos, struct h248_sdp_attribute *out)
{
	const struct h248_sdp_line *l = *pos ? (*pos)->next : sdp->lines;

	for (; l; l = l->next) {
		struct slice value = l->value, key;

		if (l->type != 'a')
			continue;
		key = slice_cut(&value, ':');
		if (slice_eq_nocase(key, slice_str(name))) {
			*pos = l;
			out->name = key;
			out->value = value;
			return true;
		}
	}
	return false;
}

struct h248_sdp_line *h248_sdp_add_line(struct h248_arena *arena, struct h248_sdp *sdp, char type,
					struct slice value)
{
	struct h248_sdp_line *node = h248_alloc(arena, sizeof(*node)), **tail = &sdp->lines;

	if (!node)
		return NULL;
	node->type = type;
	node->value = value;
	while (*tail)
		tail = &(*tail)->next;
	*tail = node;
	return node;
}

struct h248_sdp_line *h248_sdp_add_attribute(struct h248_arena *arena, struct h248_sdp *sdp,
					     const char *name, struct slice value)
{
	size_t n = strlen(name);
	char *text;

	if (!value.p)
		return h248_sdp_add_line(arena, sdp, 'a', h248_copy(arena, slice_str(name)));
	text = h248_alloc(arena, n + 1 + value.len);
	if (!text)
		return NULL;
	memcpy(text, name, n);
	text[n] = ':';
	if (value.len)
		memcpy(text + n + 1, value.p, value.len);
	return h248_sdp_add_line(arena, sdp, 'a', slice_make(text, n + 1 + value.len));
}

bool h248_sdp_has_choose(const struct h248_sdp *sdp)
{
	if (is_choose(sdp->address) || is_choose(sdp->address_type) || is_choose(sdp->port) ||
	    is_choose(sdp->media) || is_choose(sdp->formats))
		return true;
	for (const struct h248_sdp_line *l = sdp->lines; l; l = l->next) {
		struct slice rest = l->value, word;

		slice_cut(&rest, ':');
		while (rest.p) {
			word = slice_cut(&rest, ' ');
			if (is_choose(word))
				return true;
		}
	}
	return false;
}
