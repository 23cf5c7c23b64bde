/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The netlink socket: opening, one request and its answer, dumps, and single requests. */
#include "xfrm/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

const char *xfrm_strerror(int err)
{
	switch (err) {
	case XFRM_OK:
		return "no error";
	case XFRM_E_SYS:
		return "netlink socket failed";
	case XFRM_E_TIMEOUT:
		return "the kernel did not answer in time";
	case XFRM_E_EXISTS:
		return "SPI or selector is taken";
	case XFRM_E_NOT_FOUND:
		return "no such SA or policy";
	case XFRM_E_UNSUPPORTED:
		return "the kernel has no ESP or not this algorithm";
	case XFRM_E_DENIED:
		return "not permitted (CAP_NET_ADMIN)";
	case XFRM_E_NO_MEMORY:
		return "the kernel is out of memory or buffers";
	case XFRM_E_INVALID:
		return "invalid argument";
	case XFRM_E_FULL:
		return "the batch is full";
	default:
		return "unknown error";
	}
}

int xfrm_err_of(int err, uint16_t type)
{
	bool adding = type == XFRM_MSG_NEWSA || type == XFRM_MSG_NEWPOLICY;

	switch (err) {
	case 0:
		return XFRM_OK;
	case EEXIST:
		return XFRM_E_EXISTS;
	case ESRCH:
		return XFRM_E_NOT_FOUND;
	case ENOENT: /* of an addition: the crypto layer has no such algorithm */
		return adding ? XFRM_E_UNSUPPORTED : XFRM_E_NOT_FOUND;
	case ENOSYS:
	case EPROTONOSUPPORT:
	case EAFNOSUPPORT:
	case EOPNOTSUPP:
	case ENOPROTOOPT:
		return XFRM_E_UNSUPPORTED;
	case EPERM:
	case EACCES:
		return XFRM_E_DENIED;
	case ENOBUFS:
	case ENOMEM:
		return XFRM_E_NO_MEMORY;
	case EAGAIN:
	case ETIMEDOUT:
		return XFRM_E_TIMEOUT;
	case EINVAL:
	case ERANGE:
		return XFRM_E_INVALID;
	default:
		errno = err;
		return XFRM_E_SYS;
	}
}

int xfrm_open(struct xfrm **out)
{
	struct timeval tv = {XFRM_TIMEOUT_MS / 1000, XFRM_TIMEOUT_MS % 1000 * 1000};
	struct xfrm *x = calloc(1, sizeof(*x));
	int on = 1, room = 1 << 20, fd;

	if (!x)
		return XFRM_E_SYS;
	x->nl = mnl_socket_open2(NETLINK_XFRM, SOCK_CLOEXEC);
	if (!x->nl || mnl_socket_bind(x->nl, 0, MNL_SOCKET_AUTOPID) < 0) {
		if (x->nl)
			mnl_socket_close(x->nl);
		free(x);
		return XFRM_E_SYS;
	}
	fd = mnl_socket_get_fd(x->nl);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	/* Answers without a copy of the request: shorter, and no keys in the receive buffer. */
	mnl_socket_setsockopt(x->nl, NETLINK_CAP_ACK, &on, sizeof(on));
	x->port = mnl_socket_get_portid(x->nl);
	x->seq = (uint32_t)time(NULL);
	*out = x;
	return XFRM_OK;
}

void xfrm_close(struct xfrm *x)
{
	if (!x)
		return;
	mnl_socket_close(x->nl);
	free(x);
}

int xfrm_fd(const struct xfrm *x)
{
	return mnl_socket_get_fd(x->nl);
}

int xfrm_send(struct xfrm *x, const void *buf, size_t len)
{
	ssize_t n;

	do
		n = mnl_socket_sendto(x->nl, buf, len);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? XFRM_E_TIMEOUT : XFRM_E_SYS;
	return XFRM_OK;
}

ssize_t xfrm_recv(struct xfrm *x, void *buf, size_t size)
{
	ssize_t n;

	do
		n = mnl_socket_recvfrom(x->nl, buf, size);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		return n;
	if (errno == ENOBUFS) {
		/* Answers were lost, and more will be until the queue is empty. */
		while (recv(xfrm_fd(x), buf, size, MSG_DONTWAIT) >= 0)
			;
		return XFRM_E_NO_MEMORY;
	}
	return errno == EAGAIN ? XFRM_E_TIMEOUT : XFRM_E_SYS;
}

