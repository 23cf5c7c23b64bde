/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MODULES_COMMON_PKG_PIECES_H
#define MODULES_COMMON_PKG_PIECES_H

/*
 * Leave free pieces of common sizes in the private memory of this process and those that it forks; for mod_init. Kamailio's
 * default memory manager (qm) looks for memory in its lists of ever larger pieces, one by one: in a process that
 * has nothing free but the one large rest, that is some 2,000 lists for each of the twenty small blocks of an answer, half
 * of what a short request costs. Takes 130 kB for good; without memory it does nothing.
 */
void kam_pkg_pieces(void);

#endif
