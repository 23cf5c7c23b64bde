/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_flow/counters.h"

KAM_COUNTERS_DEFINE(flow, FLOW_COUNTERS)
