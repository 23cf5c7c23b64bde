/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_alg/core/multipart.h"

#include <stdio.h>

#include "sip/header.h"

enum { DEEP_MAX = 4, BOUNDARY_MAX = 70 }; /* RFC 2046 5.1.1 */

/* The token or quoted string of a parameter "name=.." behind a header's value; p NULL: none. */
static struct slice parameter(struct slice value, const char *name)
{
	(void)slice_cut(&value, ';');
	while (value.p) {
		struct slice p = slice_trim(slice_cut(&value, ';')), n = p, v;

		n = slice_trim(slice_cut(&p, '='));
		v = p.p ? slice_trim(p) : SLICE_NULL;
		if (!slice_eq_nocase(n, slice_str(name)))
			continue;
		if (v.len >= 2 && v.p[0] == '"' && v.p[v.len - 1] == '"')
			v = slice_make(v.p + 1, v.len - 2);
		return v;
	}
	return SLICE_NULL;
}

/* "application/sdp" of "Application / SDP; charset=x": there may be space around the slash (RFC 3261 25.1). */
static bool is_type(struct slice value, const char *want)
{
	struct slice has = slice_cut(&value, ';'), wants = slice_str(want);

	return slice_eq_nocase(slice_trim(slice_cut(&has, '/')), slice_cut(&wants, '/')) &&
	       slice_eq_nocase(slice_trim(has), wants);
}

/* Who does not say what it is, and begins as a description begins, means one. */
static bool is_untold(struct slice type, struct slice content)
{
	return !slice_trim(type).len && content.len > 3 && memcmp(content.p, "v=0", 3) == 0;
}

static bool is_session(struct slice disposition)
{
	struct slice word = slice_trim(slice_cut(&disposition, ';'));

	return !word.len || slice_eq_nocase(word, SLICE_LIT("session"));
}

static bool is_early(struct slice disposition)
{
	return slice_eq_nocase(slice_trim(slice_cut(&disposition, ';')),
			       SLICE_LIT("early-session"));
}

static bool is_plain(struct slice encoding)
{
	encoding = slice_trim(encoding);
	return !encoding.len || slice_eq_nocase(encoding, SLICE_LIT("identity"));
}

/* base64 and quoted-printable hide the text; these do not (RFC 2045 6.1). */
static bool is_readable(struct slice transfer)
{
	transfer = slice_trim(transfer);
	return !transfer.len || slice_eq_nocase(transfer, SLICE_LIT("7bit")) ||
	       slice_eq_nocase(transfer, SLICE_LIT("8bit")) ||
	       slice_eq_nocase(transfer, SLICE_LIT("binary"));
}

/* ---- parts ---- */

struct part {
	struct slice type, disposition, encoding, transfer, length, content;
	bool twice; /* it has two types, of which each reader takes another */
};

static void read_part(struct slice text, struct part *out)
{
	struct slice name, value;

	memset(out, 0, sizeof(*out));
	while (sip_header_next(&text, &name, &value)) {
		if (slice_eq_nocase(name, SLICE_LIT("Content-Type")) ||
		    slice_eq_nocase(name, SLICE_LIT("c"))) {
			out->twice = out->type.p != NULL;
			out->type = value;
		} else if (slice_eq_nocase(name, SLICE_LIT("Content-Disposition")))
			out->disposition = value;
		else if (slice_eq_nocase(name, SLICE_LIT("Content-Encoding")) ||
			 slice_eq_nocase(name, SLICE_LIT("e")))
			out->encoding = value;
		else if (slice_eq_nocase(name, SLICE_LIT("Content-Transfer-Encoding")))
			out->transfer = value;
		else if (slice_eq_nocase(name, SLICE_LIT("Content-Length")) ||
			 slice_eq_nocase(name, SLICE_LIT("l")))
			out->length = value;
	}
	out->content = text;
}

/* Is there "--boundary" at p, at the begin of a line? *last: it is the closing one. */
static bool delimiter_at(struct slice body, size_t at, struct slice boundary, bool *last,
			 size_t *behind)
{
	size_t n = at + 2 + boundary.len;

	if (n > body.len || (at && body.p[at - 1] != '\n') || memcmp(body.p + at, "--", 2) ||
	    memcmp(body.p + at + 2, boundary.p, boundary.len))
		return false;
	*last = n + 2 <= body.len && memcmp(body.p + n, "--", 2) == 0;
	if (*last)
		n += 2;
	while (n < body.len && (body.p[n] == ' ' || body.p[n] == '\t' || body.p[n] == '\r'))
		n++;
	if (n < body.len && body.p[n] != '\n')
		return false;
	*behind = n < body.len ? n + 1 : n;
	return true;
}

/* The next delimiter at or behind *at; *end is where the text before it ends, without its CRLF. */
static bool next_delimiter(struct slice body, struct slice boundary, size_t *at, size_t *end,
			   bool *last)
{
	for (size_t i = *at; i < body.len; i++) {
		const char *dash = memchr(body.p + i, '-', body.len - i);
		size_t behind;

		if (!dash)
			return false;
		i = (size_t)(dash - body.p);
		if (!delimiter_at(body, i, boundary, last, &behind))
			continue;
		*end = i;
		if (*end && body.p[*end - 1] == '\n')
			(*end)--;
		if (*end && body.p[*end - 1] == '\r')
			(*end)--;
		*at = behind;
		return true;
	}
	return false;
}

