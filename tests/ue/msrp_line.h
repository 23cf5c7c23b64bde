/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One m-line of MSRP. Shared by media_msrp.c, msrp_send.c and msrp_receive.c only. */
#ifndef UE_MSRP_LINE_H
#define UE_MSRP_LINE_H

#include <openssl/evp.h>

#include "ue/elog.h"
#include "ue/media_msrp.h"
#include "ue/media_stream.h"
#include "ue/msrp_msg.h"
#include "ue/octets.h"

enum {
	CHUNK = 2048,
	CHUNKS_OPEN = 32,	/* not acknowledged */
	QUEUED = 256 * 1024,	/* octets that may wait in the connection */
	SIZE_MAX_IN = 64000000, /* of a message that is taken */
	RATE_MS = 20,
	RESPONSE_MS = 30000, /* RFC 4975 7.1.1 */
};

/* A message of ours. */
struct msrp_out {
	char *id, *type, *failure;
	struct text data;
	uint64_t at; /* the next octet to be sent */
	uint64_t chunk, rate, budget;
	bool success, refused;
	struct octets acked;
	struct op *op;
	struct msrp_out *next, *next_sent;
};

/* A chunk that waits for its response. */
struct msrp_open {
	char tid[UE_MSRP_TID_MAX + 1];
	struct msrp_out *message; /* NULL: the empty SEND that binds the session */
	uint64_t from, len, until_ms;
};

/* A message of the peer. */
struct msrp_in {
	struct msrp_message m; /* must be the first */
	struct octets octets;
	bool report;
	uint64_t last_us;
	struct msrp_in *next;
};

struct msrp_line {
	struct stream_line stream; /* must be the first */
	char session[24], next_session[24];
	char *path, *next_path, *peer_path;
	bool bound; /* this connection is known to be the session's (RFC 4975 5.4) */
	struct ue_msrp_reader reader;
	/* sending */
	struct msrp_out *out;
	struct msrp_open open[CHUNKS_OPEN];
	unsigned opens;
	struct timer tick;
	uint64_t sent;
	int last_report;
	/* the chunk that is being received */
	struct ue_msrp_head head;
	char *head_tid, *head_from;
	struct msrp_in *into;
	uint64_t into_at;
	int into_code; /* what will be answered */
	/* receiving */
	struct msrp_in *in;
	uint64_t received, reordered, max_gap_us;
	/* a file to be sent, or the one that was announced */
	struct text file;
	char *selector, *transfer_id;
};

static inline struct msrp_line *msrp_of(struct media_line *l)
{
	return (struct msrp_line *)l;
}

/* Digest as hex: "AB:CD" with colons, "abcd" without; of at most 32 octets. */
void msrp_hash(const EVP_MD *md, struct slice data, bool colons, char out[130]);
/* The path of the peer, "" before it is known. */
const char *msrp_to_path(const struct msrp_line *x);

/* Send what may be sent now. */
void msrp_pump(struct msrp_line *x);
/* A SEND that says nothing binds connection and session (RFC 4975 5.4). */
void msrp_send_empty(struct msrp_line *x);
/* The message whose next chunk is due; NULL: none. */
struct msrp_out *msrp_next_to_send(const struct msrp_line *x);
/* What was not acknowledged goes again, by the same Message-ID, over the next connection. */
void msrp_unsent(struct msrp_line *x);
void msrp_on_response(struct msrp_line *x, const struct ue_msrp_head *h);
/* What a phone of this process sent by that Message-ID; NULL: nothing. */
const struct msrp_out *msrp_sender_of(const char *id);
void msrp_free_out(struct msrp_line *x);

/* Octets came over the connection; owner is the line. */
void msrp_received(void *owner, struct slice octets);
void msrp_free_in(struct msrp_line *x);

#endif
