# SPDX-License-Identifier: GPL-2.0-or-later
$(eval $(call dev_program,bench-timer-wheel,tests/bench/timer_wheel.c,base))

.PHONY: bench-timer-wheel
bench-timer-wheel: $(BUILD)/bin/bench-timer-wheel
	@$<
BENCH_GOALS += bench-timer-wheel

$(eval $(call dev_program,bench-alg-sdp,tests/bench/alg_sdp.c tests/unit/ims_alg/gateway.c,alg_core sec_agree hmac_sha256 sdp base))

.PHONY: bench-alg-sdp
bench-alg-sdp: $(BUILD)/bin/bench-alg-sdp
	@$<
BENCH_GOALS += bench-alg-sdp
