# SPDX-License-Identifier: GPL-2.0-or-later
$(foreach t,connection_state register sessions notify_order ownership session_way cost lookup rules rows walk credentials hss_talk sizes criteria third_party_orders,\
	$(eval $(call unit_test,scscf,test_scscf_$(t),tests/unit/ims_seamless_scscf/test_$(t).c,seamless_scscf sip base)))
$(eval $(call unit_test,scscf,test_scscf_third_party,tests/unit/ims_seamless_scscf/test_third_party.c,seamless_scscf reginfo sip base,-lxml2))
$(eval $(call fuzz_target,fuzz_scscf_register,tests/fuzz/fuzz_scscf_register.c,seamless_scscf reginfo sip base,-lxml2))
$(eval $(call unit_test,scscf,test_scscf_documents,tests/unit/ims_seamless_scscf/test_documents.c,seamless_scscf reginfo sip base,-lxml2))
$(eval $(call fuzz_target,fuzz_third_party,tests/fuzz/fuzz_third_party.c,seamless_scscf reginfo sip base,-lxml2))
