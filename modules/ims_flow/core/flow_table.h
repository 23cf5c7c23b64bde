/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of flow sets: records, the indexes that find them, and the memory they live in. Pure:
 * no lock, no clock, no kernel. What happens to a flow set (challenge, 200, end) is in flow_life.h.
 *
 * The memory is given by the caller and holds no pointer, so it may be a file mapping: after a
 * restart flow_table_attach() finds the records of the last run again. A record that was being
 * changed when the last run was killed is recognised and given up.
 */
#ifndef IMS_FLOW_FLOW_TABLE_H
#define IMS_FLOW_FLOW_TABLE_H

#include "base/kept_clock.h"
#include "base/keyed_hash.h"
#include "base/netaddr.h"
#include "base/slice.h"
#include "modules/ims_flow/core/sa_state.h"

#define FLOW_SA_SETS	  3   /* old, in use (or new), temporary */
#define FLOW_IMPI_MAX	  128 /* octets, NUL included */
#define FLOW_INSTANCE_MAX 128
#define FLOW_CONTACT_MAX  256
#define FLOW_IMPUS_MAX	  4096 /* all P-Associated-URIs, one a line */
#define FLOW_IMPU_LINES	  96   /* and so many of them */
/* All addresses of record that were registered by a REGISTER of their own, one a line. */
#define FLOW_AORS_MAX	1024
#define FLOW_AORS_COUNT 8
#define FLOW_ROUTE_MAX	1024 /* Service-Route, a URI a line */
#define FLOW_REASON_MAX 16

/* One SA set: four SAs. pc and ps are our ports, the same for all. */
struct sa_set {
	uint8_t state;	   /* enum sa_state */
	uint8_t alg, ealg; /* enum xfrm_alg, enum xfrm_ealg */
	uint8_t owns; /* SA_PAIR_UC, SA_PAIR_US: the kernel's policies of this pair name this set */
	uint16_t port_uc, port_us;
	uint16_t port_pc, port_ps;
	uint32_t spi_uc, spi_us, spi_pc, spi_ps;
	uint16_t encap_port; /* behind a NAT: the NAT's port for its ESP in UDP */
	uint8_t missing;     /* bit i: SA i of flow_map_sas() is not in the kernel */
	uint8_t media_sent;  /* enum mediasec: what its challenge said that we can do; 0: nothing */
	uint32_t life_s;     /* the kernel deletes the SAs this long after made_ms */
	int64_t made_ms;
	int64_t accepted_ms; /* 200; 0: not yet */
	int64_t ends_ms;
	struct netaddr outer; /* behind a NAT: the NAT's address; else none, and plain ESP */
	uint8_t client[16];   /* sec_agree_digest() of the Security-Client that asked for it */
};

/* SAs that we send over, as bits of missing. */
#define SA_BIT_UC (1u << 1)
#define SA_BIT_US (1u << 2)

#define SA_PAIR_UC 1 /* UE port_uc <-> our port_ps */
#define SA_PAIR_US 2 /* UE port_us <-> our port_pc */

/* Chains: per SA set one link for port_uc, one for port_us; one for the port of a flow without
 * IPsec. */
#define FLOW_LINKS	(2 * FLOW_SA_SETS + 1)
#define FLOW_LINK_PLAIN (2 * FLOW_SA_SETS)

struct flow_set {
	uint32_t version; /* odd while being changed */
	uint8_t state;	  /* enum flow_state */
	uint8_t ipsec;
	uint8_t proto;	   /* IPPROTO-like number of the glue: transport of the last REGISTER */
	uint8_t emergency; /* an emergency registration (TS 24.229 5.2.10) */
	uint64_t id;
	struct netaddr ue, local; /* without ports */
	uint16_t ue_port;    /* source port of the REGISTER; without IPsec the port of the flow */
	uint16_t local_port; /* without IPsec: our end of the flow */
	uint32_t conn;	     /* without IPsec, over TCP, TLS, WS: the connection's id */
	uint32_t reg_id;
	uint32_t keepalive_s; /* 0: none agreed */
	uint32_t media;	      /* enum mediasec: media security that UE and P-CSCF announced */
	uint32_t pad;
	int64_t made_ms;
	int64_t expires_ms; /* end of the registration */
	int64_t held_ms;    /* held until then; 0: not held */
	int64_t seen_ms;    /* last sign of life from the UE */
	int64_t closes_ms;  /* pending, closing: end of this state */
	uint64_t ended_by;  /* flow_attempt.order of the last de-registration; 0: none */
	struct sa_set sa[FLOW_SA_SETS];
	uint32_t link_id, link_impi, link_addr[FLOW_LINKS]; /* chains; 0 ends one */
	char impi[FLOW_IMPI_MAX];
	char instance[FLOW_INSTANCE_MAX];
	char contact[FLOW_CONTACT_MAX];
	char aors[FLOW_AORS_MAX];
	char impus[FLOW_IMPUS_MAX];
	uint8_t impu_aors[FLOW_IMPU_LINES]; /* of each line: the line of aors that brought it */
	char service_route[FLOW_ROUTE_MAX];
};

