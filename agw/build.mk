# SPDX-License-Identifier: GPL-2.0-or-later
AGW_MEDIA_PURE := $(addprefix agw/media/,netaddr.c fingerprint.c sdes.c)
$(eval $(call static_lib,agw_pure,$(AGW_MEDIA_PURE)))
