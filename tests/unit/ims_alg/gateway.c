/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/ims_alg/gateway.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static void address_of(const struct alg_media *m, enum alg_side side, uint16_t id,
		       struct netaddr *out)
{
	static const char *const ip[ALG_SIDES][2] = {
	    [ALG_ACCESS] = {"10.0.0.254", "fd00::fe"},
	    [ALG_CORE] = {"198.51.100.2", "2001:db8:c::2"},
	};

	netaddr_parse(slice_str(ip[side][m->family[side] == 6]), out);
	out->port = (uint16_t)((side == ALG_ACCESS ? 30000 : 40000) + 2 * id + 100 * m->move[side]);
}

void gateway_give(struct alg_media *m)
{
	for (unsigned i = 0; i < m->streams; i++)
		for (int side = 0; side < ALG_SIDES; side++) {
			struct alg_stream *s = &m->stream[i];
			const struct alg_end *e = &s->end[side];
			struct alg_given *g = &s->given[side];

			if (!s->live || s->later[side] || !m->side_wanted[side])
				continue;
			address_of(m, (enum alg_side)side, s->id, &g->local);
			g->given = true;
			if (e->want_fingerprint) {
				g->has_fingerprint = true;
				g->fingerprint.hash = e->hash;
				memset(g->fingerprint.octets, 0xA0 + s->id,
				       sizeof(g->fingerprint.octets));
			}
			if (e->suite == SDES_NONE)
				continue;
			g->key.suite = e->suite;
			g->key.tag = e->crypto_tag;
			memset(g->key.key, 0x40 + s->id + (int)e->key_serial, sizeof(g->key.key));
		}
}

static void add(char *buf, const char *format, ...)
{
	size_t n = strlen(buf);
	va_list ap;

	va_start(ap, format);
	vsnprintf(buf + n, 1024 - n, format, ap);
	va_end(ap);
}

const char *gateway_text(const struct alg_stream *s, enum alg_side side, char buf[1024])
{
	const struct alg_end *e = &s->end[side];
	char a[NETADDR_TEXT_MAX];

	buf[0] = '\0';
	add(buf, "%u %s %s", s->id, s->media, e->proto);
	if (e->mode != SDP_DIR_SENDRECV)
		add(buf, " mode=%s", sdp_direction_name(e->mode));
	if (e->has_setup)
		add(buf, " setup=%s", sdp_setup_name(e->setup));
	if (e->want_fingerprint)
		add(buf, " cert=%s", fingerprint_hash_name(e->hash));
	if (e->suite)
		add(buf, " key=%u/%s/%u", e->crypto_tag, sdes_suite_name(e->suite), e->key_serial);
	if (e->tls_client)
		add(buf, " tls-client");
	if (e->tcp_establish)
		add(buf, " tcp-establish");
	if (e->rtcp_mux)
		add(buf, " mux");
	if (e->rtcp_port)
		add(buf, " rtcp");
	if (e->latch)
		add(buf, e->latch == ALG_LATCH_ON ? " latch" : " relatch/%u", e->latch_serial);
	if (e->filter_address)
		add(buf, e->filter_port ? " only=address+port" : " only=address");
	if (e->path[0])
		add(buf, " path=%s", e->path);
	if (netaddr_known(&e->remote))
		add(buf, " peer=%s", netaddr_text(&e->remote, a));
	if (netaddr_known(&e->remote_rtcp))
		add(buf, " peer-rtcp=%s", netaddr_text(&e->remote_rtcp, a));
	if (e->has_remote_setup)
		add(buf, " peer-setup=%s", sdp_setup_name(e->remote_setup));
	if (e->remote_rtcp_mux)
		add(buf, " peer-mux");
	if (e->fingerprints.n)
		add(buf, " peer-certs=%zu", e->fingerprints.n);
	if (e->remote_key.suite)
		add(buf, " peer-key=%u/%s", e->remote_key.tag,
		    sdes_suite_name(e->remote_key.suite));
	if (e->remote_path[0])
		add(buf, " peer-path=%s", e->remote_path);
	return buf;
}

#define REP4(x)	 x ":" x ":" x ":" x
#define REP20(x) REP4(x) ":" REP4(x) ":" REP4(x) ":" REP4(x) ":" REP4(x)
#define REP32(x) REP20(x) ":" REP4(x) ":" REP4(x) ":" REP4(x)

static const struct {
	const char *name, *text;
} words[] = {
    {"@UE256", REP32("5C")},
    {"@NEW256", REP32("6D")},
    {"@ue256", REP32("5c")},
    {"@UE1", REP20("5C")},
    {"@FAR256", REP32("7E")},
    {"@GW256-1", REP32("A1")},
    {"@GW256-2", REP32("A2")},
    {"@GW256-3", REP32("A3")},
    {"@GW1-1", REP20("A1")},
    {"@UEKEY", "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz"},
    {"@NEWKEY", "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj"},
    /* 30 octets 'A', 'B', ..: 0x40 + id + key_serial */
    {"@GWKEY-1", "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB"},
    {"@GWKEY-2", "QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJC"},
    {"@GWKEY-3", "Q0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0ND"},
};

static size_t word_at(const char *text, size_t n, const char **out)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t len = strlen(words[i].name);

		if (len <= n && memcmp(text, words[i].name, len) == 0) {
			*out = words[i].text;
			return len;
		}
	}
	return 0;
}

size_t gateway_expand(const char *text, size_t n, bool lf, char *buf, size_t size)
{
	size_t out = 0;

	for (size_t i = 0; i < n;) {
		const char *word = text + i;
		size_t taken = word_at(text + i, n - i, &word), len = taken ? strlen(word) : 1;

		if (!taken && text[i] == '\n' && !lf) {
			word = "\r\n";
			len = 2;
		}
		if (out + len >= size)
			abort();
		memcpy(buf + out, word, len);
		out += len;
		i += taken ? taken : 1;
	}
	buf[out] = '\0';
	return out;
}
