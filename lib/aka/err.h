/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the functions of lib/aka return: 0 or one of these. When one fails, its out-parameters are
 * unchanged. */
#ifndef AKA_ERR_H
#define AKA_ERR_H

enum aka_err {
	AKA_OK = 0,
	AKA_ECRYPTO = -1, /* the crypto library refused: no memory, MD5 or AES switched off */
	AKA_ESYNTAX = -2, /* not base64, wrong length, unknown qop */
	AKA_EMAC = -3,	  /* MAC-A or MAC-S does not match: wrong key or forged */
	AKA_ESYNC = -4,	  /* the sequence number is not fresh: answer with AUTS */
	AKA_ESPACE = -5,  /* the caller's buffer is too small */
	AKA_EWRAP = -6,	  /* sequence numbers are used up: the subscriber needs a new key */
	AKA_ELENGTH = -7, /* a length or number that the algorithm does not have */
};

/* A text of a few words for a log line; never NULL. */
const char *aka_strerror(int err);

#endif
