# SPDX-License-Identifier: GPL-2.0-or-later
$(eval $(call unit_test,sip,test_sip,tests/unit/sip/test_sip.c,sip base))
$(eval $(call unit_test,sip,test_sip_uri_equal,tests/unit/sip/test_uri_equal.c,sip base))
$(eval $(call fuzz_target,sip_headers,tests/fuzz/sip_headers.c,sip base))
