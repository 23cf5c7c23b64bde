/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of core/ share among themselves; the glue does not include it. */
#ifndef SCSCF_INTERNAL_H
#define SCSCF_INTERNAL_H

#include "modules/ims_seamless_scscf/core/bindings.h"
#include "modules/ims_seamless_scscf/core/sessions.h"
#include "modules/ims_seamless_scscf/core/sets.h"
#include "sip/uri.h"

/* ---- hash chains (model.c) ---- */

/* Bucket of a text that a stranger may choose. */
uint32_t scscf_bucket(const struct scscf_model *m, struct slice text);
/* Bucket of two such texts. */
uint32_t scscf_bucket_of_pair(const struct scscf_model *m, struct slice a, struct slice b);
/* Bucket of an id of ours: nobody chooses these, so spreading them is enough (Fibonacci hashing). */
static inline uint32_t scscf_bucket_of_id(const struct scscf_model *m, uint64_t id)
{
	return (uint32_t)((id * 0x9e3779b97f4a7c15u) >> 40) & (m->hash_size - 1);
}
/* The chain in which the IMPUs with this canonical form stand. */
struct scscf_set_impu **scscf_impu_bucket(struct scscf_model *m, struct slice key);
/* The next IMPU with this canonical form after one of them (NULL: the first), of whatever IMPI;
 * NULL: no more. */
struct scscf_set_impu *scscf_next_impu(struct scscf_model *m, struct slice key,
				       struct scscf_set_impu *after);
/* The identity by which application servers know the set, or empty. */
struct slice scscf_set_told_as(const struct scscf_implicit_set *set);
/* They know it by the one with this canonical form from now on, or (empty) by none. */
void scscf_set_tell_as(struct scscf_implicit_set *set, struct slice key);

/* ---- subscribers and sets (sets.c) ---- */

/* The record of this IMPI, made if it is not there; NULL: no memory. */
struct scscf_subscriber *scscf_learn_subscriber(struct scscf_model *m, struct slice impi);
/*
 * Forget sets that nothing is bound and nothing lingers for, and a subscriber without sets and
 * connections; not while it is held. e: told when the subscriber goes; may be NULL.
 */
void scscf_model_sweep(struct scscf_model *m, struct scscf_subscriber *s, struct scscf_effects *e);
/* End a call that began with s->holds++; the subscriber may be gone afterwards. */
void scscf_model_release(struct scscf_model *m, struct scscf_subscriber *s,
			 struct scscf_effects *e);
/* Free a subscriber with all it has. */
void scscf_free_subscriber(struct scscf_model *m, struct scscf_subscriber *s);

/* ---- rows (rows.c) ---- */

/* What a row says of its contact beyond what the binding shows. */
struct scscf_row {
	bool active;
	enum scscf_contact_event event;
	bool connection_over; /* it lingered, and its connection is gone now */
};

/* A row for the IMPUs of the set of b, which is or was bound over c. Once only for a contact that
 * several bindings of the set share. e may be NULL. */
void scscf_add_row(struct scscf_model *m, struct scscf_effects *e, const struct scscf_binding *b,
		   const struct scscf_connection *c, struct scscf_row row, uint64_t now_ms);
/* LINGER_START, LINGER_END, CONNECTION_GONE. */
void scscf_add_connection_effect(struct scscf_effects *e, enum scscf_effect_kind kind,
				 const struct scscf_connection *c);
/* SHADOW_BIND or SHADOW_UNBIND of the contact of b; an IMPU that another binding with the same
 * contact URI is bound for keeps it. */
void scscf_add_shadow(struct scscf_model *m, struct scscf_effects *e, const struct scscf_binding *b,
		      bool bind);
/* SHADOW_UNBIND of another contact URI than b has now. */
void scscf_add_shadow_of(struct scscf_model *m, struct scscf_effects *e,
			 const struct scscf_binding *b, struct slice contact);

/* ---- connections (connections.c) ---- */

static inline uint16_t scscf_port(uint16_t port)
{
	return port ? port : 5060;
}

static inline void scscf_list_init(struct scscf_list *l)
{
	l->next = l->prev = l;
}

/* Is it the same address and the same way to it? */
bool scscf_way_eq(const struct scscf_way *a, const struct scscf_way *b);
/* The URI of the entry nearest to the UE; empty if there is none. */
struct slice scscf_path_edge(struct slice path);
/* Do both URIs name the same host and port? */
bool scscf_same_node(struct slice uri_a, struct slice uri_b);

/* Returns 0 and *out, SCSCF_MODEL_E_NOMEM or SCSCF_MODEL_E_LIMIT. */
int scscf_make_connection(struct scscf_model *m, struct scscf_subscriber *s,
			  const struct scscf_way *way, uint64_t now_ms,
			  struct scscf_connection **out);
/* An event of its state machine; returns false when the connection was freed. */
bool scscf_connection_step(struct scscf_model *m, struct scscf_connection *c,
			   enum scscf_connection_event event, uint64_t now_ms,
			   struct scscf_effects *e);
/* Take a connection without sessions out of everything and free it. */
void scscf_free_connection(struct scscf_model *m, struct scscf_connection *c);
/* A session arrived on or left a connection (sessions.c); leaving may free it. */
void scscf_connection_session_added(struct scscf_model *m, struct scscf_connection *c);
void scscf_connection_session_removed(struct scscf_model *m, struct scscf_connection *c,
				      struct scscf_effects *e);

/* ---- ends of sessions (sessions.c) ---- */

/* Put an end on a connection, and remember whose it is. Returns 0 or SCSCF_MODEL_E_NOMEM. */
int scscf_end_attach(struct scscf_model *m, struct scscf_session_end *end,
		     struct scscf_connection *c);
/* Take it off; the connection may be gone afterwards. Nothing happens if it is on none. */
void scscf_end_detach(struct scscf_model *m, struct scscf_session_end *end,
		      struct scscf_effects *e);

/* ---- bindings (bindings.c) ---- */

void scscf_free_binding(struct scscf_model *m, struct scscf_binding *b);
/* Free a list and empty it. */
void scscf_free_bindings(struct scscf_model *m, struct scscf_binding **list);
/* The timer of a binding fired: it runs out with all others of its subscriber that are due. */
void scscf_binding_due(struct scscf_model *m, struct scscf_binding *b, uint64_t now_ms,
		       struct scscf_effects *e);

#endif
