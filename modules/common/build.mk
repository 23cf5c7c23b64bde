# SPDX-License-Identifier: GPL-2.0-or-later
# The room that the modules share: all that sees Kamailio's headers and is no one module's own. It
# is compiled for each module (MOD_NAME stands in every log line); the linker leaves out of a module
# what it does not call.
KAM_COMMON := $(addprefix modules/common/,counters.c dialog.c event_route.c headers.c hold.c ids.c old_names.c \
	pkg_pieces.c process.c pv.c queue.c reply.c state_file.c wait.c)
