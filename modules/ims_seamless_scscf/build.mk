# SPDX-License-Identifier: GPL-2.0-or-later
SEAMLESS_SCSCF := modules/ims_seamless_scscf
$(eval $(call static_lib,seamless_scscf,$(addprefix $(SEAMLESS_SCSCF)/core/,memory.c effects.c connection_state.c \
	model.c sessions.c register_plan.c register_commit.c)))
