/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/ims_flow/world.h"

#include <check.h>
#include <stdlib.h>

struct flow_table *world;
struct flow_timers timers = {
    .reg_await_ms = 240000, .linger_ms = 32000, .slack_ms = 30000, .silence_ms = 30000};
int64_t now;
struct kept_clock clock_now;
struct flow_effects fx;
struct flow_notice last_notice;
unsigned notice_count;

static void *memory;
static size_t bytes;
static uint32_t max_sets, next_spi;

#define NOTED 512
static struct {
	struct netaddr ue;
	struct sa_set sa;
	int64_t dies_ms; /* the kernel deletes them then */
} sas[NOTED];
static unsigned n_sas;
static struct {
	struct netaddr ue;
	uint16_t port;
	uint8_t pair;
	uint32_t spi_ps;
} pairs[NOTED];
static unsigned n_pairs;

static struct netaddr ip(const char *addr)
{
	struct netaddr a = {.family = 4, .ip = {10, 1, 0, (uint8_t)atoi(addr)}};

	return a;
}

void world_new(uint32_t max)
{
	uint32_t torn;

	free(memory);
	clock_now = (struct kept_clock){.boot = "first", .now_ms = 1000000, .wall_ms = 5000000};
	max_sets = max;
	bytes = flow_table_bytes(max);
	memory = calloc(1, bytes);
	ck_assert_ptr_nonnull(memory);
	ck_assert_int_eq(flow_table_attach(memory, bytes, max, &(struct keyed_hash_key){{99, 7}},
					   &clock_now, &world, &torn),
			 FLOW_TABLE_NEW);
	now = 1000000;
	next_spi = 10000;
	n_sas = n_pairs = notice_count = 0;
	memset(&fx, 0, sizeof(fx));
}

int world_restart(uint32_t *torn)
{
	/* Another process: the mapping lies elsewhere, and the hash key is another one. */
	void *moved = malloc(bytes);

	memcpy(moved, memory, bytes);
	free(memory);
	memory = moved;
	return flow_table_attach(memory, bytes, max_sets, &(struct keyed_hash_key){{12345, 7}},
				 &clock_now, &world, torn);
}

static unsigned find_pair(const struct netaddr *ue, uint16_t port, uint8_t pair)
{
	unsigned i;

	for (i = 0; i < n_pairs; i++)
		if (netaddr_ip_eq(&pairs[i].ue, ue) && pairs[i].port == port &&
		    pairs[i].pair == pair)
			break;
	return i;
}

static unsigned find_sa(const struct netaddr *ue, uint32_t spi_ps)
{
	unsigned i;

	for (i = 0; i < n_sas; i++)
		if (netaddr_ip_eq(&sas[i].ue, ue) && sas[i].sa.spi_ps == spi_ps)
			break;
	return i;
}

void carry_out(void)
{
	ck_assert_uint_eq(fx.lost, 0);
	for (unsigned i = 0; i < fx.n; i++) {
		const struct flow_effect *e = &fx.fx[i];
		uint16_t port = e->pair == SA_PAIR_UC ? e->sa.port_uc : e->sa.port_us;
		unsigned at = find_pair(&e->ue, port, e->pair), s = find_sa(&e->ue, e->sa.spi_ps);

		switch (e->kind) {
		case FX_PAIR_SET:
			if (at == n_pairs)
				n_pairs++;
			pairs[at].ue = e->ue;
			pairs[at].port = port;
			pairs[at].pair = e->pair;
			pairs[at].spi_ps = e->sa.spi_ps;
			break;
		case FX_PAIR_DEL:
			ck_assert_msg(at < n_pairs, "a policy is deleted that is not there");
			pairs[at] = pairs[--n_pairs];
			break;
		case FX_SA_DEL:
			ck_assert_msg(s < n_sas, "SAs are deleted that are not there");
			sas[s] = sas[--n_sas];
			break;
		case FX_SA_REST:
			ck_assert_msg(s < n_sas, "the rest of SAs that are not there");
			ck_assert_uint_ne(e->sa.missing, 0);
			ck_assert_uint_gt(e->lifetime_s, 0);
			sas[s].sa.missing = 0;
			break;
		case FX_ENCAP:
			ck_assert_msg(s < n_sas, "the port of SAs that are not there");
			sas[s].sa.encap_port = e->sa.encap_port;
			break;
		case FX_LIFETIME:
			ck_assert_msg(s < n_sas, "lifetime of SAs that are not there");
			sas[s].dies_ms = now + e->lifetime_s * 1000ll;
			break;
		}
	}
	/* No policy ever names SAs that do not exist. */
	for (unsigned i = 0; i < n_pairs; i++)
		ck_assert_msg(find_sa(&pairs[i].ue, pairs[i].spi_ps) < n_sas,
			      "a policy names SAs that are gone");
	/* The kernel deletes no SAs that a set still counts on. */
	for (uint32_t i = 0; i < flow_table_max(world); i++) {
		const struct flow_set *f = flow_at(world, i);

		for (int k = 0; f && k < FLOW_SA_SETS; k++)
			if (f->sa[k].state != SA_FREE)
				ck_assert_msg(sas[find_sa(&f->ue, f->sa[k].spi_ps)].dies_ms >=
						  f->sa[k].ends_ms,
					      "SAs die before their set");
	}
	if (fx.n_notices)
		last_notice = fx.notices[fx.n_notices - 1];
	notice_count += fx.n_notices;
	fx.n = fx.n_notices = 0;
}

