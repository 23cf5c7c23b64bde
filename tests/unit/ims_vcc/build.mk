# SPDX-License-Identifier: GPL-2.0-or-later
VCC_TEST_LIBS := vcc_core reginfo_xml reginfo sdp sip base
$(foreach t,states wish report registration select calls,\
	$(eval $(call unit_test,vcc,test_vcc_$(t),tests/unit/ims_vcc/test_vcc_$(t).c,$(VCC_TEST_LIBS),-lxml2)))
$(eval $(call fuzz_target,fuzz_vcc_register,tests/fuzz/fuzz_vcc_register.c,$(VCC_TEST_LIBS),-lxml2))
$(eval $(call fuzz_target,fuzz_vcc_wish,tests/fuzz/fuzz_vcc_wish.c,$(VCC_TEST_LIBS),-lxml2))
$(eval $(call fuzz_target,fuzz_vcc_call,tests/fuzz/fuzz_vcc_call.c,$(VCC_TEST_LIBS),-lxml2))
