# SPDX-License-Identifier: GPL-2.0-or-later
$(eval $(call dev_program,bench-timer-wheel,tests/bench/timer_wheel.c,base))

.PHONY: bench-timer-wheel
bench-timer-wheel: $(BUILD)/bin/bench-timer-wheel
	@$<
BENCH_GOALS += bench-timer-wheel
