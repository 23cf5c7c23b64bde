/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Telling STUN, DTLS, RTP and RTCP apart, and the SDP values that arrive as text: never beyond the
 * end. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "agw/media/demux.h"
#include "agw/media/rtcp.h"
#include "sdp/fingerprint.h"
#include "base/netaddr.h"
#include "sdp/sdes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy =
	    malloc(size ? size : 1); /* exactly as long, so that a sanitizer sees the end */
	struct slice text = slice_make((const char *)copy, size);
	struct fingerprint fp;
	struct netaddr addr;
	struct sdes_key key, again;
	struct rtcp_watch reports = {.report = 1};
	enum demux_kind kind;
	char buf[1024];

	if (!copy)
		return 0;
	if (size)
		memcpy(copy, data, size);
	kind = demux_datagram(copy, size);
	if (kind == DEMUX_RTP && demux_rtp_header(copy, size) > size)
		abort();
	rtcp_watch_sent(&reports, copy, size, 1000);
	rtcp_watch_received(&reports, copy, size, 2000);
	demux_dtls_client_hello(copy, size);
	demux_tls_may_be_client_hello(copy, size);
	demux_tls_client_hello(copy, size);
	fingerprint_parse(text, &fp);
	netaddr_parse(text, &addr);
	if (sdes_parse(text, &key) == SDES_OK && key.mki_len <= 8) {
		if (sdes_print(&key, buf, sizeof(buf)) <= 0 ||
		    sdes_parse(slice_str(buf), &again) != SDES_OK || !sdes_key_eq(&key, &again))
			abort();
	}
	free(copy);
	return 0;
}
