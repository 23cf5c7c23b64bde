/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The wall between the gateway's control plane and its media plane.
 *
 * A leg is one side of one media stream: the sockets of one termination's stream. Two legs that are
 * linked relay to each other. Sockets, ports and certificates are made in the control thread, so
 * that a reply can name them; from then on a leg belongs to one worker thread, and control reaches
 * it by messages only.
 *
 * A leg is described by its wanted state (struct media_leg_config), which is sent whole each time,
 * as H.248 does with its descriptors; the worker finds out what changed. Nothing here blocks except
 * media_link() between legs of different workers (a Move), which waits until the old worker has let
 * go.
 *
 * Everything in this header is called from the one control thread. Events come out of
 * media_dispatch().
 */
#ifndef AGW_MEDIA_MEDIA_H
#define AGW_MEDIA_MEDIA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "sdp/fingerprint.h"
#include "base/netaddr.h"
#include "sdp/sdes.h"

/* Errors; media_strerror() gives a text. */
enum media_error {
	MEDIA_OK = 0,
	MEDIA_ENOMEM = -1,    /* out of memory, or of the configured number of legs */
	MEDIA_ENOPORT = -2,   /* no free port in the pool */
	MEDIA_ESYSTEM = -3,   /* a system call failed; errno tells which way */
	MEDIA_EINVAL = -4,    /* a setting that contradicts itself */
	MEDIA_ECRYPTO = -5,   /* OpenSSL or libsrtp2 refused (bad certificate file, bad key) */
	MEDIA_ELINKED = -6,   /* the leg is linked already */
	MEDIA_EMISMATCH = -7, /* these two legs cannot relay to each other (datagram with stream) */
	MEDIA_EBUSY = -8,     /* a worker's queue is full: try again */
	MEDIA_EDESCRIPTORS = -9, /* the process or the system has no descriptor left */
};
const char *media_strerror(int err);

/* What a leg speaks, by the proto field of the m= line. */
enum media_proto {
	MEDIA_UDP,	    /* any datagrams, untouched: udptl, UDP/BFCP, UDP */
	MEDIA_RTP,	    /* RTP/AVP, RTP/AVPF */
	MEDIA_SRTP,	    /* RTP/SAVP, RTP/SAVPF with SDES keys */
	MEDIA_DTLS_SRTP,    /* UDP/TLS/RTP/SAVP, .../SAVPF */
	MEDIA_TCP,	    /* TCP: bytes */
	MEDIA_TCP_TLS,	    /* TCP/TLS */
	MEDIA_TCP_MSRP,	    /* TCP/MSRP */
	MEDIA_TCP_TLS_MSRP, /* TCP/TLS/MSRP */
	MEDIA_TCP_BFCP,	    /* TCP/BFCP */
	MEDIA_TCP_TLS_BFCP, /* TCP/TLS/BFCP */
};
static inline bool media_proto_is_tcp(enum media_proto p)
{
	return p >= MEDIA_TCP;
}
static inline bool media_proto_is_rtp(enum media_proto p)
{
	return p == MEDIA_RTP || p == MEDIA_SRTP || p == MEDIA_DTLS_SRTP;
}
static inline bool media_proto_has_tls(enum media_proto p)
{
	return p == MEDIA_TCP_TLS || p == MEDIA_TCP_TLS_MSRP || p == MEDIA_TCP_TLS_BFCP;
}
static inline bool media_proto_has_msrp(enum media_proto p)
{
	return p == MEDIA_TCP_MSRP || p == MEDIA_TCP_TLS_MSRP;
}
static inline bool media_proto_has_bfcp(enum media_proto p)
{
	return p == MEDIA_TCP_BFCP || p == MEDIA_TCP_TLS_BFCP;
}

/* Does a leg of this kind present a certificate (media_leg_fingerprint() has something to say)? */
static inline bool media_proto_has_certificate(enum media_proto p)
{
	return media_proto_has_tls(p) || p == MEDIA_DTLS_SRTP;
}

