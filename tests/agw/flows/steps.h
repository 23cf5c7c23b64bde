/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The steps of TR 29.828 5.2.1.2 and 5.2.1.3 as a controller takes them over H.248, and the two
 * peers of a call: the UE on the access side with TLS, the far end on the core side without.
 */
#ifndef TESTS_AGW_FLOWS_STEPS_H
#define TESTS_AGW_FLOWS_STEPS_H

#include <check.h>
#include <pthread.h>
#include "agw/rig.h"
#include "unit/agw/endpoint.h"

#define ACCESS "10.1.0.7"
#define CORE   "10.0.0.7"
#define UE     "10.1.0.10"
#define FAR    "10.0.0.9"

/* The access side of what follows: IPv4, or IPv6 towards a core that stays IPv4. */
extern bool access_ipv6;
const char *access_ip(void); /* of the gateway */
const char *ue_ip(void);

/* What every termination of these flows asks to be told. */
#define EVENTS(n)                                                                                  \
	"Events = " #n                                                                             \
	" { g/cause, hangterm/thb { timerx = 300 }, tcpbcc/BNCChange, tlsbsc/BNCChange }"

/* One call: context, terminations, our ports on both sides and the certificates' fingerprints. */
struct call {
	int context, access_port, core_port;
	char access[64], core[64], fingerprint[200];
	struct identity ue; /* made by the test, freed by subtract_all() */
};

/* ---- the peers ---- */

struct netaddr at(const char *ip, int port);
/* A connected socket, or -1 after ms with errno as connect() left it. */
int connect_from(const char *from, const char *to, int port, int ms);
/* A SYN that is sent and repeated by the kernel while the test goes on; connected() waits for it.
 */
int connect_later(const char *from, const char *to, int port);
bool connected(int fd, int ms);

/* A TLS handshake in a thread of its own, so that the controller can work meanwhile. */
struct tls_peer {
	int fd, version, alert; /* alert: the fatal one that came, or 0 */
	bool client;
	const struct identity *id;
	SSL *ssl;
	pthread_t th;
};
void tls_start(struct tls_peer *p, int fd, bool client, const struct identity *id, int version);
/* The same for a handshake that will be refused: waits for the alert, which reaches a TLS 1.3
 * client only when it believes itself done. */
void tls_start_in_vain(struct tls_peer *p, int fd, bool client, const struct identity *id,
		       int version);
SSL *tls_done(struct tls_peer *p); /* NULL: it failed */

/* ---- originating: 5.2.1.2.2 and 5.2.1.3.2 ---- */

/* Steps 2-4. closed: incoming SYNs are to be ignored (delayed establishment). */
void add_core(struct call *c, const char *proto, const char *media, bool closed);
/* Steps 5-7. local_more: SDP lines for Local; descriptors: ", Signals { ... }" or "". */
void add_access(struct call *c, const char *proto, const char *media, int ue_port,
		const char *local_more, const char *descriptors);
/* Steps 13-15: the far peer will come from this address, from whatever port. */
void configure_core(struct call *c, const char *proto, const char *media, const char *peer);
/* Steps 16-18: open TCP to the UE and, if told, be the TLS client. */
void configure_access_active(struct call *c, const char *proto, const char *media,
			     bool establish_tls);

/* ---- terminating: 5.2.1.2.3 and 5.2.1.3.3 ---- */

/* Steps 2-7. */
void terminating_add(struct call *c, const char *proto, const char *media, const char *core_proto,
		     bool closed, int far_port, const char *signals);
/* Steps 14-16: the UE's answer with its fingerprint. */
void terminating_configure(struct call *c, const char *proto, const char *media,
			   const char *fingerprint);

/* ---- after ---- */

/* One MSRP chunk from the far peer to the UE and its answer back: schemes and addresses are
 * rewritten. */
void exchange_msrp(struct call *c, int far, int ue, SSL *ssl, int ue_port);
/* Subtract everything: the reply has the statistics, and contexts and ports are back. */
void subtract_all(struct call *c);
void expect_ports_back(void);

/* ---- the program ---- */

/* Run these tests in one namespace with one capture. The process's exit code. */
int flows_main(const char *name, const TTest *const *tests, size_t n);

#endif
