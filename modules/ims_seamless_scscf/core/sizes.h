/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How large what others make of bindings becomes: known before a REGISTER is carried out, so that none
 * is agreed to whose answer could not be sent, or whose records stock could not write down.
 */
#ifndef SCSCF_SIZES_H
#define SCSCF_SIZES_H

#include "modules/ims_seamless_scscf/core/register_plan.h"

/*
 * Octets of the Contact, P-Associated-URI and Path lines of the 200 to what is planned, from above.
 * Identities of sets that the HSS has yet to tell are not counted.
 */
size_t scscf_answer_size(struct scscf_model *m, const struct scscf_register_request *rq,
			 const struct scscf_register_plan *plan);
/* Octets that these identities add to P-Associated-URI. */
size_t scscf_associated_size(const struct slice *impus, const bool *barred, size_t n);

/*
 * The stock ims_registrar_scscf writes the full document of an implicit set, all identities with all
 * contacts, into 16,384 octets of its stack, and does not look whether it fits (5.6.3, 6.0.1). What
 * stays below this does.
 */
#define SCSCF_STOCK_DOCUMENT_MAX 16300

enum scscf_shadow {
	SCSCF_SHADOW_WHOLE, /* a record of usrloc may have the contact with its parameters */
	SCSCF_SHADOW_BARE, /* without them: for their size, or for what is in them (shadow_text.h) */
	SCSCF_SHADOW_FULL  /* not even so */
};

/* Octets of this contact in stock's document, once for each identity; bare: without parameters. */
size_t scscf_shadow_size(struct slice contact, struct slice params, bool bare);

/*
 * May usrloc have this contact for a set of these identities, beside those that the model has for it
 * under this private identity and under others that share some of them, and those for which REGISTERs
 * under way have taken room? params: header
 * parameters of the contact. taken: the room that was taken for this very contact, 0 if none was.
 */
enum scscf_shadow scscf_shadow_room(struct scscf_model *m, struct slice impi,
				    const struct slice *impus, const bool *barred, size_t n,
				    struct slice contact, struct slice params, size_t taken);

#endif
