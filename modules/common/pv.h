/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pseudo-variables that are one class with names: $class(name). */
#ifndef KAM_PV_H
#define KAM_PV_H

#include "../../core/pvar.h"

/*
 * Find what the script has between the brackets among n names, whatever its case, and put its index into the spec
 * (pvp.pvn.u.isname.name.n). 0, or -1: it is none of them (not logged).
 */
int kam_pv_name(pv_spec_t *spec, const str *in, const char *const *names, int n);

#endif
