/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The TCP connection of one m-line, with TLS on it where the m-line says so. Peers are known by the
 * fingerprint of their certificate (RFC 8122). A listener is open from the moment an offer goes out,
 * but nothing is read before the answer has told the fingerprint.
 */
#ifndef UE_LINK_H
#define UE_LINK_H

#include <openssl/ssl.h>

#include "tls/certificate.h"
#include "ue/access.h"
#include "ue/text.h"

enum link_state {
	LINK_IDLE,	 /* nothing was begun; a listener may be open */
	LINK_LISTENING,	 /* waits for the peer's connection */
	LINK_CONNECTING, /* TCP is on its way */
	LINK_HANDSHAKE,	 /* TLS is */
	LINK_UP,
	LINK_CLOSED,  /* the peer ended it in good order */
	LINK_LOST,    /* reset, refused by TCP, or no way to the peer */
	LINK_REFUSED, /* TLS: one side did not accept the other */
};

const char *link_state_name(enum link_state s);

/* What the owner is told. None of them may free the link. */
struct link_handler {
	void (*up)(void *owner);
	void (*received)(void *owner, struct slice octets);
	void (*sent)(void *owner);  /* all that was queued is with the system */
	void (*ended)(void *owner); /* the state says how */
};

/* How TLS is to be done. */
struct link_tls {
	bool on, client;
	const struct certificate *own; /* NULL: none is shown; lives as long as the link */
	struct fingerprint_set peer;
	bool any_peer; /* on purpose: whatever the certificate is */
};

struct link {
	const struct link_handler *handler;
	void *owner;
	struct access *access;
	char name[96]; /* "A.s1/2", for the timeline */
	struct io listener, io;
	uint16_t port; /* of the listener; 0: none */
	enum link_state state;
	struct netaddr peer;
	struct link_tls tls;
	SSL_CTX *ctx;
	SSL *ssl;
	struct text out;
	size_t out_at; /* sent up to here */
	bool told;     /* that all was sent */
	char why[128];
};

/*
 * A new one on an access; with listen a listener on port (0: any). NULL: errno. The caller owns it.
 */
struct link *link_new(const char *name, struct access *a, bool listen, uint16_t port,
		      const struct link_handler *h, void *owner);
void link_free(struct link *l);

/* Begin: take the peer's connection, or connect. A connection before is closed. 0 or -1 (errno). */
int link_accept(struct link *l, const struct link_tls *tls);
int link_connect(struct link *l, const struct netaddr *peer, const struct link_tls *tls);

/* Queue octets; they go when the loop runs. Nothing happens unless it is up. */
void link_send(struct link *l, struct slice octets);
/* Octets that wait. */
size_t link_waiting(const struct link *l);

/* End the connection here: with a reset, or in good order. */
void link_end(struct link *l, bool reset);

#endif
