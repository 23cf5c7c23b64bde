/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections that this HSS makes: to partners' HSSs whose peer line says connect. They are tried again every CONNECT_AGAIN_S. Such a
 * peer does not come by itself: libfdcore would let anybody in who bears the name of a peer that it connects to, from
 * anywhere, so the CER of such a one is given the name of nobody before it is judged.
 *
 * libfdcore leaves it to the kernel from which address it connects. This program has a connect() of its own, as it has an accept()
 * (gate.h), which binds to the first listen address of the family where it is to such a peer.
 */
#ifndef HSS_DIAMETER_CONNECT_H
#define HSS_DIAMETER_CONNECT_H

#include <freeDiameter/extension.h>

#include "hss/config.h"

enum { CONNECT_AGAIN_S = 5 };

/* Begin. cfg must outlive it. Returns 0 or an errno value. */
int connect_start(const struct config *cfg);
/* From the hook for a first message of a connection, before freeDiameter judges it. */
void connect_first_message(struct msg *msg);
/* Is this descriptor a connection to such a peer? */
bool connect_made(const struct config *cfg, int fd);

#endif
