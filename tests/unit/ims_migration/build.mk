# SPDX-License-Identifier: GPL-2.0-or-later
MIGRATION_TEST_LIBS := migration_core sip base
$(eval $(call unit_test,migration,test_migration_golden,tests/unit/ims_migration/test_golden.c tests/unit/ims_migration/golden.c,$(MIGRATION_TEST_LIBS)))

# Two Kamailios with the module, one at each system, and the shipped cfg/migration.cfg; what crosses between them is captured.
.PHONY: check-migration-live
check-migration-live: $(BUILD)/modules/ims_migration.so
	@tests/unit/ims_migration/live/run $(BUILD)
CHECK_GOALS += check-migration-live
