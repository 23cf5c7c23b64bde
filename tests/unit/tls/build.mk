# SPDX-License-Identifier: GPL-2.0-or-later
$(eval $(call unit_test,tls,test_certificate,tests/unit/tls/test_certificate.c,certificate sdp base,-lcrypto))
