/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Security agreement headers of SIP (RFC 3329) with the mechanism ipsec-3gpp (TS 33.203 annex H):
 * parse Security-Client, Security-Server and Security-Verify, choose, compare, build. Pure: no
 * allocation, results point into the caller's header bytes.
 */
#ifndef SEC_AGREE_SEC_AGREE_H
#define SEC_AGREE_SEC_AGREE_H

#include "base/slice.h"
#include "xfrm/xfrm.h"

#define SEC_AGREE_MECHS_MAX  24 /* mechanisms in one list, all header lines together */
#define SEC_AGREE_PARAMS_MAX 16 /* parameters of one mechanism */
#define SEC_AGREE_LINE_MAX   2048

enum sec_agree_err {
	SEC_AGREE_OK = 0,
	SEC_AGREE_E_SYNTAX = -1,   /* not the grammar of RFC 3329 2.2 */
	SEC_AGREE_E_TOO_MANY = -2, /* a bound above is exceeded */
	SEC_AGREE_E_VALUE = -3,	   /* ipsec-3gpp with a parameter missing, double or out of range */
	SEC_AGREE_E_SPACE = -4,	   /* the buffer is too small */
	SEC_AGREE_E_NONE = -5,	   /* nothing in common */
};

/* Text of an enum sec_agree_err for a log line, never NULL. */
const char *sec_agree_strerror(int err);

struct sec_agree_param {
	struct slice name;
	struct slice value; /* without quotes; p == NULL: no '=' */
};

/* One mechanism as it stood in the header, known or unknown. */
struct sec_agree_mech {
	struct slice name;
	struct sec_agree_param params[SEC_AGREE_PARAMS_MAX];
	unsigned nparams;
};

/* A list: all header lines of one name joined, in order. Initialise with {0}. */
struct sec_agree_list {
	struct sec_agree_mech mechs[SEC_AGREE_MECHS_MAX];
	unsigned n;
};

/* The values of an ipsec-3gpp mechanism. */
struct sec_agree_ipsec {
	enum xfrm_alg alg;
	enum xfrm_ealg ealg;	 /* absent in the header: null */
	uint32_t spi_c, spi_s;	 /* above 255 */
	uint16_t port_c, port_s; /* 1-65535 */
	uint16_t q;		 /* thousandths, 0-1000; absent: 1000 */
	bool udp_enc_tun; /* mod=UDP-enc-tun: ESP in UDP because a NAT is in the way (TS 33.203
			     annex M) */
};

/*
 * Append the mechanisms of one header line's body (a comma list; quoted strings and blanks as in
 * RFC 3261; a stray ';' is passed over; "mediasec=NAME" is read as "NAME;mediasec=NAME") to list. 0, SEC_AGREE_E_SYNTAX or SEC_AGREE_E_TOO_MANY; on an error list is as before.
 */
int sec_agree_parse(struct slice body, struct sec_agree_list *list);

/* The value of a parameter of m, name without case; p == NULL if it is not there. */
struct slice sec_agree_param(const struct sec_agree_mech *m, const char *name);

/*
 * The values of m. 0; SEC_AGREE_E_NONE if m is not ipsec-3gpp, or names an algorithm, a prot or a
 * mod that this library does not know; SEC_AGREE_E_VALUE if it is ipsec-3gpp but broken.
 */
int sec_agree_ipsec(const struct sec_agree_mech *m, struct sec_agree_ipsec *out);

/* What one side is willing to use, best first. */
struct sec_agree_offer {
	struct {
		enum xfrm_alg alg;
		enum xfrm_ealg ealg;
	} pairs[16];
	unsigned n;
};

/*
 * Read a list of pairs "alg/ealg alg/ealg ..." (blanks or commas between) from a setting, best
 * first, with the names of TS 33.203 (hmac-sha-1-96/aes-cbc). 0, SEC_AGREE_E_SYNTAX or
 * SEC_AGREE_E_TOO_MANY.
 */
