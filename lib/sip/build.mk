# SPDX-License-Identifier: GPL-2.0-or-later
$(eval $(call static_lib,sip,$(addprefix lib/sip/,header.c multipart.c option_tags.c name_addr.c contact.c replaces.c uri.c uri_equal.c)))
