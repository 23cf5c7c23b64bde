/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_alg/core/multipart.h"

#include <stdio.h>

#include "sip/multipart.h"

enum { DEEP_MAX = 4 };

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

/* Besides what alg_sdp_find() returns: nothing but early sessions. */
enum { ONLY_EARLY = 2 };

static int find(const struct sip_part *p, unsigned deep, struct alg_sdp_part *out);

static int add_early(struct alg_sdp_part *out, struct slice text)
{
	if (out->earlies == ALG_EARLY_MAX)
		return ALG_BODY_SEVERAL;
	out->early[out->earlies++] = text;
	return ALG_BODY_NONE;
}

static int find_in_multipart(const struct sip_part *p, unsigned deep, struct alg_sdp_part *out)
{
	unsigned before = out->earlies, parts = 0, early = 0;
	int found = ALG_BODY_NONE, more;
	struct slice around;
	struct sip_parts walk;
	struct sip_part part;

	if (deep > DEEP_MAX || sip_parts_begin(&walk, p->type, p->content))
		return ALG_BODY_SYNTAX;
	while ((more = sip_parts_next(&walk, &part, &around)) == 1) {
		int rc = find(&part, deep + 1, out);

		parts++;
		if (rc == ONLY_EARLY) {
			early++;
			rc = add_early(out, around);
		}
		if (rc < 0)
			return rc;
		if (rc == ALG_BODY_NONE)
			continue;
		if (found)
			return ALG_BODY_SEVERAL;
		found = ALG_BODY_SDP;
	}
	if (more < 0)
		return ALG_BODY_SYNTAX;
	if (early < parts)
		return found;
	/* A multipart without a part is none: all of it goes. */
	out->earlies = before;
	return ONLY_EARLY;
}

static int find(const struct sip_part *p, unsigned deep, struct alg_sdp_part *out)
{
	int rc;

	if (p->twice)
		return ALG_BODY_SYNTAX;
	if (sip_media_type_is(p->type, "application/sdp") || is_untold(p->type, p->content)) {
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
	if (sip_media_type_is(p->type, "application/pkcs7-mime"))
		return ALG_BODY_SEALED; /* S/MIME: what is in it cannot be known */
	if (!sip_media_type_is_multipart(p->type))
		return ALG_BODY_NONE;
	if (!is_plain(p->encoding) || !is_readable(p->transfer))
		return ALG_BODY_SEALED;
	rc = find_in_multipart(p, deep, out);
	if ((rc > 0 || out->earlies) && sip_media_type_is(p->type, "multipart/signed"))
		return ALG_BODY_SEALED;
	return rc;
}

enum alg_body alg_sdp_find(struct slice type, struct slice disposition, struct slice encoding,
			   struct slice body, struct alg_sdp_part *out)
{
	const struct sip_part whole = {
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
