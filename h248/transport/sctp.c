/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SCTP of the kernel in its one-to-many style: one socket for all associations, which are made by
 * the first message sent. Payload protocol identifier 7 (IANA: H.248). Streams are not used:
 * everything goes on stream 0, in order.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/sctp.h> /* wants the above */

#include "h248/transport/internal.h"

#define PPID_H248 7u

/* What is lost is sent again after 4 s at most, as over UDP (transaction.h), and not after the minute
 * that the system's defaults allow: an end that was cut off is heard of soon after it is back. */
enum { RTO_FIRST_MS = 1000, RTO_MIN_MS = 400, RTO_MAX_MS = 4000 };

int sctp_open(struct h248_transport *t)
{
	struct sctp_event_subscribe events = {
	    .sctp_data_io_event = 1, .sctp_association_event = 1, .sctp_shutdown_event = 1};
	struct sctp_initmsg init = {
	    .sinit_num_ostreams = 16, .sinit_max_instreams = 16, .sinit_max_attempts = 4};
	struct sctp_rtoinfo rto = {
	    .srto_initial = RTO_FIRST_MS, .srto_min = RTO_MIN_MS, .srto_max = RTO_MAX_MS};
	int one = 1;

	t->fd = transport_socket(t, netaddr_af(&t->cfg.local.at), SOCK_SEQPACKET, IPPROTO_SCTP);
	if (t->fd < 0)
		return H248_E_SYSTEM;
	if (setsockopt(t->fd, IPPROTO_SCTP, SCTP_EVENTS, &events, sizeof(events)) ||
	    setsockopt(t->fd, IPPROTO_SCTP, SCTP_INITMSG, &init, sizeof(init)) ||
	    setsockopt(t->fd, IPPROTO_SCTP, SCTP_RTOINFO, &rto, sizeof(rto)) ||
	    setsockopt(t->fd, IPPROTO_SCTP, SCTP_NODELAY, &one, sizeof(one)) ||
	    transport_bind(t->fd, &t->cfg.local))
		return H248_E_SYSTEM;
	if (t->cfg.listen && listen(t->fd, 64))
		return H248_E_SYSTEM;
	return H248_OK;
}

static void notification(struct h248_transport *t, const struct h248_addr *from, size_t len,
			 int64_t now_ms)
{
	const union sctp_notification *n = (const void *)t->buffer;
	bool lost = false;

	if (len >= sizeof(struct sctp_assoc_change) && n->sn_header.sn_type == SCTP_ASSOC_CHANGE) {
		uint16_t state = n->sn_assoc_change.sac_state;

		lost = state == SCTP_COMM_LOST || state == SCTP_CANT_STR_ASSOC ||
		       state == SCTP_SHUTDOWN_COMP || state == SCTP_RESTART;
	}
	if (lost && t->cfg.link_lost)
		t->cfg.link_lost(t->cfg.user, from, now_ms);
}

void sctp_ready(struct h248_transport *t, int64_t now_ms)
{
	for (unsigned i = 0; i < BATCH; i++) {
		struct h248_addr from = {0};
		struct sockaddr_storage ss = {0};
		struct iovec iov = {t->buffer, RECEIVE_MAX};
		char control[CMSG_SPACE(sizeof(struct sctp_sndrcvinfo))];
		struct msghdr msg = {.msg_name = &ss,
				     .msg_namelen = sizeof(ss),
				     .msg_iov = &iov,
				     .msg_iovlen = 1,
				     .msg_control = control,
				     .msg_controllen = sizeof(control)};
		ssize_t n = recvmsg(t->fd, &msg, 0);

		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return;
		if (n <= 0)
			continue;
		netaddr_from_sockaddr(&ss, &from.at);
		if (msg.msg_flags & MSG_NOTIFICATION) {
			notification(t, &from, (size_t)n, now_ms);
			continue;
		}
		for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
			if (c->cmsg_level == IPPROTO_SCTP && c->cmsg_type == SCTP_SNDRCV)
				from.link =
				    (uint32_t)((const struct sctp_sndrcvinfo *)(const void *)
						   CMSG_DATA(c))
					->sinfo_assoc_id;
		}
		if (!(msg.msg_flags & MSG_EOR)) {
			t->counters.framing_errors++; /* longer than any message may be */
			continue;
		}
		t->counters.in++;
		t->cfg.receive(t->cfg.user, &from, slice_make(t->buffer, (size_t)n), now_ms);
		explicit_bzero(t->buffer, (size_t)n);
	}
}

int sctp_send(struct h248_transport *t, const struct h248_addr *to, const char *bytes, size_t len)
{
	struct iovec iov = {(void *)(uintptr_t)bytes, len};
	union {
		char space[CMSG_SPACE(sizeof(struct sctp_sndrcvinfo))];
		struct cmsghdr align;
	} control = {{0}};
	struct sockaddr_storage ss;
	socklen_t size = netaddr_to_sockaddr(&to->at, &ss);
	struct msghdr msg = {.msg_name = &ss,
			     .msg_namelen = size,
			     .msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = control.space,
			     .msg_controllen = sizeof(control.space)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	struct sctp_sndrcvinfo info = {.sinfo_ppid = htonl(PPID_H248)};

	c->cmsg_level = IPPROTO_SCTP;
	c->cmsg_type = SCTP_SNDRCV;
	c->cmsg_len = CMSG_LEN(sizeof(info));
	memcpy(CMSG_DATA(c), &info, sizeof(info));
	return sendmsg(t->fd, &msg, MSG_NOSIGNAL) == (ssize_t)len ? H248_OK : H248_E_SYSTEM;
}
