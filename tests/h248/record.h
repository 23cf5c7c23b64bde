/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What passed between our end and the other: kept for tshark, and looked at for style and version.
 */
#ifndef TEST_H248_RECORD_H
#define TEST_H248_RECORD_H

#include "h248/codec.h"

/* Keep what is sent in the file named by the environment's H248_SENT, as text2pcap reads it. */
void record_open(enum h248_style style, uint8_t version);
void record_sent(const char *bytes, size_t len);
void record_received(struct slice text);
/* Did something come, and was all of it in that style and version? */
bool record_received_right(void);

#endif
