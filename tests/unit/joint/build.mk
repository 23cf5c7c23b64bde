# SPDX-License-Identifier: GPL-2.0-or-later
# The S-CSCF's core and the P-CSCF's in one program, with the documents between them.
$(eval $(call unit_test,joint,test_joint,$(addprefix tests/unit/joint/,test_joint.c home.c edge.c wire.c),\
	seamless_scscf seamless_pcscf reginfo_xml reginfo sip base,-lxml2))

# All cores and libraries, each linked whole: a name that two of them have is an error of the linker.
ALL_CORES := seamless_scscf seamless_pcscf flow_core border_core agw_pure h248 hss hss_text hss_wire daemon aka sec_agree \
	xfrm hmac_sha256 reginfo_xml reginfo sip sdp base
ALL_CORES_WHOLE := -Wl,--whole-archive $(call libs,$(ALL_CORES)) -Wl,--no-whole-archive
$(eval $(call unit_test,joint,test_cores,tests/unit/joint/test_cores.c,,$(ALL_CORES_WHOLE) $(HSS_LIBS) -lxml2 -lmnl -lcrypto))
$(BUILD)/test/test_cores: $(call libs,$(ALL_CORES))
