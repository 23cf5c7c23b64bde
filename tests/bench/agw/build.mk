# SPDX-License-Identifier: GPL-2.0-or-later
# ims-agw beside its peers, which [bench] in scripts/packages names.
BENCH_AGW_RTP := $(call objs,$(addprefix tests/bench/agw/,bench_rtp.c relays.c load.c common.c) $(AGW_RIG))
BENCH_AGW_TLS := $(call objs,$(addprefix tests/bench/agw/,bench_tls.c proxies.c common.c) $(AGW_RIG) tests/unit/agw/endpoint.c)
BENCH_AGW_CONTROL := $(call objs,$(addprefix tests/bench/agw/,bench_control.c common.c) $(AGW_RIG))
ALL_OBJS += $(BENCH_AGW_RTP) $(BENCH_AGW_TLS) $(BENCH_AGW_CONTROL)
$(BUILD)/bench/agw_rtp: $(BENCH_AGW_RTP) $(call libs,agw_srtp h248 agw_pure sdp base)
	@mkdir -p $(@D)
	@echo "  LD      $@"
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(LDFLAGS) -lsrtp2 -lcrypto $(CHECK_LIBS)
$(BUILD)/bench/agw_tls: $(BENCH_AGW_TLS) $(call libs,h248 agw_pure sdp base)
	@mkdir -p $(@D)
	@echo "  LD      $@"
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(LDFLAGS) -lssl -lcrypto $(CHECK_LIBS)
$(BUILD)/bench/agw_control: $(BENCH_AGW_CONTROL) $(call libs,h248 agw_pure sdp base)
	@mkdir -p $(@D)
	@echo "  LD      $@"
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(LDFLAGS) $(CHECK_LIBS)

BENCH_AGW_PATH := $(call objs,tests/bench/agw/path_rtp.c)
ALL_OBJS += $(BENCH_AGW_PATH)
$(BUILD)/bench/agw_path: $(BENCH_AGW_PATH) $(call libs,agw_media certificate agw_srtp agw_pure sdp base)
	@mkdir -p $(@D)
	@echo "  LD      $@"
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(LDFLAGS) $(AGW_LDLIBS)

# Instructions of the RTP path; in need of nothing but valgrind.
.PHONY: bench-agw-path
bench-agw-path: $(BUILD)/bench/agw_path
	@tests/bench/agw/count-instructions $<

.PHONY: bench-agw
BENCH_GOALS += bench-agw
bench-agw: $(BUILD)/bench/agw_rtp $(BUILD)/bench/agw_tls $(BUILD)/bench/agw_control $(BUILD)/bin/ims-agw
	@IMS_AGW=$(BUILD)/bin/ims-agw tests/bench/agw/run $(BUILD)/bench $(ROUNDS)
