/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A CSCF as the HSS sees it: connection, requests of Cx, and assertions about answers, counted. */
#ifndef TESTS_HSS_PEER_H
#define TESTS_HSS_PEER_H

#include "dm.h"

enum {
	CMD_CE = 257,
	CMD_DW = 280,
	CMD_DP = 282,
	CMD_UA = 300,
	CMD_SA,
	CMD_LI,
	CMD_MA,
	CMD_RT,
	CMD_PP,
	CMD_SN = 308,
	CMD_PN
};

/* Until what should come is given up: it comes sooner, however busy the machine. */
enum { PATIENCE_MS = 20000 };

extern unsigned int passed, failed;

/* Count a check; a failure is printed with its line. Returns ok. */
bool check_at(bool ok, const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
#define CHECK(cond)	     check_at(cond, __FILE__, __LINE__, "%s", #cond)
#define CHECK_MSG(cond, ...) check_at(cond, __FILE__, __LINE__, __VA_ARGS__)

struct peer {
	int fd;
	const char *host; /* Origin-Host */
	uint32_t next;	  /* hop-by-hop and end-to-end */
	int patience_ms;  /* for an answer; 0: two seconds */
	uint32_t application;
};

/* Where ims-hss listens. */
extern const char *hss_address;

/* Connect and exchange capabilities. Returns the Result-Code of the CEA, 0 if there was none. */
uint32_t peer_open(struct peer *p, const char *host, const char *local);
/* The same as an application server, for Sh. */
uint32_t peer_open_sh(struct peer *p, const char *host, const char *local);
/* As peer_open() with a CER that lacks the AVP of this code. */
uint32_t peer_open_without(struct peer *p, const char *host, const char *local, uint32_t code);
void peer_close(struct peer *p);

/* A request of the peer's application with what all have: Session-Id, application, origin, Destination-Realm. */
void request_begin(struct peer *p, struct dm *m, uint32_t command);
/* Send it and wait for its answer, or for a request. Watchdogs are answered on the way, and answers to others,
 * which were not waited for any longer, are left out. False if none came within the peer's patience. */
bool request_send(struct peer *p, struct dm *m, struct dm *answer);
/* Wait for a request of the HSS. */
bool request_wait(struct peer *p, struct dm *m, uint32_t command, int ms);
/* Answer one with a Result-Code. */
void request_answer(struct peer *p, const struct dm *request, uint32_t result);

/*
 * Check what every answer must have (header, Session-Id, application, origin, one of the two
 * results, V and M bits of all AVPs) and that its result is code; experimental: in
 * Experimental-Result.
 */
void check_answer(const struct peer *p, const struct dm *request, const struct dm *answer,
		  uint32_t code, bool experimental, const char *file, int line);
#define CHECK_ANSWER(p, req, ans, code, experimental)                                              \
	check_answer(p, req, ans, code, experimental, __FILE__, __LINE__)

#endif
