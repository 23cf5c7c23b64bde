# SPDX-License-Identifier: GPL-2.0-or-later
# What decides (core/) is plain C and tested without Kamailio; the rest is glue.
PCSCF_DIR := modules/ims_seamless_pcscf
$(eval $(call static_lib,seamless_pcscf,$(addprefix $(PCSCF_DIR)/core/,connection_state.c subscription_state.c model.c \
	subscription.c documents.c sessions.c view.c register_check.c notify_header.c)))
$(eval $(call kam_module,ims_seamless_pcscf,$(addprefix $(PCSCF_DIR)/,ims_seamless_pcscf_mod.c state.c \
	subscribe.c cfg_register.c cfg_notify.c cfg_session.c counters.c event_route.c pv.c rpc.c),seamless_pcscf flow_core \
	reginfo_xml reginfo sip base,-lxml2))
