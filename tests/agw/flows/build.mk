# SPDX-License-Identifier: GPL-2.0-or-later
# More of the running gateway: hostile peers, and the order of things on the wire (root).
AGW_FLOW_COMMON := $(call objs,tests/agw/flows/steps.c tests/agw/flows/wire.c tests/agw/rig.c tests/unit/agw/endpoint.c)
ALL_OBJS += $(AGW_FLOW_COMMON) $(call objs,tests/agw/flows/test_hostile.c)
$(BUILD)/test/agw_hostile: $(call objs,tests/agw/flows/test_hostile.c) $(AGW_FLOW_COMMON) $(call libs,h248 agw_pure base)
	@mkdir -p $(@D)
	@echo "  LD      $@"
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(LDFLAGS) -lssl -lcrypto $(CHECK_LIBS)

.PHONY: check-agw-hostile
CHECK_GOALS += check-agw-hostile
check-agw-hostile: $(BUILD)/test/agw_hostile $(BUILD)/bin/ims-agw
	@IMS_AGW=$(BUILD)/bin/ims-agw tests/agw/run-flows $(BUILD)/test/agw_hostile $(BUILD)/agw-hostile
