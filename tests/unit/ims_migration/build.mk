# SPDX-License-Identifier: GPL-2.0-or-later
MIGRATION_TEST_LIBS := migration_core sip base
$(eval $(call unit_test,migration,test_migration_table,tests/unit/ims_migration/test_table.c,$(MIGRATION_TEST_LIBS)))
$(foreach t,golden swap random,$(eval $(call unit_test,migration,test_migration_$(t),$(addprefix tests/unit/ims_migration/,test_$(t).c golden.c),\
	$(MIGRATION_TEST_LIBS))))
$(eval $(call fuzz_target,fuzz_migration,tests/fuzz/fuzz_migration.c,$(MIGRATION_TEST_LIBS)))

# Two Kamailios with the module, one at each system, and the shipped cfg/migration.cfg; what crosses between them is captured.
.PHONY: check-migration-live
check-migration-live: $(BUILD)/modules/ims_migration.so $(BUILD)/bin/ims-cms $(BUILD)/bin/cmsctl
	@tests/unit/ims_migration/live/run $(BUILD)
CHECK_GOALS += check-migration-live
