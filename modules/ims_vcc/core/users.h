/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the application server knows of its users: one record per user, which is an implicit set of identities. Records
 * lie in one piece of memory without a pointer in it, so that it may be a file and outlive the process; a record that
 * was being changed when that ended is given up. No lock, no clock: the caller has both.
 *
 * What changes a record is in registration.h and watch.h.
 */
#ifndef IMS_VCC_USERS_H
#define IMS_VCC_USERS_H

#include "base/kept_clock.h"
#include "base/keyed_hash.h"
#include "base/timer_wheel.h"
#include "modules/ims_vcc/core/registration_state.h"
#include "modules/ims_vcc/core/watch_state.h"
#include "modules/ims_vcc/core/wish.h"
#include "reginfo/watch.h"

enum {
	VCC_IDENTITIES_MAX = 10, /* of one user */
	VCC_CONTACTS_MAX = 6,
	VCC_IDENTITY_MAX = 192, /* octets with the NUL, as all below */
	VCC_URI_MAX = 256,
	VCC_ACCESS_MAX = 160,
	VCC_TAGS_MAX = 512,
	VCC_WORD_MAX = 128,
	VCC_ROUTES_MAX = 512,
	VCC_DIALOG_ID_MAX = 24,
};

struct vcc_identity {
	char uri[VCC_IDENTITY_MAX]; /* as vcc_identity_text() writes it; empty: a free place */
	int64_t told_ms;	    /* the third-party registration lasts until then; 0: none */
	uint64_t call;		    /* hash of From and Call-ID of who told last */
	uint32_t cseq;		    /* his number */
	uint32_t next;		    /* in its bucket */
};

/* A contact of the phone's: a connection. */
struct vcc_contact {
	char uri[VCC_URI_MAX]; /* empty: a free place */
	char instance[VCC_WORD_MAX];
	char tags[VCC_TAGS_MAX]; /* Contact parameters as they came, from the first ';' */
	char access[VCC_ACCESS_MAX];
	char visited[VCC_WORD_MAX];
	char id[48]; /* in the reg event; empty: not seen there */
	uint32_t reg_id;
	uint32_t order; /* grows: which was heard of last */
	int64_t expires_ms;
};

enum vcc_cs_state { VCC_CS_UNKNOWN = 0, VCC_CS_ATTACHED, VCC_CS_DETACHED, VCC_CS_STATES };
const char *vcc_cs_name(enum vcc_cs_state s);
int vcc_cs_parse(struct slice word, enum vcc_cs_state *out);

enum vcc_wish_source { VCC_FROM_NOBODY = 0, VCC_FROM_SERVICE_INFO, VCC_FROM_RPC, VCC_FROM_PHONE };
const char *vcc_wish_source_name(enum vcc_wish_source s);

/* Our subscription; the dialog of it. */
struct vcc_watch {
	uint8_t state; /* enum vcc_watch_state */
	bool heard;    /* a document was applied, in this dialog */
	uint8_t failures;
	char call_id[VCC_DIALOG_ID_MAX], local_tag[VCC_DIALOG_ID_MAX], remote_tag[96];
	char target[VCC_URI_MAX], routes[VCC_ROUTES_MAX];
	uint32_t cseq, remote_cseq, serial;
	struct reginfo_watch version;
	int64_t due_ms; /* renew, or try again; 0: never */
};

struct vcc_user {
	uint32_t busy;	 /* a change is going on: the record is not whole */
	uint32_t number; /* its place; from 1 */
	uint64_t id;	 /* 0: a free record */
	uint8_t state;	 /* enum vcc_registration_state */
	uint8_t cs;	 /* enum vcc_cs_state */
	uint8_t wish_source;
	bool wish_ignored; /* the last document could not be read: the old wishes stand */
	char private_identity[VCC_IDENTITY_MAX];
	struct vcc_identity identity[VCC_IDENTITIES_MAX];
	struct vcc_contact contact[VCC_CONTACTS_MAX];
	char scscf[VCC_URI_MAX];
	char access[VCC_ACCESS_MAX], visited[VCC_WORD_MAX]; /* of the last third-party REGISTER */
	char icid[VCC_WORD_MAX], orig_ioi[VCC_WORD_MAX], charging_functions[VCC_URI_MAX];
	struct vcc_wishes wishes, by_default; /* the user's; ServiceInfo's */
	int64_t wish_ms, heard_ms, doubt_ms, forget_ms;
	uint32_t orders; /* vcc_contact.order */
	struct vcc_watch watch;
};

struct vcc_users;

/* The memory that dies with the process: timers, and where the records are. */
struct vcc_store {
	struct vcc_users *users;
	struct timer_wheel wheel;
	struct wheel_timer *timers;		     /* one per record */
	size_t contacts_dropped, identities_dropped; /* for want of a place; counted for the glue */
	uint64_t random;
};

size_t vcc_users_bytes(uint32_t max);

enum vcc_attach { VCC_ATTACH_TOO_SMALL = -1, VCC_ATTACH_NEW = 0, VCC_ATTACH_FOUND = 1 };
/*
 * Take the memory over: of an earlier run of the same layout and size (whole records are kept, torn ones freed and
 * counted), or anything else (formatted). After a restart of the machine times are moved to its new clock. timers:
 * max of them, zeroed. An enum vcc_attach.
 */
int vcc_users_attach(struct vcc_store *s, void *memory, size_t bytes, uint32_t max,
		     struct wheel_timer *timers, const struct keyed_hash_key *key,
		     const struct kept_clock *clock, uint32_t *torn);
void vcc_users_note_time(struct vcc_store *s, const struct kept_clock *clock);

/* How such memory begins. */
#define VCC_USERS_MARK "IMSVCC1\n"

uint32_t vcc_users_count(const struct vcc_store *s);
uint32_t vcc_users_max(const struct vcc_store *s);

/*
 * An identity as the table compares it: without display, parameters and port 5060; scheme and host in small letters;
 * tel: without visual separators. 0, or -1: no sip:, sips: or tel: URI, or too long.
 */
int vcc_identity_text(struct slice uri, char out[VCC_IDENTITY_MAX]);

/* Whose identity it is (any form); NULL: nobody's. */
struct vcc_user *vcc_users_find(struct vcc_store *s, struct slice uri);
/* By its id; NULL: there is none any more. */
struct vcc_user *vcc_users_by_id(struct vcc_store *s, uint64_t id);
/* The next record in use behind number *at (0 at first); NULL: that was the last. */
struct vcc_user *vcc_users_next(struct vcc_store *s, uint32_t *at);

/* A fresh record; NULL: all are in use, and none of a user who is not registered could be given up. */
struct vcc_user *vcc_users_new(struct vcc_store *s, uint64_t id);
void vcc_users_free(struct vcc_store *s, struct vcc_user *u);

/* His first identity, for logs and for our SUBSCRIBE. */
const char *vcc_user_name(const struct vcc_user *u);

/* Each change of a record stands between these two. */
void vcc_user_begin(struct vcc_user *u);
void vcc_user_end(struct vcc_user *u);

/* Give u this identity (taken from who had it, with what was told of it). Its row, or NULL: no place, no URI. */
struct vcc_identity *vcc_user_identity(struct vcc_store *s, struct vcc_user *u, struct slice uri);

#endif
