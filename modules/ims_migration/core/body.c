/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bodies by their media type. */
#include "modules/ims_migration/core/work.h"

#include "sip/chars.h"
#include "sip/name_addr.h"

enum kind {
	KIND_TEXT,
	KIND_XML,
	KIND_JSON,
	KIND_SDP,
	KIND_SIP,
	KIND_CPIM,
	KIND_PARTS,
	KIND_OPAQUE
};

/* The media type alone, "application/sdp". */
static struct slice media_type(struct slice value)
{
	return slice_trim(slice_cut(&value, ';'));
}

static bool begins_with(struct slice s, struct slice with)
{
	return s.len >= with.len && slice_eq_nocase(slice_make(s.p, with.len), with);
}

static bool ends_with(struct slice s, struct slice with)
{
	return s.len >= with.len &&
	       slice_eq_nocase(slice_make(s.p + s.len - with.len, with.len), with);
}

static enum kind kind_of(struct slice type)
{
	static const struct {
		struct slice type;
		enum kind kind;
	} known[] = {
	    {SLICE_LIT("application/sdp"), KIND_SDP},
	    {SLICE_LIT("message/sip"), KIND_SIP},
	    {SLICE_LIT("message/sipfrag"), KIND_SIP},
	    {SLICE_LIT("message/cpim"), KIND_CPIM},
	    {SLICE_LIT("multipart/encrypted"), KIND_OPAQUE},
	    {SLICE_LIT("application/xml"), KIND_XML},
	    {SLICE_LIT("text/xml"), KIND_XML},
	    {SLICE_LIT("application/json"), KIND_JSON},
	    {SLICE_LIT("application/simple-message-summary"), KIND_TEXT},
	    {SLICE_LIT("application/dtmf-relay"), KIND_TEXT},
	    {SLICE_LIT("application/dtmf"), KIND_TEXT},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (slice_eq_nocase(type, known[i].type))
			return known[i].kind;
	if (begins_with(type, SLICE_LIT("multipart/")))
		return KIND_PARTS;
	if (ends_with(type, SLICE_LIT("+xml")))
		return KIND_XML;
	if (ends_with(type, SLICE_LIT("+json")))
		return KIND_JSON;
	if (begins_with(type, SLICE_LIT("text/")) || begins_with(type, SLICE_LIT("message/")))
		return KIND_TEXT;
	return KIND_OPAQUE;
}

/* Is it all octets as they are (RFC 2045 6)? */
static bool is_plain(const struct head *h)
{
	static const struct slice plain[] = {SLICE_LIT("7bit"), SLICE_LIT("8bit"),
					     SLICE_LIT("binary")};

	if (h->encoding.len && !slice_eq_nocase(h->encoding, SLICE_LIT("identity")))
		return false;
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (slice_eq_nocase(h->transfer, plain[i]))
			return true;
	return h->transfer.len == 0;
}

static bool has(struct slice text, const char *word)
{
	return text.len && memmem(text.p, text.len, word, strlen(word));
}

/*
 * May an XML document be read letter by letter? Not with entities of its own (RFC 3023 3.1, and what is called a bomb), and not
 * in another encoding than one with ASCII in it.
 */
static bool is_readable_xml(struct slice text)
{
	static const struct slice encodings[] = {SLICE_LIT("utf-8"), SLICE_LIT("us-ascii"),
						 SLICE_LIT("iso-8859-1")};
	const char *at, *end;
	struct slice head = text, value;

	if (has(text, "<!DOCTYPE") || has(text, "<!ENTITY") ||
	    (text.len && memchr(text.p, '\0', text.len)))
		return false;
	if (!begins_with(text, SLICE_LIT("<?xml")))
		return !(text.len >= 2 && ((unsigned char)text.p[0] >= 0xfe));
	end = memchr(text.p, '>', text.len);
	head.len = end ? (size_t)(end - text.p) : text.len;
	at = memmem(head.p, head.len, "encoding", 8);
	if (!at)
		return true;
	value = slice_make(at + 8, (size_t)(head.p + head.len - at) - 8);
	while (value.len && (sip_is_blank(*value.p) || *value.p == '='))
		value = sip_drop(value, 1);
	if (value.len < 2)
		return false;
	for (size_t i = 0; i < sizeof(encodings) / sizeof(encodings[0]); i++)
		if (begins_with(sip_drop(value, 1), encodings[i]) &&
		    value.len > encodings[i].len + 1 && value.p[encodings[i].len + 1] == value.p[0])
			return true;
	return false;
}

/* Nobody can say what is in it. */
static void opaque(struct migration_work *w, const struct head *h)
{
	struct slice type = media_type(h->type);

	if (w->policy->hide && !(is_plain(h) && type.len && list_has(&w->policy->opaque, type)))
		work_refuse(w, MIGRATION_OPAQUE);
	else
		w->r->opaque++;
}

/* o=USERNAME of a session description: a user part, whose host stands elsewhere (RFC 8866 5.2). */
static void sdp_swap(struct migration_work *w, struct slice text)
{
	struct slice rest = text;

	while (rest.len) {
		const char *nl = memchr(rest.p, '\n', rest.len);
		struct slice line = slice_make(rest.p, nl ? (size_t)(nl - rest.p) : rest.len), user;
		char plain[MIGRATION_USER_MAX];
		bool marked = true;
		size_t n = 0, i = 0;

		rest = sip_drop(rest, nl ? line.len + 1 : line.len);
		if (line.len < 3 || line.p[0] != 'o' || line.p[1] != '=')
			continue;
		line = sip_drop(line, 2);
		user = slice_cut(&line, ' ');
		while (i < user.len && n < sizeof(plain)) {
			struct migration_letter l =
			    migration_letter_at(user, i, MIGRATION_TEXT_PLAIN);

			marked = marked && l.deep == 1 && l.small;
			plain[n++] = (char)l.c;
			i += l.n;
		}
		if (i == user.len && n)
			bare_swap(w, work_at(w, user.p), user.len, slice_make(plain, n), marked, 0);
	}
	scan_text(w, text, MIGRATION_TEXT_PLAIN);
}

/* Where a line "--boundary" begins in text, from at on; text.len: nowhere. */
static size_t find_delimiter(struct slice text, size_t at, struct slice boundary)
{
	while (at < text.len) {
		const char *hit = memmem(text.p + at, text.len - at, boundary.p, boundary.len);
		size_t found;

		if (!hit)
			return text.len;
		found = (size_t)(hit - text.p);
		if (found >= 2 && hit[-1] == '-' && hit[-2] == '-' &&
		    (found == 2 || hit[-3] == '\n'))
			return found - 2;
		at = found + 1;
	}
	return text.len;
}

static void part_swap(struct migration_work *w, struct slice part, unsigned depth)
{
	unsigned before;
	struct head h;

	headers_swap(w, part, &h);
	before = w->e->n;
	/* RFC 2046 5.1: a part without Content-Type is text/plain. */
	if (!h.type.len)
		h.type = SLICE_LIT("text/plain");
	body_swap(w, &h, depth);
	length_swap(w, &h, before);
}

static void parts_swap(struct migration_work *w, const struct head *h, unsigned depth)
{
	struct slice params = h->type, boundary, text = h->body;
	size_t at, end, next;

	slice_cut(&params, ';');
	if (params.p)
		params = slice_make(params.p - 1, params.len + 1);
	if (sip_param_get(params, SLICE_LIT("boundary"), &boundary) != 1 ||
	    (boundary = sip_unquote(boundary)).len == 0 ||
	    (at = find_delimiter(text, 0, boundary)) == text.len) {
		if (w->policy->hide)
			work_refuse(w, MIGRATION_MALFORMED);
		scan_text(w, text, MIGRATION_TEXT_PLAIN);
		return;
	}
	scan_text(w, slice_make(text.p, at), MIGRATION_TEXT_PLAIN);
	while (at < text.len && w->r->verdict == MIGRATION_OK) {
		const char *nl = memchr(text.p + at, '\n', text.len - at);
		struct slice line;

		end = nl ? (size_t)(nl - text.p) + 1 : text.len;
		line = slice_make(text.p + at, end - at);
		scan_text(w, line, MIGRATION_TEXT_PLAIN);
		if (begins_with(sip_drop(line, 2 + boundary.len), SLICE_LIT("--"))) {
			scan_text(w, sip_drop(text, end), MIGRATION_TEXT_PLAIN);
			return;
		}
		next = find_delimiter(text, end, boundary);
		part_swap(w, slice_make(text.p + end, next - end), depth + 1);
		at = next;
	}
}

static void xml_swap(struct migration_work *w, const struct head *h)
{
	if (w->policy->hide && !is_readable_xml(h->body))
		work_refuse(w, MIGRATION_OPAQUE);
	scan_text(w, h->body, MIGRATION_TEXT_XML);
}

/* Header fields, and behind them a part with headers of its own (RFC 3862 2). */
static void cpim_swap(struct migration_work *w, struct slice text, unsigned depth)
{
	struct head h;

	headers_swap(w, text, &h);
	part_swap(w, h.body, depth + 1);
}

static void kind_swap(struct migration_work *w, const struct head *h, enum kind kind,
		      unsigned depth)
{
	switch (kind) {
	case KIND_SDP:
		sdp_swap(w, h->body);
		break;
	case KIND_XML:
		xml_swap(w, h);
		break;
	case KIND_JSON:
		if (w->policy->hide && has(h->body, "\\u00"))
			work_refuse(w, MIGRATION_OPAQUE);
		scan_text(w, h->body, MIGRATION_TEXT_QUOTING);
		break;
	case KIND_SIP:
		message_swap(w, h->body, depth + 1, false);
		break;
	case KIND_CPIM:
		cpim_swap(w, h->body, depth);
		break;
	case KIND_PARTS:
		parts_swap(w, h, depth);
		break;
	default:
		/* UTF-16 is no text that is read letter by letter. */
		if (w->policy->hide && memchr(h->body.p, '\0', h->body.len))
			work_refuse(w, MIGRATION_OPAQUE);
		scan_text(w, h->body, MIGRATION_TEXT_PLAIN);
		break;
	}
}

/* Is it signed, so that no octet of it may change? */
static bool is_sealed(struct slice type)
{
	return slice_eq_nocase(type, SLICE_LIT("multipart/signed")) ||
	       ends_with(type, SLICE_LIT("-signed+xml"));
}

void body_swap(struct migration_work *w, const struct head *h, unsigned depth)
{
	struct slice type = media_type(h->type);
	enum kind kind = kind_of(type);
	unsigned before = w->e->n;

	if (!h->body.len || w->r->verdict != MIGRATION_OK)
		return;
	if (!is_plain(h) || kind == KIND_OPAQUE || depth >= MIGRATION_DEPTH_MAX) {
		opaque(w, h);
		/* What can be read in it, for all that. */
		if (is_plain(h))
			scan_text(w, h->body, MIGRATION_TEXT_PLAIN);
		if (w->e->n > before)
			work_refuse(w, MIGRATION_SEALED);
		return;
	}
	kind_swap(w, h, kind, depth);
	if (is_sealed(type) && w->e->n > before)
		work_refuse(w, MIGRATION_SEALED);
}
