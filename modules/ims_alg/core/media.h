/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the media of a call shall be at the gateway, and what the gateway has given for it: the types
 * between what decides (core/), which reads the SDP of phones and of the core network, and what
 * speaks H.248 (control/). core/ describes the wanted state of both terminations whole, each time;
 * control/ finds out what changed since it was last told, and sends that. A call has one context
 * with an access and a core termination; each m-line that is anchored is one stream of both
 * (TS 23.334, H.248.1 7.1.6). No pointers: a struct alg_media may lie in shared memory and be copied
 * between processes. It holds keys: wipe a copy that is no longer needed.
 */
#ifndef IMS_ALG_MEDIA_H
#define IMS_ALG_MEDIA_H

#include "base/netaddr.h"
#include "sdp/fingerprint.h"
#include "sdp/line.h"
#include "sdp/sdes.h"

/* The two sides of the P-CSCF, and the two terminations: towards the served UE, towards the network. */
enum alg_side { ALG_ACCESS = 0, ALG_CORE, ALG_SIDES };

/* "access", "core"; "?" out of range. */
const char *alg_side_name(enum alg_side s);

static inline enum alg_side alg_other_side(enum alg_side s)
{
	return s == ALG_ACCESS ? ALG_CORE : ALG_ACCESS;
}

enum {
	ALG_STREAMS_MAX = 8,  /* anchored m-lines of one call */
	ALG_REALM_MAX = 32,   /* value of ipdc/realm; this and the next with their NUL */
	ALG_PROTO_MAX = 24,   /* "UDP/TLS/RTP/SAVPF" */
	ALG_MEDIA_MAX = 16,   /* "application" */
	ALG_FORMATS_MAX = 96, /* "0 8 96" */
	ALG_PATH_MAX = 512,   /* a=path; the gateway's bound, too */
	ALG_DSCP_NONE = 0xff,
};

/* ipnapt/latch: take the source of the first good packet for the remote address. */
enum alg_latch { ALG_LATCH_NONE = 0, ALG_LATCH_ON, ALG_LATCH_AGAIN };

/* One side of a stream: what is wanted there. Directions are seen from outside the context, as H.248
 * sees them (H.248.1 7.1.7). */
struct alg_end {
	/* Of the m-line at the gateway: "TCP/TLS/MSRP"; application-agnostic: "TCP/TLS". */
	char proto[ALG_PROTO_MAX];
	enum sdp_direction mode; /* SDP_DIR_INACTIVE closes the gate */

	/* ---- Local: the gateway towards this side's peer ---- */
	bool has_setup; /* a=setup is written: TCP and DTLS */
	enum sdp_setup setup;
	bool want_fingerprint; /* the gateway's, of this hash */
	enum fingerprint_hash hash;
	enum sdes_suite
	    suite;	     /* SDES_NONE: no key of ours; else the gateway makes one (inline:$) */
	uint32_t crypto_tag; /* its tag */
	uint32_t key_serial; /* counts up for a new key of ours */
	bool rtcp_mux;	     /* a=rtcp-mux */
	bool msrp_cema;	     /* a=msrp-cema: paths are not rewritten by the gateway */
	char path[ALG_PATH_MAX]; /* our a=path towards this peer; "": none. */

	/* ---- LocalControl and signals ---- */
	/*
	 * gm/saf, gm/spf: take only what comes from the address (and port) of the peer. Both on while
	 * the peer is not known: the closed gate, each SYN is dropped silently (TR 29.828 5.2.1.2.2
	 * step 11). A peer that is a=setup:active has no port that could be filtered (RFC 4145 4.1):
	 * then filter_port is off.
	 */
	bool filter_address, filter_port;
	bool rtcp_port; /* rtcph/rsb: a port for RTCP behind that for RTP */
	enum alg_latch latch;
	uint32_t latch_serial; /* counts up to latch anew */
	bool tls_client;       /* be TLS client whoever connects (tlsbsc/EstablishBNC) */
	bool tcp_establish;    /* connect at once (tcpbcc/EstBNC) */

	/* ---- Remote: the peer, from its SDP ---- */
	struct netaddr
	    remote; /* c= and m=; family 0: nothing is known yet, there is no Remote. Port
				  0: a TCP-active peer that named none; write 9 */
	struct netaddr remote_rtcp; /* a=rtcp; family 0: none */
	bool has_remote_setup;
	enum sdp_setup remote_setup;
	bool remote_rtcp_mux, remote_cema;
	struct fingerprint_set fingerprints; /* n = 0: none (yet) */
	struct sdes_key remote_key;	     /* what the peer sends with; suite SDES_NONE: none */
	char remote_path[ALG_PATH_MAX];	     /* its a=path, whole; "": none */
};

/* What the gateway gave for one side of a stream. Filled by control/. */
struct alg_given {
	bool given;
	struct netaddr local; /* address and port */
	bool has_fingerprint;
	struct fingerprint fingerprint; /* of its certificate, by the hash that it chose */
	struct sdes_key key;		/* what the gateway sends with; suite SDES_NONE: none */
};

struct alg_stream {
	bool live;   /* false: nothing at the gateway, or to be given back */
	uint16_t id; /* StreamID, 1 and up, unique in the call for its whole life: an m-line whose
			media become another kind gets another id (RFC 3264 8.3.3) */
	char media[ALG_MEDIA_MAX];     /* "message" */
	char formats[ALG_FORMATS_MAX]; /* "*", "0 8 96" */
	bool later[ALG_SIDES];	       /* not at that side's termination yet */
	struct alg_end end[ALG_SIDES];
	struct alg_given given[ALG_SIDES];
};

struct alg_media {
	char realm[ALG_SIDES][ALG_REALM_MAX];
	uint8_t family[ALG_SIDES]; /* of the gateway's address there: 4 or 6 */
	uint8_t move[ALG_SIDES];   /* counts up for another termination there: its peer has moved */
	bool side_wanted
	    [ALG_SIDES];     /* a termination there; false: not yet (TR 29.828 5.2.1.2.2 note 2) */
	enum alg_side first; /* which termination is added first: CORE for an offer of the UE (steps
				2-4), ACCESS for one to it */
	bool merged; /* all in one transaction instead of one for each termination (notes 2, 3) */
	bool emergency;
	uint8_t priority;	 /* 0: none */
	uint8_t dscp[ALG_SIDES]; /* ALG_DSCP_NONE: the gateway's */
	unsigned streams;
	struct alg_stream stream[ALG_STREAMS_MAX]; /* the last member: see alg_media_bytes() */
};

/* Octets of m that mean something: a copy needs no more than these. */
size_t alg_media_bytes(const struct alg_media *m);

/* Does any stream live? False: the context may be released. */
bool alg_media_live(const struct alg_media *m);

/* Is a side's termination another one in b than in a? */
bool alg_media_replaced(const struct alg_media *a, const struct alg_media *b, enum alg_side side);

/* Do both ask for the same? What was given does not count. May say no where nobody could tell a difference. */
bool alg_media_same(const struct alg_media *a, const struct alg_media *b);

/* Wipe the keys of its streams. */
void alg_media_wipe(struct alg_media *m);

#endif
