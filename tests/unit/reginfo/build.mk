# SPDX-License-Identifier: GPL-2.0-or-later
$(eval $(call unit_test,reginfo,test_reginfo_writer,tests/unit/reginfo/test_reginfo_writer.c,reginfo base))
$(eval $(call unit_test,reginfo,test_reginfo_parser,tests/unit/reginfo/test_reginfo_parser.c,reginfo_xml reginfo base,-lxml2))
$(eval $(call unit_test,reginfo,test_reginfo_watch,tests/unit/reginfo/test_reginfo_watch.c,reginfo base))
$(eval $(call fuzz_target,fuzz_reginfo,tests/fuzz/fuzz_reginfo.c,reginfo_xml reginfo base,-lxml2))
