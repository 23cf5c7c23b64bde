/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a third-party REGISTER says (TS 24.229 5.4.1.7): its header lines and its body. Via, To, From,
 * Call-ID, CSeq and Content-Length are the transaction's.
 */
#ifndef SCSCF_THIRD_PARTY_TEXT_H
#define SCSCF_THIRD_PARTY_TEXT_H

#include "modules/ims_seamless_scscf/core/criteria.h"

enum scscf_third_party_form {
	SCSCF_THIRD_PARTY_STANDARD, /* TS 24.229 */
	SCSCF_THIRD_PARTY_STOCK,    /* and P-Associated-URI, Path and Event, as the stock ims_isc */
	SCSCF_THIRD_PARTY_SEED	    /* the header fields of C1 A.3.2.2 table 11: the phone's own */
};

struct scscf_third_party {
	enum scscf_third_party_form form;
	enum scscf_registration registration;
	bool trusted; /* the application server may see access, visited network, charging, bodies */
	bool credentials;      /* in the copies of request and response, too */
	struct slice own_uri;  /* of this S-CSCF */
	struct slice orig_ioi; /* who we are in P-Charging-Vector; empty: as it came */
	struct slice request;  /* the phone's REGISTER as it was received; empty: there was none */
	struct slice response; /* its 200 as it was sent; empty: not wanted, or not there yet */
	struct slice contact;  /* the contact it was about; of the form SEED */
	struct slice service_info;
	bool with_request, with_response; /* the criterion asks for them */
	const struct slice *identities;	  /* of the set, not barred */
	size_t identities_n;
	struct slice charging[4]; /* CCF, CCF, ECF, ECF (RFC 7315 4.5); empty: none */
};

/* Octets that are longer than any boundary of a body. */
#define SCSCF_THIRD_PARTY_BOUNDARY_MAX 40

/*
 * Both write at most size octets into buf and return how many it takes, like snprintf; without a NUL. A
 * boundary occurs in no part of the body. number_at: where, in the header lines, the seconds of the
 * registration belong.
 */
size_t scscf_third_party_headers(const struct scscf_third_party *p, const char *boundary, char *buf,
				 size_t size, size_t *number_at);
size_t scscf_third_party_body(const struct scscf_third_party *p, const char *boundary, char *buf,
			      size_t size);
/* A boundary for this body: fixed text and a number that is tried until it is in no part. */
void scscf_third_party_boundary(const struct scscf_third_party *p,
				char out[SCSCF_THIRD_PARTY_BOUNDARY_MAX]);

/* The value of a header field of a message (all its instances as one list if there are several), in
 * buf if it had to be put together. Empty: it is not there, or larger than size. */
struct slice scscf_message_header(struct slice message, struct slice name, char *buf, size_t size);

/*
 * Does the URI of an application server belong to one of these hosts or domains, "a.example b.example"?
 * Of an empty list any does.
 */
bool scscf_third_party_trusted(struct slice server, struct slice list);

#endif
