/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_HSS_SCENARIOS_H
#define TESTS_HSS_SCENARIOS_H

#include <sys/types.h>

#include "peer.h"

/* The life of a registration: UAR, MAR with resynchronisation, SAR, LIR, deregistration. */
void play_registration(struct peer *icscf, struct peer *scscf);
/* Every answer that refuses. */
void play_refusals(struct peer *icscf, struct peer *scscf);
/* RTR and PPR set off by hssctl, and what is provisioned while the HSS runs. */
void play_pushes(struct peer *icscf, struct peer *scscf);
/* Peers that must not get in, and messages that are no messages. */
void play_hostile(struct peer *icscf);
/* Peers that come again, as Kamailio's do it: a CER without Host-IP-Address, while their connection
 * before is silent, or while the HSS stands still. For an ims-hss with watchdog_seconds 6. */
void play_reconnect(pid_t pid);

/* MAR before, while and after hssctl has the master key rotated. / The user u7, whose key was spoilt in the store,
 * gets no vector, and others do. */
void play_rotation(struct peer *scscf);
void play_spoilt(struct peer *scscf);

/* More requests than there are places for, while the store is held (HOLD_STORE is how) and while it is not. */
void play_overload(void);

/* What may be sent that must not harm, and messages changed at random for so many seconds. */
void play_storm(struct peer *icscf, struct peer *scscf, pid_t pid, int seconds);

/* Requests ready but for what a scenario adds; dm_end() is request_send()'s. */
void make_uar(struct peer *p, struct dm *m, const char *impi, const char *impu);
void make_lir(struct peer *p, struct dm *m, const char *impu);
/* resync: 30 octets RAND || AUTS, or NULL */
void make_mar(struct peer *p, struct dm *m, const char *impi, const char *impu, const char *scheme,
	      uint32_t items, const uint8_t *resync);
void make_sar(struct peer *p, struct dm *m, const char *impi, const char *impu, uint32_t type,
	      uint32_t available);
/* As make_sar(), for another S-CSCF. */
void make_sar_of(struct peer *p, struct dm *m, const char *server, const char *impi,
		 const char *impu, uint32_t type, uint32_t available);

#define SCSCF	"sip:scscf.home1.net:5060"
#define USER1	"user1_private@home1.net"
#define PUBLIC1 "sip:user1_public1@home1.net"

#endif
