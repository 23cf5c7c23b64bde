/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What model.c and bindings.c share. */
#ifndef SEAMLESS_MODEL_INTERNAL_H
#define SEAMLESS_MODEL_INTERNAL_H

#include "modules/ims_seamless_scscf/core/model.h"

#define DEFAULT_SIP_PORT 5060

static inline uint16_t contact_port(uint16_t port)
{
	return port ? port : DEFAULT_SIP_PORT;
}

static inline void list_init(struct list *l)
{
	l->next = l->prev = l;
}

/* Hash chain of the connections with this host, whatever its case and brackets. */
struct connection **model_host_bucket(struct model *m, struct slice host);
void model_free_binding(struct model *m, struct binding *b);
/* Rows for the IMPUs of set that impus does not name: terminated, not registered any more
 * (bindings.c). */
void model_tell_left(const struct implicit_set *set, const struct slice *impus, size_t n,
		     struct effects *e);
/* Rows for all bindings of set as they are. */
void model_tell_set(const struct implicit_set *set, uint64_t now_ms, struct effects *e);
/* Free a list and empty it. */
void model_free_bindings(struct model *m, struct binding **list);
/* Take a connection without sessions out of everything and free it. */
void model_free_connection(struct model *m, struct connection *c);
/* Forget sets that nothing is bound for, and a subscriber without sets and connections; not while
 * it is pinned. e: told when the subscriber goes; may be NULL. */
void model_sweep(struct model *m, struct subscriber *s, struct effects *e);
/* End an operation that began with s->pins++; the subscriber may be gone afterwards. */
void model_unpin(struct model *m, struct subscriber *s, struct effects *e);

#endif
