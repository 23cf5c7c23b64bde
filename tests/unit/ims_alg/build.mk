# SPDX-License-Identifier: GPL-2.0-or-later
ALG_TEST_LIBS := alg_core sec_agree hmac_sha256 sdp sip base
$(eval $(call unit_test,alg,test_alg_stories,$(addprefix tests/unit/ims_alg/,test_stories.c gateway.c),$(ALG_TEST_LIBS)))
$(eval $(call unit_test,alg,test_alg_call,tests/unit/ims_alg/test_call.c,$(ALG_TEST_LIBS)))
$(foreach t,multipart parts,\
	$(eval $(call unit_test,alg,test_alg_$(t),tests/unit/ims_alg/test_$(t).c,$(ALG_TEST_LIBS))))
$(eval $(call unit_test,alg,test_alg_reverse,$(addprefix tests/unit/ims_alg/,test_reverse.c gateway.c),$(ALG_TEST_LIBS)))
$(eval $(call fuzz_target,fuzz_alg_sdp,tests/fuzz/fuzz_alg_sdp.c tests/unit/ims_alg/gateway.c,$(ALG_TEST_LIBS)))
$(eval $(call fuzz_target,fuzz_alg_headers,tests/fuzz/fuzz_alg_headers.c,$(ALG_TEST_LIBS)))
$(eval $(call unit_test,alg,test_alg_exchange,$(addprefix tests/unit/ims_alg/,test_exchange.c gateway.c),$(ALG_TEST_LIBS)))
$(eval $(call unit_test,alg,test_alg_rows,tests/unit/ims_alg/test_rows.c,$(ALG_TEST_LIBS)))
$(eval $(call unit_test,alg,test_alg_leg,$(addprefix tests/unit/ims_alg/,test_leg.c gateway.c),$(ALG_TEST_LIBS)))
$(eval $(call fuzz_target,fuzz_alg_bye,tests/fuzz/fuzz_alg_bye.c,$(ALG_TEST_LIBS)))
