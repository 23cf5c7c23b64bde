/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SA sets of an IMS connection: proposal, installation by XFRM, replacement, end (TS 33.203 7). */
#ifndef UE_IPSEC_H
#define UE_IPSEC_H

#include "ue/conn.h"

/* A new proposal with a port_uc and SPIs of its own in c->fresh (an earlier one is discarded). 0 or
 * -1 (errno). */
int sa_propose(struct conn *c);
/* The Security-Client of the proposal; buf[SEC_AGREE_LINE_MAX]. */
int sa_client_header(const struct conn *c, char *buf);
/*
 * Choose from Security-Server, put the SAs and policies of the proposal into the kernel. *why gets
 * a text on failure. Returns 0 or -1. ck and ik are not kept.
 */
int sa_install(struct conn *c, const struct ue_sip_msg *challenge, const uint8_t ck[16],
	       const uint8_t ik[16], const char **why);
/* The registration succeeded: the fresh set becomes current, the current one old (for 64 * T1). */
void sa_activate(struct conn *c);
/* The fresh set is not wanted: taken out again. */
void sa_discard(struct conn *c);
/* Take all sets out. */
void sa_drop_all(struct conn *c);

/* How many SAs of this connection the kernel has now. */
int sa_count(struct conn *c);
/* Packets that went out and came in through the current set, as the kernel counted. 0 or -1. */
int sa_packets(struct conn *c, uint64_t *out, uint64_t *in);

#endif
