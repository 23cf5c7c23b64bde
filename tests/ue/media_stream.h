/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What m-lines over TCP have in common: who connects (RFC 4145, RFC 6135), which certificate is shown
 * and which is taken (RFC 8122), and when a new connection takes the place of the one that stands.
 */
#ifndef UE_MEDIA_STREAM_H
#define UE_MEDIA_STREAM_H

#include "ue/link.h"
#include "ue/media.h"

/* The peer's m-line as its last description had it. */
struct stream_peer {
	struct netaddr at;
	bool has_setup, existing;
	enum sdp_setup setup;
	struct fingerprint_set fingerprints;
};

struct stream_line {
	struct media_line line; /* must be the first */
	struct link *link;	/* what counts now; NULL before the first exchange */
	struct link *next;	/* what the exchange under way will bring */
	enum sdp_setup setup;	/* ours in this exchange; SDP_SETUPS: none is written */
	bool active;		/* of link */
	bool answered;		/* we were the answerer of this exchange */
	bool renew; /* the peer's end is another one: the connection that stands is over */
	bool begun; /* a connection has been begun */
	struct stream_peer peer;
	char *peer_key; /* what must be the same for the connection to go on */
};

/* As in struct media_kind. handler and owner are those of a new link. */
int stream_prepare(struct stream_line *s, struct access *a, bool answer,
		   const struct link_handler *handler, void *owner);
uint16_t stream_port(const struct stream_line *s);
/* The address that goes with it. */
const struct netaddr *stream_address(const struct stream_line *s);
/* a=setup and a=fingerprint. */
void stream_write(struct stream_line *s, struct text *t);
/* extra: what else must stay the same for the connection to go on, e.g. a=path. */
int stream_take(struct stream_line *s, const struct sdp_body *b, int i, bool answer,
		struct slice extra);
/* Is there, or will there be after this exchange, another connection than the one that stands? */
bool stream_renews(const struct stream_line *s);
/* Begin what the exchange agreed on: connect to at, or accept. tls_client: our part then. */
void stream_commit(struct stream_line *s, const struct netaddr *at, bool tls_client);
/* Whether we will connect, once both descriptions are known. */
bool stream_will_be_active(const struct stream_line *s);
void stream_rollback(struct stream_line *s);
void stream_stop(struct media_line *l);
const char *stream_state(const struct media_line *l);
bool stream_is_up(const struct stream_line *s);
void stream_close(struct stream_line *s);

/* End the TCP connection with a reset, as a lost access would. -1: there is none. */
int stream_disconnect(struct media_line *l);

/* Certificates that the phones have made; to be freed at the end. */
void stream_certificates_free(void);

#endif
