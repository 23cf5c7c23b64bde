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

enum auto_answer { AUTO_ANSWER, AUTO_OFF, AUTO_REJECT };

struct conn;
struct dialog;

struct ue {
	char *name, *impi, *domain, *realm, *instance, *display;
	char *impu[UE_IMPUS_MAX];
	unsigned impus;
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

/* Put a message into the inbox; the oldest goes when it is full. */
void ue_inbox_put(struct ue *u, const char *conn, struct slice raw);
void ue_inbox_clear(struct ue *u);

#endif
