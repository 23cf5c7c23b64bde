# SPDX-License-Identifier: GPL-2.0-or-later
# The running gateway, driven over H.248, in a network namespace of its own (root).
AGW_RIG := tests/agw/rig.c tests/agw/capture.c tests/agw/nobody.c

# SRTP with libre's implementation as the other end.
AGW_INTEROP_OBJS := $(call objs,tests/agw/test_srtp_interop.c $(AGW_RIG))
ALL_OBJS += $(AGW_INTEROP_OBJS)
$(BUILD)/obj/tests/agw/test_srtp_interop.o: CFLAGS += -isystem /usr/include/re
$(BUILD)/test/agw_srtp_interop: $(AGW_INTEROP_OBJS) $(call libs,h248 agw_pure sdp base)
	@mkdir -p $(@D)
	@echo "  LD      $@"
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(LDFLAGS) -lre $(CHECK_LIBS)

.PHONY: check-agw-srtp
CHECK_GOALS += check-agw-srtp
CHECK_ALONE += check-agw-srtp
check-agw-srtp: $(BUILD)/test/agw_srtp_interop $(BUILD)/test/agw_srtp_ffmpeg $(BUILD)/bin/ims-agw
	@IMS_AGW=$(BUILD)/bin/ims-agw scripts/run-tests $(BUILD)/test/agw_srtp_interop $(BUILD)/test/agw_srtp_ffmpeg

# Idle calls, half-open handshakes.
AGW_LOAD_OBJS := $(call objs,tests/agw/test_load.c $(AGW_RIG) tests/unit/agw/endpoint.c)
ALL_OBJS += $(AGW_LOAD_OBJS)
$(BUILD)/test/agw_load: $(AGW_LOAD_OBJS) $(call libs,h248 agw_pure sdp base)
	@mkdir -p $(@D)
	@echo "  LD      $@"
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(LDFLAGS) -lssl -lcrypto $(CHECK_LIBS)

.PHONY: check-agw-load
CHECK_GOALS += check-agw-load
CHECK_ALONE += check-agw-load
check-agw-load: $(BUILD)/test/agw_load $(BUILD)/bin/ims-agw
	@IMS_AGW=$(BUILD)/bin/ims-agw scripts/run-tests $(BUILD)/test/agw_load

# SRTP with ffmpeg's.
AGW_FFMPEG_OBJS := $(call objs,tests/agw/test_srtp_ffmpeg.c tests/agw/flows/steps.c $(AGW_RIG) tests/unit/agw/endpoint.c)
ALL_OBJS += $(AGW_FFMPEG_OBJS)
$(BUILD)/test/agw_srtp_ffmpeg: $(AGW_FFMPEG_OBJS) $(call libs,h248 agw_pure sdp base)
	@mkdir -p $(@D)
	@echo "  LD      $@"
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(LDFLAGS) -lssl -lcrypto $(CHECK_LIBS)

# The systemd unit, started for real.
.PHONY: check-agw-systemd
CHECK_GOALS += check-agw-systemd
check-agw-systemd: $(BUILD)/bin/ims-agw $(BUILD)/bin/agwctl $(BUILD)/examples/mgc
	@tests/agw/systemd/run $(BUILD) $(MAKE) -s --no-print-directory SETUP_DONE=1 install-agw
