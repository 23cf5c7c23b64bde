/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of this module share that see Kamailio's headers. What decides is in core/.
 *
 * Locks: seamless_lock() is a leaf: under it no stock function is called and no other lock is
 * taken. The stock callbacks of ims_usrloc_scscf run under a udomain lock and take it inside. One
 * udomain lock at a time.
 */
#ifndef SEAMLESS_GLUE_H
#define SEAMLESS_GLUE_H

#include "../../core/sr_module.h"
#include "../../core/dprint.h"
#include "../../core/str.h"
#include "../../core/parser/msg_parser.h"
#include "../../modules/tm/tm_load.h"
#include "../../modules/cdp/cdp_load.h"
#include "../../modules/ims_usrloc_scscf/usrloc.h"

#include "modules/common/clock.h"
#include "modules/common/ids.h"
#include "modules/common/text.h"
#include "modules/ims_seamless_scscf/core/bindings.h"
#include "modules/ims_seamless_scscf/core/listing.h"
#include "modules/ims_seamless_scscf/core/lookup.h"
#include "modules/ims_seamless_scscf/core/notify_order.h"
#include "modules/ims_seamless_scscf/core/reginfo_ids.h"
#include "modules/ims_seamless_scscf/core/register_commit.h"
#include "modules/ims_seamless_scscf/core/served.h"
#include "modules/ims_seamless_scscf/core/sessions.h"
#include "modules/ims_seamless_scscf/core/sets.h"
#include "modules/ims_seamless_scscf/counters.h"

/* ---- state shared by all processes ---- */
struct seamless_shared;

int seamless_shared_init(uint32_t hash_size, size_t memory_limit);
void seamless_shared_destroy(void);
/* The model, with the lock held; give it back with seamless_unlock(). */
struct scscf_model *seamless_lock(void);
void seamless_unlock(void);
/* The order of NOTIFYs (core/notify_order.h); take the lock by themselves. answered: returns
 * whether any connection lingers. */
bool seamless_notify_answered(struct slice call_id, struct slice tag, uint32_t cseq);
bool seamless_notify_clear(struct slice call_id, struct slice tag, uint32_t cseq, int version);
/* The subscription is over. */
void seamless_notify_forget(struct slice call_id, struct slice tag);
/* By which ids of reg-event documents are made (core/reginfo_ids.h); never changes. */
const struct keyed_hash_key *seamless_id_key(void);
/* Give a saved REGISTER back; takes the lock by itself. */
void seamless_free_plan(struct scscf_saved_register *r);

/* ---- parameters (seamless_mod.c) ---- */
extern uint64_t seamless_started_ms; /* when this Kamailio started, monotonic */
extern struct tm_binds seamless_tm;
extern struct cdp_binds seamless_cdp;
extern usrloc_api_t seamless_ul;
extern udomain_t *seamless_domain;

struct seamless_params {
	str scscf_name; /* Server-Name in SAR, Contact of NOTIFYs */
	str cxdx_dest_realm;
	str cxdx_forced_peer;
	str domain;
	str own_addresses;  /* by which routes name this S-CSCF; empty: all that Kamailio has */
	str supported_tags; /* option tags a REGISTER may require, beside our own */
	int enabled;	    /* the switch for the option tag */
	int default_expires;
	int max_contacts;
	int hash_size;
	int memory_kilobytes;
	int memory_reserve_kilobytes; /* less free shared memory: nothing new begins; 0: no matter */
	int session_max_seconds;
	int max_sessions;
	int save_all;	     /* every REGISTER; 0: those with the tag */
	int untagged_old;    /* enum scscf_untagged_old */
	int wait_clear;	     /* seamless_wait() also for what did not come over SAs */
	int restart_seconds; /* so long after the start unknown sessions go on */
	int max_waiting;     /* REGISTERs that wait for the HSS at a time */
	int unregistered_seconds; /* how long the profile of who is not registered is kept; 0: no services */
	int unregistered_max;  /* such profiles at a time */
	int max_watchers;      /* subscriptions of all watchers to one identity */
	int max_subscriptions; /* of one watcher to one identity */
	/* Application servers (third_party.h). */
	int third_party;	       /* tell them of registrations */
	int third_party_form;	       /* enum scscf_third_party_form */
	int third_party_before_ms;     /* a 200 waits so long for them; 0: not at all */
	int third_party_partial;       /* enum third_party_partial */
	int third_party_each_identity; /* a REGISTER for each; 0: one for a service profile */
	int third_party_credentials;   /* in the copy of a REGISTER, too */
	int third_party_retries;       /* further tries after no answer, 408 or 5xx */
	int third_party_retry_seconds; /* a server that failed is left alone for so long */
	int third_party_max;	       /* REGISTERs that wait or are under way */
	str third_party_trusted; /* hosts and domains of servers in the trust domain; empty: all are */
	str third_party_orig_ioi; /* our network in P-Charging-Vector */
};
/* What a server is told when one of several contacts is de-registered. */
enum third_party_partial {
	THIRD_PARTY_PARTIAL_REMAINING, /* a re-registration, for as long as the others last */
	THIRD_PARTY_PARTIAL_ZERO, /* a de-registration, as TS 24.229 5.4.1.7 has it literally */
	THIRD_PARTY_PARTIAL_NONE
};
extern struct seamless_params seamless_params;

