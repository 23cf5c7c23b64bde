# SPDX-License-Identifier: GPL-2.0-or-later
# The running gateway, driven over H.248 in a network namespace of its own (root): one program for each kind of question.
AGW_FLOW_NAMES := flows order trouble protocol events operation limits strangers hostile networks
AGW_FLOW_COMMON := $(call objs,$(patsubst %,tests/agw/flows/%.c,steps wire look scene) $(AGW_RIG) \
	tests/unit/agw/endpoint.c)
ALL_OBJS += $(AGW_FLOW_COMMON) $(call objs,$(AGW_FLOW_NAMES:%=tests/agw/flows/test_%.c))
$(AGW_FLOW_NAMES:%=$(BUILD)/test/agw_%): $(BUILD)/test/agw_%: $(BUILD)/obj/tests/agw/flows/test_%.o \
		$(AGW_FLOW_COMMON) $(call libs,h248 agw_pure sdp base)
	@mkdir -p $(@D)
	@echo "  LD      $@"
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(LDFLAGS) -lssl -lcrypto $(CHECK_LIBS)

.PHONY: $(AGW_FLOW_NAMES:%=check-agw-%)
CHECK_GOALS += $(AGW_FLOW_NAMES:%=check-agw-%)
$(AGW_FLOW_NAMES:%=check-agw-%): check-agw-%: $(BUILD)/test/agw_% $(BUILD)/bin/ims-agw $(BUILD)/bin/agwctl
	@IMS_AGW=$(BUILD)/bin/ims-agw AGWCTL=$(BUILD)/bin/agwctl tests/agw/run-flows $< $(BUILD)/agw-$*
