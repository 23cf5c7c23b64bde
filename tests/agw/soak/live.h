/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a live call is made of: live.c leads it through its life, the media have a file each. */
#ifndef TESTS_AGW_SOAK_LIVE_H
#define TESTS_AGW_SOAK_LIVE_H

#include <openssl/ssl.h>
#include <stdio.h>
#include "agw/soak/call.h"
#include "unit/agw/endpoint.h"

enum { SDP_MAX = 1024, RTP_SIZE = 172, MESSAGE_MAX = 512 };

enum live_kind { LIVE_SRTP, LIVE_RTP6, LIVE_MSRP, LIVE_BFCP };

/* The two directions: TO_UE is read at the UE and sent by the far peer. */
enum direction { TO_UE, TO_FAR };

struct live_rtp {
	struct srtp *tx, *rx; /* of the UE; NULL: plain */
	struct srtp *old_tx, *old_rx;
	int64_t rekeyed_ms;
};

struct live_stream {
	struct identity id;
	int listener;
	SSL *ssl;
	bool tls_up;
	char in[2][2 * MESSAGE_MAX];
	size_t in_len[2];
};

struct live {
	unsigned number;
	enum live_kind kind;
	enum { CALLING, JOINING, TALKING, PAUSE, ASKED, SUBTRACTING, OVER } state;
	bool ending, rekeyed;
	int context, access_port, core_port;
	int ue, far; /* -1: not there (yet) */
	struct netaddr ue_addr, far_addr, access, core;
	uint32_t sent[2], got[2];
	int64_t since_ms; /* of the state */
	unsigned ticks;
	struct live_rtp rtp;
	struct live_stream stream;
};

/* Each kind of media, live_rtp.c and live_stream.c. */
struct live_media {
	void (*open)(struct live *l); /* sockets, before the Add */
	void (*add)(struct live *l);  /* ask for the context */
	bool (*join)(struct live *l); /* after its answer, until true: media may flow */
	void (*send)(struct live *l, enum direction d); /* number sent[d] */
	void (*receive)(struct live *l);
	void (*rekey)(struct live *l);	  /* NULL: there are no keys */
	void (*new_keys)(struct live *l); /* they are in force */
	void (*hang_up)(struct live *l);  /* before the Subtract; may be NULL */
	void (*close)(struct live *l);
	unsigned every; /* send in one of so many ticks */
};
extern const struct live_media live_srtp, live_rtp6, live_stream;

/* The answer to an Add or Modify; leads on. */
void live_answered(const char *reply, void *live);
/* Number n of this direction has come: the next one, or some are missing. */
void live_came(struct live *l, enum direction d, uint32_t n);

#endif
