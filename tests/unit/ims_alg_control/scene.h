/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The controller and three gateways over a network in memory with a clock of its own. The gateways
 * are H.248 entities of the library with a small media plane of numbers: they keep contexts and
 * terminations, choose what "$" leaves to them, and fail, fall silent or come late when told to.
 */
#ifndef TEST_ALG_SCENE_H
#define TEST_ALG_SCENE_H

#include "modules/ims_alg/control/mgc.h"
#include "unit/h248/link.h"
#include "unit/unit.h"

enum { GATEWAYS = 3, CONTEXTS = 64 };

struct fake_stream {
	uint16_t id;
	char control[512], local[2048], remote[2048];
};
struct fake_termination {
	char id[H248_TID_MAX + 1], events[512], signals[256];
	uint32_t request;
	unsigned n;
	struct fake_stream stream[8];
};
struct fake_context {
	uint32_t id; /* 0: free */
	bool emergency;
	unsigned n;
	struct fake_termination termination[4];
};
struct fake {
	unsigned number; /* node of the network */
	struct h248_entity *entity;
	struct h248_entity_config cfg;
	struct fake_context context[CONTEXTS];
	uint32_t next_context;
	unsigned port, next_termination;
	unsigned adds, modifies, subtracts, looks,
	    transactions; /* commands carried out; looks: audits of one context */
	/* What goes wrong */
	unsigned code;	      /* answer commands of this kind so, */
	unsigned code_kind;   /* enum h248_command_kind, 0: any, */
	unsigned code_skip;   /* after so many of them, */
	unsigned code_times;  /* and so many of them; 0: all */
	const char *code_tid; /* only those whose id begins so; NULL: all */
	bool no_port;	      /* the Local that comes back has no port */
	bool late;	      /* hold every answer until fake_answer() */
	unsigned n_held;
	unsigned notify_code;  /* what the last Notify was answered with */
	unsigned notify_count; /* answers to Notifies */
	unsigned root_events;  /* Modifies of ROOT */
	char root[256];	       /* its events */
};

struct heard {
	unsigned n;
	struct mgc_event last;
	char text[96];
	uint64_t calls[64];
};

struct done {
	unsigned n;
	struct mgc_result result;
	struct alg_media media;
};

extern struct network net;
extern struct mgc *mgc;
extern struct fake fakes[GATEWAYS];
extern struct heard heard[MGC_EVENTS];
extern struct mgc_config config; /* change it before scene_open() */

/* Defaults into config and fakes. */
void scene_prepare(void);
/* The controller and the first n gateways, which register. */
void scene_open(unsigned n);
void scene_close(void);
void run(int64_t ms);

/* A gateway's process ends (its contexts are gone) and begins again. */
void fake_die(unsigned n);
void fake_live(unsigned n);
/* Answer what was held. */
void fake_answer(unsigned n);
unsigned fake_contexts(unsigned n);
/* The only context there is. */
struct fake_context *fake_only(unsigned n);
struct fake_termination *fake_side(unsigned n, const char *label);
/* A Notify of the termination (or ROOT) with this observed event. */
void fake_notify(unsigned n, uint32_t context, const char *tid, uint32_t request,
		 const char *event);

/* Another process of the controller with the same settings. */
extern enum h248_transport_kind controller_kind; /* of its listener; UDP after scene_prepare() */
void controller_restart(void);

/* The order of a call; *d (zeroed) counts its ends. */
void apply(uint64_t call, const struct alg_media *media, struct done *d);
void release(uint64_t call, struct done *d);
struct mgc_gateway_view view(unsigned n);

/* Wanted states: MSRP originating (TR 29.828 5.2.1.2.2) before and after the answer; SRTP to RTP. */
void msrp_offer(struct alg_media *m);
void msrp_answer(struct alg_media *m);
void rtp_offer(struct alg_media *m);

#endif
