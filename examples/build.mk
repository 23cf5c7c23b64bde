# SPDX-License-Identifier: GPL-2.0-or-later
ALL_OBJS += $(call objs,examples/mgc.c)
$(BUILD)/examples/mgc: $(call objs,examples/mgc.c) $(call libs,h248 sdp base)
	@mkdir -p $(@D)
	@echo "  LD      $@"
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(LDFLAGS)
examples: $(BUILD)/examples/mgc
.PHONY: examples
all: examples
