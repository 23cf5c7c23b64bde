# SPDX-License-Identifier: GPL-2.0-or-later
$(foreach t,fingerprint sdes,\
	$(eval $(call unit_test,sdp,test_sdp_$(t),tests/unit/sdp/test_$(t).c,sdp base)))
