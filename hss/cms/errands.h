/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is done by time: ends, and other systems told of ends until they know. */
#ifndef HSS_CMS_ERRANDS_H
#define HSS_CMS_ERRANDS_H

#include "hss/cms/grant.h"

/* Once a second. */
void errands_tick(struct cms *cms);

#endif
