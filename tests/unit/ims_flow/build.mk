# SPDX-License-Identifier: GPL-2.0-or-later
FLOW_TEST_LIBS := flow_core sec_agree xfrm hmac_sha256 sip base
$(eval $(call unit_test,flow,test_flow_token,tests/unit/ims_flow/test_token.c,$(FLOW_TEST_LIBS)))
$(eval $(call unit_test,flow,test_flow_state,tests/unit/ims_flow/test_state.c,$(FLOW_TEST_LIBS)))
$(eval $(call unit_test,flow,test_flow_life,tests/unit/ims_flow/test_life.c tests/unit/ims_flow/world.c,$(FLOW_TEST_LIBS)))
$(eval $(call unit_test,flow,test_flow_ports,tests/unit/ims_flow/test_ports.c tests/unit/ims_flow/world.c,$(FLOW_TEST_LIBS)))
$(eval $(call unit_test,flow,test_flow_pending,tests/unit/ims_flow/test_pending.c tests/unit/ims_flow/world.c,$(FLOW_TEST_LIBS)))
$(eval $(call unit_test,flow,test_flow_home_route,tests/unit/ims_flow/test_home_route.c,$(FLOW_TEST_LIBS)))
$(eval $(call unit_test,flow,test_flow_nat,tests/unit/ims_flow/test_nat.c tests/unit/ims_flow/world.c,$(FLOW_TEST_LIBS)))
$(eval $(call unit_test,flow,test_flow_identity,tests/unit/ims_flow/test_identity.c,$(FLOW_TEST_LIBS)))
$(eval $(call unit_test,flow,test_flow_challenge,tests/unit/ims_flow/test_challenge.c,$(FLOW_TEST_LIBS)))
$(eval $(call unit_test,flow,test_flow_stun,tests/unit/ims_flow/test_stun.c,$(FLOW_TEST_LIBS)))
$(eval $(call fuzz_target,fuzz_flow_text,tests/fuzz/fuzz_flow_text.c,flow_core sip hmac_sha256 base))
