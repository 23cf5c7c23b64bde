/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Access networks: a namespace, a local address in it, the P-CSCF that is met there. */
#ifndef UE_ACCESS_H
#define UE_ACCESS_H

#include "base/netaddr.h"
#include "sec_agree/sec_agree.h"
#include "ue/loop.h"
#include "xfrm/xfrm.h"

struct port;

struct access {
	char *name, *netns, *dev, *pani; /* netns, dev, pani may be NULL */
	struct netaddr local;		 /* port: the unprotected one */
	struct netaddr pcscf;
	bool tcp, ipsec; /* defaults of its connections */
	bool nat;	 /* a NAT may be in the way: ESP in UDP is offered, too */
	struct sec_agree_offer offer;
	int ns_fd;	      /* -1: our own namespace */
	struct xfrm *xfrm;    /* opened when first needed */
	int encap_fd;	      /* ESP in UDP comes and goes through it; -1: not open yet */
	struct timer alive;   /* the next keep-alive octet for the NAT (RFC 3948 4) */
	struct port *clear;   /* the unprotected port, opened when first needed */
	uint64_t clear_count; /* SIP messages outside ESP since the last 401 */
	bool challenged;      /* counting has begun */
	int sa_count;	      /* SAs that stand on it */
	bool is_cut;
	char *routes; /* what `restore` puts back, NULL: nothing */
	struct access *next;
};

extern struct access *accesses;

struct access *access_find(struct slice name);
/* A new access with its defaults, in the list. */
struct access *access_new(struct slice name);
/* Open the namespace. 0, or -1 (errno). */
int access_open(struct access *a);
void access_free_all(void);

/*
 * A non-blocking socket (SOCK_DGRAM or SOCK_STREAM) in the access's namespace, bound to its
 * address, its device if it has one, and port (0: any). Returns the descriptor or -1 (errno).
 */
int access_socket(const struct access *a, int type, uint16_t port);

/* The netlink socket for SAs in the access's namespace, or NULL. */
struct xfrm *access_xfrm(struct access *a);

/* ESP in UDP from and to port 4500 of this access from now on, kept alive. 0, or -1 (errno). */
int access_encap(struct access *a);

/* Take the device down or up. Returns 0, or -1 with errno (ENODEV: it has no dev=). */
int access_cut(struct access *a);
int access_restore(struct access *a);

/* Is its device down, by `cut` or by somebody else? False without dev=, or where that cannot be seen. */
bool access_is_down(const struct access *a);

#endif
