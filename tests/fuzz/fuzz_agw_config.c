/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gateway's configuration file: any text is either taken whole or refused with a reason. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "agw/control/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct config c;
	char why[300] = "";

	if (config_parse(slice_make((const char *)data, size), &c, why, sizeof(why)) < 0 && !why[0])
		abort();
	return 0;
}
