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

#endif
