/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small world for the tests of flow sets: a table in plain memory, a clock that is set by hand,
 * phones, and a kernel that notes what it was told and fails the test when that makes no sense.
 */
#ifndef UNIT_IMS_FLOW_WORLD_H
#define UNIT_IMS_FLOW_WORLD_H

#include "modules/ims_flow/core/flow_life.h"

#define PORT_PC 5062
#define PORT_PS 5061

extern struct flow_table *world;
extern struct flow_timers timers;
extern int64_t now;
/* Of world_new() and world_restart(): which run of the machine, and its clocks. */
extern struct kept_clock clock_now;
extern struct flow_effects fx;
extern struct flow_notice last_notice; /* of the last call */
extern unsigned notice_count;

/* Start with an empty table of this size. */
void world_new(uint32_t max_sets);
/* The memory again, as after a restart. An enum flow_table_attach. */
int world_restart(uint32_t *torn);

struct phone {
	const char *impi, *instance, *addr; /* addr: last octet decides */
	const char *aor,
	    *impus; /* To and what the 200 lists, one a line; NULL: sip:a@h and sip:b@h with it */
	const char *nat; /* address of the NAT before it, addr is inside then; NULL: none */
	uint32_t reg_id;
	uint16_t uc, us, plain_port;
	bool beside; /* its registrations end no others */
	bool emergency;
	uint64_t id;	   /* of its flow set once challenged or registered */
	uint32_t spi_ps;   /* of the SA set it would send over now */
	uint32_t temp_spi; /* of the challenged one */
};

/* A REGISTER of the phone as it would arrive: over its SA set if it has one and over is set. */
struct flow_attempt attempt_of(struct phone *p, bool over);

/* 401, then 200 over the new SA set; ports may be changed in p before. They assert success. */
struct flow_set *challenge(struct phone *p, bool over);
struct flow_set *accept_it(struct phone *p, int64_t expires_s);
/* Both: an initial registration, or a re-authentication. */
struct flow_set *register_it(struct phone *p, bool over, int64_t expires_s);
/* The phone sends something over the SA set with this spi_ps. */
void use(struct phone *p, uint32_t spi_ps);
/* Let time pass, tick by second. */
void pass(int64_t ms);
/* Carry the effects out in the noted kernel. Called by all of the above. */
void carry_out(void);

/* What the noted kernel holds. */
unsigned kernel_sa_sets(void);
unsigned kernel_pairs(void);
/* The NAT's port to which ESP in UDP of this set goes, 0: no such set. */
uint16_t kernel_encap_port(const char *addr, uint32_t spi_ps);
/* spi_ps of the set that the out policy of this pair names, 0: no policy. */
uint32_t kernel_pair_owner(const char *addr, uint16_t port, uint8_t pair);

#endif
