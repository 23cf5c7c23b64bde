# SPDX-License-Identifier: GPL-2.0-or-later
# Users link: sdp base.
$(eval $(call static_lib,sdp,$(addprefix lib/sdp/,sdes.c fingerprint.c)))
