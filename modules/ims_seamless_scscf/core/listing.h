/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists in pages, so that no lock is held and no reply grows with the number of subscribers. */
#ifndef SCSCF_LISTING_H
#define SCSCF_LISTING_H

#include "modules/ims_seamless_scscf/core/model.h"

/* Called for each connection; it must not change the model. */
typedef void (*scscf_connection_h)(const struct scscf_connection *c, void *arg);

/*
 * Visit connections from the place cursor on (0: the beginning), at least max of them if there are
 * so many and few more, and look at no more than max plus a fixed number of empty places. Returns
 * the place to go on from, 0 at the end. A connection that is there all the time is visited once;
 * what comes or goes meanwhile may be or not. With max 0 nothing is visited.
 */
uint32_t scscf_list_connections(struct scscf_model *m, uint32_t cursor, size_t max,
				scscf_connection_h visit, void *arg);

#endif
