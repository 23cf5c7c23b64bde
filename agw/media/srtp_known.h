/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Known answers by which libsrtp2 tests the types it is given: RFC 3711 B.2, RFC 6188 7.1 and 7.2,
 * RFC 7714 16.1.1 and 16.2.1, RFC 2202 3. */
#ifndef AGW_MEDIA_SRTP_KNOWN_H
#define AGW_MEDIA_SRTP_KNOWN_H

#include <srtp2/auth.h>
#include <srtp2/cipher.h>

struct srtp_known {
	srtp_cipher_test_case_t icm[3]; /* keys of 128, 192, 256 bits */
	srtp_cipher_test_case_t gcm[2]; /* of 128 and 256 */
	srtp_auth_test_case_t hmac;
};

/* What they point at is static. */
void srtp_known_fill(struct srtp_known *out);

#endif
