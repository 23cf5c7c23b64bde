/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The controller (MGC) of the access gateways: who is up, which gateway a call gets, and the H.248
 * transactions that make a call's context be what core/ wants (TS 23.334, TS 29.334, TR 29.828
 * 5.2.1). An order names the wanted state of a whole call; it takes effect whole or not at all.
 *
 * Single-threaded; no Kamailio; the time is an argument (monotonic milliseconds). Sockets are the
 * H.248 library's: poll mgc_fd() of each listener, wait at most mgc_timeout().
 */
#ifndef IMS_ALG_MGC_H
#define IMS_ALG_MGC_H

#include "h248/transport.h"
#include "modules/ims_alg/control/names.h"
#include "modules/ims_alg/core/media.h"

enum {
	MGC_GATEWAYS_MAX = 32,
	MGC_LISTENERS_MAX = 4,
	MGC_REALMS_MAX = 8,
	MGC_GATEWAY_NAME_MAX = 32,
	MGC_STATISTICS_MAX = 24,
	MGC_QUEUE_MAX = 8, /* orders of one call at a time */
};

struct mgc;

/* ---- orders ---- */

enum mgc_code {
	MGC_OK = 0,
	MGC_NO_GATEWAY,	  /* none is up that has the realms, or all pace their calls */
	MGC_NO_RESOURCES, /* every gateway that was asked is full (412, 510, 526, ..) */
	MGC_TIMED_OUT,	  /* no answer in time */
	MGC_REFUSED,	  /* the gateway said no: h248_code, text */
	MGC_CONTEXT_LOST, /* the call's context is there no more */
	MGC_UNKNOWN_CALL, /* there is nothing to release */
	MGC_BUSY,	  /* MGC_QUEUE_MAX orders of this call are waiting */
	MGC_FAILED,	  /* out of memory, or the order cannot be said in H.248 */
	MGC_CODES
};
/* "no-gateway" and so on, for logs, counters and scripts. */
const char *mgc_code_name(enum mgc_code code);

/* One value of a termination's Statistics descriptor (H.248.1 7.1.15), summed over its streams. */
struct mgc_statistic {
	enum alg_side side;
	char name[24]; /* "nt/or" */
	uint64_t value;
};

struct mgc_result {
	enum mgc_code code;
	unsigned h248_code; /* the last error of a gateway; 0: none */
	char text[96];	    /* short English: what was refused, by whom */
	char gateway[MGC_GATEWAY_NAME_MAX];
	uint32_t context; /* ContextID; 0: none */
	/* mgc_apply() with MGC_OK: the wanted state with given[] filled. Else NULL. */
	const struct alg_media *media;
	/* mgc_release() */
	unsigned statistics;
	struct mgc_statistic statistic[MGC_STATISTICS_MAX];
};
/* The end of an order, called exactly once; never from inside mgc_apply() or mgc_release(). */
typedef void (*mgc_done_f)(void *user, const struct mgc_result *result);

/*
 * Make the call's context be so. The first order of a call chooses its gateway; where that one has
 * no room or does not answer, the next is asked. Orders of one call are worked on one after the
 * other. An order that fails is taken back: the gateway then has what it had before.
 *
 * A termination whose realm or address family changes is replaced: another one is added and the old
 * one subtracted. A stream whose proto changes is released and made anew.
 *
 * call: the caller's number for it, unique over restarts. *wanted is copied. 0, or -1 and done is
 * not called: no memory.
 */
int mgc_apply(struct mgc *mgc, uint64_t call, const struct alg_media *wanted, mgc_done_f done,
	      void *user, int64_t now_ms);
/* Subtract everything. Orders of the call that still wait end with MGC_CONTEXT_LOST. done may be
 * NULL. 0, or -1 as above. */
int mgc_release(struct mgc *mgc, uint64_t call, mgc_done_f done, void *user, int64_t now_ms);

/* ---- what happens by itself ---- */

