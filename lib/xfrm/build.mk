# SPDX-License-Identifier: GPL-2.0-or-later
# Users link: xfrm hmac_sha256 base, and -lmnl.
$(eval $(call static_lib,hmac_sha256,lib/base/hmac_sha256.c))
$(eval $(call static_lib,xfrm,lib/xfrm/socket.c lib/xfrm/message.c lib/xfrm/batch.c lib/xfrm/prune.c lib/xfrm/keys.c \
	lib/xfrm/encap.c lib/xfrm/watch.c))
