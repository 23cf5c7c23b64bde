/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The far ends of many two-way RTP streams: packets of 20 ms G.711, plain on one side and SRTP
 * (AES_CM_128_HMAC_SHA1_80) on the other. One socket a side carries all streams, told apart by
 * SSRC; every packet carries its time of sending.
 */
#ifndef TESTS_BENCH_AGW_LOAD_H
#define TESTS_BENCH_AGW_LOAD_H

#include "base/netaddr.h"
#include "agw/media/srtp.h"

enum { LOAD_STREAMS_MAX = 2000, LOAD_PAYLOAD = 160 };
#define LOAD_PLAIN_IP  "10.0.0.9"
#define LOAD_SECURE_IP "10.1.0.10"

struct load_stream {
	struct srtp_end srtp;
	struct sdes_key tx, rx; /* ours on the secure side: what we send and take */
	struct netaddr to[2];	/* the relay's ports: of the plain and of the secure side */
	uint16_t seq[2];
};

extern struct load {
	int streams;
	bool clear;	      /* no SRTP on the secure side: for a relay that has none */
	unsigned check_every; /* of so many packets one is opened and compared */
	int fd[2];	      /* plain, secure */
	struct netaddr me[2];
	struct load_stream s[LOAD_STREAMS_MAX];
} load;

/* Open the sockets, once. Returns 0 or -1 with a message on stderr. */
int load_open(int streams);

/* Fresh keys and sequence numbers for all streams; load_take_keys() when the relay has said what it
 * sends with. */
void load_make_keys(void);
void load_take_keys(void);
void load_drop_keys(void);

struct load_result {
	double sent, got;   /* packets a second */
	double us, percent; /* CPU of the relay per packet that came through, and of one core */
	double loss;	    /* percent */
	double late_ms;	    /* longest way through the relay, of those opened */
	double late99_ms;   /* all but one of a hundred were through by then */
	uint64_t wrong;	    /* not the packet that was sent; the first few are told on stderr */
};

/*
 * Send rate packets a second (both directions together) for some seconds, spread evenly; what a
 * busy machine keeps us from sending in time is left out, not sent in a burst. pid is the relay.
 */
struct load_result load_run(pid_t pid, double seconds, double rate);

#endif