enum mgc_event_type {
	MGC_EV_GATEWAY_UP,     /* registered, and its contexts compared */
	MGC_EV_GATEWAY_DOWN,   /* silent, or its connection broke: its calls are kept for a while */
	MGC_EV_GATEWAY_STATE,  /* any other change of state: text */
	MGC_EV_CONTEXT_LOST,   /* the call has no media any more; it is forgotten here */
	MGC_EV_TLS_FAILED,     /* TLS or DTLS did not come up: fingerprint, handshake */
	MGC_EV_CONNECT_FAILED, /* the gateway could not connect */
	MGC_EV_CONNECTION_LOST, /* a TCP connection was lost, or spoke nonsense */
	MGC_EV_CONNECTION_END,	/* a TCP connection ended in good order */
	MGC_EV_MEDIA_STOPPED,	/* no packets (adid/ipstop) */
	MGC_EVENTS
};
const char *mgc_event_name(enum mgc_event_type type);

struct mgc_event {
	enum mgc_event_type type;
	const char *gateway;
	uint64_t call; /* 0: not of one call */
	enum alg_side side;
	uint16_t stream;  /* 0: all, or not told */
	const char *text; /* short English, may be empty; valid during the call */
};

/* ---- gateways ---- */

enum mgc_gateway_state {
	MGC_DOWN, /* not registered; nothing is kept */
	MGC_UP,
	MGC_OVERLOADED, /* up, and given fewer new calls (H.248.11) */
	MGC_RESTARTING, /* lost a moment ago: its calls are kept, it gets no new ones */
	MGC_DRAINING,	/* leaves gracefully, or the operator wants it empty: no new calls */
	MGC_GATEWAY_STATES
};
const char *mgc_gateway_state_name(enum mgc_gateway_state state);

struct mgc_gateway_config {
	char name[MGC_GATEWAY_NAME_MAX];
	char mid[80];		/* "[192.0.2.7]:2944", "<agw.example.net>"; "": made of address */
	struct netaddr address; /* messages of other hosts in its name are refused */
	unsigned listener;	/* which of ours it is reached through, by order of mgc_listen() */
	unsigned weight;	/* of new calls; 0: only when all others are full or down */
	unsigned realms;	/* 0: it has all */
	char realm[MGC_REALMS_MAX][ALG_REALM_MAX];
};

/*
 * "name=agw1 address=192.0.2.7:2944 weight=2 realms=core.ims,access.ims transport=sctp
 * mid=<agw.example.net>": name and address are needed; transport is udp or sctp, and goes to *kind.
 * 0, or -1 with *why.
 */
int mgc_gateway_parse(struct slice text, struct mgc_gateway_config *out,
		      enum h248_transport_kind *kind, const char **why);

/* What RPC and metrics show of a gateway. */
struct mgc_gateway_view {
	char name[MGC_GATEWAY_NAME_MAX];
	char address[NETADDR_TEXT_MAX];
	enum mgc_gateway_state state;
	unsigned weight;
	unsigned contexts;
	unsigned pace;	  /* percent of new calls that it is given; below 100 while overloaded */
	unsigned version; /* H.248 version agreed; 0: never registered */
	unsigned rtt_ms;  /* smoothed */
	bool drained;	  /* by the operator */
	int64_t since_ms;
	uint64_t transactions, errors, timeouts, registrations, lost, overloads;
	uint64_t comparisons; /* of all its contexts with ours */
	uint64_t orphans;     /* contexts and terminations that only the gateway had: subtracted */
	uint64_t contexts_lost; /* contexts that only we had */
	unsigned last_error;	/* H.248 code */
};

/* ---- the controller ---- */

/* The times of struct mgc_config with their defaults: X(member, default). */
#define MGC_TIMES(X)                                                                               \
	X(step_ms, 1000)                                                                           \
	X(order_ms, 3500)                                                                          \
	X(t_max_ms, 2500)                                                                          \
	X(audit_ms, 1000)                                                                          \
	X(inactivity_ms, 5000)                                                                     \
	X(grace_ms, 500)                                                                           \
	X(hang_s, 300)                                                                             \
	X(compare_s, 60)                                                                           \
	X(stop_s, 0)

struct mgc_config {
	char mid[80]; /* ours; "" is made of the first listener's address */
	struct mgc_names names;
	const char *profile; /* NULL: whatever the gateway has */
	uint8_t version_max; /* 0: 3 */
	bool compact;	     /* short tokens */

