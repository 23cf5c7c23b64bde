# SPDX-License-Identifier: GPL-2.0-or-later
comma := ,
$(foreach t,gate demux bfcp msrp rtcp conn_state,\
	$(eval $(call unit_test,agw,test_$(t),tests/unit/agw/test_$(t).c,agw_pure sdp base)))
$(eval $(call unit_test,agw,test_srtp,tests/unit/agw/test_srtp.c,agw_srtp agw_pure sdp base,-lsrtp2 -lcrypto))
$(eval $(call unit_test,agw,test_relay,tests/unit/agw/test_relay.c,agw_media certificate agw_srtp agw_pure sdp base,$(AGW_LDLIBS)))
$(foreach t,overrun batch,$(eval $(call unit_test,agw,test_$(t),tests/unit/agw/test_$(t).c tests/unit/agw/pair_rig.c,\
	agw_media certificate agw_srtp agw_pure sdp base,$(AGW_LDLIBS))))
$(eval $(call unit_test,agw,test_pool,tests/unit/agw/test_pool.c,agw_media certificate agw_srtp agw_pure sdp base,$(AGW_LDLIBS)))
$(foreach t,stream stream_tls stream_bytes stream_strangers stream_crowd marks known_peer dtls_strangers,$(eval $(call unit_test,agw,test_$(t),\
	$(addprefix tests/unit/agw/,test_$(t).c stream_rig.c endpoint.c),agw_media certificate agw_srtp agw_pure sdp base,$(AGW_LDLIBS))))
$(foreach t,msrp bfcp demux,$(eval $(call fuzz_target,fuzz_agw_$(t),tests/fuzz/fuzz_agw_$(t).c,agw_pure sdp base)))
$(eval $(call unit_test,agw,test_agw_config,tests/unit/agw/test_config.c,agw_control agw_pure sdp daemon base))
$(eval $(call unit_test,agw,test_overload,tests/unit/agw/test_overload.c,agw_control))
$(eval $(call unit_test,agw,test_stream_sdp,tests/unit/agw/test_stream_sdp.c,agw_control agw_media certificate agw_srtp agw_pure h248 sdp daemon base,\
	$(AGW_LDLIBS)))
$(eval $(call fuzz_target,fuzz_agw_config,tests/fuzz/fuzz_agw_config.c agw/control/config.c,agw_pure sdp daemon base))
# The control plane in one process, without sockets to a controller.
AGW_CONTROL_RIG := tests/unit/agw/control_rig.c
$(foreach t,items realms,$(eval $(call unit_test,agw,test_$(t),tests/unit/agw/test_$(t).c $(AGW_CONTROL_RIG),\
	agw_control agw_media certificate agw_srtp agw_pure h248 sdp daemon base,$(AGW_LDLIBS))))
$(eval $(call unit_test,agw,test_limits,tests/unit/agw/test_limits.c,agw_control))
$(eval $(call unit_test,agw,test_realms_memory,tests/unit/agw/test_realms_memory.c,agw_control agw_media agw_srtp agw_pure sdp daemon base,\
	$(AGW_LDLIBS) -Wl$(comma)--wrap=calloc))
