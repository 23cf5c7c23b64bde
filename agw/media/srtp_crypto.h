/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ciphers and authentication for libsrtp2 on OpenSSL EVP. Debian builds libsrtp2 on NSS, whose cost
 * per packet is ten times that of OpenSSL and grows with the number of sessions; libsrtp2's public
 * replace functions let a program bring its own. libsrtp2 tests each type against its known answers
 * when it is put in.
 */
#ifndef AGW_MEDIA_SRTP_CRYPTO_H
#define AGW_MEDIA_SRTP_CRYPTO_H

/*
 * Put AES-ICM 128/192/256, AES-GCM 128/256 and HMAC-SHA1 in. Call once after srtp_init(), before
 * the first session and before any thread uses libsrtp2. Returns 0, or -1 when a type was refused.
 */
int srtp_crypto_install(void);

/* Where the objects are that protect the RTP of a session. Addresses only: they may have gone. */
struct srtp_crypto_place {
	const void *cipher, *aes, *auth;
};

/* From now on in this thread, write down what libsrtp2 makes first of each kind; NULL ends that. To
 * be put round srtp_create() and srtp_update(). */
void srtp_crypto_note(struct srtp_crypto_place *place);

/* Fetch them into the processor's cache. Harmless with a place that was never written or is gone.
 */
void srtp_crypto_prefetch(const struct srtp_crypto_place *place);

#endif
