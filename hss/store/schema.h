/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The steps of each engine (db.h), and how they are gone through. */
#ifndef HSS_STORE_SCHEMA_H
#define HSS_STORE_SCHEMA_H

#include "hss/store/db.h"

extern const char *const schema_sqlite[SCHEMA_VERSION];
extern const char *const schema_postgresql[SCHEMA_VERSION]; /* "": nothing to do */

#endif
