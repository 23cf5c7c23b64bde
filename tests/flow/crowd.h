/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Thousands of phones and their home network in one small process, so that what is measured is the
 * P-CSCF. Every phone has an address of its own (10.128.0.0/9, which the namespace of the phones
 * takes for local), the same three ports, and real SAs; three sockets serve them all. One round is
 * one thing that a range of phones does (enum deed), so many of them at a time.
 */
#ifndef FLOW_CROWD_H
#define FLOW_CROWD_H

#include "base/slice.h"
#include "xfrm/xfrm.h"

#define CROWD_MAX  65536 /* phones */
#define CROWD_TEXT 4096	 /* octets of one message */

#define PORT_UC 6100
#define PORT_US 6101

enum deed {
	DEED_REGISTER, /* challenge, SAs, REGISTER inside them, 200 */
	DEED_CALL,     /* INVITE from home by the phone's Path, 200, ACK */
	DEED_SPEAK,    /* MESSAGE from the phone over its SAs, 200 */
};

struct phone {
	bool busy; /* in this round, and not through yet */
	bool challenged;
	bool refused; /* it was told no, finally */
	int64_t sent_ms;
	uint8_t ck[16], ik[16];
	uint32_t spi_pc, spi_ps; /* the P-CSCF's */
	char server[256];	 /* Security-Server */
	char path[192];
};

struct crowd {
	int home, plain, uc,
	    us;		   /* sockets: home network; phones' unprotected and protected ports */
	struct xfrm *xfrm; /* in the phones' namespace */
	struct xfrm_batch *batch;
	enum deed deed;
	unsigned round;
	uint32_t open, done, refused;
	int64_t first_us, last_us; /* monotonic clock: when the first and the last was through */
	struct phone phones[CROWD_MAX];
};

int64_t crowd_us(void);

/* This phone is through with this round; nothing if it was before. */
void crowd_done(struct crowd *c, struct phone *p, bool good);

/* Send text: from home to the P-CSCF; from port of phone n (socket s) to a port of the P-CSCF. */
void crowd_send_home(struct crowd *c, const char *text);
void crowd_send_phone(struct crowd *c, int s, uint32_t n, uint16_t port, const char *text);

/* The body of the i-th header of this name, empty if there is none. msg: the whole message. */
struct slice header(struct slice msg, const char *name, unsigned i);

/* The status of a response, 0: a request. */
unsigned status_of(struct slice msg);

/*
 * Write a response: status line, Via, Record-Route, From, To, Call-ID and CSeq of the request, then
 * extra (complete lines).
 */
void respond(struct slice request, const char *status, const char *extra, char out[CROWD_TEXT]);

/* crowd_phone.c: send what phone n has to say next (again); and what has come for it. */
void phone_say(struct crowd *c, uint32_t n);
void phone_hear(struct crowd *c, uint32_t n, struct slice msg);

/* crowd_home.c: the same of the home network. The REGISTER's Path is kept with its phone. */
void home_call(struct crowd *c, uint32_t n);
void home_hear(struct crowd *c, struct slice msg);

#endif
