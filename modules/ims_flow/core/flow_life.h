/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happens to flow sets and their SA sets: challenged, accepted, refused, seen, held, ended,
 * timed out. Pure: the caller holds the lock, gives the time, and carries out the effects
 * afterwards, in order (the kernel's part and the handlers of other modules).
 *
 * Rules (TS 33.203 7.4, TS 24.229 5.2.2):
 *
 *  - A 401 makes a temporary SA set that lives reg_await_ms.
 *  - A 200 makes it the new set. It lives as long as the registration and 30 s, at least what the
 *    older set had left. Without an older set, or if the UE kept its port_us (the kernel could not
 *    tell the two apart), it is taken into use at once.
 *  - A new set is taken into use when the UE first sends over it, or 64*T1 after the 200. Then the
 *    older one lives 64*T1 at most.
 *  - A refused challenge leaves the other sets alone.
 *  - A 200 to an initial registration ends the UE's other sets at once, those with another reg-id
 *    or a hold excepted. If it was to stand beside them they are held.
 */
#ifndef IMS_FLOW_FLOW_LIFE_H
#define IMS_FLOW_FLOW_LIFE_H

#include "modules/ims_flow/core/flow_table.h"

struct flow_timers {
	int64_t reg_await_ms; /* life of a temporary SA set (reg-await-auth, 4 min) */
	int64_t linger_ms;    /* 64*T1 */
	int64_t slack_ms;     /* SAs outlive the registration by this (30 s) */
	int64_t silence_ms;   /* beyond the agreed keep-alive time before a silent flow is dead */
};

enum flow_effect_kind {
	FX_SA_DEL,   /* delete the four SAs of sa */
	FX_PAIR_SET, /* let the two policies of pair name sa */
	FX_PAIR_DEL, /* delete the two policies of pair */
	FX_ENCAP,    /* ESP in UDP of sa goes to and comes from sa.encap_port now */
	FX_LIFETIME, /* the kernel may delete the SAs of sa lifetime_s from now */
	FX_SA_REST, /* SAs of these names go, the missing ones of sa take their place, lifetime_s */
};

struct flow_effect {
	enum flow_effect_kind kind;
	struct netaddr ue, local;
	struct sa_set sa;
	uint8_t pair; /* SA_PAIR_UC or SA_PAIR_US */
	uint32_t lifetime_s;
};

enum flow_notice_kind {
	FLOW_NOTICE_ACTIVATED,
	FLOW_NOTICE_REFRESHED,
	FLOW_NOTICE_REPLACED,
	FLOW_NOTICE_DEAD
};

/* Something other modules are told. */
struct flow_notice {
	enum flow_notice_kind kind;
	struct flow_set set; /* as it was */
	uint64_t by_id;
	char reason[FLOW_REASON_MAX];
};

#define FLOW_EFFECTS_MAX 512
#define FLOW_NOTICE_MAX	 96

struct flow_effects {
	struct flow_effect fx[FLOW_EFFECTS_MAX];
	unsigned n;
	struct flow_notice notices[FLOW_NOTICE_MAX];
	unsigned n_notices;
	unsigned lost; /* did not fit: a bug, counted */
};

/* Room for what one more set can make: three effects per policy pair and SA set, and three notices. */
static inline bool flow_has_room(const struct flow_effects *fx)
{
	return fx->n + 24 <= FLOW_EFFECTS_MAX && fx->n_notices + 3 <= FLOW_NOTICE_MAX;
}

/* A REGISTER as it arrived, kept with its transaction until the answer. */
struct flow_attempt {
	uint64_t set_id;   /* the set it came over, or the id for the set it may make */
	uint64_t spare_id; /* the id for the set a 401 makes if the one it came over has ended */
	bool over_set;	   /* it came over a known set */
	bool ipsec;	   /* sa is what a 401 shall set up */
	bool protected_;   /* it came over SAs */
	bool others;	   /* these are another module's, as sa says; a 200 takes them over */
	uint8_t proto;
	struct netaddr ue, local;
	uint16_t ue_port, local_port;
	uint32_t conn;
	uint32_t over_spi; /* spi_ps of the SA set it came over */
	uint32_t reg_id;
	uint32_t keep;	     /* the UE offered keep (RFC 6223) or is ready for Flow-Timer */
	bool media_known;    /* its Security-Client says what media security the UE can do */
	bool media_verified; /* its Security-Verify repeats what we said of media */
	uint8_t media;	     /* enum mediasec: what both can */
	bool beside;	     /* the sets its 200 would end are held while they are registered */
	struct sa_set sa;    /* the UE's half, the algorithms and the life in the kernel */
	char impi[FLOW_IMPI_MAX];
	char instance[FLOW_INSTANCE_MAX];
	char contact[FLOW_CONTACT_MAX];
	char aor[FLOW_CONTACT_MAX]; /* URI of To, without parameters */
	uint64_t order;		    /* attempts that came later have higher ones */
	bool emergency;		    /* its contact says sos (TS 24.229 5.1.6.2) */
	uint8_t answer;		    /* the glue's: enum attempt_answer, kept with the transaction */
};

enum flow_life_err {
	FLOW_LIFE_OK = 0,
	FLOW_LIFE_FULL = -1,  /* no room for another set */
	FLOW_LIFE_GONE = -2,  /* the set ended in the meantime */
	FLOW_LIFE_STATE = -3, /* not possible in its state */
	FLOW_LIFE_TAKEN = -5, /* another UE has the address and port */
	FLOW_LIFE_MANY = -7,  /* the subscriber has as many sets as he may */
	FLOW_LIFE_LATE = -6,  /* a later REGISTER has ended the registration; nothing was changed */
	FLOW_LIFE_SPI = -4,   /* the UE's SPIs already name SAs of this set; nothing was changed */
};

/*
 * 401: make the temporary SA set a->sa (SPIs and ports complete) in the set of the attempt, or in a
 * new pending set; in a new one, too, if the set it came over has ended and only carries this
 * answer (a phone that registers again right after the network has ended its registration). fx:
 * what it replaces goes, policies are set. *f and *slot name it. Where a REGISTER in clear offers
 * SPIs that the same UE has already, the new set is made without the SAs that would have their
 * names (sa_set.missing), until flow_take_spis(). The caller has added the four SAs
 * to the kernel before, or takes the set back with flow_unchallenge().
 */
int flow_challenge(struct flow_table *t, const struct flow_attempt *a, const struct flow_timers *tm,
		   int64_t now, struct flow_effects *fx, struct flow_set **f, unsigned *slot);

/*
 * What came over this temporary SA set was authentic, so its UE has the keys. If it offered SPIs
 * that its own older SA sets have (it has lost its state: reboot, flight mode), they are its now; the
 * older ones send no more, and end with the 200. Nothing happens to a set that lacks nothing.
 */
void flow_take_spis(struct flow_table *t, struct flow_set *f, unsigned slot, int64_t now,
		    struct flow_effects *fx);

/* The kernel would not have it: as if the 401 had not come. */
void flow_unchallenge(struct flow_table *t, struct flow_set *f, unsigned slot,
		      struct flow_effects *fx);

/*
 * For how many seconds the kernel shall keep the SAs of a challenge (sa_set.life_s): as long as the
 * REGISTER asks for, a week at most, so that the 200 seldom has to change it.
 */
uint32_t flow_first_life(const struct flow_timers *tm, uint32_t asked_s);

/* What the 200 said. */
struct flow_grant {
	int64_t expires_s; /* above 0 */
	uint32_t keepalive_s;
	struct slice
	    impus; /* one a line; they join those of other addresses of record of the set */
	struct slice service_route;
};

/*
 * 200 with an expiry above 0. fx and its notices tell what follows. A set that has just ended is
 * registered again by it: the home network registered the UE after it had ended the registration.
 * But a 200 that a de-registration has overtaken changes nothing (FLOW_LIFE_LATE).
 */
int flow_accept(struct flow_table *t, const struct flow_attempt *a, const struct flow_grant *g,
		const struct flow_timers *tm, int64_t now, struct flow_effects *fx,
		struct flow_set **f);

/*
 * Whether the 200 to this REGISTER, if it is an initial one, ends g: the same instance-id and
 * reg-id, or, without reg-id, the same address (RFC 5626 6, TS 24.229 5.2.2). An emergency
 * registration and an ordinary one never end one another.
 */
bool flow_replaces(const struct flow_attempt *a, const struct flow_set *g);

/* Final answer that is neither 200 nor 401. */
void flow_refuse(struct flow_table *t, const struct flow_attempt *a, const struct flow_timers *tm,
		 int64_t now, struct flow_effects *fx);

/*
 * 200 that ends the registration of a->aor: the set closes, or is kept while held; if other
 * addresses of record are registered over it, it stays as it is. The 200 itself still travels over
 * the SA set of its REGISTER.
 */
void flow_deregister(struct flow_table *t, const struct flow_attempt *a,
		     const struct flow_timers *tm, int64_t now, struct flow_effects *fx);

/*
 * What came authentic over the SA set with this spi_ps or spi_pc of the UE at this (inner) address
 * and port was sent from outer and port: if it is the same NAT, answers go to the new port. False:
 * no such SA set, or another NAT, whose packets change nothing.
 */
bool flow_mapped(struct flow_table *t, const struct netaddr *ue, uint16_t ue_port, uint32_t spi,
		 const struct netaddr *outer, uint16_t port, struct flow_effects *fx);

/* The UE sent something; slot is the SA set it came over, or -1 without IPsec. */
void flow_seen(struct flow_table *t, struct flow_set *f, int slot, const struct flow_timers *tm,
	       int64_t now, struct flow_effects *fx);

/* Whether flow_seen() would change more than the time of the last sign of life. */
bool flow_seen_matters(const struct flow_set *f, int slot);

/* The registration is over: close the set, or keep it while it is held. */
void flow_end(struct flow_table *t, struct flow_set *f, const char *reason,
	      const struct flow_timers *tm, int64_t now, struct flow_effects *fx);

/* End it by command, held or not. */
void flow_drop(struct flow_table *t, struct flow_set *f, const char *reason,
	       const struct flow_timers *tm, int64_t now, struct flow_effects *fx);

/* Free it and its SAs now (its SAs are gone from the kernel anyway, or it is replaced). */
void flow_remove(struct flow_table *t, struct flow_set *f, struct flow_effects *fx);

/* Keep it until until_ms, or, with 0, no longer. */
void flow_hold(struct flow_table *t, struct flow_set *f, int64_t until_ms,
	       const struct flow_timers *tm, int64_t now, struct flow_effects *fx);

/*
 * Do what the time asks for, from place *at on; stops early when fx is nearly full. True: all
 * places were visited and *at is 0 again.
 */
bool flow_tick(struct flow_table *t, uint32_t *at, const struct flow_timers *tm, int64_t now,
	       struct flow_effects *fx);

/* Whether an SA set may be used to send to the UE, best one first: the slot, or -1. */
int flow_sending_slot(const struct flow_set *f);

/* A set that still routes requests to the UE. */
static inline bool flow_alive(const struct flow_set *f)
{
	return f->state == FLOW_ACTIVE || f->state == FLOW_HELD;
}

/*
 * The set and SA set over which a packet came: from the UE's address and port to our local address
 * and port. *slot is -1 without IPsec. NULL: none.
 */
struct flow_set *flow_by_received(struct flow_table *t, const struct netaddr *ue, uint16_t ue_port,
				  const struct netaddr *local, uint16_t local_port, uint8_t proto,
				  int *slot);

/* The SA set of f with this spi_ps: its slot, or -1. */
int flow_slot_of_spi(const struct flow_set *f, uint32_t spi_ps);

/* The SA set of this UE and port (port_uc or port_us) whose spi_ps is this; NULL: none. */
struct flow_set *flow_by_spi(struct flow_table *t, const struct netaddr *ue, uint16_t port,
			     uint32_t spi_ps, int *slot);

/*
 * The set that reaches a UE at this address and server port (port_us, or the port of a plain flow).
 * local may be NULL. NULL: none alive.
 */
struct flow_set *flow_by_server(struct flow_table *t, const struct netaddr *ue, uint16_t port,
				const struct netaddr *local);

#endif
