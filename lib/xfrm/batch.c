/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Many requests in one system call, and the probe for algorithms. */
#include "xfrm/internal.h"

#include <stdlib.h>
#include <string.h>

/* What one request does, as far as it can be undone. */
struct entry {
	uint16_t type;
	struct xfrm_sa sa;
	struct xfrm_policy policy;
};

struct xfrm_batch {
	struct xfrm *x;
	unsigned n;
	size_t len;
	struct entry entries[XFRM_BATCH_MAX];
	char buf[XFRM_BATCH_MAX * XFRM_MSG_ROOM] __attribute__((aligned(8)));
};

struct xfrm_batch *xfrm_batch_new(struct xfrm *x)
{
	struct xfrm_batch *b = malloc(sizeof(*b));

	if (b) {
		b->x = x;
		b->n = 0;
		b->len = 0;
	}
	return b;
}

static void empty(struct xfrm_batch *b)
{
	explicit_bzero(b->buf, b->len);
	b->n = 0;
	b->len = 0;
}

void xfrm_batch_free(struct xfrm_batch *b)
{
	if (!b)
		return;
	empty(b);
	free(b);
}

/* The place for the next message, or NULL when the batch is full. */
static char *room(struct xfrm_batch *b)
{
	return b->n < XFRM_BATCH_MAX ? b->buf + b->len : NULL;
}

static int keep(struct xfrm_batch *b, int built, struct entry e)
{
	struct nlmsghdr *nlh = (void *)(b->buf + b->len);

	if (built)
		return built;
	e.type = nlh->nlmsg_type;
	b->entries[b->n++] = e;
	b->len += MNL_ALIGN(nlh->nlmsg_len);
	return XFRM_OK;
}

int xfrm_batch_sa_add(struct xfrm_batch *b, const struct xfrm_sa *sa, const struct xfrm_keys *keys)
{
	char *at = room(b);

	return at ? keep(b, xfrm_msg_sa_add(at, sa, keys), (struct entry){.sa = *sa}) : XFRM_E_FULL;
}

int xfrm_batch_sa_del(struct xfrm_batch *b, const struct netaddr *dst, uint32_t spi)
{
	char *at = room(b);

	return at ? keep(b, xfrm_msg_sa_del(at, dst, spi), (struct entry){.type = 0}) : XFRM_E_FULL;
}

static int add_policy(struct xfrm_batch *b, const struct xfrm_policy *p, uint16_t type)
{
	char *at = room(b);

	return at ? keep(b, xfrm_msg_policy(at, p, type), (struct entry){.policy = *p})
		  : XFRM_E_FULL;
}

int xfrm_batch_policy_add(struct xfrm_batch *b, const struct xfrm_policy *p)
{
	return add_policy(b, p, XFRM_MSG_NEWPOLICY);
}

int xfrm_batch_policy_update(struct xfrm_batch *b, const struct xfrm_policy *p)
{
	return add_policy(b, p, XFRM_MSG_UPDPOLICY);
}

int xfrm_batch_policy_del(struct xfrm_batch *b, const struct xfrm_policy *p)
{
	return add_policy(b, p, XFRM_MSG_DELPOLICY);
}

/*
 * Read what the kernel says to the n requests from sequence number first on. It takes them in order
 * and answers a refused one at once, so the answer to the last one, which alone asks to be told of
 * success, means that all others without an answer were done.
 */
static int collect(struct xfrm_batch *b, uint32_t first, int *results)
{
	char answer[MNL_SOCKET_BUFFER_SIZE] __attribute__((aligned(8)));

	while (results[b->n - 1] == XFRM_E_TIMEOUT) {
		ssize_t n = xfrm_recv(b->x, answer, sizeof(answer));
		const struct nlmsghdr *a = (const void *)answer;
		int left = (int)n;

		if (n < 0)
			return (int)n;
		for (; mnl_nlmsg_ok(a, left); a = mnl_nlmsg_next(a, &left)) {
			uint32_t i = a->nlmsg_seq - first;

			if (a->nlmsg_type == NLMSG_ERROR && i < b->n)
				results[i] = xfrm_err_of(
				    -((const struct nlmsgerr *)mnl_nlmsg_get_payload(a))->error,
				    b->entries[i].type);
		}
	}
	for (unsigned i = 0; i + 1 < b->n; i++)
		if (results[i] == XFRM_E_TIMEOUT)
			results[i] = XFRM_OK;
	return XFRM_OK;
}

