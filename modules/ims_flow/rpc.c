/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RPC: flow.list, flow.show, flow.drop, flow.stats, flow.reload_keys. No lock is held while an
 * answer is built. */
#include "modules/ims_flow/changes.h"
#include "modules/ims_flow/exports.h"
#include "modules/ims_flow/kernel.h"

#include "../../core/rpc.h"
#include "../../core/rpc_lookup.h"
#include "modules/ims_flow/core/flow_identities.h"

/* A copy of the n-th set at or after *place; false at the end. */
static bool next_set(uint32_t *place, struct flow_set *copy)
{
	bool found = false;

	TABLE_LOCK();
	for (; *place < flow_table_max(table) && !found; ++*place) {
		struct flow_set *f = flow_at(table, *place);

		if (f) {
			*copy = *f;
			found = true;
		}
	}
	TABLE_UNLOCK();
	return found;
}

static bool matches(const struct flow_set *f, const char *what)
{
	char addr[NETADDR_TEXT_MAX];

	netaddr_ip_text(&f->ue, addr);
	return !what || !strcmp(what, f->impi) || !strcmp(what, addr) ||
	       !strcmp(what, kam_id_text(f->id).text);
}

static void add_set(rpc_t *rpc, void *c, const struct flow_set *f)
{
	int64_t now = flow_now();
	char addr[NETADDR_TEXT_MAX], media[MEDIASEC_TEXT_MAX] = "";
	unsigned sa_sets = 0;
	void *h;

	(void)mediasec_build(f->media, media, sizeof(media), NULL);
	for (int i = 0; i < FLOW_SA_SETS; i++)
		sa_sets += f->sa[i].state != SA_FREE;
	netaddr_host_text(&f->ue, addr);
	if (rpc->add(c, "{", &h) < 0)
		return;
	rpc->struct_add(h, "sssssd", "id", kam_id_text(f->id).text, "state",
			state_name(&flow_set_table, f->state), "impi", f->impi, "contact",
			f->contact, "addr", addr, "reg_id", (int)f->reg_id);
	rpc->struct_add(h, "ssddd", "security", f->ipsec ? "ipsec" : "none", "mediasec", media,
			"sa_sets", (int)sa_sets, "expires",
			(int)(f->expires_ms > now ? (f->expires_ms - now) / 1000 : 0), "held",
			(int)(f->held_ms > now ? (f->held_ms - now) / 1000 : 0));
}

static void rpc_list(rpc_t *rpc, void *c)
{
	struct flow_set f;
	uint32_t place = 0;
	char *what = NULL;

	if (rpc->scan(c, "*s", &what) < 1)
		what = NULL; /* kamcmd leaves an empty string */
	while (next_set(&place, &f))
		if (matches(&f, what))
			add_set(rpc, c, &f);
}

static void add_sa(rpc_t *rpc, void *h, const struct flow_set *f, const struct sa_set *sa)
{
	struct kernel_usage u;
	int64_t now = flow_now();
	char ports[80], spis[80];
	void *s;

	lock_get(&shared->kernel_lock);
	kernel_usage(f, sa, &u);
	lock_release(&shared->kernel_lock);
	snprintf(ports, sizeof(ports), "uc=%u us=%u pc=%u ps=%u", sa->port_uc, sa->port_us,
		 sa->port_pc, sa->port_ps);
	snprintf(spis, sizeof(spis), "uc=%u us=%u pc=%u ps=%u", sa->spi_uc, sa->spi_us, sa->spi_pc,
		 sa->spi_ps);
	if (rpc->struct_add(h, "{", "sa_set", &s) < 0)
		return;
	rpc->struct_add(s, "sssss", "state", state_name(&flow_sa_table, sa->state), "alg",
			sec_agree_alg_name(sa->alg), "ealg", sec_agree_ealg_name(sa->ealg), "ports",
			ports, "spis", spis);
	rpc->struct_add(s, "dddd", "age", (int)((now - sa->made_ms) / 1000), "ends",
			(int)((sa->ends_ms - now) / 1000), "in_kernel", (int)u.present,
			"refused_packets", (int)u.drops);
	rpc->struct_add(s, "ffff", "in_bytes", (double)u.in_bytes, "in_packets",
			(double)u.in_packets, "out_bytes", (double)u.out_bytes, "out_packets",
			(double)u.out_packets);
}

