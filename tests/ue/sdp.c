/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "ue/sdp.h"

static const char *const direction_names[] = {"inactive", "sendonly", "recvonly", "sendrecv"};

/* "IN IP4 10.0.0.1" */
static int read_connection(struct slice v, struct sdp_audio *out)
{
	struct slice net = slice_cut(&v, ' '), type = slice_cut(&v, ' ');

	v = slice_trim(slice_cut(&v, '/'));
	if (!slice_eq_nocase(net, SLICE_LIT("IN")) || v.len == 0)
		return -1;
	out->ipv6 = slice_eq_nocase(type, SLICE_LIT("IP6"));
	out->address = v;
	return 0;
}

/* "audio 49170 RTP/AVP 0" */
static int read_media(struct slice v, bool *audio, uint16_t *port)
{
	struct slice kind = slice_cut(&v, ' '), number = slice_cut(&v, ' ');
	uint64_t n;

	*audio = slice_eq_nocase(kind, SLICE_LIT("audio"));
	number = slice_cut(&number, '/');
	if (slice_u64(number, 65535, &n) != 0)
		return -1;
	*port = (uint16_t)n;
	return 0;
}

int sdp_read(struct slice body, struct sdp_audio *out)
{
	struct sdp_audio a = {.direction = SDP_SENDRECV};
	bool in_audio = false, seen = false, in_session = true;

	while (body.len) {
		struct slice line = slice_trim(slice_cut(&body, '\n')), v;

		if (line.len < 2 || line.p[1] != '=')
			continue;
		v = slice_make(line.p + 2, line.len - 2);
		if (line.p[0] == 'm') {
			bool audio = false;
			uint16_t port = 0;

			if (seen)
				break;
			in_session = false;
			if (read_media(v, &audio, &port) != 0)
				return -1;
			in_audio = seen = audio;
			if (audio)
				a.port = port;
		} else if (line.p[0] == 'c' && (in_session || in_audio)) {
			if (read_connection(v, &a) != 0)
				return -1;
		} else if (line.p[0] == 'a' && (in_session || in_audio)) {
			for (unsigned i = 0; i < 4; i++)
				if (slice_eq_nocase(v, slice_str(direction_names[i])))
					a.direction = (enum sdp_direction)i;
		}
	}
	if (!seen || a.address.len == 0)
		return -1;
	*out = a;
	return 0;
}

int sdp_write(const struct sdp_audio *a, uint32_t session, uint32_t version, char *buf, size_t size)
{
	const char *ip = a->ipv6 ? "IP6" : "IP4";
	int n =
	    snprintf(buf, size,
		     "v=0\r\no=- %u %u IN %s %.*s\r\ns=-\r\nc=IN %s %.*s\r\nt=0 0\r\n"
		     "m=audio %u RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=ptime:20\r\na=%s\r\n",
		     session, version, ip, (int)a->address.len, a->address.p, ip,
		     (int)a->address.len, a->address.p, a->port, direction_names[a->direction & 3]);

	return n < 0 || (size_t)n >= size ? -1 : n;
}

enum sdp_direction sdp_answer_direction(enum sdp_direction offered)
{
	/* Swap the roles: what the other sends, this side receives. */
	return (enum sdp_direction)((offered & 1 ? 2 : 0) | (offered & 2 ? 1 : 0));
}
