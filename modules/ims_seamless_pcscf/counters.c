/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "seamless.h"

KAM_COUNTERS_DEFINE(seamless, SEAMLESS_PCSCF_COUNTERS)
