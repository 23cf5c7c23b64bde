# SPDX-License-Identifier: GPL-2.0-or-later
$(eval $(call unit_test,xfrm,test_xfrm_keys,tests/unit/xfrm/test_keys.c,xfrm hmac_sha256 base,-lmnl))
$(eval $(call unit_test,xfrm,test_xfrm_kernel,tests/unit/xfrm/test_kernel.c,xfrm hmac_sha256 base,-lmnl))
