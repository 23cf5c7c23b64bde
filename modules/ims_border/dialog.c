/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tickets of dialogs in the Record-Route of messages to phones, and in the Route of theirs. */
#include "modules/ims_border/border.h"

#include "../../core/parser/parse_from.h"
#include "../../core/parser/parse_to.h"

#include "sip/name_addr.h"
#include "sip/uri.h"

#include <sys/random.h>

#define LABEL	    "ims_border: tickets of dialogs"
#define KEYS_MAX    8
#define ALL_URI_MAX (BORDER_ROUTES_MAX + 2)

int border_uris(const sip_msg_t *msg, hdr_types_t type, struct slice *uris, int max)
{
	int n = 0;

	for (struct hdr_field *h = msg->headers; h; h = h->next) {
		struct slice body = kam_header_body(h);
		struct sip_name_addr a;
		int rc = 0;

		if (h->type != type)
			continue;
		while (n <= max && (rc = sip_name_addr_next(&body, &a)) == 1) {
			if (n == max)
				return -1;
			uris[n++] = a.uri;
		}
		if (rc < 0)
			return -1;
	}
	return n;
}

/* The key of tickets, ready to use. 0, or -1: there is no such one. The caller wipes it. */
static int key_of(unsigned i, struct hmac_sha256_key *key)
{
	unsigned char secret[32];

	if (border_flow.secret(i, LABEL, secret) != FLOW_API_OK)
		return -1;
	hmac_sha256_key(key, secret, sizeof(secret));
	explicit_bzero(secret, sizeof(secret));
	return 0;
}

int border_seal(const struct border_dialog *d, const char *icid, char out[BORDER_TICKET_TEXT])
{
	uint8_t nonce[BORDER_TICKET_NONCE];
	struct hmac_sha256_key key;
	char *at = out + sprintf(out, ";" BORDER_TICKET_PARAM "=");
	int rc;

	if (getrandom(nonce, sizeof(nonce), 0) != sizeof(nonce) || key_of(0, &key))
		return -1;
	rc = border_ticket_make(&key, d, icid, nonce, at);
	explicit_bzero(&key, sizeof(key));
	if (rc == 0)
		counter_inc(border_counters.tickets);
	return rc;
}

/* Whether a URI is a Record-Route entry of ours. */
static bool is_ours(struct slice uri)
{
	struct sip_uri_parts u;
	flow_id_t id;
	int rc;

	if (sip_uri_parse(uri, &u) || !u.user.len)
		return false;
	rc = border_flow.by_token(u.user.p, (int)u.user.len, &id);
	return rc == FLOW_API_OK || rc == FLOW_API_GONE;
}

static int ticket_of(struct slice uri, struct slice *ticket)
{
	struct sip_uri_parts u;

	return sip_uri_parse(uri, &u) == 0 &&
		       sip_uri_param(&u, SLICE_LIT(BORDER_TICKET_PARAM), ticket) == 1
		   ? 0
		   : -1;
}

int border_open(sip_msg_t *msg, const struct flow_api_info *phone, char icid[BORDER_ICID_MAX])
{
	struct slice uris[ALL_URI_MAX], ticket;
	struct border_dialog d = {.impi = slice_str(phone->impi)};
	int n = border_uris(msg, HDR_ROUTE_T, uris, ALL_URI_MAX), ours, rc = -1;
	struct hmac_sha256_key key;

	if (n < 1 || !is_ours(uris[0]) || ticket_of(uris[0], &ticket))
		return -1;
	ours = n > 1 && is_ours(uris[1]) ? 2 : 1;
	if (n - ours > BORDER_ROUTES_MAX)
		return -1;
	d.call_id = slice_of(msg->callid->body);
	d.far_tag = slice_of(get_to(msg)->tag_value);
	d.target = slice_of(*GET_RURI(msg));
	d.routes_n = (size_t)(n - ours);
	memcpy(d.route, uris + ours, d.routes_n * sizeof(uris[0]));
	for (unsigned i = 0; i < KEYS_MAX && rc && key_of(i, &key) == 0; i++)
		rc = border_ticket_open(&key, &d, ticket, icid);
	explicit_bzero(&key, sizeof(key));
	return rc;
}
