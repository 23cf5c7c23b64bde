/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What stock may have in its records. The stock ims_registrar_scscf copies URI and parameters of a
 * contact into its documents of the reg event as they are, so what is markup there would be read as
 * such by every watcher: by the P-CSCF as the state of somebody else's contact.
 */
#ifndef SCSCF_SHADOW_TEXT_H
#define SCSCF_SHADOW_TEXT_H

#include "base/slice.h"

/* A contact URI that XML content may have as it is. */
bool scscf_shadow_uri_plain(struct slice uri);

/*
 * The same for header parameters of a contact, ";name=value;...". Stock escapes one pair of angle
 * brackets round a whole value, as +sip.instance has it.
 */
bool scscf_shadow_params_plain(struct slice params);

#endif
