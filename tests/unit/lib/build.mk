# SPDX-License-Identifier: GPL-2.0-or-later
$(eval $(call unit_test,lib,test_slice,tests/unit/lib/test_slice.c,base))
$(eval $(call unit_test,lib,test_timer_wheel,tests/unit/lib/test_timer_wheel.c,base))
