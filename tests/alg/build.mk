# SPDX-License-Identifier: GPL-2.0-or-later
# The controller of ims_alg with real gateways, in a network namespace of its own (root).
ALG_CONTROL_LIVE := $(call objs,$(addprefix tests/alg/,test_control.c live.c) tests/unit/agw/endpoint.c)
ALL_OBJS += $(ALG_CONTROL_LIVE)
$(BUILD)/test/alg_control: $(ALG_CONTROL_LIVE) $(call libs,alg_control alg_core h248 sdp base)
	@mkdir -p $(@D)
	@echo "  LD      $@"
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(LDFLAGS) -lssl -lcrypto -lsrtp2 $(CHECK_LIBS)

.PHONY: check-alg-control
CHECK_GOALS += check-alg-control
CHECK_ALONE += check-alg-control
check-alg-control: $(BUILD)/test/alg_control $(BUILD)/bin/ims-agw
	@IMS_AGW=$(BUILD)/bin/ims-agw scripts/run-tests $<

# The module in the installed Kamailio, with real gateways.
.PHONY: check-alg-module
CHECK_GOALS += check-alg-module
check-alg-module: $(BUILD)/modules/ims_alg.so $(BUILD)/bin/ims-agw
	@tests/alg/check-module $(BUILD)
