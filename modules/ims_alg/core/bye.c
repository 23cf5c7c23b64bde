/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_alg/core/bye.h"

#include <stdio.h>

#include "modules/ims_alg/core/raw.h"
#include "sip/name_addr.h"

/* All entries in the order of the message. How many, or -1. */
static int entries_of(struct slice message, struct slice entry[ALG_BYE_ROUTES_MAX])
{
	struct slice rest, name, body;
	struct sip_name_addr a;
	int n = 0, rc;

	for (bool more = alg_raw_begin(message, &rest);
	     more && alg_raw_next(&rest, &name, &body);) {
		if (!slice_eq_nocase(name, SLICE_LIT("Record-Route")))
			continue;
		while ((rc = sip_name_addr_next(&body, &a)) == 1) {
			if (n == ALG_BYE_ROUTES_MAX)
				return -1;
			entry[n++] = a.uri;
		}
		if (rc < 0)
			return -1;
	}
	return n;
}

int alg_bye_routes(struct slice message, bool sent, alg_is_ours_f ours, void *arg, char *buf,
		   size_t size, size_t *len)
{
	struct slice entry[ALG_BYE_ROUTES_MAX];
	int n = entries_of(message, entry);
	bool begun = false;

	*len = 0;
	if (n < 0)
		return -1;
	for (int i = 0; i < n; i++) {
		struct slice uri = entry[sent ? i : n - 1 - i];
		int w;

		begun = begun || ours(uri, arg);
		if (!begun)
			continue;
		w = snprintf(buf + *len, size - *len, "Route: <%.*s>\r\n", (int)uri.len, uri.p);
		if (w < 0 || (size_t)w >= size - *len)
			return -1;
		*len += (size_t)w;
	}
	return 0;
}

struct slice alg_bye_target(struct slice message)
{
	struct slice body = alg_raw_header(message, "Contact", "m");
	struct sip_name_addr a;

	return body.p && sip_name_addr_next(&body, &a) == 1 ? a.uri : SLICE_NULL;
}

#define SLICE_ARGS(s) (int)(s).len, (s).p ? (s).p : ""

int alg_bye_print(const struct alg_bye *b, char *buf, size_t size, size_t *len)
{
	int n = snprintf(buf, size,
			 "BYE %.*s SIP/2.0\r\nVia: %.*s\r\nMax-Forwards: 70\r\n%.*sFrom: %.*s\r\n"
			 "To: %.*s\r\nCall-ID: %.*s\r\nCSeq: %u BYE\r\nReason: %.*s\r\n"
			 "Content-Length: 0\r\n\r\n",
			 SLICE_ARGS(b->target), SLICE_ARGS(b->via), SLICE_ARGS(b->routes),
			 SLICE_ARGS(b->from), SLICE_ARGS(b->to), SLICE_ARGS(b->call_id), b->cseq,
			 SLICE_ARGS(b->reason));

	if (n < 0 || (size_t)n >= size)
		return -1;
	*len = (size_t)n;
	return 0;
}
