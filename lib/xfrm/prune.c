/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Deleting many: what shall go is noted during one walk and deleted afterwards, a batch at a time.
 */
#include "xfrm/internal.h"

#include <stdlib.h>

struct sa_name {
	struct netaddr dst;
	uint32_t spi;
};

struct prune {
	xfrm_keep_sa_h keep_sa;
	xfrm_keep_policy_h keep_policy;
	void *arg;
	struct sa_name *sas;
	struct xfrm_policy *policies;
	size_t n_sas, n_policies, room_sas, room_policies;
};

/* Room for one more element of this size, or the walk ends with XFRM_E_NO_MEMORY. */
static int grow(void **array, size_t n, size_t *room, size_t size)
{
	size_t more = *room ? 2 * *room : 256;
	void *p;

	if (n < *room)
		return 0;
	p = realloc(*array, more * size);
	if (!p)
		return XFRM_E_NO_MEMORY;
	*array = p;
	*room = more;
	return 0;
}

static int note_sa(const struct xfrm_sa_state *s, void *arg)
{
	struct prune *p = arg;
	int rc;

	if (p->keep_sa && p->keep_sa(s, p->arg))
		return 0;
	rc = grow((void **)&p->sas, p->n_sas, &p->room_sas, sizeof(*p->sas));
	if (rc == 0)
		p->sas[p->n_sas++] = (struct sa_name){*xfrm_sa_name(&s->sa), s->sa.spi};
	return rc;
}

static int note_policy(const struct xfrm_policy *policy, void *arg)
{
	struct prune *p = arg;
	int rc;

	if (p->keep_policy && p->keep_policy(policy, p->arg))
		return 0;
	rc = grow((void **)&p->policies, p->n_policies, &p->room_policies, sizeof(*p->policies));
	if (rc == 0)
		p->policies[p->n_policies++] = *policy;
	return rc;
}

/* What is gone already, because its life ran out in the meantime, is as it should be. */
static int commit(struct xfrm_batch *b)
{
	int results[XFRM_BATCH_MAX] = {0};
	int rc = xfrm_batch_commit(b, false, results);

	for (int i = 0; i < XFRM_BATCH_MAX && rc == XFRM_E_NOT_FOUND; i++)
		if (results[i] && results[i] != XFRM_E_NOT_FOUND)
			rc = results[i];
	return rc == XFRM_E_NOT_FOUND ? XFRM_OK : rc;
}

static int delete_all(const struct prune *p, struct xfrm_batch *b)
{
	int rc = XFRM_OK;

	for (size_t i = 0; i < p->n_policies && rc == XFRM_OK; i++) {
		if (xfrm_batch_policy_del(b, &p->policies[i]) != XFRM_E_FULL)
			continue;
		rc = commit(b);
		i--;
	}
	if (rc == XFRM_OK)
		rc = commit(b);
	for (size_t i = 0; i < p->n_sas && rc == XFRM_OK; i++) {
		if (xfrm_batch_sa_del(b, &p->sas[i].dst, p->sas[i].spi) != XFRM_E_FULL)
			continue;
		rc = commit(b);
		i--;
	}
	return rc == XFRM_OK ? commit(b) : rc;
}

int xfrm_prune(struct xfrm *x, uint32_t mark, xfrm_keep_sa_h keep_sa,
	       xfrm_keep_policy_h keep_policy, void *arg, unsigned *deleted)
{
	struct prune p = {.keep_sa = keep_sa, .keep_policy = keep_policy, .arg = arg};
	struct xfrm_batch *b = mark ? xfrm_batch_new(x) : NULL;
	int rc = b ? xfrm_sa_each(x, mark, note_sa, &p) : XFRM_E_INVALID;

	if (rc == XFRM_OK)
		rc = xfrm_policy_each(x, mark, note_policy, &p);
	if (rc == XFRM_OK)
		rc = delete_all(&p, b);
	if (deleted)
		*deleted = (unsigned)(p.n_sas + p.n_policies);
	free(p.sas);
	free(p.policies);
	xfrm_batch_free(b);
	return rc;
}

int xfrm_flush(struct xfrm *x, uint32_t mark)
{
	return xfrm_prune(x, mark, NULL, NULL, NULL, NULL);
}
