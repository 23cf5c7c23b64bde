# SPDX-License-Identifier: GPL-2.0-or-later
$(foreach t,line body fingerprint sdes,\
	$(eval $(call unit_test,sdp,test_sdp_$(t),tests/unit/sdp/test_$(t).c,sdp base)))
$(eval $(call fuzz_target,fuzz_sdp_body,tests/fuzz/fuzz_sdp_body.c,sdp base))
