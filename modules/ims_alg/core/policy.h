/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an operator sets, and what is known of the served UE: the arguments of every decision of
 * session.h. TR 29.828 5.2.1 leaves these choices to the operator (notes 1 to 3, step 11).
 */
#ifndef IMS_ALG_POLICY_H
#define IMS_ALG_POLICY_H

#include "modules/ims_alg/core/media.h"
#include "modules/ims_alg/core/proto.h"

/* When the access side of a stream is secured. */
enum alg_when {
	ALG_WHEN_ANNOUNCED =
	    0,		 /* UE and P-CSCF announced the mechanism at registration, and the UE as
				   offerer asks with 3ge2ae (TS 33.328) */
	ALG_WHEN_ALWAYS, /* as GSMA RCS has it (TR 29.828 5.2.1.2.2 note 1, 5.2.1.2.3 note) */
	ALG_WHEN_NEVER,
	ALG_WHENS
};

/* A call without e2ae. */
enum alg_plain {
	ALG_PLAIN_RELAY = 0, /* through the gateway, as it is */
	ALG_PLAIN_ALONE,     /* not touched */
	ALG_PLAINS
};

/* Who may send to the gateway once the peer is known. */
enum alg_filter {
	ALG_FILTER_OFF = 0,
	ALG_FILTER_ADDRESS,
	ALG_FILTER_PORT, /* address, and port where SDP tells it (RFC 4145 4.1) */
	ALG_FILTERS
};

/* Who connects on the access side. */
enum alg_roles {
	ALG_ROLES_PHONE = 0, /* the phone, wherever it may: some phones do TLS as client only */
	ALG_ROLES_FOLLOW,    /* as the far end answers (TR 29.828 5.2.1.2.2 steps 10-20) */
	ALG_ROLES_COUNT
};

/* What becomes of an m-line that cannot be had. */
enum alg_refuse {
	ALG_REFUSE_LINE = 0, /* port 0; the offer goes on without it */
	ALG_REFUSE_OFFER,    /* 488 for the offer; for an answer: ACK and BYE */
	ALG_REFUSES
};

/* A UE asks for e2ae and did not announce it. */
enum alg_stranger { ALG_STRANGER_REFUSE = 0, ALG_STRANGER_TAKE, ALG_STRANGERS };

/* A line that the gateway cannot serve, or whose protection is end to end, where `plain` is relay. */
enum alg_unserved {
	ALG_UNSERVED_ALONE = 0, /* not touched: its media go round the gateway */
	ALG_UNSERVED_REFUSE,	/* as one that cannot be had */
	ALG_UNSERVEDS
};

/* o= of what we write. */
enum alg_origin_mode {
	ALG_ORIGIN_OWN = 0, /* the gateway's address, a version of our own (RFC 3264 8) */
	ALG_ORIGIN_KEEP,    /* as it came */
	ALG_ORIGINS
};

/* All zero is valid and the default, but for suites and dscp: alg_policy_init(). */
struct alg_policy {
	enum alg_when when[ALG_KINDS];
	enum alg_plain plain;
	enum alg_filter filter[ALG_SIDES];
	enum alg_roles roles;
	enum alg_refuse refuse;
	enum alg_stranger stranger;
	enum alg_unserved unserved;
	enum alg_origin_mode origin;
	bool agnostic;	  /* the gateway is told TCP, TCP/TLS; msrp paths stay as they are, and
			   msrp-cema with them (RFC 6714 6.2) */
	bool delayed;	  /* delayed TCP connection establishment: the gate is closed until the peer
			   is known */
	bool merged;	  /* both terminations in one transaction */
	bool late_access; /* a phone's first offer: its termination comes with the answer (TR 29.828
			     5.2.1.2.2 note 2) */
	bool skip_active; /* a far end that connects and needs no filter and no path: the gateway is
			     not told who it is (note 3) */
	bool allow_sha1;  /* phones that write SHA-1 fingerprints only (RFC 4572) */
	bool any_signalling; /* e2ae although signalling is not protected: for laboratories */
	bool path_mismatch;  /* take an MSRP line whose path differs from c= and m= (RFC 6714 4.3);
				c= and m= count then */
	bool dtls;	     /* secure RTP towards a UE that announced both, or neither, with DTLS,
				not SDES */
	bool dtls_mux;	     /* DTLS-SRTP with rtcp-mux only: for gateways that need it */
	enum fingerprint_hash hash; /* of our certificate, where the phone chose none */
	uint32_t suites;	    /* bit 1 << enum sdes_suite for each that is taken */
	enum sdes_suite suite;	    /* offered to phones */
	char realm[ALG_SIDES][ALG_REALM_MAX];
	uint8_t family[ALG_SIDES]; /* of the gateway's addresses: 4, 6; access 0: the UE's own */
	uint8_t dscp[ALG_SIDES];
};

/* ANNOUNCED, relay, no filter, phone connects, port 0, SHA-256, all suites, IPv4 core. */
void alg_policy_init(struct alg_policy *p);

/* Are media meant to go through the gateway whether a UE asks for it or not? */
bool alg_policy_carries(const struct alg_policy *p);

/* One name of a setting each: "announced", "always", "never"; "relay", "alone"; "off", "address",
 * "port"; "phone", "follow"; "line", "offer"; "refuse", "take"; "alone", "refuse"; "own", "keep". 0, or -1 and *out as
 * it was. */
int alg_when_parse(struct slice text, enum alg_when *out);
int alg_plain_parse(struct slice text, enum alg_plain *out);
int alg_filter_parse(struct slice text, enum alg_filter *out);
int alg_roles_parse(struct slice text, enum alg_roles *out);
int alg_refuse_parse(struct slice text, enum alg_refuse *out);
int alg_stranger_parse(struct slice text, enum alg_stranger *out);
int alg_unserved_parse(struct slice text, enum alg_unserved *out);
int alg_origin_parse(struct slice text, enum alg_origin_mode *out);
/* A list of suites by name, with blanks or commas between. 0, or -1 (unknown, none) and *out as it
 * was. */
int alg_suites_parse(struct slice text, uint32_t *out);

/* What is known of the served UE when it offers or answers. */
struct alg_ue {
	uint32_t mechs;	    /* enum mediasec bits that both announced at registration */
	bool protected_hop; /* its signalling comes over IPsec or TLS */
	bool nat;	    /* behind a NAT: its addresses in SDP mean nothing */
	bool emergency;	    /* an emergency call: not refused for want of an announcement */
	uint8_t family;	    /* of its address: 4 or 6 */
};

#endif
