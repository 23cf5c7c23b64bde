/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The transaction layer: matches messages to transactions, repeats them, times out (RFC 3261 17).
 */
#ifndef UE_TLAYER_H
#define UE_TLAYER_H

#include "ue/net.h"
#include "ue/sip_msg.h"
#include "ue/transaction.h"

struct tx;

/* A response came, provisional or final; resp NULL: nobody answered. The tx lives until the handler
 * returns. */
typedef void (*tx_h)(struct tx *tx, const struct ue_sip_msg *resp, void *owner);

/* Where a message leaves from and goes to. */
struct hop {
	struct port *port;
	bool tcp;
	struct netaddr dst;
	struct stream *stream; /* TCP: this connection if not NULL */
};

struct tx {
	struct tx_fsm fsm;
	bool client;
	char *branch, *sent_by, *method;
	struct hop hop;
	char ue_name[32], conn_name[32]; /* for the log */
	char *message;			 /* client: the request; server: the last response */
	char *request;			 /* server: the request that made it */
	char *ack;			 /* INVITE client: the ACK of a 300-699, once made */
	char *to_tag;			 /* server: of our responses */
	tx_h on_response;
	void (*on_ack)(struct tx *tx, bool came,
		       void *owner); /* INVITE server: ACK, or none in time */
	void *owner;
	bool acting, dead; /* a handler of it runs; it was freed meanwhile */
	struct tx **ref; /* the one place outside that points here; becomes NULL when the tx goes */
	struct tx *next;
};

/* Timers for transactions that start from now on. */
extern struct tx_timers tl_timers;

/*
 * Send a request in a new client transaction. message carries our Via with its branch. Returns NULL
 * if it could not even be sent (no TCP connection: errno); a datagram counts as sent. An ACK for a
 * 2xx goes by tl_send().
 */
struct tx *tl_request(const struct hop *hop, struct slice message, const char *ue, const char *conn,
		      tx_h h, void *owner);

/* Send without a transaction: ACK of a 2xx, raw bytes. 0 or -1. */
int tl_send(const struct hop *hop, struct slice message, const char *ue, const char *conn,
	    bool again);

/*
 * Offer a received message to the layer. True if a transaction took it; else it is a new request
 * (its transaction is *tx, NULL for an ACK) or a stray response.
 */
bool tl_receive(struct port *p, struct stream *s, const struct netaddr *src,
		const struct ue_sip_msg *m, struct tx **tx);

/*
 * Answer: status line and the headers that RFC 3261 8.2.6.2 wants are made here; headers ("A:
 * b\r\n"...) and body come from the caller. A tag is added to To unless the request's To has one.
 * 0, or -1 if a final one was sent before. After a final response the tx may be gone.
 */
int tl_reply(struct tx *tx, int code, const char *reason, struct slice headers, struct slice body);

/* The INVITE server transaction that a CANCEL means, or NULL. */
struct tx *tl_find_invite(const struct ue_sip_msg *cancel);
/* The client transaction a response belongs to, or NULL. */
const struct tx *tl_find_client(const struct ue_sip_msg *resp);

/* An ACK for the 2xx of this transaction came. */
void tl_ack(struct tx *tx);

/* Transactions of this owner go on by themselves without telling anybody. */
void tl_detach(void *owner);
/* Transactions that use this port end without telling anybody. */
void tl_port_gone(struct port *p);
void tl_free_all(void);

/* Fixed reason phrase of a status code. */
const char *tl_reason(int code);
/* A new branch, tag, Call-ID: random hex of n octets (n <= 16) into buf[2 * n + 1]. */
void tl_random(char *buf, unsigned n);

#endif
