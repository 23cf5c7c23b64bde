# SPDX-License-Identifier: GPL-2.0-or-later
$(foreach t,states connections subscriptions sessions register_check,\
	$(eval $(call unit_test,pcscf,test_pcscf_$(t),tests/unit/ims_seamless_pcscf/test_pcscf_$(t).c,seamless_pcscf reginfo sip base)))
$(eval $(call fuzz_target,fuzz_pcscf_headers,tests/fuzz/fuzz_pcscf_headers.c,seamless_pcscf reginfo sip base))

# The real module in a real Kamailio, with ims_flow, phones and an S-CSCF played around it.
.PHONY: check-pcscf-live
check-pcscf-live: $(BUILD)/modules/ims_flow.so $(BUILD)/modules/ims_seamless_pcscf.so
	@tests/unit/ims_seamless_pcscf/live/run $(BUILD)
CHECK_GOALS += check-pcscf-live