/* Less than the reserve is free (check.c). */
bool memory_short(void);
/*
 * Less than a quarter of it (logged, counted): what is under way may not be finished, either. The stock
 * new_ucontact() dies when there is no memory for a contact's parameters.
 */
bool memory_scarce(void);

/* Changeable at run time: kamcmd cfg.set_now_int seamless_scscf linger_seconds 20 */
struct cfg_group_seamless {
	int linger_seconds;
	int min_expires;
	int max_expires;
};
int seamless_cfg_declare(const struct cfg_group_seamless *start);
/*
 * Take over what has changed. SIP workers and the module's own process do so by themselves; cdp's
 * workers do it before they wait, which is a task too early, so what they call begins with this.
 */
void seamless_cfg_update(void);
int seamless_cfg_linger_seconds(void);
int seamless_cfg_min_expires(void);
int seamless_cfg_max_expires(void);

/* ---- reading messages (sip_read.c) ---- */
/* All bodies of one kind of header as a comma list in arena memory; empty when there is none. */
struct slice read_header_list(struct sip_msg *msg, enum _hdr_types_t type, struct scscf_arena *a);
/* From/To URI, tag and header parameters, Call-ID, CSeq. Return 0 or -1 when they cannot be read.
 */
struct dialog_ids {
	struct slice call_id, from_uri, from_tag, to_uri, to_tag, to_params;
	uint32_t cseq;
};
int read_dialog_ids(struct sip_msg *msg, struct dialog_ids *out);
/* The URI of the only (first) Contact, or empty. */
struct slice read_contact_uri(struct sip_msg *msg);
/* Read a REGISTER. Returns 0, or a SIP status (400, 403) and *why. The slices live as long as msg
 * and arena. */
int read_register(struct sip_msg *msg, struct scscf_arena *a, struct sip_contact_list *contacts,
		  struct scscf_register_request *rq, const char **why);
/* 1 if the tag stands in Require (of anybody) or Proxy-Require, 0 if not, -1 if one is malformed.
 */
int read_requires(struct sip_msg *msg, struct slice tag);
/* Does a Record-Route or Route entry name this S-CSCF? */
bool uri_is_mine(struct slice uri);

/* ---- what a change means for the world outside ---- */
/* Hand effects to the process that acts on them (effects_timer()) and free them. */
void effects_later(struct scscf_effects *e);
/* In that process: let time pass, then NOTIFYs, BYEs, event routes. */
void effects_timer(void);
/*
 * NOTIFYs for the CONTACT rows and SUBSCRIBER_GONE of the list (notify.c), which must live until the
 * end. begin: who is to be told; NULL: nobody. go_on: tell those of p whose turn it is in the queue of
 * their subscription, without may_wait all of these; returns true when all were told, and frees it.
 * Call without any lock.
 */
struct scscf_notify_event;
struct scscf_notify_event *notify_begin(const struct scscf_effect *first);
bool notify_go_on(struct scscf_packed_effects *p, bool may_wait);
/* The NOTIFY that is being sent is one of ours. */
extern int notify_own;
/* BYE both ways (release.c). */
void release_session(const struct scscf_effect *f);
/* event_route[seamless-scscf:linger-end] (release.c). Look for it, run it. init: 0 or -1. */
int event_route_init(void);
void event_route_linger_end(const struct scscf_effect *f);

/* ---- stock usrloc (usrloc_glue.c, usrloc_watch.c) ---- */
enum { USRLOC_E_UNKNOWN = -1, USRLOC_E_STOCK = -2 };
/* What a contact in usrloc is made of. */
struct usrloc_contact {
	str uri, path, call_id, user_agent, received;
	struct slice params;
	int cseq;
	uint32_t expires_s;
	unsigned q_milli;
	bool has_q;
	struct socket_info *sock;
	unsigned cflags;
};
/* The profile of an implicit set that came from the HSS, with the charging functions. */
struct usrloc_profile {
	ims_subscription *s;
	const str *charging; /* [4] */
};
/*
 * Insert or update the contact and link it to the records of these IMPUs. profile: theirs, which
 * makes the records that are missing; NULL: each must be there. A record and its link are made under
 * one lock, because usrloc's timer deletes records without contacts. Returns 0,
 * USRLOC_E_UNKNOWN (no record), or USRLOC_E_STOCK; then some may be linked.
 */
