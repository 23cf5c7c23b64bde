/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/common/pv.h"

#include "modules/common/text.h"

int kam_pv_name(pv_spec_t *spec, const str *in, const char *const *names, int n)
{
	for (int i = 0; i < n; i++)
		if (slice_eq_nocase(slice_of(*in), slice_str(names[i]))) {
			spec->pvp.pvn.type = PV_NAME_INTSTR;
			spec->pvp.pvn.u.isname.type = 0;
			spec->pvp.pvn.u.isname.name.n = i;
			return 0;
		}
	return -1;
}
