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
 * charging and server_name of *view. Returns SUCCESS or the error; *missing as sh_pull().
 */
struct result sh_identify(const struct sh_request *req, const struct sh_known *known,
			  struct sh_view *view, enum sh_missing *missing);

/* Is there anything to say for one of the view's references? */
bool sh_anything(const struct sh_view *view);

#endif
