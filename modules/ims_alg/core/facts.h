/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one description says of one m-line, session-level values inherited (RFC 8866 5.14, RFC 8122
 * 5, RFC 4145). Reading only: what follows from it is decided in session.h. Slices point into the
 * description.
 */
#ifndef IMS_ALG_FACTS_H
#define IMS_ALG_FACTS_H

#include "modules/ims_alg/core/policy.h"
#include "sdp/body.h"

enum alg_e2ae { ALG_E2AE_NONE = 0, ALG_E2AE_REQUESTED, ALG_E2AE_OTHER };
enum alg_connection { ALG_CONNECTION_NONE = 0, ALG_CONNECTION_NEW, ALG_CONNECTION_EXISTING };

/* Of the a=crypto lines of an m-line so many are looked at. */
enum { ALG_CRYPTOS_MAX = 16 };

struct alg_facts {
	struct sdp_mline m;
	enum alg_proto proto;
	bool dead;		/* port 0 */
	bool has_connection;	/* a c= applies */
	bool hold;		/* c= is 0.0.0.0 or :: */
	struct netaddr address; /* c= and m=; family 0: a name, or no c= */
	struct netaddr rtcp;	/* a=rtcp; family 0: none that can be read */
	bool rtcp_mux;
	enum sdp_direction dir;
	bool has_setup, bad_setup; /* bad: a value that RFC 4145 does not know */
	enum sdp_setup setup;
	bool has_fingerprint; /* a line was there */
	bool bad_fingerprint; /* one was broken, or there were too many */
	struct fingerprint_set fingerprints;
	unsigned cryptos;		       /* lines */
	uint32_t crypto_tags[ALG_CRYPTOS_MAX]; /* of the first of them; 0 for what is no tag */
	bool has_key;			       /* a line that can be used: */
	struct sdes_key key;
	bool has_path;
	struct slice path;		  /* the whole value */
	struct slice first_uri, last_uri; /* of path */
	bool cema;
	enum alg_e2ae e2ae;
	enum alg_connection connection;
	struct slice tls_id; /* p NULL: none */
	bool ice;	     /* candidates, or ice-ufrag at either level */
	bool sec_mandatory;  /* a mandatory security precondition (RFC 5027) */
	/* A potential configuration (RFC 5939) that is RTP/SAVP(F): its number, that of its
	 * transport, that of its a=acap (0: the key stands in a=crypto). number 0: none. */
	struct {
		uint32_t number, transport, attribute;
		enum alg_proto proto;
		struct sdes_key key;
	} pcfg;
};

/* What the session level says, once for all m-lines. */
struct alg_defaults {
	bool has_setup, bad_setup, has_fingerprint, bad_fingerprint, has_direction, ice;
	enum sdp_setup setup;
	enum sdp_direction dir;
	enum alg_connection connection;
	struct fingerprint_set fingerprints;
	struct slice tls_id;
	bool has_connection;
	struct sdp_connection c;
};

/* Can media be sent there: an address of one host that is not the sender's own loopback? */
bool alg_is_peer(const struct netaddr *a);

void alg_defaults_read(const struct sdp_body *b, struct alg_defaults *out);

/*
 * Read m-line number m. suites: as in struct alg_policy; of the a=crypto lines the first with one of
 * them is taken (RFC 4568 5.1.2), unless it has several keys, or a tag that another one has, too (4.1).
 * The keys in *out are the caller's to wipe.
 */
void alg_facts_read(const struct sdp_body *b, int m, const struct alg_defaults *d, uint32_t suites,
		    struct alg_facts *out);

/* The parts of an MSRP URI (RFC 4975 6): "msrps", "host:port" without a user, "/id;tcp". 0, or -1. */
struct alg_msrp_uri {
	bool secure;
	struct slice host; /* IPv6 in brackets */
	uint16_t port;
	struct slice rest;
};
int alg_msrp_uri_parse(struct slice text, struct alg_msrp_uri *out);

#endif
