# SPDX-License-Identifier: GPL-2.0-or-later
$(eval $(call static_lib,base,$(addprefix lib/base/,slice.c timer_wheel.c netaddr.c base64.c keyed_hash.c \
	state_table.c utf8.c kept_clock.c)))
