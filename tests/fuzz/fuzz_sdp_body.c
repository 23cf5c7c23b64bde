/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A description that was read is written byte for byte. The first octets choose edits; what comes
 * out of them is read again, has as many m-lines, and none of its other lines changed.
 */
#include "sdp/body.h"
#include "sdp/fingerprint.h"
#include "sdp/sdes.h"

#include <stdlib.h>

static struct sdp_body b, again;
static char room[4096], out[1 << 17];

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void look(void)
{
	struct sdp_connection c;
	struct fingerprint fp;
	struct sdes_key key;
	struct slice v;

	for (int m = SDP_SESSION; m < b.mlines; m++) {
		(void)sdp_body_connection(&b, m, &c);
		(void)sdp_body_direction(&b, m);
		if (sdp_body_attr(&b, m, SLICE_LIT("fingerprint"), &v))
			(void)fingerprint_parse(v, &fp);
		if (sdp_body_attr(&b, m, SLICE_LIT("crypto"), &v) && sdes_parse(v, &key) == SDES_OK)
			must(sdes_print(&key, out, sizeof(out)) > 0);
	}
}

static void edit(uint8_t op, uint8_t arg)
{
	int m = (int)(arg % (unsigned)(b.mlines + 1)) - 1, n = arg % b.lines;
	struct netaddr a =
	    netaddr_make("\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17", arg & 1 ? 4 : 16, 1);

	switch (op % 8) {
	case 0:
		(void)sdp_body_set_port(&b, m, arg & 2 ? arg : 0);
		break;
	case 1:
		(void)sdp_body_set_proto(&b, m, SLICE_LIT("TCP/TLS/MSRP"));
		break;
	case 2:
		(void)sdp_body_set_address(&b, m, &a);
		break;
	case 3:
		(void)sdp_body_set_attr(&b, m, SLICE_LIT("setup"), SLICE_LIT("active"));
		break;
	case 4:
		(void)sdp_body_add_attr(&b, m, SLICE_LIT("x"), SLICE_NULL);
		break;
	case 5:
		(void)sdp_body_remove_attr(&b, m, SLICE_LIT("x"));
		break;
	case 6:
		(void)sdp_body_remove_line(&b, n);
		break;
	default:
		(void)sdp_body_insert_line(&b, n, 'b', SLICE_LIT("AS:1"));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_make((const char *)data + 9, size - 9);
	size_t len;

	if (size < 9 || size > sizeof(out) / 2 || sdp_body_parse(text, room, sizeof(room), &b))
		return 0;
	must(sdp_body_write(&b, out, sizeof(out), &len) == 0);
	must(slice_eq(slice_make(out, len), text));
	look();
	for (unsigned i = 0; i < (data[0] & 3u) + 1; i++)
		edit(data[1 + 2 * i], data[2 + 2 * i]);
	must(sdp_body_write(&b, out, sizeof(out), &len) == 0);
	must(sdp_body_parse(slice_make(out, len), NULL, 0, &again) == 0);
	must(again.mlines == b.mlines && again.lines == b.lines);
	for (int i = 0; i < b.lines; i++)
		must(slice_eq(again.line[i].value, b.line[i].value));
	return 0;
}
