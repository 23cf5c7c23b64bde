/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Client certificates at the CMS-CMS door: each partner by the authority and the names of its section. */
#ifndef HSS_CMS_CERTIFICATES_H
#define HSS_CMS_CERTIFICATES_H

#include <gnutls/gnutls.h>

#include "hss/cms/config.h"

/* Read the authorities of all partners. Returns their PEM in one text, for the server to ask by (it stays the module's), or NULL with
 * why. */
const char *certificates_open(const struct cms_config *cfg, char *why, size_t size);
void certificates_close(void);

enum certificate_verdict {
	CERTIFICATE_GOOD,
	CERTIFICATE_NONE,
	CERTIFICATE_FOREIGN,
	CERTIFICATE_EXPIRED
};

/* Whose is what the client of this session has shown: signed below the partner's authority for clients, valid now, and its
 * subjectAltName has one of the partner's names. Safe from every thread. */
enum certificate_verdict certificates_judge(gnutls_session_t session, const struct partner **out);

#endif
