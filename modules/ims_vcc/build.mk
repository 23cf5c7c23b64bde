# SPDX-License-Identifier: GPL-2.0-or-later
VCC := modules/ims_vcc
# What decides: no Kamailio header. wish.c alone needs libxml2. Users link: vcc_core reginfo_xml reginfo sdp sip base -lxml2.
$(eval $(call static_lib,vcc_core,$(addprefix $(VCC)/core/,wish.c report.c users.c registration_state.c watch_state.c \
	registration.c watch.c policy.c select.c call_state.c message.c \
	described.c calls.c kept.c orders.c call_actions.c call_events.c)))
$(eval $(call kam_module,ims_vcc,$(addprefix $(VCC)/,ims_vcc_mod.c state.c register.c notify.c subscribe.c events.c \
	policies.c choose.c calls.c anchor.c pv.c rpc.c counters.c),vcc_core reginfo_xml reginfo sdp sip base,-lxml2))
$(BUILD)/obj/$(VCC)/core/wish.o $(BUILD)/fobj/$(VCC)/core/wish.o: private INCLUDES += $(LIBXML2_INCLUDE)
