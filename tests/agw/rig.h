/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything around a running ims-agw: a network namespace of its own, a controller made of the
 * H.248 library, and a capture of every packet, kept in memory for assertions and written to a pcap
 * file.
 *
 * Addresses (all on the namespace's loopback): gateway core 10.0.0.7 / fd00::7, access 10.1.0.7 /
 * fd00:1::7, controller 10.0.0.11, far peers 10.0.0.x, phones 10.1.0.x.
 */
#ifndef TESTS_AGW_RIG_H
#define TESTS_AGW_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/netaddr.h"

/* Once per process: new namespace, addresses, capture. Ends the program with a message when it
 * cannot. */
void rig_namespace(void);

/* Start gateway and controller and wait for the registration. more: lines added to [gateway], or
 * NULL. */
void rig_start(const char *more);
void rig_stop(void);
/* At the end of the program: a failed test may have left its gateway running. */
void rig_cleanup(void);
/* Wait for an end that the gateway has been brought to otherwise; its exit code. */
int rig_gateway_ends(void);
void rig_gateway_kill(void);  /* SIGKILL */
void rig_gateway_start(void); /* again, with the same configuration */
void rig_mgc_stop(void);
void rig_mgc_start(void);

/* From its next start the gateway is nobody from the beginning, with no capability but, where the
 * kernel lets nobody else filter a TCP socket, CAP_NET_ADMIN (its number is returned, else -1). */
int rig_gateway_unprivileged(void);
/* For benchmarks: run the gateway on this CPU from its next start; pin the caller (CPU + 1, 0 =
 * leave). */
void rig_gateway_cpu(int cpu);
void rig_pin(int cpu_plus_one);
int rig_pid(void);
/* Where configuration (agw.conf), control socket (ctl) and traces of this gateway are. */
const char *rig_dir(void);

/* Let the controller work for ms. */
void rig_serve(int ms);
/* The gateway as the controller sees it, and one turn of the controller: for requests of one's own.
 */
struct h248_peer *rig_peer(void);
void rig_run(int wait_ms);

/* Send one transaction's actions as H.248 text and wait for the reply, which is returned as pretty
 * text. */
const char *mgc_do(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The same without waiting: done gets the reply (or "no reply") as text, valid during the call
 * only, while the controller works. */
typedef void mgc_reply_h(const char *reply, void *user);
void mgc_ask(mgc_reply_h *done, void *user, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* A Notify (or ServiceChange) that holds all these words within ms, else NULL. Each is returned
 * once. */
const char *mgc_notified(int ms, const char *word, const char *more);
unsigned long mgc_notifies(void); /* requests of the gateway so far, read or not */
int mgc_registrations(void);
void mgc_registered(int times);		    /* wait for that many */
const char *mgc_last_registration(void);    /* method and reason, "Restart 901" */
void mgc_answer_notify_with(unsigned code); /* 0 = normally */

/* First occurrence of a number after these words: "m=message ". -1 if they are not there. */
int after(const char *text, const char *words);
/* The termination id after "Add = ". */
void termination_of(const char *reply, char out[64]);
void fingerprint_of(const char *reply, char out[200]);

/* agwctl's answer to a command. */
const char *rig_ctl(const char *command);
/* Wait until the answer to this command has (or, with rig_ctl_lost, has no longer) these words; the
 * test fails when it does not come. The controller works meanwhile. */
const char *rig_ctl_has(const char *command, const char *words);
const char *rig_ctl_lost(const char *command, const char *words);
/* Wait until the media plane has carried out what H.248 has answered. */
void rig_settle(void);
/* Open descriptors of the gateway process. */
long rig_descriptors(void);
/* A line of its /proc/PID/status: "VmRSS", "RssAnon"; kB. */
long rig_memory_kb(const char *what);

/* ---- packets ---- */

enum { PKT_SYN = 2, PKT_RST = 4, PKT_ACK = 16, PKT_FIN = 1 };
struct packet {
	int64_t us;
	struct netaddr from, to;
	uint8_t proto, tcp_flags;
	uint16_t payload;
	uint8_t first[8];
};
/* The n-th packet since mark that satisfies all: from/to "ip" or NULL, ports 0 = any, flags (SYN
 * alone means no ACK). NULL if there is none. */
size_t packets_mark(void);
/* Wait until everything that was sent so far has been seen and written; the calls below do so
 * themselves. */
void capture_settle(void);
const struct packet *packet_find(size_t mark, const char *from, int from_port, const char *to,
				 int to_port, int flags, unsigned n);
/* The same, waiting for it; the test fails when it does not come. */
const struct packet *packet_wait(size_t mark, const char *from, int from_port, const char *to,
				 int to_port, int flags, unsigned n);
/* First TLS record of this type (22 handshake, 21 alert, 23 data) and handshake type (or -1). */
const struct packet *packet_tls(size_t mark, const char *from, const char *to, int type,
				int handshake);

#endif
