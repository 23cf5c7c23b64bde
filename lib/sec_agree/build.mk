# SPDX-License-Identifier: GPL-2.0-or-later
# Users link: sec_agree hmac_sha256 base.
$(eval $(call static_lib,sec_agree,lib/sec_agree/parse.c lib/sec_agree/choose.c lib/sec_agree/compare.c lib/sec_agree/mediasec.c))