struct flow_attempt attempt_of(struct phone *p, bool over)
{
	static uint64_t next_id = 0x1000, order;
	struct flow_attempt a = {
	    .ipsec = p->uc != 0, .proto = 17, .ue = ip(p->addr), .local = ip("1")};

	a.local_port = over ? PORT_PS : 5060;
	a.ue_port = p->plain_port ? p->plain_port : 5060;
	a.reg_id = p->reg_id;
	a.beside = p->beside;
	a.emergency = p->emergency;
	a.order = ++order;
	strcpy(a.impi, p->impi);
	strcpy(a.instance, p->instance ? p->instance : "");
	strcpy(a.contact, "sip:c");
	strcpy(a.aor, p->aor ? p->aor : "sip:a@h");
	a.over_set = over;
	a.protected_ = over && a.ipsec;
	a.set_id = over ? p->id : next_id++;
	a.spare_id = next_id++;
	a.over_spi = p->spi_ps;
	if (a.ipsec) {
		a.sa.port_uc = p->uc;
		a.sa.port_us = p->us;
		a.sa.port_pc = PORT_PC;
		a.sa.port_ps = PORT_PS;
		a.sa.alg = 2;
		a.sa.life_s = flow_first_life(&timers, next_id % 2 ? 60 : 3600);
		if (p->nat) {
			a.sa.outer = ip(p->nat);
			a.sa.encap_port = 4500;
		}
		a.sa.spi_uc = next_spi++;
		a.sa.spi_us = next_spi++;
		a.sa.spi_pc = next_spi++;
		a.sa.spi_ps = next_spi++;
	}
	return a;
}

struct flow_set *challenge(struct phone *p, bool over)
{
	struct flow_attempt a = attempt_of(p, over);
	struct flow_set *f;
	unsigned slot;

	ck_assert_int_eq(flow_challenge(world, &a, &timers, now, &fx, &f, &slot), FLOW_LIFE_OK);
	ck_assert_uint_lt(n_sas, NOTED);
	sas[n_sas].ue = a.ue;
	sas[n_sas].dies_ms = now + a.sa.life_s * 1000ll;
	sas[n_sas++].sa = f->sa[slot];
	p->id = f->id;
	p->temp_spi = a.sa.spi_ps;
	carry_out();
	return f;
}

struct flow_set *accept_it(struct phone *p, int64_t expires_s)
{
	struct flow_grant g = {.expires_s = expires_s,
			       .impus = slice_str(p->impus ? p->impus : "sip:a@h\nsip:b@h")};
	struct flow_attempt a;
	struct flow_set *f;

	if (p->uc)
		p->spi_ps = p->temp_spi;
	a = attempt_of(p, p->uc != 0);
	ck_assert_int_eq(flow_accept(world, &a, &g, &timers, now, &fx, &f), FLOW_LIFE_OK);
	p->id = f->id;
	carry_out();
	return f;
}

struct flow_set *register_it(struct phone *p, bool over, int64_t expires_s)
{
	if (p->uc)
		challenge(p, over);
	return accept_it(p, expires_s);
}

void use(struct phone *p, uint32_t spi_ps)
{
	struct flow_set *f = flow_by_id(world, p->id);

	ck_assert_ptr_nonnull(f);
	for (int i = 0; i < FLOW_SA_SETS; i++)
		if (f->sa[i].state != SA_FREE && f->sa[i].spi_ps == spi_ps) {
			flow_seen(world, f, i, &timers, now, &fx);
			carry_out();
			return;
		}
	ck_abort_msg("the SA set is gone");
}

void pass(int64_t ms)
{
	static uint32_t at;
	int64_t end = now + ms;

	while (now < end) {
		now = now + 1000 < end ? now + 1000 : end;
		while (!flow_tick(world, &at, &timers, now, &fx))
			carry_out();
		carry_out();
	}
}

unsigned kernel_sa_sets(void)
{
	return n_sas;
}

unsigned kernel_pairs(void)
{
	return n_pairs;
}

uint16_t kernel_encap_port(const char *addr, uint32_t spi_ps)
{
	struct netaddr a = ip(addr);
	unsigned i = find_sa(&a, spi_ps);

	return i < n_sas ? sas[i].sa.encap_port : 0;
}

uint32_t kernel_pair_owner(const char *addr, uint16_t port, uint8_t pair)
{
	struct netaddr a = ip(addr);
	unsigned i = find_pair(&a, port, pair);

	return i < n_pairs ? pairs[i].spi_ps : 0;
}
