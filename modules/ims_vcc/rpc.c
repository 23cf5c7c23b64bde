/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_vcc/anchor.h"

#include "../../core/mem/mem.h"

#include "sip/name_addr.h"

#include <stdio.h>

enum { PAGE_ROWS = 100, ROW_MAX = 256 };

/* A copy, so that no RPC function is called under the lock; NULL: a fault was sent. */
static struct vcc_user *copy_of(rpc_t *rpc, void *ctx, str uri)
{
	struct vcc_user *copy = pkg_malloc(sizeof(*copy)), *u;
	bool found = false;

	if (!copy) {
		rpc->fault(ctx, 500, "No memory");
		return NULL;
	}
	u = vcc_users_find(vcc_lock(), slice_of(uri));
	if (u) {
		*copy = *u;
		found = true;
	}
	vcc_unlock();
	if (found)
		return copy;
	pkg_free(copy);
	rpc->fault(ctx, 404, "Nothing is known of such a user: vcc.users lists them");
	return NULL;
}

static void add_contacts(rpc_t *rpc, void *row, const struct vcc_user *u, int64_t now)
{
	void *list, *one;

	if (rpc->struct_add(row, "[", "contacts", &list) < 0)
		return;
	for (unsigned i = 0; i < VCC_CONTACTS_MAX; i++) {
		const struct vcc_contact *c = &u->contact[i];

		if (!c->uri[0])
			continue;
		rpc->array_add(list, "{", &one);
		rpc->struct_add(one, "ssdssssd", "uri", c->uri, "instance", c->instance, "reg_id",
				(int)c->reg_id, "access", c->access, "visited", c->visited, "tags",
				c->tags, "seen_in_reg_event", c->id[0] ? "yes" : "no",
				"expires_in_s", (int)vcc_left(c->expires_ms, now));
	}
}

static void add_identities(rpc_t *rpc, void *row, const struct vcc_user *u, int64_t now)
{
	void *list, *one;

	if (rpc->struct_add(row, "[", "identities", &list) < 0)
		return;
	for (unsigned i = 0; i < VCC_IDENTITIES_MAX; i++)
		if (u->identity[i].uri[0]) {
			rpc->array_add(list, "{", &one);
			rpc->struct_add(one, "sd", "uri", u->identity[i].uri, "told_for_s",
					(int)vcc_left(u->identity[i].told_ms, now));
		}
}

static const char *wish_of(const struct vcc_user *u, int64_t now)
{
	return vcc_wish_name(vcc_wishes_terminating(&u->wishes, vcc_last_access(u, now)));
}

static void rpc_user(rpc_t *rpc, void *ctx)
{
	int64_t now = vcc_now_ms();
	struct vcc_user *u;
	void *row;
	str uri;

	if (rpc->scan(ctx, "S", &uri) < 1) {
		rpc->fault(ctx, 400, "Say which identity: vcc.user sip:user@home");
		return;
	}
	u = copy_of(rpc, ctx, uri);
	if (!u)
		return;
	if (rpc->add(ctx, "{", &row) >= 0) {
		rpc->struct_add(row, "ssss", "user", vcc_user_name(u), "state",
				state_name(&vcc_registration_table, u->state), "private_identity",
				u->private_identity, "scscf", u->scscf);
		rpc->struct_add(row, "ddss", "told_for_s", (int)vcc_left(vcc_told_until(u), now),
				"voice", (int)vcc_has_voice(u, now), "access", u->access, "visited",
				u->visited);
		rpc->struct_add(row, "sss", "icid", u->icid, "orig_ioi", u->orig_ioi,
				"charging_functions", u->charging_functions);
		rpc->struct_add(row, "sssds", "cs", vcc_cs_name((enum vcc_cs_state)u->cs), "wish",
				wish_of(u, now), "wish_source",
				vcc_wish_source_name((enum vcc_wish_source)u->wish_source),
				"wish_version", u->wishes.has_version ? (int)u->wishes.version : -1,
				"wish_ignored", u->wish_ignored ? "yes" : "no");
		rpc->struct_add(row, "ssd", "service_info_wish",
				vcc_wish_name(u->by_default.terminating), "reg_event",
				state_name(&vcc_watch_table, u->watch.state), "reg_event_version",
				u->watch.version.seen ? (int)u->watch.version.version : -1);
		add_identities(rpc, row, u, now);
		add_contacts(rpc, row, u, now);
	}
	pkg_free(u);
}

struct line {
	char text[ROW_MAX];
};

static void rpc_users(rpc_t *rpc, void *ctx)
{
	struct line *page = pkg_malloc(PAGE_ROWS * sizeof(*page));
	int64_t now = vcc_now_ms();
	struct vcc_user *u;
	struct vcc_store *s;
	uint32_t at = 0;
	unsigned n = 0;
	int skip = 0;

	if (!page) {
		rpc->fault(ctx, 500, "No memory");
		return;
	}
	rpc->scan(ctx, "*d", &skip);
	s = vcc_lock();
	while (n < PAGE_ROWS && (u = vcc_users_next(s, &at)) != NULL) {
		struct slice access = vcc_last_access(u, now);

		if (skip-- > 0)
			continue;
		snprintf(page[n++].text, ROW_MAX, "%.120s %s %us access=%.*s cs=%s wish=%s",
			 vcc_user_name(u), state_name(&vcc_registration_table, u->state),
			 vcc_left(vcc_told_until(u), now), access.len ? (int)access.len : 1,
			 access.len ? access.p : "-", vcc_cs_name((enum vcc_cs_state)u->cs),
			 wish_of(u, now));
	}
	vcc_unlock();
	for (unsigned i = 0; i < n; i++)
		rpc->rpl_printf(ctx, "%s", page[i].text);
	pkg_free(page);
}