int sec_agree_offer_parse(struct slice text, struct sec_agree_offer *out);

/*
 * P-CSCF: the best pair of ours that the UE's Security-Client has. 0 with the UE's SPIs and ports
 * and the chosen pair in *out and, if at is not NULL, its place in client; SEC_AGREE_E_NONE if
 * nothing fits; SEC_AGREE_E_VALUE if nothing fits and an ipsec-3gpp entry was broken.
 */
int sec_agree_choose(const struct sec_agree_list *client, const struct sec_agree_offer *ours,
		     struct sec_agree_ipsec *out, unsigned *at);

/*
 * Whether list has an ipsec-3gpp mechanism for ESP in UDP (udp_enc_tun) or for transport mode, and
 * to leave only those of one kind in it; mechanisms other than ipsec-3gpp stay.
 */
bool sec_agree_offers_mode(const struct sec_agree_list *list, bool udp_enc_tun);
void sec_agree_keep_mode(struct sec_agree_list *list, bool udp_enc_tun);

/*
 * UE: the mechanism of Security-Server with the highest q among those in mine (any if mine is
 * NULL). Equal q: the first one. Same errors as sec_agree_choose().
 */
int sec_agree_pick(const struct sec_agree_list *server, const struct sec_agree_offer *mine,
		   struct sec_agree_ipsec *out, unsigned *at);

/*
 * Whether Security-Verify mirrors what was sent (RFC 3329 2.3.1): the same mechanisms in the same
 * order with the same parameters and values. Names and tokens without case, parameters in any
 * order, SPIs and ports as numbers. A parameter of ipsec-3gpp that is left out has its default
 * (prot esp, mod trans, ealg null); q may be left out, for it only says the order. If ipsec_only, mechanisms other than ipsec-3gpp are left out on
 * both sides (somebody else vouches for them).
 */
bool sec_agree_equal(const struct sec_agree_list *a, const struct sec_agree_list *b,
		     bool ipsec_only);

/*
 * What a list says, as a digest that nobody can find another list for: equal lists have the same
 * one, q left out. It keeps the Security-Client of a first REGISTER until the challenge is answered,
 * which must bring the same list (TS 33.203 7.2).
 */
#define SEC_AGREE_DIGEST_LEN 16
void sec_agree_digest(const struct sec_agree_list *list, uint8_t out[SEC_AGREE_DIGEST_LEN]);

/* Whether a mechanism is ipsec-3gpp, and whether a list has such a one. */
bool sec_agree_is_ipsec(const struct sec_agree_mech *m);
bool sec_agree_has_ipsec(const struct sec_agree_list *list);

/*
 * Write one mechanism
 * "ipsec-3gpp;prot=esp;mod=trans;spi-c=..;spi-s=..;port-c=..;port-s=..;alg=..;ealg=.." to buf,
 * NUL-terminated; with ;q=0.NNN if with_q. *len (may be NULL) gets its length. 0 or
 * SEC_AGREE_E_SPACE.
 */
int sec_agree_build(const struct sec_agree_ipsec *v, bool with_q, char *buf, size_t size,
		    size_t *len);

/*
 * UE: write a Security-Client body with every pair of offer for the SPIs and ports in *v (its alg,
 * ealg and q are not looked at). 0 or SEC_AGREE_E_SPACE.
 */
int sec_agree_build_client(const struct sec_agree_ipsec *v, const struct sec_agree_offer *offer,
			   char *buf, size_t size, size_t *len);

/*
 * Write the list back as one header body, as it was read (UE: Security-Verify from
 * Security-Server). 0 or SEC_AGREE_E_SPACE.
 */
int sec_agree_build_list(const struct sec_agree_list *list, char *buf, size_t size, size_t *len);

/* Names in the header, "hmac-sha-1-96" and so on; never NULL. */
const char *sec_agree_alg_name(enum xfrm_alg alg);
const char *sec_agree_ealg_name(enum xfrm_ealg ealg);

#endif
