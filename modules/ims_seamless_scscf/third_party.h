/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Telling application servers of registrations (TS 24.229 5.4.1.7). What a REGISTER or an end without
 * one means for each implicit set is put into a queue (third_party.c); a process of its own takes it
 * from there, finds the filter criteria that are met and makes orders of them (third_party_make.c),
 * and sends those (third_party_send.c). Where the cfg has event_route[seamless-scscf:registered], that
 * runs instead, for the stock ims_isc.
 */
#ifndef SEAMLESS_THIRD_PARTY_H
#define SEAMLESS_THIRD_PARTY_H

#include "modules/ims_seamless_scscf/core/third_party_orders.h"
#include "modules/ims_seamless_scscf/core/third_party_text.h"
#include "modules/ims_seamless_scscf/glue.h"

struct save;

/* In mod_init and in child_init(PROC_MAIN). 0 or -1 (logged). */
int third_party_init(void);
int third_party_fork(void);
/* Do REGISTERs wait with their 200 for the application servers? */
bool third_party_goes_first(void);

/* A REGISTER as it was received, in shared memory. */
struct kept_register {
	size_t len, uri_at, uri_len;
	char text[];
};
/* NULL: nobody wants it, it is an emergency registration, or memory is short. Free with shm_free(). */
struct kept_register *third_party_keep(struct sip_msg *msg, const struct sip_contact *contact);

/* A set that a REGISTER was about: how long it was registered before and is now, s. */
struct third_party_set {
	struct slice impu;
	uint32_t before, now;
};
/* What a REGISTER has done. */
struct third_party_outcome {
	struct slice impi, contact; /* contact: the new one, or empty */
	const struct third_party_set *sets;
	size_t sets_n;
	str response;	    /* the 200, in shared memory; empty: not wanted */
	struct save *waits; /* save_told() is called when all have been told; may be NULL */
};
/*
 * Tell of it, soon and in another process. kept and the response are given away in each case. True: it
 * was put there (and out->waits with it); false: there is nothing to tell, or no memory (counted).
 */
bool third_party_tell(struct kept_register *kept, const struct third_party_outcome *out);
/* The set of this identity is registered no more, and no REGISTER has said so: a lapse, an RTR, an
 * operator. */
void third_party_ended(struct slice impi, struct slice impu);

/* Does any profile want to see a 200? user_data.c says so when it reads one. */
bool third_party_wants_response(void);
void third_party_response_wanted(void);

/* ---- between the files of the sender, in its process ---- */

/* What is to be told about one set. */
struct third_party_event {
	const struct kept_register *request; /* NULL: there was none */
	struct slice impi, impu, contact, response;
	enum scscf_registration registration;
	uint32_t expires_s;
	struct slice but; /* this server is not told; empty: all are */
};
/* Who waits for the end of some orders, in the process's memory. */
struct third_party_waiter {
	struct third_party_waiter *next;
	struct save *save;
	unsigned out; /* orders */
	uint64_t until_ms;
};
/* Make orders of it, for each server that wants to know (third_party_make.c). */
void third_party_make(const struct third_party_event *ev, struct third_party_waiter *waiter);
/* Give a job away (third_party_send.c). */
void third_party_order(struct slice server, struct slice to, struct scscf_order_job *job);
/* Memory for a job; NULL: none (counted). */
struct scscf_order_job *third_party_job(size_t texts);

int third_party_send_init(void);
/* Take answers, send what may be sent now. */
void third_party_send(uint64_t now_ms);
void third_party_answers(uint64_t now_ms);
/* Let it look. */
void third_party_wake(void);

extern rpc_export_t third_party_rpc[];

#endif
