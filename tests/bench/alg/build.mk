# SPDX-License-Identifier: GPL-2.0-or-later
$(eval $(call dev_program,alg-load,$(addprefix tests/bench/alg/,alg_load.c calls.c ends.c descriptions.c message.c) tests/bench/measure.c,base))

# The module and its gateways beside the stock rtpengine module and its daemons, which [bench] in scripts/packages names (root).
BENCH_GOALS += bench-alg
.PHONY: bench-alg
bench-alg: all
	@tests/bench/alg/run $(BUILD)
