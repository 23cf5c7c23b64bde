# SPDX-License-Identifier: GPL-2.0-or-later
# ims-ue. What needs no socket is a library of its own, for unit tests and fuzzing.
$(eval $(call static_lib,ue_pure,$(addprefix tests/ue/,text.c sip_msg.c sip_uri.c sip_edit.c route_set.c \
	transaction.c rtp_stats.c octets.c msrp_msg.c bfcp_msg.c media_plan.c scn_parse.c scn_value.c \
	random.c)))
# Bodies of CSC-4. Users link: ue_csc4 ue_pure sdp hmac_sha256 base, and -ljansson.
$(eval $(call static_lib,ue_csc4,tests/ue/csc4_text.c tests/ue/system.c))
$(eval $(call program,ims-ue,$(addprefix tests/ue/,main.c loop.c elog.c access.c net.c tlayer.c ue.c \
	conn.c ipsec.c reg_order.c aka_answer.c registration.c media.c media_rtp.c sdes_srtp.c \
	media_stream.c link.c media_msrp.c msrp_send.c msrp_receive.c media_bfcp.c dialog.c dialog_uac.c dialog_uas.c reg_event.c ua.c \
	scn_run.c scn_define.c scn_action.c scn_options.c scn_lab.c scn_expect.c scn_expect_state.c scn_media.c scn_config.c csc4.c https.c),\
	ue_csc4 ue_pure certificate sdp aka sec_agree xfrm hmac_sha256 reginfo_xml reginfo base,\
	-lsrtp2 -lssl -lcrypto -lmnl -lxml2 -ljansson $(shell pkg-config --libs libcurl 2>/dev/null)))

# The other implementation of BFCP that the phone is judged by. libre's headers are not as strict as ours.
$(BUILD)/bin/libre-bfcp: tests/ue/libre_bfcp.c $(BUILD)/.flags
	@mkdir -p $(@D)
	@echo "  CC      $@"
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE $(OPT) -Wall -Wextra -o $@ $< -lre

# The phone against a plain Kamailio on loopback: sessions over UDP and TCP, moved, replaced, refused; media of all
# kinds between two phones, and with libre and openssl.
CHECK_GOALS += check-ims-ue
.PHONY: check-ims-ue
check-ims-ue: $(BUILD)/bin/ims-ue $(BUILD)/bin/libre-bfcp
	@tests/ue/loopback/run $^

# The phone with clients that are not ours: baresip and linphone.
CHECK_GOALS += check-ims-ue-clients
.PHONY: check-ims-ue-clients
check-ims-ue-clients: $(BUILD)/bin/ims-ue
	@tests/ue/clients/run $<
