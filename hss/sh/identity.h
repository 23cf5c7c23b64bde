/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all Sh procedures begin with. */
#ifndef HSS_SH_IDENTITY_H
#define HSS_SH_IDENTITY_H

#include "hss/sh/sh.h"

/* May the AS do this with every reference it names (step 1 of each procedure)? */
bool sh_permitted(const struct sh_request *req, const struct sh_known *known,
		  enum sh_operation operation);

/*
 * Steps 2 and 3 of each procedure: keys, user, private identity, kind of identity. Sets sub, impu, impi,
 * charging and server_name of *view. What an update is about stands in its document, not beside it. Returns SUCCESS or the error; *missing as sh_pull().
 */
struct result sh_identify(const struct sh_request *req, const struct sh_known *known,
			  enum sh_operation operation, struct sh_view *view,
			  enum sh_missing *missing);

/*
 * Give the references that were asked for (step 5 of Sh-Pull, 10 of Sh-Subs-Notif), with empty elements for what is not
 * known. Where nothing at all is known, an AS without Notif-Eff gets no document.
 */
void sh_give(const struct sh_request *req, struct sh_view *view);

#endif
