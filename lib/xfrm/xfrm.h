/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IPsec security associations and policies in the Linux kernel, for SIP over ESP in transport mode
 * (TS 33.203 annex H). Serves both ends: the P-CSCF and a UE.
 *
 * One struct xfrm is one netlink socket. It belongs to the network namespace the calling thread was
 * in when xfrm_open() ran, whatever namespace the thread enters later, and must be used by one
 * thread of one process at a time (open one after each fork). Every request asks the kernel for an
 * answer and every answer is read: a function returns 0 only if the kernel did all of it. No call
 * waits longer than XFRM_TIMEOUT_MS.
 */
#ifndef XFRM_XFRM_H
#define XFRM_XFRM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/netaddr.h"

#define XFRM_TIMEOUT_MS 1000
#define XFRM_KEY_MAX	64 /* octets of one key */
#define XFRM_BATCH_MAX	64 /* requests in one batch */

enum xfrm_err {
	XFRM_OK = 0,
	XFRM_E_SYS = -1,	 /* socket trouble: errno says which */
	XFRM_E_TIMEOUT = -2,	 /* the kernel did not answer in XFRM_TIMEOUT_MS */
	XFRM_E_EXISTS = -3,	 /* EEXIST: this SPI or this selector is taken */
	XFRM_E_NOT_FOUND = -4,	 /* ESRCH, ENOENT: no such SA or policy */
	XFRM_E_UNSUPPORTED = -5, /* kernel has no ESP or not this algorithm */
	XFRM_E_DENIED = -6,	 /* CAP_NET_ADMIN is missing */
	XFRM_E_NO_MEMORY = -7,	 /* ENOBUFS, ENOMEM */
	XFRM_E_INVALID = -8,	 /* an argument is out of range, or the kernel said EINVAL */
	XFRM_E_FULL = -9,	 /* the batch holds XFRM_BATCH_MAX requests already */
};

/* Text of an enum xfrm_err for a log line, never NULL. */
const char *xfrm_strerror(int err);

/* Integrity algorithms, by their names in sec-agree (lib/sec_agree). Values are stored on disk:
 * append only. */
enum xfrm_alg {
	XFRM_ALG_NONE = 0,	  /* alg=null: only beside an AEAD */
	XFRM_ALG_HMAC_MD5_96,	  /* hmac-md5-96 */
	XFRM_ALG_HMAC_SHA1_96,	  /* hmac-sha-1-96 */
	XFRM_ALG_HMAC_SHA256_128, /* hmac-sha-256-128 (RFC 4868 truncation) */
	XFRM_ALG_AES_GMAC,	  /* aes-gmac (RFC 4543) */
	XFRM_ALG_COUNT
};

/* Encryption algorithms, by their names in sec-agree. Values are stored on disk: append only. */
enum xfrm_ealg {
	XFRM_EALG_NULL = 0,	/* null */
	XFRM_EALG_AES_CBC,	/* aes-cbc */
	XFRM_EALG_DES_EDE3_CBC, /* des-ede3-cbc */
	XFRM_EALG_AES_GCM, /* aes-gcm (RFC 4106, 16 octet ICV): integrity included, alg is null */
	XFRM_EALG_COUNT
};

/* Keys of one SA. The owner wipes it with xfrm_keys_wipe() as soon as the SA stands. */
struct xfrm_keys {
	uint8_t auth[XFRM_KEY_MAX];
	uint8_t auth_len; /* octets; 0 with an AEAD or XFRM_ALG_NONE */
	uint8_t enc[XFRM_KEY_MAX];
	uint8_t
	    enc_len; /* octets, with the 4 octets of salt for aes-gmac and aes-gcm; 0 for null */
};

/*
 * ESP keys from the CK and IK of AKA (TS 33.203 annex I): hmac-md5-96: IK; hmac-sha-1-96: IK and 32
 * zero bits; hmac-sha-256-128: IK and 128 zero bits; aes-cbc: CK; des-ede3-cbc: CK1 CK2 CK1;
 * aes-gcm: CK, aes-gmac: IK, each with the salt of annex I, four octets. Returns 0 or
 * XFRM_E_INVALID for a pair that makes no SA (nothing protects integrity, or both would).
 */
int xfrm_keys_from_aka(enum xfrm_alg alg, enum xfrm_ealg ealg, const uint8_t ck[16],
		       const uint8_t ik[16], struct xfrm_keys *out);

/* Overwrite the keys. */
void xfrm_keys_wipe(struct xfrm_keys *keys);

/*
 * One SA, in the direction in which packets travel. An SA is named in the kernel by (dst address,
 * spi). src and dst ports go into the SA's selector, so the kernel drops a packet that came through
 * this SA with other ports (TS 33.203 7.1).
 */
