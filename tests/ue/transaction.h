/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The four transaction state machines of RFC 3261 17 (with the Accepted state of RFC 6026), as
 * explicit state and a clock given by the caller in milliseconds. What to do is returned as a set
 * of enum tx_do; sending and freeing are the caller's. The INVITE server transaction also repeats a
 * 2xx until its ACK (RFC 3261 13.3.1.4).
 */
#ifndef UE_TRANSACTION_H
#define UE_TRANSACTION_H

#include <stdbool.h>
#include <stdint.h>

enum tx_kind { TX_INVITE_CLIENT, TX_CLIENT, TX_INVITE_SERVER, TX_SERVER };

enum tx_state {
	TX_CALLING,    /* INVITE client, request sent */
	TX_TRYING,     /* others: request sent or received, no response yet */
	TX_PROCEEDING, /* provisional response */
	TX_ACCEPTED,   /* INVITE: 2xx */
	TX_COMPLETED,  /* final response (INVITE: 300-699) */
	TX_CONFIRMED,  /* INVITE server: ACK came */
	TX_TERMINATED,
	TX_STATES
};

enum tx_do {
	TX_SEND = 1,	/* send the stored message (again) */
	TX_PASS = 2,	/* give the message to the user of the transaction */
	TX_ACK = 4,	/* send the ACK of a 300-699 (INVITE client) */
	TX_TIMEOUT = 8, /* tell the user that nobody answered (server: no ACK came) */
	TX_FREE = 16	/* over: forget the transaction */
};

struct tx_timers {
	uint32_t t1, t2, t4; /* ms; RFC 3261: 500, 4000, 5000 */
};

#define TX_NEVER UINT64_MAX

struct tx_fsm {
	enum tx_kind kind;
	enum tx_state state;
	bool reliable;	    /* TCP */
	bool repeat_2xx;    /* INVITE server in ACCEPTED, no ACK yet */
	uint64_t repeat_at; /* next retransmission, TX_NEVER: none */
	uint64_t end_at;    /* time-out of the state, TX_NEVER: none */
	uint32_t interval;  /* of the retransmissions, ms */
	struct tx_timers timers;
};

const char *tx_state_name(enum tx_state s);

/* Client: the request goes out now (TX_SEND is returned). Server: the request came in (TX_PASS). */
unsigned tx_start(struct tx_fsm *t, enum tx_kind kind, bool reliable,
		  const struct tx_timers *timers, uint64_t now);
/* Client: a response with this code came. */
unsigned tx_response(struct tx_fsm *t, int code, uint64_t now);
/* Server: the same request came again. */
unsigned tx_request_again(struct tx_fsm *t, uint64_t now);
/* Server: the user sends a response; returns 0 if it may not (a final one was sent). */
unsigned tx_reply(struct tx_fsm *t, int code, uint64_t now);
/* INVITE server: the ACK came. */
unsigned tx_ack(struct tx_fsm *t, uint64_t now);
/* Either: the transport failed for good (socket error, connection refused). */
unsigned tx_transport_error(struct tx_fsm *t);
/* When tx_tick() has something to do, TX_NEVER: not by itself. */
uint64_t tx_next(const struct tx_fsm *t);
unsigned tx_tick(struct tx_fsm *t, uint64_t now);

#endif
