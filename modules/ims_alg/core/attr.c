/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_alg/core/attr.h"

/* By length, so that most names of a body cost a comparison or none. */
static const struct row {
	const char *name;
	enum alg_attr attr;
} rows[] = {
    {"mid", ALG_ATTR_MID},
    {"des", ALG_ATTR_DES},
    {"rtcp", ALG_ATTR_RTCP},
    {"altc", ALG_ATTR_PLACE},
    {"ccap", ALG_ATTR_PLACE},
    {"path", ALG_ATTR_PATH},
    {"tcap", ALG_ATTR_TCAP},
    {"acap", ALG_ATTR_ACAP},
    {"pcfg", ALG_ATTR_PCFG},
    {"acfg", ALG_ATTR_ACFG},
    {"setup", ALG_ATTR_SETUP},
    {"group", ALG_ATTR_GROUP},
    {"x-alt", ALG_ATTR_PLACE},
    {"3ge2ae", ALG_ATTR_3GE2AE},
    {"tls-id", ALG_ATTR_TLS_ID},
    {"crypto", ALG_ATTR_CRYPTO},
    {"ice-pwd", ALG_ATTR_CANDIDATE},
    {"rtcp-mux", ALG_ATTR_RTCP_MUX},
    {"sendrecv", ALG_ATTR_DIRECTION},
    {"sendonly", ALG_ATTR_DIRECTION},
    {"recvonly", ALG_ATTR_DIRECTION},
    {"inactive", ALG_ATTR_DIRECTION},
    {"key-mgmt", ALG_ATTR_KEYING},
    {"ice-lite", ALG_ATTR_CANDIDATE},
    {"candidate", ALG_ATTR_CANDIDATE},
    {"ice-ufrag", ALG_ATTR_CANDIDATE},
    {"msrp-cema", ALG_ATTR_CEMA},
    {"zrtp-hash", ALG_ATTR_KEYING},
    {"connection", ALG_ATTR_CONNECTION},
    {"ice-pacing", ALG_ATTR_CANDIDATE},
    {"fingerprint", ALG_ATTR_FINGERPRINT},
    {"ice-options", ALG_ATTR_CANDIDATE},
    {"bundle-only", ALG_ATTR_BUNDLE},
    {"ice-mismatch", ALG_ATTR_CANDIDATE},
    {"rtcp-mux-only", ALG_ATTR_RTCP_MUX},
    {"msid-semantic", ALG_ATTR_BUNDLE},
    {"source-filter", ALG_ATTR_PLACE},
    {"remote-candidates", ALG_ATTR_CANDIDATE},
    {"end-of-candidates", ALG_ATTR_CANDIDATE},
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]), LONGEST = 17 };

/* The first row with a name of this length; behind the last length: ROWS. */
static const uint8_t first[LONGEST + 2] = {
    [0 ... 3] = 0, [4] = 2,   [5] = 10,	 [6] = 13,  [7] = 16,	      [8] = 17,	   [9] = 24,
    [10] = 28,	   [11] = 30, [12] = 33, [13] = 34, [14 ... 17] = 37, [18] = ROWS,
};

enum alg_attr alg_attr_of(struct slice name)
{
	if (name.len > LONGEST)
		return ALG_ATTR_OTHER;
	for (unsigned i = first[name.len]; i < first[name.len + 1]; i++)
		if (rows[i].name[0] == name.p[0] && memcmp(rows[i].name, name.p, name.len) == 0)
			return rows[i].attr;
	return ALG_ATTR_OTHER;
}
