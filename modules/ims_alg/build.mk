# SPDX-License-Identifier: GPL-2.0-or-later
ALG := modules/ims_alg
# What decides: no Kamailio header. Users link: alg_core sec_agree hmac_sha256 sdp sip base.
$(eval $(call static_lib,alg_core,$(addprefix $(ALG)/core/,media.c proto.c attr.c policy.c facts.c roles.c \
	exchange.c offer.c answer.c session.c writer.c write.c multipart.c call_state.c call.c leg.c leg_sessions.c raw.c bye.c)))
# The controller of the gateways: no Kamailio header either. Users link: alg_control alg_core h248 sdp sip base.
$(eval $(call static_lib,alg_control,$(addprefix $(ALG)/control/,names.c told.c build.c states.c pace.c mgc.c gateways.c contexts.c \
	queue.c attempts.c orders.c denied.c reply.c audit.c notify.c save.c)))
$(eval $(call kam_module,ims_alg,$(addprefix $(ALG)/,ims_alg_mod.c settings.c process.c events.c pv.c rpc.c rpc_calls.c choices.c refusal.c tasks.c orders.c store.c saved.c calls.c turns.c \
	held.c engine.c watch.c parties.c message.c phone.c outcome.c manage.c),alg_control alg_core h248 sdp sip base))
