# SPDX-License-Identifier: GPL-2.0-or-later
# What every daemon has: a log, a configuration, a control socket, metrics. Users link: daemon base.
$(eval $(call static_lib,daemon,$(addprefix lib/daemon/,words.c settings.c log.c outbuf.c server.c control.c listen.c metrics.c)))
