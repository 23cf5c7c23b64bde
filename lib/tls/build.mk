# SPDX-License-Identifier: GPL-2.0-or-later
# Users link: certificate sdp base, -lcrypto.
$(eval $(call static_lib,certificate,lib/tls/certificate.c))
