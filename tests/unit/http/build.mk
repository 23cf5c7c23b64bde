# SPDX-License-Identifier: GPL-2.0-or-later
$(eval $(call unit_test,http,test_http_lib,tests/unit/http/test_http_lib.c,http http_text daemon base,-lmicrohttpd))
