# SPDX-License-Identifier: GPL-2.0-or-later
# HTTP servers of daemons. Users link: http daemon base, and -lmicrohttpd.
$(eval $(call static_lib,http,$(addprefix lib/http/,server.c head.c body.c deadlines.c)))
# What of it is text and tables, without libmicrohttpd. Users link: http_text base.
$(eval $(call static_lib,http_text,$(addprefix lib/http/,limiter.c path.c)))
