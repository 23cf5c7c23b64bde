/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Media security mechanisms in Security-Client, -Server and -Verify (TS 24.229 7.2A.7, RFC 3329):
 * list elements "msrp-tls;mediasec" beside, before or behind ipsec-3gpp, in one header line or
 * several. They say what the UE and the P-CSCF can do on the access side; they end at the P-CSCF.
 */
#ifndef SEC_AGREE_MEDIASEC_H
#define SEC_AGREE_MEDIASEC_H

#include "sec_agree/sec_agree.h"

enum mediasec {
	MEDIASEC_SDES = 1 << 0, /* sdes-srtp */
	MEDIASEC_MSRP = 1 << 1, /* msrp-tls */
	MEDIASEC_BFCP = 1 << 2, /* bfcp-tls */
	MEDIASEC_DTLS = 1 << 3, /* dtls-srtp: not in TS 24.229, but networks list it */
	MEDIASEC_ALL = (1 << 4) - 1,
};

/* Octets that mediasec_build() needs at most. */
enum { MEDIASEC_TEXT_MAX = 128 };

/* The name of one bit, "msrp-tls"; NULL for anything else. */
const char *mediasec_name(uint32_t bit);

/* Names with blanks or commas between, from a setting; "none": 0. 0, or -1 (a name that is not
 * known, nothing) and *out as it was. */
int mediasec_parse(struct slice text, uint32_t *out);

/*
 * The bit of a mechanism of a list, or 0: not one of ours, or without the parameter mediasec. The
 * form of TR 29.828 5.2.1.3.1, "mediasec=bfcp-tls", counts as an element of its own or as the
 * value of a parameter.
 */
uint32_t mediasec_of(const struct sec_agree_mech *m);

/* Is it a media mechanism at all, known to us or not (udptl-dtls;mediasec)? Those are not
 * forwarded. */
bool mediasec_is(const struct sec_agree_mech *m);

/* What a list announces. Doubles count once. */
uint32_t mediasec_announced(const struct sec_agree_list *list);

/* Write "sdes-srtp;mediasec, msrp-tls;mediasec" for the bits, in the order of enum mediasec, with NUL.
 * 0 and *len (may be NULL), or SEC_AGREE_E_SPACE. Nothing for no bits. */
int mediasec_build(uint32_t bits, char *buf, size_t size, size_t *len);

/*
 * Does Security-Verify repeat what Security-Server said (RFC 3329 2.3.1)? sent: the bits that were
 * sent by mediasec_build(). The same ones in the same order, none twice; if nothing was sent nothing
 * may come. False: 494.
 */
bool mediasec_verified(uint32_t sent, const struct sec_agree_list *verify);

/*
 * Write a header's body without its media mechanisms, other elements byte for byte, for the core.
 * Returns 1 and *len if there were some (*len 0: nothing is left, take the header out), 0 if there
 * were none, or a negative SEC_AGREE_E_ value.
 */
int mediasec_strip(struct slice body, char *buf, size_t size, size_t *len);

#endif
