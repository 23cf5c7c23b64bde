/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where Kamailio's versions differ. This is the one file that asks which version it is; mk/main.mk
 * defines TM_CELL_HDR when the headers of tm have the names of 6.0.
 */
#ifndef KAM_VERSION_H
#define KAM_VERSION_H

#include "../../modules/tm/h_table.h"

/* The header lines that a transaction keeps: CELL_HDR(t, from), to, callid; CELL_CSEQ(t). */
#ifdef TM_CELL_HDR
#define CELL_HDR(t, name) ((t)->name##_hdr)
#define CELL_CSEQ(t)	  ((t)->cseq_hdr_n)
#else
#define CELL_HDR(t, name) ((t)->name)
#define CELL_CSEQ(t)	  ((t)->cseq_n)
#endif

#endif
