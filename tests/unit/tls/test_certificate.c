/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Certificates that media make for themselves. */
#include "unit/unit.h"
#include <openssl/x509.h>
#include "tls/certificate.h"

/* A serial number with a needless zero in front is not DER, and OpenSSL peers refuse the whole
 * certificate: one in 256 random ones had it. */
START_TEST(every_certificate_can_be_read_by_its_peer)
{
	for (int i = 0; i < 1500; i++) {
		struct certificate c;
		unsigned char *der = NULL;
		const unsigned char *p;
		const ASN1_INTEGER *serial;
		X509 *read;
		int len;

		ck_assert_int_eq(certificate_make(&c, "a phone"), 0);
		len = i2d_X509(c.x509, &der);
		ck_assert_int_gt(len, 0);
		p = der;
		read = d2i_X509(NULL, &p, len);
		ck_assert_msg(read != NULL, "certificate %d cannot be read", i);
		serial = X509_get0_serialNumber(read);
		ck_assert_int_eq(ASN1_STRING_length(serial), 8);
		ck_assert_int_eq(ASN1_STRING_type(serial), V_ASN1_INTEGER); /* not negative */
		X509_free(read);
		OPENSSL_free(der);
		certificate_clear(&c);
	}
}
END_TEST

UNIT_MAIN("certificates", every_certificate_can_be_read_by_its_peer)
