/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What model.c and bindings.c share. */
#ifndef SEAMLESS_MODEL_INTERNAL_H
#define SEAMLESS_MODEL_INTERNAL_H

#include "modules/ims_seamless_scscf/core/model.h"

#define DEFAULT_SIP_PORT 5060

static inline uint16_t scscf_contact_port(uint16_t port)
{
	return port ? port : DEFAULT_SIP_PORT;
}

static inline void scscf_list_init(struct scscf_list *l)
{
	l->next = l->prev = l;
}

/* Hash chain of the connections with this host, whatever its case and brackets. */
struct scscf_connection **scscf_model_host_bucket(struct scscf_model *m, struct slice host);
void scscf_model_free_binding(struct scscf_model *m, struct scscf_binding *b);
/* Rows for the IMPUs of set that impus does not name: terminated, not registered any more
 * (bindings.c). */
void scscf_model_tell_left(const struct scscf_implicit_set *set, const struct slice *impus,
			   size_t n, struct scscf_effects *e);
/* Rows for all bindings of set as they are. */
void scscf_model_tell_set(const struct scscf_implicit_set *set, uint64_t now_ms,
			  struct scscf_effects *e);
/* Free a list and empty it. */
void scscf_model_free_bindings(struct scscf_model *m, struct scscf_binding **list);
/* Take a connection without sessions out of everything and free it. */
void scscf_model_free_connection(struct scscf_model *m, struct scscf_connection *c);
/* Forget sets that nothing is bound for, and a subscriber without sets and connections; not while
 * it is pinned. e: told when the subscriber goes; may be NULL. */
void scscf_model_sweep(struct scscf_model *m, struct scscf_subscriber *s, struct scscf_effects *e);
/* End an operation that began with s->pins++; the subscriber may be gone afterwards. */
void scscf_model_unpin(struct scscf_model *m, struct scscf_subscriber *s, struct scscf_effects *e);

#endif
