# SPDX-License-Identifier: GPL-2.0-or-later
# The H.248 library. Knows no gateway and no Kamailio.
$(eval $(call static_lib,h248,$(wildcard h248/*/*.c)))
