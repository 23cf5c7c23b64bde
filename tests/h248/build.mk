# SPDX-License-Identifier: GPL-2.0-or-later
# The H.248 library against others: Erlang/OTP's megaco and tshark.
define h248_program
ALL_OBJS += $(call objs,$(2))
$(BUILD)/h248/$(1): $(call objs,$(2)) $(call libs,h248 sdp base)
	@mkdir -p $$(@D)
	@echo "  LD      $$@"
	$(Q)$(CC) $(ALL_CFLAGS) -o $$@ $(call objs,$(2)) $(call libs,h248 sdp base) $(LDFLAGS)
endef
$(eval $(call h248_program,h248-peer,tests/h248/peer.c tests/h248/record.c))
$(eval $(call h248_program,h248-reencode,tests/h248/reencode.c))
$(eval $(call h248_program,h248-generate,tests/h248/generate_main.c $(wildcard tests/unit/h248/generate*.c)))
$(eval $(call h248_program,h248-bench,tests/h248/bench_codec.c))
$(eval $(call h248_program,h248-bench-transactions,tests/h248/bench_transactions.c))

.PHONY: check-h248-megaco
check-h248-megaco: $(BUILD)/h248/h248-peer
	@tests/h248/check-megaco $<
CHECK_GOALS += check-h248-megaco
CHECK_BUILDS += $(BUILD)/h248/h248-peer

.PHONY: check-h248-sctp
check-h248-sctp: $(BUILD)/h248/h248-peer
	@tests/h248/check-sctp $<
CHECK_GOALS += check-h248-sctp
CHECK_KERN += check-h248-sctp

.PHONY: check-h248-judges
check-h248-judges: $(BUILD)/h248/h248-reencode $(BUILD)/h248/h248-generate
	@tests/h248/check-judges $^
CHECK_GOALS += check-h248-judges

.PHONY: check-h248-example
check-h248-example: $(BUILD)/examples/mgc $(BUILD)/h248/h248-peer
	@tests/h248/check-example $^
CHECK_GOALS += check-h248-example

$(eval $(call fuzz_target,fuzz_h248_message,tests/fuzz/fuzz_h248_message.c,h248 sdp base))
$(eval $(call fuzz_target,fuzz_h248_sdp,tests/fuzz/fuzz_h248_sdp.c,h248 sdp base))
$(eval $(call fuzz_target,fuzz_h248_tpkt,tests/fuzz/fuzz_h248_tpkt.c,h248 sdp base))

.PHONY: bench-h248
bench-h248: $(BUILD)/h248/h248-bench $(BUILD)/h248/h248-bench-transactions
	@tests/h248/bench $<
	@$(BUILD)/h248/h248-bench-transactions memory 80000
	@$(BUILD)/h248/h248-bench-transactions udp 40000
BENCH_GOALS += bench-h248

# `make check-h248` is all of it but SCTP, which may need a kernel of its own.
CHECK_EXTRA_h248 += check-h248-megaco check-h248-judges check-h248-example