	uint32_t step_ms;  /* one gateway's time to answer before the next is asked */
	uint32_t order_ms; /* the whole order */
	/* A gateway that says nothing so long is lost, if it had half of it to answer. */
	uint32_t t_max_ms;
	uint32_t audit_ms;	/* silence after which it is asked whether it lives */
	uint32_t inactivity_ms; /* the same the other way (it/ito); 0: not armed */
	uint32_t grace_ms;	/* calls of a lost gateway are kept so long */
	uint32_t hang_s;	/* hangterm/thb: a termination asks whether it is known; 0: off */
	uint32_t
	    compare_s; /* all contexts of a gateway are compared with ours so often; 0: only for a cause */
	uint32_t stop_s; /* adid/ipstop for RTP; 0: off */

	void *user; /* of event */
	/* May be NULL. It may call mgc_release() and mgc_apply(). */
	void (*event)(void *user, const struct mgc_event *event);
	/* Log lines: level as of syslog(3). May be NULL. */
	void (*log)(void *user, int level, const char *line);
	uint32_t (*random)(void *user); /* uniform; NULL: getrandom(2) */
	/* Instead of sockets, for tests. */
	void (*send)(void *user, const struct h248_addr *to, const char *bytes, size_t len);
};
/* Times as MGC_TIMES, the names of items as they are usual. */
void mgc_config_default(struct mgc_config *config);

/* *config is copied, but for the text of profile. 0, or -1: no memory. */
int mgc_new(const struct mgc_config *config, struct mgc **out);
/* Contexts stay at the gateways; orders end with MGC_FAILED. */
void mgc_free(struct mgc *mgc);
/*
 * Listen here: returns the listener's number, or a negative h248_result (errno for H248_E_SYSTEM).
 * With config.send set no socket is opened.
 */
int mgc_listen(struct mgc *mgc, enum h248_transport_kind kind, const struct netaddr *local);
/* Add a gateway: its number, or -1 (too many, a name that is there, no such listener). */
int mgc_gateway_add(struct mgc *mgc, const struct mgc_gateway_config *gateway);
/*
 * After the listeners and gateways: tell the gateways that we are (again) here, so that those that
 * were associated with us before a restart register anew (ServiceChange HandOff to ourselves). Those
 * over SCTP are not told, and loaded calls wait the longer for them.
 */
void mgc_start(struct mgc *mgc, int64_t now_ms);

/* The descriptor of a listener to poll for reading; -1: no such one. */
int mgc_fd(const struct mgc *mgc, unsigned listener);
void mgc_ready(struct mgc *mgc, unsigned listener, int64_t now_ms);
/* For config.send: a message that came. */
void mgc_receive(struct mgc *mgc, unsigned listener, const struct h248_addr *from,
		 struct slice text, int64_t now_ms);
/* Milliseconds until mgc_tick() is due; -1: nothing planned. */
int64_t mgc_timeout(const struct mgc *mgc, int64_t now_ms);
void mgc_tick(struct mgc *mgc, int64_t now_ms);

unsigned mgc_gateways(const struct mgc *mgc);
/* n < mgc_gateways(). */
void mgc_gateway_view(const struct mgc *mgc, unsigned n, struct mgc_gateway_view *out);
/* Give it no new calls, or do again. -1: no gateway of that name. */
int mgc_gateway_drain(struct mgc *mgc, struct slice name, bool on, int64_t now_ms);
/* Compare contexts now, as after a registration. -1: no such gateway, or it is not there. */
int mgc_gateway_audit(struct mgc *mgc, struct slice name, int64_t now_ms);

/* ---- contexts ---- */

size_t mgc_contexts(const struct mgc *mgc);

/* ---- over a restart ---- */

/*
 * What has to be known again of a call after a restart: one record without a pointer, which holds
 * keys. Both return the octets; with size too small (or buf NULL) nothing is written.
 */
size_t mgc_context_save(const struct mgc *mgc, uint64_t call, void *buf, size_t size);
/* Before mgc_start(): the context is taken for there until the audit says otherwise. *call tells whose
 * it is. 0, or -1: not a record of ours, of a gateway that is not configured, or no memory. */
int mgc_context_load(struct mgc *mgc, const void *record, size_t size, uint64_t *call);
/* Call f for every call that has a context, at rest or not; it must change nothing. */
void mgc_each_call(const struct mgc *mgc, void (*f)(uint64_t call, void *arg), void *arg);

#endif
