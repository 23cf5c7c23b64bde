# SPDX-License-Identifier: GPL-2.0-or-later
# The S-CSCF's core and the P-CSCF's in one program, with the documents between them.
$(eval $(call unit_test,joint,test_joint,$(addprefix tests/unit/joint/,test_joint.c home.c edge.c wire.c),\
	seamless_scscf seamless_pcscf reginfo_xml reginfo sip base,-lxml2))
