/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "scenarios.h"

void make_uar(struct peer *p, struct dm *m, const char *impi, const char *impu)
{
	request_begin(p, m, CMD_UA);
	dm_text(m, 1, 0, impi);
	dm_text(m, 601, TGPP, impu);
	dm_text(m, 600, TGPP, "home1.net");
}

void make_lir(struct peer *p, struct dm *m, const char *impu)
{
	request_begin(p, m, CMD_LI);
	dm_text(m, 601, TGPP, impu);
}

void make_mar(struct peer *p, struct dm *m, const char *impi, const char *impu, const char *scheme,
	      uint32_t items, const uint8_t *resync)
{
	size_t at;

	request_begin(p, m, CMD_MA);
	dm_text(m, 601, TGPP, impu);
	dm_text(m, 1, 0, impi);
	dm_u32(m, 607, TGPP, items);
	at = dm_open(m, 612, TGPP);
	dm_text(m, 608, TGPP, scheme);
	if (resync)
		dm_add(m, 610, TGPP, true, resync, 30);
	dm_close(m, at);
	dm_text(m, 602, TGPP, SCSCF);
}

void make_sar_of(struct peer *p, struct dm *m, const char *server, const char *impi,
		 const char *impu, uint32_t type, uint32_t available)
{
	request_begin(p, m, CMD_SA);
	if (impu)
		dm_text(m, 601, TGPP, impu);
	dm_text(m, 602, TGPP, server);
	if (impi)
		dm_text(m, 1, 0, impi);
	dm_u32(m, 614, TGPP, type);
	dm_u32(m, 624, TGPP, available);
	dm_add(m, 494, 4491, false, "call-id",
	       7); /* what the stock S-CSCF adds: unknown here, without M */
}

void make_sar(struct peer *p, struct dm *m, const char *impi, const char *impu, uint32_t type,
	      uint32_t available)
{
	make_sar_of(p, m, SCSCF, impi, impu, type, available);
}
