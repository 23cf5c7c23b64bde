# SPDX-License-Identifier: GPL-2.0-or-later
# agw_pure: text and bytes, no sockets, no crypto library. agw_media: the media plane on top of it.
AGW_PURE := $(addprefix agw/media/,gate.c demux.c bfcp.c msrp.c rtcp.c conn_state.c)
AGW_SRTP := $(addprefix agw/media/,srtp.c srtp_session.c srtp_gone.c srtp_crypto.c srtp_known.c)
AGW_MEDIA := $(addprefix agw/media/,engine.c worker.c report.c activity.c pool.c dtls_leg.c datagram_leg.c \
	datagram_batch.c datagram_relay.c uring.c stream_send.c tls.c stream_conn.c stream_newcomers.c stream_handshake.c stream_pump.c stream_leg.c \
	stream_events.c verdict.c trace.c)
AGW_LDLIBS := -lsrtp2 -lssl -lcrypto
$(eval $(call static_lib,agw_pure,$(AGW_PURE)))
$(eval $(call static_lib,agw_srtp,$(AGW_SRTP)))
$(eval $(call static_lib,agw_media,$(AGW_MEDIA)))
AGW_CONTROL := $(addprefix agw/control/,config.c config_check.c realm.c model.c limits.c items.c local_control.c signals.c events.c statistics.c \
	stream_sdp.c descriptors.c commands.c on_termination.c on_root.c overload.c quality.c audit.c notify.c strangers.c reload.c \
	start.c gateway.c show.c ctl.c metrics.c)
$(eval $(call static_lib,agw_control,$(AGW_CONTROL)))
$(eval $(call program,ims-agw,agw/main.c,agw_control agw_media certificate agw_srtp agw_pure h248 sdp daemon base,$(AGW_LDLIBS)))
$(eval $(call program,agwctl,agw/agwctl/agwctl.c,daemon base))
