/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the files of lib/xfrm only: the socket, and messages to and from the kernel. */
#ifndef XFRM_INTERNAL_H
#define XFRM_INTERNAL_H

#include "xfrm/xfrm.h"

#include <libmnl/libmnl.h>
#include <linux/xfrm.h>

#define XFRM_MSG_ROOM 1024 /* octets; more than any request of ours needs */

struct xfrm {
	struct mnl_socket *nl;
	uint32_t seq;
	uint32_t port;
};

/* Write a request into buf (XFRM_MSG_ROOM octets). 0 or XFRM_E_INVALID; seq and ACK flag are the
 * sender's job. */
int xfrm_msg_sa_add(void *buf, const struct xfrm_sa *sa, const struct xfrm_keys *keys);
int xfrm_msg_sa_del(void *buf, const struct netaddr *dst, uint32_t spi);
int xfrm_msg_sa_get(void *buf, const struct netaddr *dst, uint32_t spi);
int xfrm_msg_policy(void *buf, const struct xfrm_policy *p,
		    uint16_t type); /* XFRM_MSG_NEW/UPD/DELPOLICY */

/* Read what the kernel answers or dumps. 0 or XFRM_E_INVALID (not one of ours: other mode, cut
 * short). */
int xfrm_msg_read_sa(const struct nlmsghdr *nlh, struct xfrm_sa_state *out);
int xfrm_msg_read_policy(const struct nlmsghdr *nlh, struct xfrm_policy *out);

/* The keys of an SA as it was read; the caller wipes them. 0, or XFRM_E_INVALID: it has none. */
int xfrm_msg_read_keys(const struct nlmsghdr *nlh, struct xfrm_keys *out);

int xfrm_msg_read_mapping(const struct nlmsghdr *nlh, struct xfrm_mapping *out);

/* Change the ports of ESP in UDP in an SA as it was read. 0, or XFRM_E_INVALID: it has none. */
int xfrm_msg_set_encap(struct nlmsghdr *nlh, uint16_t sport, uint16_t dport);

/* An enum xfrm_err for the errno of an answer to a request of this message type. */
int xfrm_err_of(int err, uint16_t type);

/* Send len octets of requests. 0, XFRM_E_SYS or XFRM_E_TIMEOUT. */
int xfrm_send(struct xfrm *x, const void *buf, size_t len);

/*
 * Receive one datagram from the kernel. Its length, XFRM_E_SYS, XFRM_E_TIMEOUT, or
 * XFRM_E_NO_MEMORY: the receive buffer was full and answers were lost; what was in it is thrown
 * away.
 */
ssize_t xfrm_recv(struct xfrm *x, void *buf, size_t size);

/* Send the one request in buf and read its acknowledgement. 0 or an enum xfrm_err. */
int xfrm_transact(struct xfrm *x, void *buf);

#endif