static void rpc_show(rpc_t *rpc, void *c)
{
	struct flow_set f;
	uint32_t place = 0;
	char *what;
	int shown = 0;

	if (rpc->scan(c, "s", &what) < 1)
		return;
	while (next_set(&place, &f)) {
		char token[FLOW_TOKEN_LEN + 1], impus[FLOW_IMPUS_MAX];
		void *h;

		if (!matches(&f, what))
			continue;
		shown++;
		add_set(rpc, c, &f);
		TABLE_LOCK();
		flow_token_encode(&shared->keys, f.id, token);
		TABLE_UNLOCK();
		flow_identities_text(&f, impus);
		for (char *p = impus; *p; p++)
			if (*p == '\n')
				*p = ' ';
		if (rpc->add(c, "{", &h) < 0)
			return;
		rpc->struct_add(h, "sssd", "token", token, "impus", impus, "instance", f.instance,
				"keepalive", (int)f.keepalive_s);
		rpc->struct_add(h, "d", "silent_for", (int)((flow_now() - f.seen_ms) / 1000));
		for (int i = 0; i < FLOW_SA_SETS; i++)
			if (f.sa[i].state != SA_FREE)
				add_sa(rpc, h, &f, &f.sa[i]);
	}
	if (!shown)
		rpc->fault(c, 404, "No such flow set");
}

static void rpc_drop(rpc_t *rpc, void *c)
{
	struct flow_effects *fx;
	char *what;
	int dropped = 0;
	uint32_t place = 0;
	bool more = true;

	if (rpc->scan(c, "s", &what) < 1)
		return;
	while (more) {
		struct flow_set *f = NULL;

		fx = changes_begin();
		TABLE_LOCK();
		for (; place < flow_table_max(table) && !f; place++) {
			f = flow_at(table, place);
			if (f && (!matches(f, what) || f->state == FLOW_CLOSING))
				f = NULL;
		}
		if (f) {
			flow_drop(table, f, FLOW_REASON_DROPPED, &settings.timers, flow_now(), fx);
			dropped++;
		}
		more = f != NULL;
		TABLE_UNLOCK();
		changes_end(fx);
	}
	if (dropped)
		rpc->add(c, "d", dropped);
	else
		rpc->fault(c, 404, "No such flow set");
}

static void rpc_stats(rpc_t *rpc, void *c)
{
	unsigned by_state[FLOW_STATES] = {0}, sa_sets[SA_STATES] = {0};
	void *h;

	TABLE_LOCK();
	for (uint32_t i = 0; i < flow_table_max(table); i++) {
		struct flow_set *f = flow_at(table, i);

		if (!f)
			continue;
		by_state[f->state]++;
		for (int j = 0; j < FLOW_SA_SETS; j++)
			sa_sets[f->sa[j].state]++;
	}
	TABLE_UNLOCK();
	if (rpc->add(c, "{", &h) < 0)
		return;
	rpc->struct_add(h, "dddd", "pending", (int)by_state[FLOW_PENDING], "active",
			(int)by_state[FLOW_ACTIVE], "held", (int)by_state[FLOW_HELD], "closing",
			(int)by_state[FLOW_CLOSING]);
	rpc->struct_add(h, "dddd", "sa_temporary", (int)sa_sets[SA_TEMPORARY], "sa_new",
			(int)sa_sets[SA_NEW], "sa_in_use", (int)sa_sets[SA_IN_USE], "sa_old",
			(int)sa_sets[SA_OLD]);
	rpc->struct_add(h, "ddd", "max_sets", (int)flow_table_max(table), "bytes_per_set",
			(int)sizeof(struct flow_set), "ipsec", settings.ipsec);
}

static void rpc_reload_keys(rpc_t *rpc, void *c)
{
	if (keys_load(false) < 0)
		rpc->fault(c, 500, "Key file cannot be read: the old keys stay");
	else
		rpc->add(c, "d", (int)shared->keys.n);
}

static const char *doc_list[] = {"Flow sets, all or of an IMPI, address or id", 0};
static const char *doc_show[] = {"One flow set with its SAs and the kernel's counters", 0};
static const char *doc_drop[] = {"End flow sets of an IMPI, address or id", 0};
static const char *doc_stats[] = {"How many flow sets and SA sets in which state", 0};
static const char *doc_keys[] = {"Read the key file of the flow tokens again", 0};

rpc_export_t flow_rpc[] = {{"flow.list", rpc_list, doc_list, RET_ARRAY},
			   {"flow.show", rpc_show, doc_show, RET_ARRAY},
			   {"flow.drop", rpc_drop, doc_drop, 0},
			   {"flow.stats", rpc_stats, doc_stats, 0},
			   {"flow.reload_keys", rpc_reload_keys, doc_keys, 0},
			   {0, 0, 0, 0}};
