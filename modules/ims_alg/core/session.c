/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_alg/core/session.h"

#include "base/base64.h"

const char *alg_problem_text(enum alg_problem p)
{
	static const char *const texts[ALG_PROBLEMS] = {
	    [ALG_FINE] = "no problem",
	    [ALG_P_NOT_ANNOUNCED] = "media security was not announced at registration",
	    [ALG_P_NOT_PROTECTED] = "media security needs protected signalling",
	    [ALG_P_NEVER] = "media security is not offered for this kind of media",
	    [ALG_P_NO_FINGERPRINT] = "a=fingerprint is missing",
	    [ALG_P_BAD_FINGERPRINT] = "a=fingerprint is broken or its hash is not allowed",
	    [ALG_P_NO_KEY] = "no a=crypto that can be used",
	    [ALG_P_WRONG_KEY] = "a=crypto does not answer what was offered",
	    [ALG_P_NO_MUX] = "DTLS-SRTP needs a=rtcp-mux",
	    [ALG_P_BAD_SETUP] = "a=setup does not fit",
	    [ALG_P_NO_SETUP] = "a=setup is missing",
	    [ALG_P_NO_ADDRESS] = "no IP address to send media to",
	    [ALG_P_FAMILY] = "m-lines of different address families",
	    [ALG_P_NO_PATH] = "a=path is missing or no MSRP URI",
	    [ALG_P_PATH_MISMATCH] = "a=path differs from c= and m=",
	    [ALG_P_TOO_LONG] = "a=path or the formats are too long",
	    [ALG_P_TOO_MANY] = "too many media streams",
	    [ALG_P_PRECONDITION] = "a mandatory security precondition cannot be met",
	    [ALG_P_PROTO] = "the answer has another protocol than the offer",
	    [ALG_P_MEDIA] = "the answer has another media type than the offer",
	    [ALG_P_COUNT] = "the number of m-lines does not fit",
	    [ALG_P_IN_CLEAR] = "media that were secured are not offered in clear",
	    [ALG_P_REVIVED] = "the answer revives a media stream that was refused",
	    [ALG_P_UNSERVED] = "media that no gateway can carry",
	};

	return (unsigned)p < ALG_PROBLEMS && texts[p] ? texts[p] : "unknown problem";
}

void alg_session_init(struct alg_session *s, const uint8_t random[18])
{
	memset(s, 0, offsetof(struct alg_session, line));
	(void)b64url_encode(random, 18, s->token, sizeof(s->token));
	memset(&s->media, 0, offsetof(struct alg_media, stream));
}

size_t alg_session_bytes(const struct alg_session *s)
{
	return offsetof(struct alg_session, media) + alg_media_bytes(&s->media);
}

/* ---- what the gateway is asked for and gives ---- */

static const struct alg_stream *stream_by_id(const struct alg_media *m, uint16_t id)
{
	for (unsigned i = 0; i < m->streams; i++)
		if (m->stream[i].live && m->stream[i].id == id)
			return &m->stream[i];
	return NULL;
}

bool alg_media_reserve(const struct alg_media *now, const struct alg_media *next,
		       struct alg_media *out)
{
	bool any = false;

	if (!alg_media_live(now)) {
		memcpy(out, next, alg_media_bytes(next));
		return alg_media_live(next);
	}
	memcpy(out, now, alg_media_bytes(now));
	for (unsigned i = 0; i < next->streams; i++) {
		unsigned at = 0;

		if (!next->stream[i].live || stream_by_id(now, next->stream[i].id))
			continue;
		while (at < out->streams && out->stream[at].live)
			at++;
		any = true;
		if (at == ALG_STREAMS_MAX) {
			/* No room to keep what is in force until the answer. */
			memcpy(out, next, alg_media_bytes(next));
			return true;
		}
		if (at == out->streams)
			out->streams++;
		out->stream[at] = next->stream[i];
		for (int side = 0; side < ALG_SIDES; side++)
			out->stream[at].later[side] |=
			    alg_media_replaced(now, next, (enum alg_side)side);
	}
	return any;
}

void alg_media_take(struct alg_media *m, const struct alg_media *given)
{
	for (int side = 0; side < ALG_SIDES; side++) {
		/* Of a termination that is about to be replaced. */
		if (alg_media_replaced(m, given, (enum alg_side)side))
			continue;
		for (unsigned i = 0; i < m->streams; i++) {
			const struct alg_stream *from = stream_by_id(given, m->stream[i].id);

			if (m->stream[i].live && from)
				m->stream[i].given[side] = from->given[side];
		}
	}
}

int alg_session_flow(const struct alg_session *s, int line, struct alg_flow *out)
{
	const struct alg_line *l;

	if (line < 0 || line >= s->lines)
		return -1;
	l = &s->line[line];
	memset(out, 0, sizeof(*out));
	out->kind = (enum alg_kind)l->kind;
	out->anchored = l->stream >= 0;
	if (l->kind != ALG_KIND_OTHER)
		out->protocol = l->tcp ? 6 : 17;
	if (!out->anchored)
		return 0;
	out->ue = s->media.stream[l->stream].end[ALG_ACCESS].remote;
	if (l->tcp && s->media.stream[l->stream].end[ALG_ACCESS].remote_setup == SDP_SETUP_ACTIVE)
		out->ue.port = 0;
	out->gateway = s->media.stream[l->stream].given[ALG_ACCESS].local;
	return 0;
}
