/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_vcc/counters.h"

KAM_COUNTERS_DEFINE(vcc, VCC_COUNTERS)
