# SPDX-License-Identifier: GPL-2.0-or-later
$(eval $(call static_lib,base,lib/base/slice.c lib/base/timer_wheel.c))
