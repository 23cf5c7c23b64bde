# SPDX-License-Identifier: GPL-2.0-or-later
$(eval $(call unit_test,sec_agree,test_sec_agree,tests/unit/sec_agree/test_sec_agree.c,sec_agree hmac_sha256 base))
$(eval $(call fuzz_target,fuzz_sec_agree,tests/fuzz/fuzz_sec_agree.c,sec_agree hmac_sha256 base))
$(eval $(call unit_test,sec_agree,test_mediasec,tests/unit/sec_agree/test_mediasec.c,sec_agree hmac_sha256 base))