int usrloc_bind(const struct slice *impus, size_t n, const struct usrloc_contact *c,
		const struct usrloc_profile *profile);
/* One record, whose lock is held; ci comes from usrloc_contact_info(). */
int usrloc_bind_record(impurecord_t *r, const struct usrloc_contact *c, ucontact_info_t *ci);
void usrloc_contact_info(const struct usrloc_contact *c, ucontact_info_t *ci,
			 struct scscf_arena *a);
/* Take it from these IMPUs and out of MT routing; dialogs that stock hung on it are let go first.
 */
void usrloc_unbind(const struct slice *impus, size_t n, struct slice contact);
/* What a SHADOW_UNBIND says, unless the contact was bound again meanwhile. */
void usrloc_follow(const struct scscf_effect *f);
/* The same for all SHADOW_UNBINDs of e, which count as done then. */
void usrloc_follow_all(struct scscf_effects *e);
/* Take the dialogs that stock hung on a contact off it (no slot lock held). */
void usrloc_let_dialogs_go(ucontact_t *u);
/*
 * The HSS has changed the profile of registered identities: give their records the new one, make
 * records for identities that are new in it and bind them like the others. Returns 0,
 * USRLOC_E_UNKNOWN if none of them has a record, or USRLOC_E_STOCK.
 */
int usrloc_replace_profile(ims_subscription *s, const str charging[4]);
bool usrloc_has_record(struct slice impu);
/* Has each of them one? */
bool usrloc_has_records(const struct slice *impus, size_t n);
/* Take all contacts from this IMPU, as usrloc_unbind() does. */
void usrloc_unbind_all(struct slice impu);
/* No SAR for these when their last contact goes: the HSS knows already. */
void usrloc_no_sar(const struct slice *impus, size_t n);
int usrloc_watch_init(void);
/* Forget bindings of this subscriber that stock no longer has (usrloc_verify.c). Call without any
 * lock. */
void usrloc_verify(struct slice impi);
/* Let the timer process do that, when stock save() has had its turn. */
void usrloc_verify_later(struct slice impi);
/* While set, callbacks of this process come from our own changes. */
extern int usrloc_own_change;

/* Watch NOTIFYs leave, stock's and ours (notify_watch.c). */
int notify_watch_init(void);

/* ---- Cx ---- */
/*
 * Tell the HSS what has become of the set of this identity (TS 29.228 6.1.2.1), outside of any
 * REGISTER. Does not wait. REGISTERED and NOT_REGISTERED are corrections: one that is lost is not
 * sent again.
 */
enum cx_tell {
	CX_TELL_RAN_OUT,
	CX_TELL_ADMINISTRATIVE,
	CX_TELL_REGISTERED,
	CX_TELL_NOT_REGISTERED
};
void cx_tell(struct slice impi, struct slice impu, enum cx_tell what);
/* RTR and PPR of the HSS (cx_push.c): in mod_init, to come before the stock registrar's handler, and in
 * child_init(PROC_MAIN), to come behind it. */
int cx_push_init(void);
int cx_push_init_last(void);

/* ---- cfg functions ---- */
/* The route of this name, or NULL. */
struct action *seamless_route_named(str *name);
/* REGISTERs that are looked at again later (later.c). init: 0 or -1. timer: in our process. */
int later_init(void);
void later_timer(uint64_t now_ms);
int seamless_check(struct sip_msg *msg);
int seamless_save(struct sip_msg *msg, str *route, str *domain);
int seamless_wait(struct sip_msg *msg, str *route);
int seamless_lookup(struct sip_msg *msg);
int seamless_next(struct sip_msg *msg);
int seamless_registered(struct sip_msg *msg);
int seamless_registered_half(struct sip_msg *msg, str *half);
int seamless_barred(struct sip_msg *msg, str *half);
/* One more subscription of this watcher (watchers.c)? 1; 0: refused, a reply was sent. */
int seamless_subscribe(struct sip_msg *msg);
int seamless_session(struct sip_msg *msg);
int seamless_route(struct sip_msg *msg);

extern rpc_export_t seamless_rpc[], seamless_old_rpc[];
extern pv_export_t seamless_pvs[], seamless_old_pvs[];
/* What $seamless_scscf(...) says about the last seamless_* call of this process. */
struct seamless_last {
	const char *kind;
	char impi[256];
	uint64_t connection;
	int sets, moved, linger, sessions;
	bool known; /* registered: was it so before? */
};
extern struct seamless_last seamless_last;

#endif
