# SPDX-License-Identifier: GPL-2.0-or-later
ALG_CONTROL_SCENE := tests/unit/ims_alg_control/scene.c tests/unit/ims_alg_control/calls.c tests/unit/h248/link.c
$(foreach t,states names,$(eval $(call unit_test,alg-control-unit,test_alg_$(t),tests/unit/ims_alg_control/test_$(t).c,\
	alg_control alg_core h248 sdp base)))
$(foreach t,orders faults gateways audit compare,$(eval $(call unit_test,alg-control-unit,test_alg_$(t),\
	tests/unit/ims_alg_control/test_$(t).c $(ALG_CONTROL_SCENE),alg_control alg_core h248 sdp base)))
