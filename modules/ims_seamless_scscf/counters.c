/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_seamless_scscf/counters.h"

KAM_COUNTERS_DEFINE(seamless, SEAMLESS_COUNTERS)
