# SPDX-License-Identifier: GPL-2.0-or-later
# Users link: sdp base.
$(eval $(call static_lib,sdp,$(addprefix lib/sdp/,line.c body.c body_edit.c sdes.c fingerprint.c)))
