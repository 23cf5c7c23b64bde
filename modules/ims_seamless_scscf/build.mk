# SPDX-License-Identifier: GPL-2.0-or-later
SEAMLESS_SCSCF := modules/ims_seamless_scscf
$(eval $(call static_lib,seamless_scscf,$(addprefix $(SEAMLESS_SCSCF)/core/,memory.c effects.c connection_state.c identity.c \
	model.c sets.c rows.c connections.c bindings.c unbind.c sessions.c session_way.c served.c lookup.c \
	listing.c register_request.c register_plan.c register_commit.c notify_order.c notify_queue.c \
	credentials.c criteria.c third_party_text.c third_party_orders.c reginfo_ids.c notify_document.c hss_talk.c sizes.c shadow_text.c)))
$(eval $(call kam_module,ims_seamless_scscf,$(addprefix $(SEAMLESS_SCSCF)/,seamless_mod.c shared.c settings.c \
	sip_read.c check.c counters.c save.c save_hss.c save_apply.c save_answer.c save_stock.c \
	cx.c cx_sar.c cx_push.c user_data.c usrloc_glue.c usrloc_profile.c usrloc_watch.c usrloc_verify.c follow.c reroute.c notify.c \
	notify_send.c notify_watch.c \
	release.c rpc.c pv.c lookup.c later.c third_party.c third_party_make.c third_party_send.c unregistered.c watchers.c),seamless_scscf reginfo sip base,-lxml2))
$(BUILD)/kobj/ims_seamless_scscf/$(SEAMLESS_SCSCF)/user_data.o: private INCLUDES += $(LIBXML2_INCLUDE)