/* Besides what alg_sdp_find() returns: nothing but early sessions. */
enum { ONLY_EARLY = 2 };

static int find(const struct part *p, unsigned deep, struct alg_sdp_part *out);

static int add_early(struct alg_sdp_part *out, struct slice text)
{
	if (out->earlies == ALG_EARLY_MAX)
		return ALG_BODY_SEVERAL;
	out->early[out->earlies++] = text;
	return ALG_BODY_NONE;
}

static int find_in_multipart(const struct part *p, unsigned deep, struct alg_sdp_part *out)
{
	struct slice boundary = parameter(p->type, "boundary"), body = p->content;
	unsigned before = out->earlies, parts = 0, early = 0;
	int found = ALG_BODY_NONE;
	size_t at = 0, begin, end;
	bool last;

	if (!boundary.len || boundary.len > BOUNDARY_MAX || deep > DEEP_MAX ||
	    !next_delimiter(body, boundary, &at, &end, &last))
		return ALG_BODY_SYNTAX;
	while (!last) {
		size_t from = end;
		struct part part;
		int rc;

		begin = at;
		if (!next_delimiter(body, boundary, &at, &end, &last))
			return ALG_BODY_SYNTAX; /* not closed */
		if (end < begin)
			end = begin;
		read_part(slice_make(body.p + begin, end - begin), &part);
		rc = find(&part, deep + 1, out);
		parts++;
		if (rc == ONLY_EARLY) {
			early++;
			rc = add_early(out, slice_make(body.p + from, end - from));
		}
		if (rc < 0)
			return rc;
		if (rc == ALG_BODY_NONE)
			continue;
		if (found)
			return ALG_BODY_SEVERAL;
		found = ALG_BODY_SDP;
	}
	if (early < parts)
		return found;
	/* A multipart without a part is none: all of it goes. */
	out->earlies = before;
	return ONLY_EARLY;
}

static bool is_multipart(struct slice type)
{
	struct slice has = slice_cut(&type, ';');

	return slice_eq_nocase(slice_trim(slice_cut(&has, '/')), SLICE_LIT("multipart"));
}

static int find(const struct part *p, unsigned deep, struct alg_sdp_part *out)
{
	int rc;

	if (p->twice)
		return ALG_BODY_SYNTAX;
	if (is_type(p->type, "application/sdp") || is_untold(p->type, p->content)) {
		if (is_early(p->disposition))
			return ONLY_EARLY;
		if (!is_session(p->disposition))
			return ALG_BODY_NONE;
		if (!is_plain(p->encoding) || !is_readable(p->transfer))
			return ALG_BODY_SEALED;
		out->sdp = p->content;
		out->content_length = p->length;
		return ALG_BODY_SDP;
	}
	if (is_type(p->type, "application/pkcs7-mime"))
		return ALG_BODY_SEALED; /* S/MIME: what is in it cannot be known */
	if (!is_multipart(p->type))
		return ALG_BODY_NONE;
	if (!is_plain(p->encoding) || !is_readable(p->transfer))
		return ALG_BODY_SEALED;
	rc = find_in_multipart(p, deep, out);
	if ((rc > 0 || out->earlies) && is_type(p->type, "multipart/signed"))
		return ALG_BODY_SEALED;
	return rc;
}

enum alg_body alg_sdp_find(struct slice type, struct slice disposition, struct slice encoding,
			   struct slice body, struct alg_sdp_part *out)
{
	const struct part whole = {
	    .type = slice_trim(type),
	    .disposition = disposition,
	    .encoding = encoding,
	    .content = body,
	};
	int rc;

	memset(out, 0, sizeof(*out));
	rc = body.len ? find(&whole, 0, out) : ALG_BODY_NONE;
	if (rc == ONLY_EARLY)
		rc = add_early(out, body);
	return (enum alg_body)rc;
}

int alg_sdp_replace(struct slice body, const struct alg_sdp_part *part, struct slice sdp, char *buf,
		    size_t size, size_t *len)
{
	char digits[24];
	struct slice number =
	    slice_make(digits, (size_t)snprintf(digits, sizeof(digits), "%zu", sdp.len));
	const char *end = body.p + body.len;
	struct slice piece[5] = {{body.p, 0}, {NULL, 0}, {NULL, 0}, sdp, {NULL, 0}};
	size_t n = 0;

	if (part->content_length.p) {
		const char *behind = part->content_length.p + part->content_length.len;

		piece[0].len = (size_t)(part->content_length.p - body.p);
		piece[1] = number;
		piece[2] = slice_make(behind, (size_t)(part->sdp.p - behind));
	} else {
		piece[0].len = (size_t)(part->sdp.p - body.p);
	}
	piece[4] =
	    slice_make(part->sdp.p + part->sdp.len, (size_t)(end - part->sdp.p) - part->sdp.len);
	for (unsigned i = 0; i < 5; i++) {
		if (piece[i].len > size - n)
			return -1;
		if (piece[i].len)
			memcpy(buf + n, piece[i].p, piece[i].len);
		n += piece[i].len;
	}
	*len = n;
	return 0;
}