/* H.248 stream mode, seen from outside the context (H.248.1 7.1.7). */
enum media_mode {
	MEDIA_INACTIVE = 0,
	MEDIA_RECVONLY = 1, /* takes media from its peer, sends none to it */
	MEDIA_SENDONLY = 2,
	MEDIA_SENDRECV = 3,
};

/* The leg's own a=setup (RFC 4145). */
enum media_setup {
	MEDIA_SETUP_ACTPASS =
	    0,		    /* not settled: listen; connect when the other leg's peer comes first */
	MEDIA_SETUP_ACTIVE, /* connect when the other leg is connected, or at once with
			       tcp_establish */
	MEDIA_SETUP_PASSIVE,  /* only listen. Both legs passive = merge mode */
	MEDIA_SETUP_HOLDCONN, /* neither, for now */
};

enum media_tls_role {
	MEDIA_TLS_BY_SETUP =
	    0, /* ACTIVE = client, PASSIVE = server; undecided: the peer's first record or a
		  later configuration decides (RFC 6135 6, RFC 8122 6.2) */
	MEDIA_TLS_CLIENT, /* send ClientHello as soon as TCP is up, whoever opened it */
	MEDIA_TLS_SERVER,
};

enum media_latch {
	MEDIA_LATCH_OFF = 0, /* send to the configured remote address only */
	MEDIA_LATCH_ON, /* ipnapt LATCH: the first packet's source becomes the remote address */
	MEDIA_LATCH_RELATCH, /* forget what was latched, then as LATCH */
};

/* Remote source filter (gm/saf, sam, spf, spr). On without a value = the address/port of remote; on
 * while that is unknown = nobody may come in: the closed gate. */
struct media_filter {
	bool address_on;
	bool port_on;
	bool has_prefix;     /* gm/sam was given */
	uint8_t prefix_bits; /* 0..32 or 0..128 */
	struct netaddr prefix;
	uint16_t port_min; /* gm/spr; 0 = the port of remote */
	uint16_t port_max;
};

enum { MEDIA_MSRP_PATH_MAX = 512 };

/* The wanted state of a leg. All zero is valid: inactive, nothing known. */
struct media_leg_config {
	/* Each packet asks for these: they stand together. */
	enum media_mode mode;
	enum media_latch latch;
	uint64_t police_rate; /* tman/sdr, octets per second taken from the peer; 0 = no limit */

	struct netaddr remote; /* from Remote's c= and m=; unknown family = not there yet */
	struct netaddr
	    remote_rtcp; /* a=rtcp; unknown = port of remote + 1, or remote with rtcp_mux */
	bool rtcp_mux;	 /* RTP and RTCP on one port (RFC 5761) */
	struct media_filter filter;
	uint32_t latch_serial;	  /* count up to make another latch signal take effect */
	uint8_t dscp;		  /* 0..63, written on what the leg sends */
	uint64_t police_burst;	  /* tman/mbs, octets */
	uint32_t inactive_in_ms;  /* adid/ipstop: report so long without a packet from the peer; 0 =
				    off */
	uint32_t inactive_out_ms; /* the same for packets to the peer */

	/* stream legs */
	enum media_setup setup;
	bool tcp_establish; /* the "establish TCP connection" signal: do not wait for the other leg
			     */
	enum media_tls_role tls_role;
	bool fingerprint_given; /* Remote had a=fingerprint; until then the TLS handshake is held */
	struct fingerprint_set fingerprints;
	bool msrp_rewrite; /* rewrite To-Path/From-Path (false: CEMA, or nothing to rewrite) */
	char msrp_local_path[MEDIA_MSRP_PATH_MAX]; /* our a=path towards this peer; "" = build from
						      address */
	char
	    msrp_remote_path[MEDIA_MSRP_PATH_MAX]; /* this peer's a=path; "" = build from address */

