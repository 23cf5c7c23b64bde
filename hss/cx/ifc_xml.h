/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An initial filter criterion as XML; the user profile of Cx and the Sh-Data have the same. */
#ifndef HSS_CX_IFC_XML_H
#define HSS_CX_IFC_XML_H

#include "hss/subscription/subscription.h"
#include "hss/xml/writer.h"

/* Write <InitialFilterCriteria> (TS 29.228 annex B, E). One whose trigger cannot be read fails. */
void ifc_xml(struct xml *x, const struct ifc *ifc);

#endif
