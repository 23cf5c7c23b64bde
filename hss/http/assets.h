/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of hss/http/page, which are in the program as they are. */
#ifndef HSS_HTTP_ASSETS_H
#define HSS_HTTP_ASSETS_H

#include "base/slice.h"

struct slice asset_index(void);
struct slice asset_script(void);
struct slice asset_style(void);
struct slice asset_openapi(void);

#endif
