# SPDX-License-Identifier: GPL-2.0-or-later
$(eval $(call dev_program,third-party-load,tests/bench/vcc/third_party_load.c tests/bench/measure.c,,))

BENCH_GOALS += bench-vcc
.PHONY: bench-vcc
bench-vcc: $(BUILD)/bin/third-party-load $(BUILD)/modules/ims_vcc.so
	@tests/bench/vcc/run $(BUILD)
