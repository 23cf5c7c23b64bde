# SPDX-License-Identifier: GPL-2.0-or-later
# What decides about migrations, with its store; no socket.
$(eval $(call static_lib,cms,$(addprefix hss/cms/,identity.c config.c store.c audit.c grant.c primary.c partner.c users.c)))
