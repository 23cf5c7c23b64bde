/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Over which connection of a user a message came or goes. The user is known first (by
 * P-Asserted-Identity in the originating half, by the public identity in the terminating half, by
 * the session inside a dialog); only his own connections are looked at, and the way counts before
 * the address: strangers, and households with the same private address, are never taken for him.
 */
#ifndef SCSCF_SERVED_H
#define SCSCF_SERVED_H

#include "modules/ims_seamless_scscf/core/model.h"

/* What a message shows of where it came from. Empty slices: nothing known. */
struct scscf_where {
	struct slice contact; /* Contact URI */
	struct slice route;   /* Record-Route entries as one list: the P-CSCF's, with the token of
				 its Path, is one of them */
};

/*
 * The connection of the users registered with this public identity that fits best, or NULL: none
 * fits, or two fit equally. In this order counts: the P-CSCF's entry with the same flow token as in
 * Path, the contact URI as registered, host and port of the contact, its host, the P-CSCF.
 */
struct scscf_connection *scscf_served_connection(struct scscf_model *m, struct slice impu,
						 const struct scscf_where *where);
/* The same for one private identity: a session's user. */
struct scscf_connection *scscf_user_connection(struct scscf_model *m, struct slice impi,
					       const struct scscf_where *where);

#endif
