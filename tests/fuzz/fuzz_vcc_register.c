/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A third-party REGISTER as it comes from the network, and what becomes of the records. */
#include "modules/ims_vcc/core/registration.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool inside(struct slice s, const char *text, size_t n)
{
	return s.len == 0 || (s.p >= text && s.p + s.len <= text + n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct vcc_registration_policy policy = {
	    .reg_event = true, .doubt_ms = 1, .forget_ms = 1};
	static const struct keyed_hash_key key = {{1, 2}};
	static const struct kept_clock at = {.now_ms = 1000};
	static struct wheel_timer timers[2];
	static struct vcc_store store;
	static void *memory;
	static uint32_t cseq;
	const char *text = (const char *)data;
	struct vcc_outcome out;
	struct vcc_report r;
	uint32_t torn;

	if (!memory) {
		memory = calloc(1, vcc_users_bytes(2));
		vcc_users_attach(&store, memory, vcc_users_bytes(2), 2, timers, &key, &at, &torn);
	}
	if (vcc_report_read(slice_make(text, size), &r))
		return 0;
	if (!inside(r.identity, text, size) || !inside(r.scscf, text, size) ||
	    !inside(r.access, text, size) || r.asked.n > SIP_CONTACT_LIST_MAX ||
	    r.associated_n > VCC_ASSOCIATED_MAX)
		abort();
	r.cseq = ++cseq;
	if (vcc_registered(&store, &r, &policy, at.now_ms, &out) == 0 && r.expires &&
	    !vcc_users_find(&store, r.identity))
		abort();
	for (uint32_t n = 0; vcc_users_next(&store, &n);)
		if (n > 2)
			abort();
	if (cseq % 16 == 0) {
		struct vcc_user *u = vcc_users_find(&store, r.identity);

		if (u)
			vcc_users_free(&store, u);
	}
	return 0;
}
