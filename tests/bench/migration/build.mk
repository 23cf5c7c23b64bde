# SPDX-License-Identifier: GPL-2.0-or-later
# What inbound users cost a partner's HSS beside its own in one run (ROUNDS=15 COUNT=400).
BENCH_GOALS += bench-migration
.PHONY: bench-migration
bench-migration: $(BUILD)/bin/bench-hss-load $(BUILD)/bin/ims-hss $(BUILD)/bin/hssctl
	@tests/bench/migration/run $(BUILD)