static void rpc_stats(rpc_t *rpc, void *ctx)
{
	unsigned states[VCC_REG_STATES] = {0}, watches = 0;
	struct vcc_store *s = vcc_lock();
	uint32_t max = vcc_users_max(s), count = vcc_users_count(s), at = 0;
	struct vcc_user *u;
	void *row;

	while ((u = vcc_users_next(s, &at)) != NULL) {
		states[u->state < VCC_REG_STATES ? u->state : 0]++;
		watches +=
		    u->watch.state == VCC_WATCH_ACTIVE || u->watch.state == VCC_WATCH_RENEWING;
	}
	vcc_unlock();
	if (rpc->add(ctx, "{", &row) < 0)
		return;
	rpc->struct_add(row, "dddddd", "users", (int)count, "max_users", (int)max, "registered",
			(int)states[VCC_REG_REGISTERED], "doubtful", (int)states[VCC_REG_DOUBTFUL],
			"not_registered", (int)states[VCC_REG_GONE], "subscriptions", (int)watches);
}

/* Change a record of a user who is known. */
static struct vcc_user *begin_change(rpc_t *rpc, void *ctx, str uri)
{
	struct vcc_user *u = vcc_users_find(vcc_lock(), slice_of(uri));

	if (u) {
		vcc_user_begin(u);
		return u;
	}
	vcc_unlock();
	rpc->fault(ctx, 404, "Nothing is known of such a user: vcc.users lists them");
	return NULL;
}

static void rpc_wish(rpc_t *rpc, void *ctx)
{
	enum vcc_wish wish;
	struct vcc_user *u;
	str uri, word;

	if (rpc->scan(ctx, "SS", &uri, &word) < 2 || vcc_wish_parse(slice_of(word), &wish)) {
		rpc->fault(ctx, 400,
			   "vcc.wish IDENTITY cs-preferred|ims-preferred|cs-only|ims-only|default");
		return;
	}
	u = begin_change(rpc, ctx, uri);
	if (!u)
		return;
	memset(&u->wishes, 0, sizeof(u->wishes));
	u->wishes.terminating = wish;
	u->wishes.has_terminating = wish != VCC_WISH_NONE;
	u->wish_source = wish == VCC_WISH_NONE ? VCC_FROM_NOBODY : VCC_FROM_RPC;
	u->wish_ms = vcc_now_ms();
	vcc_user_end(u);
	vcc_unlock();
	rpc->rpl_printf(ctx, "%s", vcc_wish_name(wish));
}

static void rpc_cs(rpc_t *rpc, void *ctx)
{
	enum vcc_cs_state cs;
	struct vcc_user *u;
	str uri, word;

	if (rpc->scan(ctx, "SS", &uri, &word) < 2 || vcc_cs_parse(slice_of(word), &cs)) {
		rpc->fault(ctx, 400, "vcc.cs IDENTITY attached|detached|unknown");
		return;
	}
	u = begin_change(rpc, ctx, uri);
	if (!u)
		return;
	u->cs = (uint8_t)cs;
	vcc_user_end(u);
	vcc_unlock();
	rpc->rpl_printf(ctx, "%s", vcc_cs_name(cs));
}

static const char *doc_users[] = {"Users, 100 lines at most: vcc.users [SKIP]", 0};
static const char *doc_user[] = {"All that is known of a user: vcc.user IDENTITY", 0};
static const char *doc_stats[] = {"How many users there are, and in which states", 0};
static const char *doc_wish[] = {"The user's domain preference: vcc.wish IDENTITY "
				 "cs-preferred|ims-preferred|cs-only|ims-only|default",
				 0};
static const char *doc_cs[] = {"Whether he is attached in CS: vcc.cs IDENTITY "
			       "attached|detached|unknown",
			       0};

static const char *doc_select[] = {"What would be chosen for a call to him: vcc.select IDENTITY",
				   0};
static const char *doc_reload[] = {"Read policy_file again", 0};

static const char *doc_calls[] = {"Anchored calls, 100 lines at most", 0};
static const char *doc_call_stats[] = {"How many calls there are, were anchored and moved", 0};

rpc_export_t vcc_rpc[] = {
    {"vcc.users", rpc_users, doc_users, RET_ARRAY},
    {"vcc.user", rpc_user, doc_user, 0},
    {"vcc.stats", rpc_stats, doc_stats, 0},
    {"vcc.wish", rpc_wish, doc_wish, 0},
    {"vcc.cs", rpc_cs, doc_cs, 0},
    {"vcc.calls", rpc_vcc_calls, doc_calls, RET_ARRAY},
    {"vcc.call_stats", rpc_vcc_call_stats, doc_call_stats, 0},
    {"vcc.select", rpc_vcc_select, doc_select, 0},
    {"vcc.reload", rpc_vcc_reload, doc_reload, 0},
    {0, 0, 0, 0},
};