/* Whether the SA that has this name in the kernel is the one we asked for, not somebody else's. */
static bool is_ours(struct xfrm *x, const struct xfrm_sa *sa)
{
	struct xfrm_sa_state st;

	return xfrm_sa_get(x, xfrm_sa_name(sa), sa->spi, &st) == XFRM_OK &&
	       st.sa.mark == sa->mark && st.sa.reqid == sa->reqid &&
	       st.sa.src.port == sa->src.port && st.sa.dst.port == sa->dst.port &&
	       netaddr_ip_eq(&st.sa.src, &sa->src);
}

/* An addition whose answer was lost may have happened as well. */
static void undo(struct xfrm_batch *b, const int *results)
{
	for (unsigned i = b->n; i-- > 0;) {
		const struct entry *e = &b->entries[i];

		if (results[i] != XFRM_OK && results[i] != XFRM_E_TIMEOUT)
			continue;
		if (e->type == XFRM_MSG_NEWSA && (results[i] == XFRM_OK || is_ours(b->x, &e->sa)))
			xfrm_sa_del(b->x, xfrm_sa_name(&e->sa), e->sa.spi);
		else if (e->type == XFRM_MSG_NEWPOLICY)
			xfrm_policy_del(b->x, &e->policy);
	}
}

int xfrm_batch_commit(struct xfrm_batch *b, bool undo_on_error, int *results)
{
	int mine[XFRM_BATCH_MAX], rc = XFRM_OK;
	uint32_t first = b->x->seq + 1;
	char *p = b->buf;

	for (unsigned i = 0; i < b->n; i++) {
		struct nlmsghdr *nlh = (void *)p;

		nlh->nlmsg_seq = ++b->x->seq;
		if (i + 1 == b->n)
			nlh->nlmsg_flags |= NLM_F_ACK;
		p += MNL_ALIGN(nlh->nlmsg_len);
		mine[i] = XFRM_E_TIMEOUT;
	}
	if (b->n)
		rc = xfrm_send(b->x, b->buf, b->len);
	if (b->n && rc == XFRM_OK)
		rc = collect(b, first, mine);
	for (unsigned i = 0; i < b->n; i++) {
		if (rc == XFRM_OK)
			rc = mine[i];
		if (results)
			results[i] = mine[i];
	}
	if (rc && undo_on_error)
		undo(b, mine);
	empty(b);
	return rc;
}

int xfrm_probe(struct xfrm *x, int af, enum xfrm_alg alg, enum xfrm_ealg ealg)
{
	static const uint8_t ck[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
	static const uint8_t ik[16] = {16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1};
	struct xfrm_sa sa = {
	    .spi = 0xfffffff0, .alg = alg, .ealg = ealg, .lifetime_s = 2, .mark = 0xffffffff};
	struct xfrm_keys keys;
	int rc = xfrm_keys_from_aka(alg, ealg, ck, ik, &keys);

	if (rc)
		return rc;
	(void)netaddr_parse_port(af == AF_INET ? SLICE_LIT("127.0.0.1") : SLICE_LIT("::1"), 9,
				 &sa.src);
	sa.dst = sa.src;
	for (unsigned tries = 0; tries < 16; tries++, sa.spi--) {
		rc = xfrm_sa_add(x, &sa, &keys);
		if (rc != XFRM_E_EXISTS)
			break;
	}
	if (rc == XFRM_OK)
		rc = xfrm_sa_del(x, &sa.dst, sa.spi);
	return rc;
}
