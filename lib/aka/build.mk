# SPDX-License-Identifier: GPL-2.0-or-later
# Users link: aka base, and -lcrypto.
$(eval $(call static_lib,aka,lib/aka/crypto.c lib/aka/milenage.c lib/aka/keccak.c lib/aka/tuak.c \
	lib/aka/auth.c lib/aka/sqn.c lib/aka/codec.c lib/aka/digest.c))