int xfrm_transact(struct xfrm *x, void *buf)
{
	struct nlmsghdr *nlh = buf;
	uint16_t type = nlh->nlmsg_type;
	char answer[MNL_SOCKET_BUFFER_SIZE] __attribute__((aligned(8)));
	int rc;

	nlh->nlmsg_seq = ++x->seq;
	nlh->nlmsg_flags |= NLM_F_ACK;
	rc = xfrm_send(x, buf, nlh->nlmsg_len);
	if (rc)
		return rc;
	for (;;) {
		ssize_t n = xfrm_recv(x, answer, sizeof(answer));
		const struct nlmsghdr *a = (const void *)answer;
		int left;

		if (n < 0)
			return (int)n;
		/* An answer to an earlier request that timed out may still be in the queue. */
		for (left = (int)n; mnl_nlmsg_ok(a, left); a = mnl_nlmsg_next(a, &left))
			if (a->nlmsg_type == NLMSG_ERROR && a->nlmsg_seq == x->seq)
				return xfrm_err_of(
				    -((const struct nlmsgerr *)mnl_nlmsg_get_payload(a))->error,
				    type);
	}
}

static int one(struct xfrm *x, int built, void *buf)
{
	int rc = built ? built : xfrm_transact(x, buf);

	explicit_bzero(buf, XFRM_MSG_ROOM);
	return rc;
}

int xfrm_sa_add(struct xfrm *x, const struct xfrm_sa *sa, const struct xfrm_keys *keys)
{
	char buf[XFRM_MSG_ROOM] __attribute__((aligned(8)));

	return one(x, xfrm_msg_sa_add(buf, sa, keys), buf);
}

int xfrm_sa_del(struct xfrm *x, const struct netaddr *dst, uint32_t spi)
{
	char buf[XFRM_MSG_ROOM] __attribute__((aligned(8)));

	return one(x, xfrm_msg_sa_del(buf, dst, spi), buf);
}

int xfrm_policy_add(struct xfrm *x, const struct xfrm_policy *p)
{
	char buf[XFRM_MSG_ROOM] __attribute__((aligned(8)));

	return one(x, xfrm_msg_policy(buf, p, XFRM_MSG_NEWPOLICY), buf);
}

int xfrm_policy_update(struct xfrm *x, const struct xfrm_policy *p)
{
	char buf[XFRM_MSG_ROOM] __attribute__((aligned(8)));

	return one(x, xfrm_msg_policy(buf, p, XFRM_MSG_UPDPOLICY), buf);
}

int xfrm_policy_del(struct xfrm *x, const struct xfrm_policy *p)
{
	char buf[XFRM_MSG_ROOM] __attribute__((aligned(8)));

	return one(x, xfrm_msg_policy(buf, p, XFRM_MSG_DELPOLICY), buf);
}

/* Ask for one SA; the kernel's message lands in buf. 0 or an enum xfrm_err. */
static int sa_read(struct xfrm *x, const struct netaddr *dst, uint32_t spi, char *buf, size_t size)
{
	char req[XFRM_MSG_ROOM] __attribute__((aligned(8)));
	struct nlmsghdr *nlh = (void *)req;
	int rc = xfrm_msg_sa_get(req, dst, spi);

	if (rc)
		return rc;
	nlh->nlmsg_seq = ++x->seq;
	rc = xfrm_send(x, req, nlh->nlmsg_len);
	while (rc == XFRM_OK) {
		const struct nlmsghdr *a = (const void *)buf;
		ssize_t n = xfrm_recv(x, buf, size);

		if (n < 0)
			return (int)n;
		if (!mnl_nlmsg_ok(a, (int)n) || a->nlmsg_seq != x->seq)
			continue;
		if (a->nlmsg_type == NLMSG_ERROR)
			return xfrm_err_of(
			    -((const struct nlmsgerr *)mnl_nlmsg_get_payload(a))->error,
			    XFRM_MSG_GETSA);
		if (a->nlmsg_type == XFRM_MSG_NEWSA)
			return XFRM_OK;
	}
	return rc;
}

int xfrm_sa_get(struct xfrm *x, const struct netaddr *dst, uint32_t spi, struct xfrm_sa_state *out)
{
	char buf[MNL_SOCKET_BUFFER_SIZE] __attribute__((aligned(8)));
	int rc = sa_read(x, dst, spi, buf, sizeof(buf));

	if (rc == XFRM_OK)
		rc = xfrm_msg_read_sa((const void *)buf, out);
	explicit_bzero(buf, sizeof(buf));
	return rc;
}

int xfrm_sa_set_lifetime(struct xfrm *x, const struct netaddr *dst, uint32_t spi,
			 uint32_t lifetime_s)
{
	char buf[MNL_SOCKET_BUFFER_SIZE] __attribute__((aligned(8)));
	struct nlmsghdr *nlh = (void *)buf;
	struct xfrm_usersa_info *info;
	uint64_t age, now = (uint64_t)time(NULL);
	int rc = sa_read(x, dst, spi, buf, sizeof(buf));

	if (rc == XFRM_OK) {
		info = mnl_nlmsg_get_payload(nlh);
		age = now > info->curlft.add_time ? now - info->curlft.add_time : 0;
		/* The kernel counts from the moment at which the SA was added. */
		info->lft.hard_add_expires_seconds = lifetime_s ? age + lifetime_s : 0;
		nlh->nlmsg_type = XFRM_MSG_UPDSA;
		nlh->nlmsg_flags = NLM_F_REQUEST;
		nlh->nlmsg_pid = 0;
		rc = xfrm_transact(x, buf);
	}
	explicit_bzero(buf, sizeof(buf));
	return rc;
}

