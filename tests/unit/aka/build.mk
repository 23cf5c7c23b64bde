# SPDX-License-Identifier: GPL-2.0-or-later
$(eval $(call unit_test,aka,test_milenage,tests/unit/aka/test_milenage.c,aka base,-lcrypto))
$(eval $(call unit_test,aka,test_tuak,tests/unit/aka/test_tuak.c,aka base,-lcrypto))
$(eval $(call unit_test,aka,test_sqn,tests/unit/aka/test_sqn.c,aka base,-lcrypto))
$(eval $(call unit_test,aka,test_digest,tests/unit/aka/test_digest.c,aka base,-lcrypto))
