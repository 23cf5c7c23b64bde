# SPDX-License-Identifier: GPL-2.0-or-later
# More of the running gateway, on the wire: hostile peers, and the order of things (root).
AGW_FLOW_COMMON := $(call objs,tests/agw/flows/steps.c tests/agw/flows/wire.c tests/agw/rig.c tests/unit/agw/endpoint.c)
ALL_OBJS += $(AGW_FLOW_COMMON) $(call objs,tests/agw/flows/test_hostile.c tests/agw/flows/test_order.c)
$(BUILD)/test/agw_hostile $(BUILD)/test/agw_order: $(BUILD)/test/agw_%: $(BUILD)/obj/tests/agw/flows/test_%.o \
		$(AGW_FLOW_COMMON) $(call libs,h248 agw_pure base)
	@mkdir -p $(@D)
	@echo "  LD      $@"
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(LDFLAGS) -lssl -lcrypto $(CHECK_LIBS)

.PHONY: check-agw-hostile check-agw-order
CHECK_GOALS += check-agw-hostile check-agw-order
check-agw-hostile check-agw-order: check-agw-%: $(BUILD)/test/agw_% $(BUILD)/bin/ims-agw
	@IMS_AGW=$(BUILD)/bin/ims-agw tests/agw/run-flows $< $(BUILD)/agw-$*
