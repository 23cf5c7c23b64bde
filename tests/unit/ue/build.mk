# SPDX-License-Identifier: GPL-2.0-or-later
$(eval $(call unit_test,ue,test_ue_loop,tests/unit/ue/test_loop.c tests/ue/loop.c,ue_pure sdp base))
$(eval $(call unit_test,ue,test_ue_reg_order,tests/unit/ue/test_reg_order.c tests/ue/reg_order.c,\
	reginfo_xml reginfo base,-lxml2))
$(eval $(call unit_test,ue,test_ue_aka_answer,tests/unit/ue/test_aka_answer.c tests/ue/aka_answer.c,\
	ue_pure aka base,-lcrypto))
$(foreach t,sip_msg route_set transaction media msrp_msg bfcp_msg sip_edit scenario,\
	$(eval $(call unit_test,ue,test_ue_$(t),tests/unit/ue/test_$(t).c,ue_pure sdp base)))
$(eval $(call fuzz_target,fuzz_ue_sip,tests/fuzz/fuzz_ue_sip.c,ue_pure sdp base))
$(eval $(call fuzz_target,fuzz_ue_scenario,tests/fuzz/fuzz_ue_scenario.c,ue_pure sdp base))
$(foreach t,msrp bfcp,$(eval $(call fuzz_target,fuzz_ue_$(t),tests/fuzz/fuzz_ue_$(t).c,ue_pure sdp base)))
$(eval $(call unit_test,ue,test_ue_csc4_text,tests/unit/ue/test_csc4_text.c,ue_csc4 ue_pure sdp hmac_sha256 base,-ljansson))
$(eval $(call fuzz_target,fuzz_ue_csc4,tests/fuzz/fuzz_ue_csc4.c,ue_csc4 ue_pure sdp hmac_sha256 base,-ljansson))
