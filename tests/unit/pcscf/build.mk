# SPDX-License-Identifier: GPL-2.0-or-later
$(eval $(call unit_test,pcscf,test_pcscf_fsm,tests/unit/pcscf/test_pcscf_fsm.c,pcscf_edge reginfo base))
$(eval $(call unit_test,pcscf,test_edge_connections,tests/unit/pcscf/test_edge_connections.c,pcscf_edge reginfo base))
$(eval $(call unit_test,pcscf,test_edge_watch,tests/unit/pcscf/test_edge_watch.c,pcscf_edge reginfo base))
$(eval $(call unit_test,pcscf,test_edge_sessions,tests/unit/pcscf/test_edge_sessions.c,pcscf_edge reginfo base))
$(eval $(call unit_test,pcscf,test_register_check,tests/unit/pcscf/test_register_check.c,pcscf_edge reginfo sip base))
$(eval $(call fuzz_target,fuzz_pcscf_headers,tests/fuzz/fuzz_pcscf_headers.c,pcscf_edge reginfo sip base))

# The real module in a real Kamailio, with ims_flow, phones and an S-CSCF played around it.
.PHONY: check-pcscf-live
check-pcscf-live: $(BUILD)/modules/ims_flow.so $(BUILD)/modules/ims_seamless_pcscf.so
	@tests/unit/pcscf/live/run $(BUILD)
CHECK_GOALS += check-pcscf-live
