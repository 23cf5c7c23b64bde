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
check-alg-module: $(BUILD)/modules/ims_alg.so $(BUILD)/modules/ims_flow.so $(BUILD)/bin/ims-agw
	@tests/alg/check-module $(BUILD)

# Calls over SIP: the P-CSCF of cfg/ with the module, real gateways, phones and a core that say what a check wants said (root).
# ALG_CALLS names some of tests/alg/calls/check_calls.py; ALG_ATTEMPTS (1,000) and ALG_SEED are for check_random.py.
ALG_CALLS ?=
.PHONY: check-alg-calls
CHECK_GOALS += check-alg-calls
check-alg-calls: $(addprefix $(BUILD)/modules/,ims_alg.so ims_flow.so ims_border.so ims_seamless_pcscf.so) $(BUILD)/bin/ims-agw
	@mkdir -p out/alg-calls && rm -f out/alg-calls/*
	@tests/alg/calls/inside $(abspath $(BUILD)) $(CURDIR)/out/alg-calls tests/alg/calls/check_calls.py $(ALG_CALLS)
	@$(if $(ALG_CALLS),,echo "the same with the routes of the P-CSCF in Lua")
	@$(if $(ALG_CALLS),,ALG_DEFINES=LUA tests/alg/calls/inside $(abspath $(BUILD)) $(CURDIR)/out/alg-calls tests/alg/calls/check_calls.py \
	 flows plain offer_in_answer early forks bad_answers cancels)
	@echo "calls with something random at every step"
	@$(if $(ALG_CALLS),,tests/alg/calls/inside $(abspath $(BUILD)) $(CURDIR)/out/alg-calls tests/alg/calls/check_random.py)

# The same attempts by the hundred thousand; minutes for each ten thousand.
ATTEMPTS ?= 100000
.PHONY: soak-alg-calls
soak-alg-calls: $(addprefix $(BUILD)/modules/,ims_alg.so ims_flow.so ims_border.so ims_seamless_pcscf.so) $(BUILD)/bin/ims-agw
	@mkdir -p out/soak-alg-calls && rm -rf out/soak-alg-calls/*
	@tests/alg/calls/soak $(abspath $(BUILD)) $(CURDIR)/out/soak-alg-calls $(ATTEMPTS)
