# SPDX-License-Identifier: GPL-2.0-or-later
$(eval $(call dev_program,bench-hss-echo,tests/bench/hss/echo.c hss/diameter/dict.c,hss_wire,-lfdcore -lfdproto -lgnutls))
$(BUILD)/obj/tests/bench/hss/echo.o: CFLAGS += -Wno-conversion -Wno-shadow -Wno-undef -Wno-strict-prototypes
$(eval $(call dev_program,bench-hss-load,tests/bench/hss/load.c $(addprefix tests/unit/hss/diameter/,requests.c peer.c dm.c),,-lsqlite3))

# What an answer of the HSS costs beside freeDiameter's bare echo: SIZES="1000 100000 1000000".
BENCH_GOALS += bench-hss
.PHONY: bench-hss
bench-hss: $(BUILD)/bin/bench-hss-echo $(BUILD)/bin/bench-hss-load $(BUILD)/bin/ims-hss $(BUILD)/bin/hssctl
	@tests/bench/hss/run $(BUILD)
