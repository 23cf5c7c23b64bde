/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Domain preferences, as the phone writes them and as ServiceInfo has them. */
#include "modules/ims_vcc/core/wish.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_make((const char *)data, size);
	struct vcc_wishes w;
	char info[256];

	if (vcc_wishes_xml(text, &w) == 0) {
		if (w.accesses > VCC_WISH_ACCESSES || w.terminating >= VCC_WISHES)
			abort();
		(void)vcc_wishes_terminating(&w, text);
	}
	if (vcc_service_info(text, info, sizeof(info)) == 0 && strlen(info) >= sizeof(info))
		abort();
	if (vcc_wishes_service_info(text, &w) == 1 && w.terminating >= VCC_WISHES)
		abort();
	return 0;
}
