# SPDX-License-Identifier: GPL-2.0-or-later
$(eval $(call unit_test,cms,test_cms_identity,tests/unit/cms/test_identity.c,cms daemon hmac_sha256 base,-lsqlite3))
$(eval $(call unit_test,cms,test_cms_grants,tests/unit/cms/test_grants.c,cms daemon hmac_sha256 base,-lsqlite3))
