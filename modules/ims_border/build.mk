# SPDX-License-Identifier: GPL-2.0-or-later
BORDER := modules/ims_border
# What decides: no Kamailio header.
$(eval $(call static_lib,border_core,$(addprefix $(BORDER)/core/,header_rules.c header_edit.c charging.c ticket.c \
	record_routes.c)))
$(eval $(call kam_module,ims_border,$(addprefix $(BORDER)/,border_mod.c rewrite.c dialog.c requests.c answers.c),border_core \
	hmac_sha256 sip base))