struct flow_table; /* the start of the memory */

enum flow_table_attach {
	FLOW_TABLE_NEW = 0,   /* formatted empty */
	FLOW_TABLE_FOUND = 1, /* records of an earlier run are back */
	FLOW_TABLE_TOO_SMALL = -1,
};

/* Octets of memory for max_sets flow sets. */
size_t flow_table_bytes(uint32_t max_sets);

/*
 * Take over the memory: of an earlier run of the same layout and size (its records are kept, torn
 * ones freed and counted in *torn), or anything else (formatted). If the machine was started anew
 * since, the times of the records are moved to its new clock. key is a fresh one for the hashes of
 * this run. An enum flow_table_attach.
 */
int flow_table_attach(void *memory, size_t bytes, uint32_t max_sets,
		      const struct keyed_hash_key *key, const struct kept_clock *clock,
		      struct flow_table **out, uint32_t *torn);

/* Note what time it is, now and then, for the run that takes the memory over. */
void flow_table_note_time(struct flow_table *t, const struct kept_clock *clock);

/* How such memory begins, whatever its layout: a file that does not is somebody else's. */
#define FLOW_TABLE_MARK_LEN 8
void flow_table_mark(char head[FLOW_TABLE_MARK_LEN]);
bool flow_table_is_marked(const char head[FLOW_TABLE_MARK_LEN]);

/* Sets in use, and how many there can be. */
uint32_t flow_table_count(const struct flow_table *t);
uint32_t flow_table_max(const struct flow_table *t);

/* A fresh zeroed record with this id, in state FREE until flow_life changes it; NULL: the table is
 * full. */
struct flow_set *flow_table_new(struct flow_table *t, uint64_t id);

/* Unlink and give back a record. */
void flow_table_free(struct flow_table *t, struct flow_set *f);

/* By id, in constant time; NULL if there is none. */
struct flow_set *flow_by_id(struct flow_table *t, uint64_t id);

/* By place: 0 .. flow_table_max() - 1, NULL where free. Walks all. */
struct flow_set *flow_at(struct flow_table *t, uint32_t i);

/* The record at a place that goes round the table, one step with each call; NULL where free. */
struct flow_set *flow_under_hand(struct flow_table *t);

/* The place of a record. */
uint32_t flow_place(const struct flow_table *t, const struct flow_set *f);

/* The next set of this IMPI after *prev (NULL: the first). */
struct flow_set *flow_by_impi(struct flow_table *t, struct slice impi, struct flow_set *prev);

/* A place in a chain of one UE address and port. */
struct flow_hit {
	struct flow_set *f;
	unsigned link; /* 2 * i: port_uc of sa[i]; 2 * i + 1: port_us of sa[i]; FLOW_LINK_PLAIN */
};

/* The next record that uses this address and port of a UE; start with *hit = {0}. False: no more.
 */
bool flow_by_addr(struct flow_table *t, const struct netaddr *ue, uint16_t port,
		  struct flow_hit *hit);

/* Put a record into the chains its fields ask for, or take it out; f->impi, ue and the ports must
 * not change between. */
void flow_link_impi(struct flow_table *t, struct flow_set *f);
void flow_link_addr(struct flow_table *t, struct flow_set *f, unsigned link);
void flow_unlink_addr(struct flow_table *t, struct flow_set *f, unsigned link);

/* Mark a record as being changed, and as whole again. They nest not. */
void flow_change(struct flow_set *f);
void flow_changed(struct flow_set *f);

#endif
