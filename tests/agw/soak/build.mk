# SPDX-License-Identifier: GPL-2.0-or-later
# The gateway under churn with checked media and lossy H.248 (root): a few seconds of it in every check, an hour on demand.
AGW_SOAK_OBJS := $(call objs,$(patsubst %,tests/agw/soak/%.c,soak live live_rtp live_stream churn) $(AGW_RIG) \
	tests/unit/agw/endpoint.c)
ALL_OBJS += $(AGW_SOAK_OBJS)
$(BUILD)/obj/tests/agw/soak/live_rtp.o: CFLAGS += -isystem /usr/include/re
$(BUILD)/test/agw_soak: $(AGW_SOAK_OBJS) $(call libs,h248 agw_pure sdp base)
	@mkdir -p $(@D)
	@echo "  LD      $@"
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(LDFLAGS) -lre -lssl -lcrypto $(CHECK_LIBS)

SOAK_SECONDS ?= 3600
.PHONY: check-agw-churn soak-agw
CHECK_GOALS += check-agw-churn
CHECK_ALONE += check-agw-churn
check-agw-churn: $(BUILD)/test/agw_soak $(BUILD)/bin/ims-agw
	@SOAK_SECONDS=12 IMS_AGW=$(BUILD)/bin/ims-agw scripts/run-tests $<
soak-agw: $(BUILD)/test/agw_soak $(BUILD)/bin/ims-agw
	@SOAK_SECONDS=$(SOAK_SECONDS) IMS_AGW=$(BUILD)/bin/ims-agw $<
