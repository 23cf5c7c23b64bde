/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What calls want of a gateway. */
#include <string.h>

#include "unit/ims_alg_control/scene.h"

static void common(struct alg_media *m, const char *media, const char *access, const char *core)
{
	struct alg_stream *s = &m->stream[0];

	memset(m, 0, sizeof(*m));
	strcpy(m->realm[ALG_ACCESS], "access.ims");
	strcpy(m->realm[ALG_CORE], "core.ims");
	m->family[0] = m->family[1] = 4;
	m->side_wanted[0] = m->side_wanted[1] = true;
	m->first = ALG_CORE;
	m->dscp[0] = m->dscp[1] = ALG_DSCP_NONE;
	m->streams = 1;
	s->live = true;
	s->id = 1;
	strcpy(s->media, media);
	strcpy(s->end[ALG_ACCESS].proto, access);
	strcpy(s->end[ALG_CORE].proto, core);
	s->end[0].mode = s->end[1].mode = SDP_DIR_SENDRECV;
}

static struct netaddr at(const char *ip, uint16_t port)
{
	struct netaddr a;

	ck_assert_int_eq(netaddr_parse(slice_str(ip), &a), 0);
	a.port = port;
	return a;
}

void msrp_offer(struct alg_media *m)
{
	struct alg_end *access, *core;

	common(m, "message", "TCP/TLS/MSRP", "TCP/MSRP");
	strcpy(m->stream[0].formats, "*");
	access = &m->stream[0].end[ALG_ACCESS];
	core = &m->stream[0].end[ALG_CORE];
	access->has_setup = core->has_setup = true;
	access->setup = core->setup = SDP_SETUP_ACTPASS;
	access->want_fingerprint = true;
	access->hash = FINGERPRINT_SHA256;
	access->filter_address = true;
	access->remote = at("10.0.0.1", 20001);
	access->has_remote_setup = true;
	access->remote_setup = SDP_SETUP_ACTPASS;
	ck_assert_int_eq(
	    fingerprint_set_add(
		&access->fingerprints,
		SLICE_LIT("SHA-256 "
			  "4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB:4A:AD:B9:B1:"
			  "3F:82:18:3B:54:02:12:DF")),
	    0);
	core->filter_address = core->filter_port = true; /* closed: nobody is known there */
}

void msrp_answer(struct alg_media *m)
{
	struct alg_end *access = &m->stream[0].end[ALG_ACCESS], *core = &m->stream[0].end[ALG_CORE];

	core->remote = at("203.0.113.9", 0);
	core->has_remote_setup = true;
	core->remote_setup = SDP_SETUP_ACTIVE;
	core->setup = SDP_SETUP_PASSIVE;
	core->filter_port = false;
	access->setup = SDP_SETUP_ACTIVE;
	access->tls_client = true;
}

void rtp_offer(struct alg_media *m)
{
	struct alg_end *access, *core;

	common(m, "audio", "RTP/SAVP", "RTP/AVP");
	strcpy(m->stream[0].formats, "0 8 96");
	access = &m->stream[0].end[ALG_ACCESS];
	core = &m->stream[0].end[ALG_CORE];
	access->remote = at("10.0.0.1", 49170);
	access->suite = SDES_AES_CM_128_HMAC_SHA1_80;
	access->crypto_tag = 1;
	access->latch = ALG_LATCH_ON;
	access->rtcp_port = core->rtcp_port = true;
	ck_assert_int_eq(sdes_parse(SLICE_LIT("1 AES_CM_128_HMAC_SHA1_80 "
					      "inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj"),
				    &access->remote_key),
			 SDES_OK);
}
