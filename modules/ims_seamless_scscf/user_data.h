/* SPDX-License-Identifier: GPL-2.0-or-later */
/* User profiles: User-Data of an SAA or a PPR (TS 29.228 annex B) as the stock modules keep it. */
#ifndef SEAMLESS_USER_DATA_H
#define SEAMLESS_USER_DATA_H

#include "modules/ims_seamless_scscf/glue.h"

/* One reference, or NULL with a reason in the log. */
ims_subscription *user_data_parse(str xml);

/* A subscription without a profile, under a private identity that nobody has: one reference, or
 * NULL. */
ims_subscription *user_data_seed(void);

/* Its IMPUs, at most max; barred may be NULL. Returns how many; they live as long as s. */
size_t user_data_identities(const ims_subscription *s, struct slice *impus, bool *barred,
			    size_t max);

#endif
