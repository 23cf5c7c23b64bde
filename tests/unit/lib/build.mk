# SPDX-License-Identifier: GPL-2.0-or-later
$(eval $(call unit_test,lib,test_slice,tests/unit/lib/test_slice.c,base))