struct xfrm_sa {
	struct netaddr src, dst;
	uint32_t spi;	/* host byte order, chosen by the receiver, above 255 */
	uint32_t reqid; /* ties a policy to the SA; 0: none */
	enum xfrm_alg alg;
	enum xfrm_ealg ealg;
	uint32_t
	    mark; /* the owner's label, kept in the selector's user field; only dumps look at it */
	uint32_t lifetime_s;  /* the kernel deletes the SA this long after it was added; 0: never */
	uint16_t encap_sport; /* both 0, or ESP in UDP with these outer ports (RFC 3948) */
	uint16_t encap_dport;
	/* Family 0: transport mode. Else tunnel mode between these; src and dst are inside, and the
	 * SA is named by outer_dst. Ports are not looked at. */
	struct netaddr outer_src, outer_dst;
};

/* The address that names an SA together with its SPI. */
static inline const struct netaddr *xfrm_sa_name(const struct xfrm_sa *sa)
{
	return sa->outer_dst.family ? &sa->outer_dst : &sa->dst;
}

/* What the kernel knows of an SA besides. */
struct xfrm_sa_state {
	struct xfrm_sa sa;
	uint64_t bytes, packets;
	uint64_t added;	       /* wall clock, s */
	uint64_t used;	       /* wall clock of the first packet, s; 0: none yet */
	uint32_t replay_drops; /* packets refused as replayed, late or not authentic */
};

enum xfrm_dir { XFRM_IN = 0, XFRM_OUT = 1 };

/*
 * One policy: packets between src and dst (with ports, any transport protocol) must be protected. A
 * port of 0 is any port; an end without an address is any address (then the other has one).
 * An out policy names the SA to use by spi and reqid; an in policy takes any ESP SA whose own
 * selector fits if both are 0. A policy is named in the kernel by direction and selector (src, dst,
 * ports, mark included).
 */
struct xfrm_policy {
	struct netaddr src, dst;
	enum xfrm_dir dir;
	uint32_t spi, reqid;
	uint32_t mark;
	uint32_t priority; /* smaller wins */
	bool block;	   /* no SA at all: what matches is dropped */
	/* As in struct xfrm_sa. */
	struct netaddr outer_src, outer_dst;
};

struct xfrm;

/* Open a netlink socket in the caller's network namespace. Returns 0 and *out, or XFRM_E_SYS. */
int xfrm_open(struct xfrm **out);

/* Close it and free it. NULL is allowed. SAs and policies stay. */
void xfrm_close(struct xfrm *x);

/* The socket's descriptor, to mark it close-on-exec or to look at it; never read from it. */
int xfrm_fd(const struct xfrm *x);

/* One request at a time: 0 or an enum xfrm_err. keys are not kept. */
int xfrm_sa_add(struct xfrm *x, const struct xfrm_sa *sa, const struct xfrm_keys *keys);
int xfrm_sa_del(struct xfrm *x, const struct netaddr *dst, uint32_t spi);
int xfrm_policy_add(struct xfrm *x, const struct xfrm_policy *p);
int xfrm_policy_update(struct xfrm *x,
		       const struct xfrm_policy *p); /* adds it if it is not there */
int xfrm_policy_del(struct xfrm *x,
		    const struct xfrm_policy *p); /* looks at dir and selector only */

/* Read one SA back with its counters. 0, XFRM_E_NOT_FOUND, or another enum xfrm_err. */
int xfrm_sa_get(struct xfrm *x, const struct netaddr *dst, uint32_t spi, struct xfrm_sa_state *out);

/*
 * Let the SA end lifetime_s after now (0: never). Keys are read back from the kernel, used and
 * wiped. 0 or an enum xfrm_err.
 */
int xfrm_sa_set_lifetime(struct xfrm *x, const struct netaddr *dst, uint32_t spi,
			 uint32_t lifetime_s);

/*
 * Add sa with the keys of the SA that is named by dst and spi, which has the same algorithms. The
 * keys are read back from the kernel, used and wiped. 0 or an enum xfrm_err.
 */
int xfrm_sa_add_like(struct xfrm *x, const struct netaddr *dst, uint32_t spi,
		     const struct xfrm_sa *sa);

/* Let ESP in UDP go between these outer ports from now on; the SA must have been added with some.
 * 0 or an enum xfrm_err. */
int xfrm_sa_set_encap(struct xfrm *x, const struct netaddr *dst, uint32_t spi, uint16_t sport,
		      uint16_t dport);

/* The sender of an authentic packet of ESP in UDP is not the one its SA names: a NAT is in the way.
 */
struct xfrm_mapping {
	struct netaddr dst; /* with spi: the inbound SA */
	uint32_t spi;
	struct netaddr src; /* where it came from */
};

/*
 * A socket that learns of these, not blocking, to be shared by all processes that are forked later:
 * the kernel queues one before it hands out what the packet carries. The descriptor, or XFRM_E_SYS.
 */
int xfrm_mapping_open(void);