	/* secure RTP legs */
	struct sdes_key srtp_tx; /* from Local's a=crypto: what we send with */
	struct sdes_key srtp_rx; /* from Remote's a=crypto: what the peer sends with */
};

/* Counters of a leg. "in" is from the peer, "out" is to the peer; octets are payload above UDP or
 * TCP (for TLS: inside the protection). They may be read at any time while the leg exists. */
struct media_leg_stats {
	/* Each packet of RTP writes some of these: they stand together. */
	uint64_t packets_in, packets_out, octets_in, octets_out;
	int64_t last_in_ms; /* media_now_ms() of the last packet from the peer; 0 = none yet */
	uint64_t rtp_lost;  /* from sequence numbers, RFC 3550 A.3, all SSRCs */
	uint64_t
	    rtp_jitter_us; /* of the last SSRC, RFC 3550 A.8, with the clock rate taken as 8000 */

	uint64_t rtcp_in, rtcp_out;
	uint64_t filtered;    /* from a source that is not allowed */
	uint64_t policed;     /* over the rate */
	uint64_t overrun;     /* RTP left out because it came long ago: more than can be carried */
	uint64_t gated;	      /* not passed because of the mode, or nobody on the other side */
	uint64_t malformed;   /* not RTP/RTCP/STUN/DTLS, broken MSRP or BFCP framing */
	uint64_t auth_failed; /* SRTP authentication */
	uint64_t replayed;    /* SRTP replay window */
	uint64_t send_failed;
	uint64_t rtp_delay_us; /* to the peer and back, from its last RTCP report that told; 0 =
				* unknown */
	uint64_t rtp_reports;  /* of the peer's, on what it hears; the next are of the last */
	uint64_t rtp_peer_fraction;  /* lost on the way to it since the one before, of 256 */
	uint64_t rtp_peer_lost;	     /* lost on the way to it in all */
	uint64_t rtp_peer_jitter_us; /* as rtp_jitter_us */
	uint64_t messages_in;	     /* MSRP or BFCP messages (chunks) from the peer */
	uint64_t connects;	     /* TCP connections with the peer, either direction */
	uint64_t refused;	/* TCP connections that came while one existed, or were too many */
	uint64_t tls_failed;	/* handshakes that failed, fingerprint mismatch included */
	uint64_t strangers;	/* of these, from another address than the peer's */
	uint64_t accept_failed; /* nobody could be taken in: no descriptor or memory left */
};

enum media_event_type {
	MEDIA_EV_LATCHED,    /* addr = the peer's source */
	MEDIA_EV_TCP_UP,     /* addr = the peer's source */
	MEDIA_EV_TCP_FAILED, /* our connection attempt failed; error = errno */
	MEDIA_EV_TCP_CLOSED, /* both directions ended in good order */
	MEDIA_EV_TCP_LOST,   /* reset or timed out; error = errno */
	MEDIA_EV_TLS_UP,     /* handshake done and fingerprint matched (DTLS too) */
	MEDIA_EV_TLS_FAILED, /* handshakes failed and none came up in time, cause tells why. Where
			      * the peer had connected, the leg listens on and its partner keeps
			      * its connection; where we had, both are closed and we do not try
			      * again until configured */
	MEDIA_EV_TLS_RETRY,  /* a handshake failed that the peer may have made: nothing has changed
			      * for the call, another has tls_retry_ms to come up */
	MEDIA_EV_INACTIVE,   /* nothing for inactive_*_ms; error = 1 in, 2 out, 3 both */
	MEDIA_EV_RESUMED,    /* packets again after MEDIA_EV_INACTIVE */
	MEDIA_EV_STRANGER,   /* as MEDIA_EV_TLS_RETRY, of somebody who came from another address
			      * than signalling gave: nothing has changed for the call */
	MEDIA_EV_PROTOCOL,   /* MSRP or BFCP framing broken: both connections are closed */
};

