# SPDX-License-Identifier: GPL-2.0-or-later
# What of modules/common knows no Kamailio.
$(eval $(call unit_test,common,test_common_ids,tests/unit/common/test_ids.c modules/common/ids.c,base))
