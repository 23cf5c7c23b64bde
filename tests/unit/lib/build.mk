# SPDX-License-Identifier: GPL-2.0-or-later
$(eval $(call unit_test,lib,test_slice,tests/unit/lib/test_slice.c,base))
$(eval $(call unit_test,lib,test_timer_wheel,tests/unit/lib/test_timer_wheel.c,base))
$(eval $(call unit_test,lib,test_netaddr,tests/unit/lib/test_netaddr.c,base))
$(eval $(call unit_test,lib,test_base64,tests/unit/lib/test_base64.c,base))
$(eval $(call unit_test,lib,test_keyed_hash,tests/unit/lib/test_keyed_hash.c,base))
$(eval $(call unit_test,lib,test_state_table,tests/unit/lib/test_state_table.c,base))
