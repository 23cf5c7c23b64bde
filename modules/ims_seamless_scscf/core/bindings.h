/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Binding and unbinding, and what that does to connections. */
#ifndef SCSCF_BINDINGS_H
#define SCSCF_BINDINGS_H

#include "modules/ims_seamless_scscf/core/model.h"

struct scscf_binding_info {
	struct slice contact; /* URI */
	struct slice params;
	struct slice instance;
	uint32_t reg_id;
	uint16_t q_milli;      /* 0 to 1000 */
	struct slice path;     /* as in struct scscf_way */
	struct slice received; /* likewise */
	struct slice call_id;
	uint32_t cseq;
	uint32_t expires_s;
	bool seamless;
	bool shadow;	  /* usrloc does not have it yet: add a SHADOW_BIND */
	bool bare_shadow; /* usrloc has it, or will have it, without params (sizes.h) */
};

/*
 * Bind set over the connection with the contact's address and way (made if it is not there): a new
 * binding, a refresh of the one with the same set, connection, instance and reg-id, or the return
 * of one that lingers. A subscriber with as many connections as there may be loses the one that has
 * lingered longest. Adds an EFFECT_CONTACT (e may be NULL: then nothing). Returns 0 or
 * SCSCF_MODEL_E_*; after an error a set without bindings is gone, do not use it any more.
 */
int scscf_model_bind(struct scscf_model *m, struct scscf_implicit_set *set,
		     const struct scscf_binding_info *info, uint64_t now_ms,
		     struct scscf_effects *e, struct scscf_binding **out);

/* How bindings go. */
struct scscf_unbind_how {
	enum scscf_contact_event event; /* tells the NOTIFY why */
	bool quiet; /* no row unless a connection becomes Inactive: stock sends the NOTIFY */
	bool final; /* nothing lingers: sessions of a connection that loses its last binding are
		       released (with stock: if the UE used the option tag) */
	bool stock; /* usrloc knows already: no SHADOW_UNBIND */
	enum scscf_set_end end; /* what a SET_ENDED says of a set without binding; REGISTER: none */
	uint64_t taken_over_by; /* id of the connection that has them now; 0: none */
};

/*
 * Take the bindings with these ids away, all of one subscriber and all at one stroke, so that a
 * connection that loses several at once becomes Inactive once and every row says so; without
 * sessions it goes. Returns how many were taken; a set goes with its last binding, the subscriber
 * with his last set and connection. An id that is not there any more is no error.
 */
size_t scscf_model_unbind_ids(struct scscf_model *m, struct scscf_subscriber *s,
			      const uint64_t *ids, size_t n, const struct scscf_unbind_how *how,
			      uint64_t now_ms, struct scscf_effects *e);

/* The same for all bindings of a set with this contact URI; all of the set if contact is empty. */
size_t scscf_model_unbind(struct scscf_model *m, struct scscf_implicit_set *set,
			  struct slice contact, const struct scscf_unbind_how *how, uint64_t now_ms,
			  struct scscf_effects *e);

/*
 * The network takes these IMPUs' sets of a subscriber away (all if n is 0): their bindings end with
 * event, for the reason end, and with them what lingers for no other set; sessions on connections that go are released.
 * What another IMPI has bound for the same IMPUs stays. Returns how many sets were bound or
 * lingering.
 */
size_t scscf_model_deregister(struct scscf_model *m, struct slice impi, const struct slice *impus,
			      size_t n, enum scscf_contact_event event, enum scscf_set_end end,
			      uint64_t now_ms, struct scscf_effects *e);

/* Remove a connection now: its bindings are deactivated, its sessions released. */
void scscf_model_drop_connection(struct scscf_model *m, struct scscf_connection *c, uint64_t now_ms,
				 struct scscf_effects *e);

/*
 * Put a row into e for every contact that lingers on an Inactive connection of the subscribers with
 * this IMPU, for the watcher with this subscription: stock's full NOTIFYs do not know of them.
 */
void scscf_model_tell_lingering(struct scscf_model *m, struct slice impu, struct slice call_id,
				uint64_t now_ms, struct scscf_effects *e);

/* Is this contact URI bound for the IMPU, under whatever IMPI? */
bool scscf_model_contact_bound(struct scscf_model *m, struct slice impu, struct slice contact);

#endif
