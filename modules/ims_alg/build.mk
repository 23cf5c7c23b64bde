# SPDX-License-Identifier: GPL-2.0-or-later
ALG := modules/ims_alg
# What decides: no Kamailio header. Users link: alg_core sdp base.
$(eval $(call static_lib,alg_core,$(addprefix $(ALG)/core/,media.c)))
