# SPDX-License-Identifier: GPL-2.0-or-later
# The running gateway, driven over H.248, in a network namespace of its own (root).
AGW_TEST_OBJS := $(call objs,tests/agw/test_flows.c tests/agw/rig.c tests/unit/agw/endpoint.c)
ALL_OBJS += $(AGW_TEST_OBJS)
$(BUILD)/test/agw_flows: $(AGW_TEST_OBJS) $(call libs,h248 agw_pure base)
	@mkdir -p $(@D)
	@echo "  LD      $@"
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(LDFLAGS) -lssl -lcrypto $(CHECK_LIBS)

.PHONY: check-agw-flows
CHECK_GOALS += check-agw-flows
check-agw-flows: $(BUILD)/test/agw_flows $(BUILD)/bin/ims-agw
	@IMS_AGW=$(BUILD)/bin/ims-agw tests/agw/run-flows $(BUILD)/test/agw_flows $(BUILD)/agw-flows
