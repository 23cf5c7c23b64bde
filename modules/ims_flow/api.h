/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What ims_flow offers other Kamailio modules. Bind with:
 *
 *	bind_ims_flow_f bind = (bind_ims_flow_f)find_export("bind_ims_flow", 1, 0);
 *	struct ims_flow_api flow;
 *	if (!bind || bind(&flow) < 0) ...
 *
 * A flow set is named by its id, a number that is never used twice. Ids are plain values: they need
 * no release, may be kept for ever, and a call with the id of a set that is gone returns
 * FLOW_API_GONE. All calls may be made in any process after mod_init, with none of the caller's
 * locks held. Handlers run in the process in which the event happened, without any lock of ims_flow
 * held; they may call the API.
 */
#ifndef IMS_FLOW_API_H
#define IMS_FLOW_API_H

#include <stdbool.h>
#include <stdint.h>

struct sip_msg;

/* A flow set's id; 0 is never one. */
typedef uint64_t flow_id_t;

enum flow_api_result {
	FLOW_API_OK = 0,
	FLOW_API_GONE = -1,   /* no such flow set (any more) */
	FLOW_API_FORGED = -2, /* a token of ours whose integrity check fails */
	/* no flow token of ours, or a message that came over no flow we know */
	FLOW_API_NOT_OURS = -3,
	FLOW_API_FAULT = -4, /* no memory, no kernel: logged */
};

enum flow_api_state {
	FLOW_API_PENDING = 0, /* challenged, not authenticated yet */
	FLOW_API_ACTIVE,      /* registered */
	/* no longer registered, kept by hold(): requests are still routed over it */
	FLOW_API_HELD,
	FLOW_API_CLOSING, /* only the answers still under way; its token gives 430 */
};

#define FLOW_API_STR_MAX   256
#define FLOW_API_IMPUS_MAX 4096
#define FLOW_API_ROUTE_MAX 1280

/* A copy of what is known about a flow set. Strings are NUL-terminated, empty where unknown. */
struct flow_api_info {
	flow_id_t id;
	enum flow_api_state state;
	bool ipsec;
	char impi[FLOW_API_STR_MAX];
	char instance[FLOW_API_STR_MAX]; /* +sip.instance without quotes */
	uint32_t reg_id;		 /* 0: none */
	char contact[FLOW_API_STR_MAX];	 /* the Contact URI that was registered over it */
	/* P-Associated-URI of the 200, one a line, the default first */
	char impus[FLOW_API_IMPUS_MAX];
	char ue_addr[64];	       /* the UE's address as text, IPv6 without brackets */
	uint16_t ue_port_s, ue_port_c; /* port_us, port_uc; without IPsec both are the UE's port */
	uint16_t proto;	       /* Kamailio's PROTO_UDP, PROTO_TCP ... of the last REGISTER */
	int64_t expires_ms;    /* end of the registration, in kam_now_ms() */
	int64_t held_until_ms; /* 0: not held */
	unsigned sa_sets;      /* 0 to 3: old, current, temporary */
	uint32_t mediasec;     /* media security that both announced: lib/sec_agree/mediasec.h */
	bool nat;	       /* its ESP comes through a NAT: so will its media */
	char service_route[FLOW_API_ROUTE_MAX]; /* of the last 200, as one header value */
};

enum flow_api_event {
	FLOW_EV_ACTIVATED = 1 << 0, /* first 200 for this set */
	FLOW_EV_REFRESHED = 1 << 1, /* another 200: re-registered, with or without new SAs */
	/* ended: another set took its place; info->id stays this one, by_id names the other */
	FLOW_EV_REPLACED = 1 << 2,
	FLOW_EV_DEAD = 1 << 3, /* ended: see reason */
};

/* Reasons of FLOW_EV_DEAD, also $flow_dead(reason) in event_route[flow:dead]. */
#define FLOW_REASON_EXPIRED	 "expired"	/* registration ran out */
#define FLOW_REASON_DEREGISTERED "deregistered" /* expires=0 was accepted */
#define FLOW_REASON_REPLACED	 "replaced"	/* initial registration by the same UE */
#define FLOW_REASON_SILENT	 "silent"	/* keep-alives stopped */
#define FLOW_REASON_CLOSED	 "closed"	/* connection lost */
#define FLOW_REASON_DROPPED	 "dropped"	/* drop() or flow.drop */
#define FLOW_REASON_FAILED	 "failed"	/* challenge not answered or answered wrongly */
#define FLOW_REASON_ADDRESS	 "address" /* another UE has registered from its address and port */
#define FLOW_REASON_KERNEL	 "kernel"  /* its SAs are no longer in the kernel */

