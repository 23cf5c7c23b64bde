# SPDX-License-Identifier: GPL-2.0-or-later
BORDER_TEST_LIBS := border_core hmac_sha256 sip base
$(foreach t,header_rules header_edit ticket,\
	$(eval $(call unit_test,border,test_border_$(t),tests/unit/ims_border/test_$(t).c,$(BORDER_TEST_LIBS))))
$(eval $(call fuzz_target,fuzz_border,tests/fuzz/fuzz_border.c,$(BORDER_TEST_LIBS)))

# The shipped cfg/pcscf.cfg in a real Kamailio: every row of the table, dialogs, identities.
.PHONY: check-border-live
check-border-live: $(BUILD)/modules/ims_flow.so $(BUILD)/modules/ims_seamless_pcscf.so $(BUILD)/modules/ims_border.so \
		$(BUILD)/modules/shm_faults.so
	@tests/unit/ims_border/live/run $(BUILD)
CHECK_GOALS += check-border-live
