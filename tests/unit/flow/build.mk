# SPDX-License-Identifier: GPL-2.0-or-later
FLOW_TEST_LIBS := flow_core sec_agree xfrm hmac_sha256 sip base
$(eval $(call unit_test,flow,test_flow_token,tests/unit/flow/test_token.c,$(FLOW_TEST_LIBS)))
$(eval $(call unit_test,flow,test_flow_state,tests/unit/flow/test_state.c,$(FLOW_TEST_LIBS)))
$(eval $(call unit_test,flow,test_flow_life,tests/unit/flow/test_life.c tests/unit/flow/world.c,$(FLOW_TEST_LIBS)))
$(eval $(call unit_test,flow,test_flow_ports,tests/unit/flow/test_ports.c tests/unit/flow/world.c,$(FLOW_TEST_LIBS)))
$(eval $(call unit_test,flow,test_flow_pending,tests/unit/flow/test_pending.c tests/unit/flow/world.c,$(FLOW_TEST_LIBS)))
$(eval $(call unit_test,flow,test_flow_home_route,tests/unit/flow/test_home_route.c,$(FLOW_TEST_LIBS)))
$(eval $(call unit_test,flow,test_flow_nat,tests/unit/flow/test_nat.c tests/unit/flow/world.c,$(FLOW_TEST_LIBS)))
$(eval $(call unit_test,flow,test_flow_identity,tests/unit/flow/test_identity.c,$(FLOW_TEST_LIBS)))
$(eval $(call unit_test,flow,test_flow_challenge,tests/unit/flow/test_challenge.c,$(FLOW_TEST_LIBS)))
$(eval $(call unit_test,flow,test_flow_stun,tests/unit/flow/test_stun.c,$(FLOW_TEST_LIBS)))
$(eval $(call fuzz_target,fuzz_flow_text,tests/fuzz/fuzz_flow_text.c,flow_core sip hmac_sha256 base))