/* info is a copy that lives during the call. by_id is 0 except with FLOW_EV_REPLACED. */
typedef void (*flow_event_h)(enum flow_api_event event, const struct flow_api_info *info,
			     flow_id_t by_id, const char *reason, void *arg);
/* Return 0 to go on, anything else to stop the walk. */
typedef int (*flow_each_h)(const struct flow_api_info *info, void *arg);

struct ims_flow_api {
	/*
	 * The set over which a request came, by source and destination of the packet. OK and *id,
	 * or NOT_OURS. Pending sets are found, too: the caller looks at their state.
	 */
	int (*by_received)(struct sip_msg *msg, flow_id_t *id);
	/* The set that a flow token (user part of a Path, Route or Record-Route URI) names. OK,
	 * GONE, FORGED, NOT_OURS. */
	int (*by_token)(const char *user, int len, flow_id_t *id);
	/* The set over which the UE with this Contact URI (host and port) is reached. OK or GONE.
	 */
	int (*by_contact)(const char *uri, int len, flow_id_t *id);
	/* In a route that runs after flow_register() or in its reply: the set that REGISTER belongs
	 * to. OK or GONE. */
	int (*by_register)(struct sip_msg *msg, flow_id_t *id);
	/*
	 * In the request route, after flow_register(): the 200 to this REGISTER takes the place of
	 * the UE's other sets without ending them; each is held until its registration would have
	 * run out, and FLOW_EV_REPLACED is told. Nothing happens before that 200. OK or GONE.
	 */
	int (*beside)(struct sip_msg *msg);
	/* Copy what is known. OK or GONE. */
	int (*get)(flow_id_t id, struct flow_api_info *out);
	/*
	 * Keep the set, its SAs and its token alive until until_ms (kam_now_ms()), whatever happens
	 * to its registration: expiry, replacement by an initial registration, de-registration. A
	 * second hold() sets a new end. drop() overrides it. OK, GONE or FAULT.
	 */
	int (*hold)(flow_id_t id, int64_t until_ms);
	/* End the hold: a set whose registration is over goes at once. OK or GONE. */
	int (*release)(flow_id_t id);
	/* End the set: SAs go after the answers under way (64*T1), its token gives 430 from now. OK
	 * or GONE. */
	int (*drop)(flow_id_t id, const char *reason);
	/* Walk over copies of all sets. Returns what ended the walk, or 0. */
	int (*each)(flow_each_h h, void *arg);
	/* Call h at the events in mask. Only in mod_init. OK or FAULT (too many). */
	int (*subscribe)(unsigned mask, flow_event_h h, void *arg);
	/* Write the flow token of a set to buf, NUL-terminated; at least 64 octets. OK or GONE. */
	int (*token)(flow_id_t id, char *buf, unsigned size);
	/* After flow_route() has chosen a set for this request, in the same process: that set. OK
	 * or NOT_OURS. */
	int (*by_routed)(struct sip_msg *msg, flow_id_t *id);
	/*
	 * After flow_check() for this request, in the same process: whom to assert, as the value of
	 * P-Asserted-Identity, NUL-terminated. OK, or NOT_OURS: nobody is known.
	 */
	int (*asserted)(struct sip_msg *msg, char *buf, unsigned size);
	/*
	 * flow_record_route(), with further URI parameters (";name=value", at most 256 octets) in the
	 * entry that the UE will send its requests to. OK or FAULT.
	 */
	int (*record_route)(struct sip_msg *msg, const char *ue_params);
	/*
	 * A secret of the caller's own, made from the keys of the flow tokens, so that it lives as
	 * long as these and is the same on every node that has them. i: 0 for the key that signs now,
	 * 1 and on for older ones. OK, or GONE: there is no such key. The caller wipes out.
	 */
	int (*secret)(unsigned i, const char *label, unsigned char out[32]);
	/* Whether this came from the access side, where strangers are (core_networks). */
	bool (*access_side)(struct sip_msg *msg);
};

typedef int (*bind_ims_flow_f)(struct ims_flow_api *api);

#endif