/* The next one: 1; 0: none now; or XFRM_E_SYS. */
int xfrm_mapping_next(int fd, struct xfrm_mapping *out);

/*
 * A UDP socket at local through which the kernel receives ESP (RFC 3948 2.1). What is not ESP stays
 * in its small queue unread. The descriptor, or XFRM_E_SYS.
 */
int xfrm_encap_open(const struct netaddr *local);

/*
 * Let a socket of this family (AF_INET, AF_INET6) take nothing that did not come by ESP in transport
 * mode, whatever the policies of the system say, and the connections that it accepts neither. Which
 * SA may be used is the business of its selector. It holds until the socket is closed; no flush takes
 * it away. 0, or XFRM_E_SYS (errno; EPERM without CAP_NET_ADMIN).
 */
int xfrm_socket_require(int fd, int family);

/*
 * A socket that sees what other programs do to the policies and SAs of this network namespace, not
 * blocking. The descriptor, or XFRM_E_SYS.
 */
int xfrm_watch_open(void);

enum xfrm_watch {
	XFRM_WATCH_NOTHING = 0, /* more than was read */
	XFRM_WATCH_POLICIES,	/* policies were flushed, or one that blocks was deleted */
	XFRM_WATCH_SAS,		/* SAs were flushed */
	XFRM_WATCH_MISSED,	/* too much happened at once to be told of it: look yourself */
};

/* What has happened since the last call that may concern us; call it until there is nothing. */
enum xfrm_watch xfrm_watch_next(int fd);

/*
 * A batch: requests are collected and sent in one system call; the kernel does them in order, tells
 * of each one that it refuses, and of the end. If undo_on_error, everything of the batch that
 * succeeded, or may have where an answer was lost, is taken back in reverse order when one add
 * failed, so that nothing half installed stays (deletes and updates are not taken back).
 */
struct xfrm_batch;

/* A new empty batch on x, or NULL (no memory). */
struct xfrm_batch *xfrm_batch_new(struct xfrm *x);
void xfrm_batch_free(struct xfrm_batch *b);

/* Add a request. 0, XFRM_E_INVALID or XFRM_E_FULL; the batch can still be sent after an error. */
int xfrm_batch_sa_add(struct xfrm_batch *b, const struct xfrm_sa *sa, const struct xfrm_keys *keys);
int xfrm_batch_sa_del(struct xfrm_batch *b, const struct netaddr *dst, uint32_t spi);
int xfrm_batch_policy_add(struct xfrm_batch *b, const struct xfrm_policy *p);
int xfrm_batch_policy_update(struct xfrm_batch *b, const struct xfrm_policy *p);
int xfrm_batch_policy_del(struct xfrm_batch *b, const struct xfrm_policy *p);

/*
 * Send all, read all answers, empty the batch (keys wiped). Returns 0 if every request succeeded,
 * else the first error. If results is not NULL it gets one value per request in order (room for
 * XFRM_BATCH_MAX); XFRM_E_TIMEOUT where the answer did not come or was lost.
 */
int xfrm_batch_commit(struct xfrm_batch *b, bool undo_on_error, int *results);

/*
 * Walk all SAs or policies that carry mark (mark 0: all). The callback returns 0 to go on; another
 * value ends the walk, which then returns it. Do not use x inside the callback.
 */
typedef int (*xfrm_sa_h)(const struct xfrm_sa_state *sa, void *arg);
typedef int (*xfrm_policy_h)(const struct xfrm_policy *p, void *arg);
int xfrm_sa_each(struct xfrm *x, uint32_t mark, xfrm_sa_h h, void *arg);
int xfrm_policy_each(struct xfrm *x, uint32_t mark, xfrm_policy_h h, void *arg);

/*
 * Delete the SAs and policies that carry mark (not 0) and that nobody wants to keep; others' are
 * never touched. Each handler is asked once for each, before anything is deleted, and must not use
 * x; true: keep it. NULL: keep none. *deleted, if not NULL: how many there were to delete. 0 or an
 * enum xfrm_err.
 */
typedef bool (*xfrm_keep_sa_h)(const struct xfrm_sa_state *sa, void *arg);
typedef bool (*xfrm_keep_policy_h)(const struct xfrm_policy *p, void *arg);
int xfrm_prune(struct xfrm *x, uint32_t mark, xfrm_keep_sa_h keep_sa,
	       xfrm_keep_policy_h keep_policy, void *arg, unsigned *deleted);

/* Delete all that carry mark. */
int xfrm_flush(struct xfrm *x, uint32_t mark);

/*
 * Ask the kernel whether it can do this pair of algorithms, by adding and deleting an SA from and
 * to the loopback address. 0, XFRM_E_UNSUPPORTED, or another enum xfrm_err.
 */
int xfrm_probe(struct xfrm *x, int af, enum xfrm_alg alg, enum xfrm_ealg ealg);

#endif
