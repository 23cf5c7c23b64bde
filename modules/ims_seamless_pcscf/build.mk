# SPDX-License-Identifier: GPL-2.0-or-later
# What decides is plain C and tested without Kamailio; the rest is glue.
PCSCF_DIR := modules/ims_seamless_pcscf
$(eval $(call static_lib,pcscf_edge,$(addprefix $(PCSCF_DIR)/,connection_fsm.c watch_fsm.c edge.c \
	edge_watch.c edge_session.c register_check.c subscription_state.c)))
