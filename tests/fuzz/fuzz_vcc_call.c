/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A message of a call as it comes from the network; what goes on of it, and what a leg is told of its description. */
#include "modules/ims_vcc/core/described.h"
#include "modules/ims_vcc/core/message.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char first[] = "v=0\r\no=a 1 1 IN IP4 1.1.1.1\r\ns=-\r\nt=0 0\r\nm=audio 1 "
				    "RTP/AVP 0\r\nm=video 2 RTP/AVP 31\r\n";
	static char out[VCC_SDP_MAX + 2048];
	struct vcc_described d = {.any = false};
	struct vcc_message m;
	size_t n, len;
	char *buf;

	if (vcc_message_read(slice_make((const char *)data, size), &m))
		return 0;
	n = vcc_message_pass(&m, 7, NULL, 0);
	buf = malloc(n + 1);
	if (!buf || vcc_message_pass(&m, 7, buf, n) != n)
		abort();
	free(buf);
	if (vcc_described_tell(&d, slice_str(first), -1, out, sizeof(out), &len))
		abort();
	if (vcc_described_tell(&d, m.body, -1, out, sizeof(out), &len) == 0 &&
	    (len > sizeof(out) || vcc_described_mlines(slice_make(out, len)) < 2))
		abort();
	if (vcc_described_tell(&d, m.body, 1, out, sizeof(out), &len) == 0 &&
	    vcc_described_mlines(slice_make(out, len)) != 1)
		abort();
	return 0;
}