/* "tcp-up" and so on, for logs. */
const char *media_event_name(enum media_event_type type);

/* Why TLS did not come up. */
enum media_tls_cause {
	MEDIA_TLS_CAUSE_NONE = 0,
	MEDIA_TLS_CAUSE_HANDSHAKE,	/* protocol failure, or the peer gave up */
	MEDIA_TLS_CAUSE_FINGERPRINT,	/* certificate does not match */
	MEDIA_TLS_CAUSE_NO_CERTIFICATE, /* peer presented none */
	MEDIA_TLS_CAUSE_TIMEOUT,	/* handshake or wait for the fingerprint took too long */
	MEDIA_TLS_CAUSE_LOST,		/* the peer closed or reset the connection */
};

/* "fingerprint mismatch" and so on, for logs. */
const char *media_tls_cause_name(enum media_tls_cause cause);

struct media_leg;
struct media;

struct media_event {
	enum media_event_type type;
	struct media_leg *leg;
	void *user; /* as given to media_leg_open() */
	int error;
	enum media_tls_cause cause;
	struct netaddr addr;
};
typedef void media_event_h(const struct media_event *ev, void *arg);

struct media_config {
	unsigned workers;	      /* 1..MEDIA_WORKERS_MAX; 0 = one per CPU */
	const char *certificate_file; /* PEM; NULL = a self-signed P-256 one is made at start */
	const char *private_key_file; /* PEM */
	size_t tcp_buffer;	      /* most octets held per direction of a TCP pair; 0 = 65536 */
	uint32_t tls_handshake_ms; /* limit for a handshake and for the wait for a fingerprint; 0 =
				      30000 */
	uint32_t tls_retry_ms; /* a handshake failed: so long the peer may try again before that is
				  told as MEDIA_EV_TLS_FAILED; 0 = told at once */
	uint32_t tcp_connect_ms;  /* limit for our own connection attempts; 0 = 10000 */
	uint32_t tcp_keepalive_s; /* idle seconds before TCP keep-alive probes; 0 = 60 */
	bool allow_sha1;	  /* accept SHA-1 fingerprints (RFC 4572 peers) */
	bool tls12_only;	  /* for tests and peers that break on 1.3 */
	unsigned srtp_window;	  /* replay window in packets, 64..32767; 0 = 128 */
	size_t legs_max;	  /* 0 = 65536 */
	bool no_io_uring;	  /* receive and send each datagram by a system call of its own */
};
enum { MEDIA_WORKERS_MAX = 64 };

/*
 * Start the engine: initialises libsrtp2 and OpenSSL, makes or reads the certificate, starts the
 * workers. handler is called from media_dispatch() with arg. The strings in cfg are not kept. On
 * failure there is a sentence in why.
 */
int media_new(const struct media_config *cfg, media_event_h *handler, void *arg, char *why,
	      size_t size, struct media **out);

/* Close all legs, stop the workers, wipe keys, free everything. */
void media_free(struct media *m);

/* 0: datagrams are received and sent together through io_uring (or, by no_io_uring, not); else the
 * errno for which the kernel does not let us. */
int media_io_uring(const struct media *m);

/* A descriptor that becomes readable when media_dispatch() has work. Owned by the engine. */
int media_event_fd(const struct media *m);

/* Deliver what the workers reported. */
void media_dispatch(struct media *m);

/* The engine's clock, CLOCK_MONOTONIC in ms. */
int64_t media_now_ms(void);

/* ---- ports ---- */

struct media_pool;

/*
 * An address with a port range, from which legs take their ports in a random order. Pools of one
 * address may overlap, whatever their devices: none gives out what another has given. Freed after all its legs. device may
 * be NULL, or name the interface (VRF) that sockets are bound to.
 */
int media_pool_new(const struct netaddr *addr, uint16_t port_min, uint16_t port_max,
		   const char *device, struct media_pool **out);
