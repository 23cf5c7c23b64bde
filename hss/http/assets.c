/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/http/assets.h"

/* The assembler takes a file in as it is, and a NUL behind it; its path is from the top of the tree, where
 * the compiler is called. */
#define ASSET(name, file)                                                                          \
	__asm__(".section .rodata\n" #name "_text:\n.incbin \"hss/http/page/" file                 \
		"\"\n.byte 0\n.previous\n");                                                       \
	extern const char name##_text[];                                                           \
	struct slice name(void)                                                                    \
	{                                                                                          \
		return slice_str(name##_text);                                                     \
	}

ASSET(asset_index, "index.html")
ASSET(asset_script, "page.js")
ASSET(asset_style, "page.css")
ASSET(asset_openapi, "openapi.json")
