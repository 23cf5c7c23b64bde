/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What must be true of a store's file whatever ended its processes. */
#ifndef TESTS_HSS_KILL_STORE_CHECK_H
#define TESTS_HSS_KILL_STORE_CHECK_H

/* Read it with SQLite alone, and count what is checked (check_at()). Returns how many subscriptions it has. */
long store_check(const char *path);

#endif