void media_pool_free(struct media_pool *p);
int media_pool_try(const struct media_pool *p); /* can there be a socket: MEDIA_OK, or the error */
size_t media_pool_in_use(const struct media_pool *p); /* ports taken from it */
size_t media_pool_spare(const struct media_pool *p);  /* of its range, and nobody has them */
size_t media_pool_size(const struct media_pool *p);   /* ports in the range */

/* ---- legs ---- */

struct media_leg_open {
	enum media_proto proto;
	struct media_pool *pool;
	bool rtcp_port;	      /* take an even port and the next odd one for RTCP (rtcph/rsb) */
	bool own_certificate; /* a fresh certificate for this leg instead of the gateway's */
	struct media_leg
	    *near;  /* put the leg on this leg's worker (its context's first), or NULL */
	void *user; /* handed back in events */
	const struct media_leg_config *config; /* first wanted state; NULL = all zero */
};

/*
 * Take ports, open sockets (a stream leg listens from now on, its gate as the configuration says)
 * and hand the leg to a worker. On failure nothing is left behind.
 */
int media_leg_open(struct media *m, const struct media_leg_open *how, struct media_leg **out);

/* Change what events carry as user from now on; events already reported are delivered with it too.
 */
void media_leg_set_user(struct media_leg *leg, void *user);

/* Replace the wanted state. cfg is copied; the copy is wiped after use. */
int media_leg_configure(struct media_leg *leg, const struct media_leg_config *cfg);

/* Has the worker carried out everything that was asked of the leg so far? */
bool media_leg_settled(const struct media_leg *leg);

/* Let two unlinked legs relay to each other. Both stream legs, or both datagram legs. */
int media_link(struct media_leg *a, struct media_leg *b);

/* Take a pair apart; its TCP connections are closed. No effect on a leg that is not linked. */
void media_unlink(struct media_leg *leg);

/* Unlink and close. No event of this leg is delivered afterwards; the ports return to the pool as
 * soon as the worker has let go. The pointer is dead on return. */
void media_leg_close(struct media_leg *leg);

/* Our address and port (of RTP for datagram legs). */
void media_leg_local(const struct media_leg *leg, struct netaddr *out);

/* Our certificate's fingerprint with this hash, "AB:CD:..", NUL-terminated. MEDIA_EINVAL without
 * one. */
int media_leg_fingerprint(const struct media_leg *leg, enum fingerprint_hash hash,
			  char buf[FINGERPRINT_TEXT_MAX]);

void media_leg_stats(const struct media_leg *leg, struct media_leg_stats *out);

/* The state of a stream leg's connection or of DTLS, by name, for agwctl. */
const char *media_leg_state(const struct media_leg *leg);

/*
 * Copy what passes the leg, unprotected, to a pcap file as raw IP packets, until called with fd -1
 * or the leg closes. The descriptor is handed over and the pcap header written by the worker. TCP
 * data is written with counted-up sequence numbers so that Wireshark can follow it.
 */
int media_leg_trace(struct media_leg *leg, int fd);

/* ---- when an order has taken effect ---- */

/*
 * Set a mark behind everything that was asked of the engine so far. media_reached() says whether
 * the workers have come to it: from then on what was asked is so. Legs that were closed before the
 * mark have given their ports back; nothing that came in later passes a leg that was made inactive
 * before it. The event descriptor tells when a mark has been reached, and media_dispatch() takes
 * note of it. It takes some ten microseconds on a machine with time to spare.
 */
uint64_t media_mark(struct media *m);
bool media_reached(const struct media *m, uint64_t mark);

/* Sums over all workers, for the metrics endpoint. */
struct media_totals {
	uint64_t legs, packets_in, packets_out, octets_in, octets_out;
	uint64_t filtered, policed, overrun, malformed, auth_failed, replayed, tls_failed;
	uint64_t strangers, refused, accept_failed, wakeups;
};
void media_totals(const struct media *m, struct media_totals *out);

#endif
