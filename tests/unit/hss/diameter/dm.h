/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Diameter messages octet by octet (RFC 6733 3, 4), on purpose without freeDiameter: a peer that
 * shares nothing with what it tests, and that can be wrong when it is told to be.
 */
#ifndef TESTS_HSS_DM_H
#define TESTS_HSS_DM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DM_MAX = 65536, TGPP = 10415, CX = 16777216, SH = 16777217 };

struct dm {
	uint8_t octets[DM_MAX];
	size_t len;
};

/* Begin a message; flags 0x80 request, 0x40 proxiable. */
void dm_begin(struct dm *m, uint8_t flags, uint32_t command, uint32_t application, uint32_t hop,
	      uint32_t end);
/* Add an AVP at the end; vendor 0: none. */
void dm_add(struct dm *m, uint32_t code, uint32_t vendor, bool mandatory, const void *data,
	    size_t len);
void dm_text(struct dm *m, uint32_t code, uint32_t vendor, const char *text);
void dm_u32(struct dm *m, uint32_t code, uint32_t vendor, uint32_t value);
/* A group: dm_open() returns where it begins, dm_close() writes its length. */
size_t dm_open(struct dm *m, uint32_t code, uint32_t vendor);
void dm_close(struct dm *m, size_t at);
/* Write the length of the message. */
void dm_end(struct dm *m);

uint32_t dm_command(const struct dm *m);
uint8_t dm_flags(const struct dm *m);
uint32_t dm_hop(const struct dm *m);
uint32_t dm_endtoend(const struct dm *m);

struct dm_avp {
	uint32_t code, vendor;
	uint8_t flags;
	const uint8_t *data;
	size_t len;
};

/* The AVPs of a message, or of a group (its data). */
struct dm_list {
	const uint8_t *p;
	size_t len;
};
struct dm_list dm_avps(const struct dm *m);
struct dm_list dm_group(const struct dm_avp *avp);
/* Take the next one off the list; false at the end or where it is malformed. */
bool dm_next(struct dm_list *list, struct dm_avp *out);
/* The nth (from 0) AVP of that code. */
bool dm_find(struct dm_list list, uint32_t code, uint32_t vendor, size_t nth, struct dm_avp *out);
size_t dm_count(struct dm_list list, uint32_t code, uint32_t vendor);
uint32_t dm_value(const struct dm_avp *avp);
bool dm_is(const struct dm_avp *avp, const char *text);

/* Of a clock that nobody sets. */
int64_t dm_now_ms(void);

/* TCP from the address local to remote. Returns a socket or -1. */
int dm_connect(const char *local, const char *remote, uint16_t port);
bool dm_send(int fd, const struct dm *m);
/* Wait at most ms for a whole message. 1: got one, 0: nothing came, -1: the connection is closed.
 */
int dm_receive(int fd, struct dm *m, int ms);

#endif