int xfrm_sa_add_like(struct xfrm *x, const struct netaddr *dst, uint32_t spi,
		     const struct xfrm_sa *sa)
{
	char buf[MNL_SOCKET_BUFFER_SIZE] __attribute__((aligned(8)));
	struct xfrm_keys keys;
	int rc = sa_read(x, dst, spi, buf, sizeof(buf));

	if (rc == XFRM_OK)
		rc = xfrm_msg_read_keys((void *)buf, &keys);
	if (rc == XFRM_OK) {
		rc = xfrm_sa_add(x, sa, &keys);
		xfrm_keys_wipe(&keys);
	}
	explicit_bzero(buf, sizeof(buf));
	return rc;
}

int xfrm_sa_set_encap(struct xfrm *x, const struct netaddr *dst, uint32_t spi, uint16_t sport,
		      uint16_t dport)
{
	char buf[MNL_SOCKET_BUFFER_SIZE] __attribute__((aligned(8)));
	struct nlmsghdr *nlh = (void *)buf;
	int rc = sa_read(x, dst, spi, buf, sizeof(buf));

	if (rc == XFRM_OK)
		rc = xfrm_msg_set_encap(nlh, sport, dport);
	if (rc == XFRM_OK) {
		nlh->nlmsg_type = XFRM_MSG_UPDSA;
		nlh->nlmsg_flags = NLM_F_REQUEST;
		nlh->nlmsg_pid = 0;
		rc = xfrm_transact(x, buf);
	}
	explicit_bzero(buf, sizeof(buf));
	return rc;
}

struct walk {
	uint32_t mark;
	xfrm_sa_h sa;
	xfrm_policy_h policy;
	void *arg;
};

static int visit(const struct nlmsghdr *nlh, const struct walk *w)
{
	struct xfrm_sa_state sa;
	struct xfrm_policy p;

	if (w->sa && nlh->nlmsg_type == XFRM_MSG_NEWSA && xfrm_msg_read_sa(nlh, &sa) == XFRM_OK &&
	    (!w->mark || sa.sa.mark == w->mark))
		return w->sa(&sa, w->arg);
	if (w->policy && nlh->nlmsg_type == XFRM_MSG_NEWPOLICY &&
	    xfrm_msg_read_policy(nlh, &p) == XFRM_OK && (!w->mark || p.mark == w->mark))
		return w->policy(&p, w->arg);
	return 0;
}

/* Dump and visit each; the rest of a dump is read even when the visitor has seen enough. */
static int dump(struct xfrm *x, uint16_t type, const struct walk *w)
{
	char req[XFRM_MSG_ROOM] __attribute__((aligned(8)));
	size_t size = 32768;
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(req);
	char *buf;
	int rc, answer = 0;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	nlh->nlmsg_seq = ++x->seq;
	rc = xfrm_send(x, req, nlh->nlmsg_len);
	if (rc)
		return rc;
	buf = malloc(size);
	if (!buf)
		return XFRM_E_SYS;
	for (bool more = true; more && rc == XFRM_OK;) {
		ssize_t n = xfrm_recv(x, buf, size);
		const struct nlmsghdr *a = (const void *)buf;
		int left = (int)n;

		if (n < 0) {
			rc = (int)n;
			break;
		}
		for (; mnl_nlmsg_ok(a, left); a = mnl_nlmsg_next(a, &left)) {
			if (a->nlmsg_seq != x->seq)
				continue;
			if (a->nlmsg_type == NLMSG_DONE) {
				more = false;
			} else if (a->nlmsg_type == NLMSG_ERROR) {
				rc = xfrm_err_of(
				    -((const struct nlmsgerr *)mnl_nlmsg_get_payload(a))->error,
				    type);
				more = false;
			} else if (!answer) {
				answer = visit(a, w);
			}
		}
	}
	explicit_bzero(buf, size);
	free(buf);
	return rc ? rc : answer;
}

int xfrm_sa_each(struct xfrm *x, uint32_t mark, xfrm_sa_h h, void *arg)
{
	return dump(x, XFRM_MSG_GETSA, &(struct walk){mark, h, NULL, arg});
}

int xfrm_policy_each(struct xfrm *x, uint32_t mark, xfrm_policy_h h, void *arg)
{
	return dump(x, XFRM_MSG_GETPOLICY, &(struct walk){mark, NULL, h, arg});
}
