# SPDX-License-Identifier: GPL-2.0-or-later
# What decides is plain C and tested without Kamailio; the rest is glue.
PCSCF_DIR := modules/ims_seamless_pcscf
$(eval $(call static_lib,pcscf_edge,$(addprefix $(PCSCF_DIR)/,connection_fsm.c watch_fsm.c edge.c \
	edge_watch.c edge_session.c edge_out.c register_check.c subscription_state.c)))
$(eval $(call kam_module,ims_seamless_pcscf,$(addprefix $(PCSCF_DIR)/,ims_seamless_pcscf_mod.c state.c \
	subscribe.c cfg_register.c cfg_notify.c cfg_session.c counters.c event_route.c pv.c rpc.c),pcscf_edge \
	reginfo_xml reginfo sip base,-lxml2))
