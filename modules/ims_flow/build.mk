# SPDX-License-Identifier: GPL-2.0-or-later
FLOW := modules/ims_flow
# What decides: no Kamailio header.
$(eval $(call static_lib,flow_core,$(addprefix $(FLOW)/core/,sa_state.c flow_token.c flow_table.c flow_pairs.c flow_pending.c flow_life.c flow_end.c \
	flow_find.c identity.c wildcard.c home_route.c challenge.c grant.c flow_identities.c start_check.c kernel_map.c stun.c)))
$(eval $(call kam_module,ims_flow,$(addprefix $(FLOW)/,ims_flow_mod.c support.c kernel.c guard.c register.c register_read.c register_security.c register_media.c register_rewrite.c register_reply.c register_challenge.c \
	next_hop.c nat.c inner.c route.c check.c outbound.c keepalive.c changes.c events.c attempt.c pv.c rpc.c api_bind.c keys.c state_file.c counters.c),flow_core sec_agree xfrm \
	hmac_sha256 sip base,-lmnl))
