/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a BFCP message, and what is written of it is read as the same. */
#include <stdlib.h>

#include "ue/bfcp_msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Exactly as much memory as there are bytes, so that every step beyond is seen. */
	char *copy = malloc(size ? size : 1);
	struct ue_bfcp_msg m, back;
	struct text t = {0};
	const char *why = NULL;

	if (!copy)
		return 0;
	if (size)
		memcpy(copy, data, size);
	if (ue_bfcp_read(slice_make(copy, size), &m, &why) != 0) {
		if (!why)
			abort();
	} else {
		m.version = 1;
		ue_bfcp_write(&m, &t);
		if (ue_bfcp_frame(text_slice(&t)) != t.len ||
		    ue_bfcp_read(text_slice(&t), &back, &why) != 0 ||
		    back.primitive != m.primitive || back.conference != m.conference ||
		    back.transaction != m.transaction || back.user != m.user)
			abort();
		if (!m.fault && m.primitive == UE_BFCP_FLOOR_REQUEST_STATUS &&
		    (back.request != m.request || back.status != m.status || back.floor != m.floor))
			abort();
	}
	ue_bfcp_primitive_name(size ? data[0] : 0);
	text_free(&t);
	free(copy);
	return 0;
}
