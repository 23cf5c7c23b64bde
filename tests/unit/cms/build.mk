# SPDX-License-Identifier: GPL-2.0-or-later
CMS_CORE := cms daemon hmac_sha256 base
$(eval $(call unit_test,cms,test_cms_identity,tests/unit/cms/test_identity.c,$(CMS_CORE),-lsqlite3))
$(eval $(call unit_test,cms,test_cms_grants,tests/unit/cms/test_grants.c,$(CMS_CORE),-lsqlite3))
$(eval $(call unit_test,cms,test_cms_text,tests/unit/cms/test_text.c,cms_text $(CMS_CORE),$(CMS_TEXT_LIBS)))
$(eval $(call fuzz_target,fuzz_cms_document,tests/fuzz/fuzz_cms_document.c,cms_text $(CMS_CORE),$(CMS_TEXT_LIBS)))
$(eval $(call fuzz_target,fuzz_cms_token,tests/fuzz/fuzz_cms_token.c,cms_text $(CMS_CORE),$(CMS_TEXT_LIBS)))
$(eval $(call fuzz_target,fuzz_cms_bodies,tests/fuzz/fuzz_cms_bodies.c,cms_text $(CMS_CORE),$(CMS_TEXT_LIBS)))

# Two systems with a real ims-cms each, over TLS: migrations, strangers, and kill -9 (soak-cms-kill ROUNDS=200).
# soak-migration MIGRATIONS=10000: the HSSs of both are killed, too.
.PHONY: check-cms-daemons soak-cms-kill soak-migration
check-cms-daemons soak-cms-kill soak-migration: $(BUILD)/bin/ims-cms $(BUILD)/bin/cmsctl $(BUILD)/bin/ims-hss $(BUILD)/bin/hssctl $(BUILD)/bin/ims-ue
check-cms-daemons:
	@tests/unit/cms/daemons/check-daemons $(BUILD) config.py play.py phone.py strangers.py register.py slf.py failures.py kill.py soak.py
soak-cms-kill:
	@ROUNDS=$(or $(ROUNDS),200) tests/unit/cms/daemons/check-daemons $(BUILD) kill.py
soak-migration:
	@MIGRATIONS=$(or $(MIGRATIONS),10000) tests/unit/cms/daemons/check-daemons $(BUILD) soak.py
CHECK_GOALS += check-cms-daemons
