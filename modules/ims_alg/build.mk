# SPDX-License-Identifier: GPL-2.0-or-later
ALG := modules/ims_alg
# What decides: no Kamailio header. Users link: alg_core sec_agree hmac_sha256 sdp base.
$(eval $(call static_lib,alg_core,$(addprefix $(ALG)/core/,media.c proto.c attr.c policy.c facts.c roles.c \
	exchange.c offer.c answer.c session.c writer.c write.c mediasec.c multipart.c call_state.c call.c)))
