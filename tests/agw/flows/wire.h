/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * H.248 as it passed on the wire, read back from the capture file that the rig writes (environment
 * AGW_PCAP), with the same clock as the packets of rig.h: so that a Notify can be put in order with
 * SYNs and alerts.
 */
#ifndef TESTS_AGW_FLOWS_WIRE_H
#define TESTS_AGW_FLOWS_WIRE_H

#include <stdint.h>

/* Microseconds of the first UDP datagram from this address, not before after_us, that holds both
 * words (more may be NULL). -1 if none has passed. */
int64_t wire_find(int64_t after_us, const char *from, const char *word, const char *more);

/* How many such datagrams passed from one address to the other since then (word may be NULL). */
unsigned wire_count(int64_t after_us, const char *from, const char *to, const char *word);

/* The capture's clock, now. */
int64_t wire_now(void);

#endif
