/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Security-Client from a stranger: what is read can be written and read again, and is equal to
 * itself. */
#include "sec_agree/sec_agree.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = slice_make((const char *)data, size);
	struct sec_agree_list list = {.n = 0}, again = {.n = 0};
	struct sec_agree_ipsec v;
	uint8_t first[SEC_AGREE_DIGEST_LEN], second[SEC_AGREE_DIGEST_LEN];
	char buf[8192];
	size_t len;

	while (rest.len)
		sec_agree_parse(slice_cut(&rest, '\n'), &list);
	for (unsigned i = 0; i < list.n; i++)
		if (sec_agree_ipsec(&list.mechs[i], &v) == 0 &&
		    (v.spi_c < 256 || !v.port_c || v.q > 1000))
			abort();
	sec_agree_pick(&list, NULL, &v, NULL);
	if (list.n && sec_agree_build_list(&list, buf, sizeof(buf), &len) == 0) {
		if (sec_agree_parse(slice_make(buf, len), &again) || again.n != list.n)
			abort();
		if (!sec_agree_equal(&list, &again, false) || !sec_agree_equal(&again, &list, true))
			abort();
		sec_agree_digest(&list, first);
		sec_agree_digest(&again, second);
		if (memcmp(first, second, sizeof(first)) != 0)
			abort();
	}
	return 0;
}
