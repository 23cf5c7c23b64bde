/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_border/core/ticket.h"

#include "sip/uri.h"

#define ICID_LEN_MAX (BORDER_ICID_MAX - 1)

/* A text in a hash, with its length so that two cannot be read as one. */
static void add(struct sha256 *h, struct slice s)
{
	const uint8_t len[4] = {(uint8_t)(s.len >> 24), (uint8_t)(s.len >> 16),
				(uint8_t)(s.len >> 8), (uint8_t)s.len};

	sha256_update(h, len, sizeof(len));
	if (s.len)
		sha256_update(h, s.p, s.len);
}

/* Host names have no case. */
static void add_host(struct sha256 *h, struct slice host)
{
	char lower[256];

	if (host.len > sizeof(lower))
		host.len = sizeof(lower);
	for (size_t i = 0; i < host.len; i++)
		lower[i] =
		    host.p[i] >= 'A' && host.p[i] <= 'Z' ? (char)(host.p[i] | 0x20) : host.p[i];
	add(h, slice_make(lower, host.len));
}

/*
 * User, host and port name a place; phones reorder parameters and leave some out. But maddr would
 * send the request to another place (RFC 3261 19.1.1).
 */
static int add_place(struct sha256 *h, struct slice uri)
{
	struct sip_uri_parts u;
	struct slice maddr;
	uint16_t port;
	int rc;

	if (sip_uri_parse(uri, &u) || u.host.len > 255)
		return -1;
	rc = sip_uri_param(&u, SLICE_LIT("maddr"), &maddr);
	if (rc < 0)
		return -1;
	port = u.port ? u.port : 5060;
	add(h, u.user);
	add_host(h, u.host);
	sha256_update(h, &port, sizeof(port));
	if (rc)
		add_host(h, maddr);
	return 0;
}

/* What the HMAC covers besides nonce and icid. */
static int digest(const struct border_dialog *d, uint8_t out[SHA256_LEN])
{
	struct sha256 h;
	int rc = 0;

	sha256_init(&h);
	add(&h, d->impi);
	add(&h, d->call_id);
	add(&h, d->far_tag);
	for (size_t i = 0; i < d->routes_n && !rc; i++)
		rc = add_place(&h, d->route[i]);
	if (d->routes_n == 0)
		rc = add_place(&h, d->target);
	sha256_final(&h, out);
	return rc;
}

static void mac(const struct hmac_sha256_key *key, const uint8_t *sealed, size_t len,
		const uint8_t dialog[SHA256_LEN], uint8_t out[SHA256_LEN])
{
	uint8_t data[1 + BORDER_TICKET_NONCE + ICID_LEN_MAX + SHA256_LEN] = {2};

	memcpy(data + 1, sealed, len);
	memcpy(data + 1 + len, dialog, SHA256_LEN);
	hmac_sha256(key, data, 1 + len + SHA256_LEN, out);
}

/* Encrypts and decrypts. */
static void crypt(const struct hmac_sha256_key *key, const uint8_t nonce[BORDER_TICKET_NONCE],
		  uint8_t *text, size_t len)
{
	uint8_t data[2 + BORDER_TICKET_NONCE] = {1}, stream[SHA256_LEN];

	memcpy(data + 2, nonce, BORDER_TICKET_NONCE);
	for (size_t i = 0; i < len; i++) {
		if (i % SHA256_LEN == 0) {
			data[1] = (uint8_t)(i / SHA256_LEN);
			hmac_sha256(key, data, sizeof(data), stream);
		}
		text[i] ^= stream[i % SHA256_LEN];
	}
}

int border_ticket_make(const struct hmac_sha256_key *key, const struct border_dialog *d,
		       const char *icid, const uint8_t nonce[BORDER_TICKET_NONCE],
		       char out[BORDER_TICKET_MAX])
{
	uint8_t sealed[BORDER_TICKET_NONCE + ICID_LEN_MAX + BORDER_TICKET_MAC];
	uint8_t dialog[SHA256_LEN], code[SHA256_LEN];
	size_t n = strlen(icid), len = BORDER_TICKET_NONCE + n;

	if (n == 0 || n > ICID_LEN_MAX || digest(d, dialog))
		return -1;
	memcpy(sealed, nonce, BORDER_TICKET_NONCE);
	memcpy(sealed + BORDER_TICKET_NONCE, icid, n);
	crypt(key, nonce, sealed + BORDER_TICKET_NONCE, n);
	mac(key, sealed, len, dialog, code);
	memcpy(sealed + len, code, BORDER_TICKET_MAC);
	return b64url_encode(sealed, len + BORDER_TICKET_MAC, out, BORDER_TICKET_MAX) > 0 ? 0 : -1;
}

int border_ticket_open(const struct hmac_sha256_key *key, const struct border_dialog *d,
		       struct slice text, char icid[BORDER_ICID_MAX])
{
	uint8_t sealed[BORDER_TICKET_NONCE + ICID_LEN_MAX + BORDER_TICKET_MAC];
	uint8_t dialog[SHA256_LEN], code[SHA256_LEN], differs = 0;
	int got = b64url_decode(text, sealed, sizeof(sealed));
	size_t len, n;

	if (got <= BORDER_TICKET_NONCE + BORDER_TICKET_MAC || digest(d, dialog))
		return -1;
	len = (size_t)got - BORDER_TICKET_MAC;
	n = len - BORDER_TICKET_NONCE;
	mac(key, sealed, len, dialog, code);
	for (size_t i = 0; i < BORDER_TICKET_MAC; i++)
		differs |= (uint8_t)(code[i] ^ sealed[len + i]);
	if (differs)
		return -1;
	crypt(key, sealed, sealed + BORDER_TICKET_NONCE, n);
	return slice_copy(slice_make((char *)sealed + BORDER_TICKET_NONCE, n), icid,
			  BORDER_ICID_MAX);
}
