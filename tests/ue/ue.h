/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The phone: identities and ISIM, its IMS connections, its sessions, and what it was sent. */
#ifndef UE_UE_H
#define UE_UE_H

#include "aka/auth.h"
#include "aka/sqn.h"
#include "ue/elog.h"
#include "ue/net.h"
#include "ue/route_set.h"
#include "ue/sip_edit.h"
#include "ue/tlayer.h"

#define UE_IMPUS_MAX 32
#define UE_INBOX_MAX 256
#define UE_PAST_MAX  64

/* How an action of the scenario went: it is over when code is not 0. */
struct op {
	int code; /* of the final response; 408 with local: nobody answered; 0: still running */
	bool local;
	char text[96]; /* reason phrase, or what went wrong here */
};

void op_begin(struct op *op);
/* The first end counts, later ones are ignored. */
void op_end(struct op *op, int code, bool local, struct slice text);

/* A message that came and that no expectation has taken yet. */
struct inbox_item {
	char *raw, *conn;
	struct inbox_item *next;
};

struct cms;
struct csc4_job;

/* Who the phone is in one system, and where it registers there. */
struct ue_system {
	char *name; /* "home", or what the scenario calls it */
	char *impi, *domain, *realm;
	char *impu[UE_IMPUS_MAX];
	unsigned impus;
	char *pcscf;		  /* HOST[:PORT] that it was told; NULL: the access's */
	const struct cms *server; /* which gave it; NULL: the card */
	char *token, *id;	  /* with what it was asked; what the server calls it */
	struct ue_system *next;	  /* newer ones first */
};

enum auto_answer { AUTO_ANSWER, AUTO_OFF, AUTO_REJECT };

struct conn;
struct dialog;

struct ue {
	char *name, *instance, *display;
	struct ue_system home; /* of its card */
	struct ue_system
	    *systems; /* that it was given; those of an older name stay for their connections */
	struct csc4_job *config_job;
	struct op config_op; /* of the last action with a configuration management server */
	bool has_key;
	struct aka_key key;
	struct sqn_ms sqn;
	struct conn *conns;
	struct dialog *dialogs; /* newest first */
	unsigned unnamed;	/* sessions named in1, in2, ... */
	struct inbox_item *inbox, **inbox_end;
	unsigned inbox_n;
	uint64_t requests_seen; /* counts all new requests, for "nothing arrives" */
	enum auto_answer auto_mode;
	int auto_code;	  /* with AUTO_REJECT */
	uint32_t auto_ms; /* wait before the answer */
	bool auto_ring;	  /* 180 first */
	char *auto_media; /* plans of the m-lines in answers; NULL: what is always there */
	struct {
		char *name, *contact;
	} past[UE_PAST_MAX]; /* contacts of connections that are gone, for expectations about them
			      */
	unsigned past_next;
	struct ue *next;
};

extern struct ue *ues;

struct ue *ue_find(struct slice name);
struct ue *ue_new(struct slice name);
void ue_free_all(void);

/* "home" or one that it was given, NULL: there is none of that name. */
struct ue_system *ue_system_find(struct ue *u, struct slice name);
struct ue_system *ue_system_new(struct slice name);
/* Into the list, before an older one of that name; owned by u then. */
void ue_system_add(struct ue *u, struct ue_system *s);
/* Free what identities and places it has; its name, server and token stay. */
void ue_system_clear(struct ue_system *s);
/* Free all that it has, and it itself; NULL is none. */
void ue_system_end(struct ue_system *s);
void ue_system_free(struct ue_system *s);

/* Put a message into the inbox; the oldest goes when it is full. */
void ue_inbox_put(struct ue *u, const char *conn, struct slice raw);
void ue_inbox_clear(struct ue *u);

#endif
