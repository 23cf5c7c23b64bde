# SPDX-License-Identifier: GPL-2.0-or-later
$(eval $(call dev_program,register-load,tests/bench/register/register_load.c,,))
