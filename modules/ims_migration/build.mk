# SPDX-License-Identifier: GPL-2.0-or-later
MIGRATION := modules/ims_migration
# What decides: no Kamailio header.
$(eval $(call static_lib,migration_core,$(addprefix $(MIGRATION)/core/,name.c table.c letters.c edits.c uri.c scan.c \
	message.c body.c empty.c left.c feed.c partner.c)))
$(eval $(call kam_module,ims_migration,$(addprefix $(MIGRATION)/,migration_mod.c functions.c received.c sent.c shared.c store.c \
	feed.c rpc.c pv.c),migration_core sip base))
