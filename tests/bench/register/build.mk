# SPDX-License-Identifier: GPL-2.0-or-later
$(eval $(call dev_program,register-load,tests/bench/register/register_load.c tests/bench/measure.c,,))

BENCH_GOALS += bench-register
.PHONY: bench-register
bench-register: all
	@tests/bench/register/run $(BUILD)
