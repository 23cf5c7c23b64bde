/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Module ims_migration: exports, parameters, start-up. Where signalling crosses between two systems of partners it
 * replaces identities: what is valid inside by what the partner was told, and back (TR 23.781 6.2, solution 2).
 */
#include "modules/ims_migration/migration.h"

#include "../../core/kemi.h"
#include "../../core/mod_fix.h"
#include "../../core/rpc_lookup.h"
#include "../../core/sr_module.h"

#include "modules/common/reply.h"

MODULE_VERSION

struct migration_params migration_params = {
    .hide = 1, .max_bindings = 10000, .linger = 3600, .feed_seconds = 2, .feed_full_seconds = 600};
struct migration_policy migration_policy;
struct migration_partners migration_partners;

KAM_COUNTERS_DEFINE(migration, MIGRATION_COUNTERS)

static int w_swap(sip_msg_t *msg, char *p1, char *p2)
{
	return ki_migration_swap(msg);
}

static int w_swap_in(sip_msg_t *msg, char *p1, char *p2)
{
	return ki_migration_swap_in(msg);
}

static int w_swap_out(sip_msg_t *msg, char *p1, char *p2)
{
	return ki_migration_swap_out(msg);
}

static int w_from_partner(sip_msg_t *msg, char *p1, char *p2)
{
	return ki_migration_from_partner(msg);
}

static int w_swap_out_to(sip_msg_t *msg, char *p1, char *p2)
{
	str name;

	return fixup_get_svalue(msg, (gparam_t *)p1, &name) < 0
		   ? -1
		   : ki_migration_swap_out_to(msg, &name);
}

#define ROUTES (REQUEST_ROUTE | FAILURE_ROUTE | BRANCH_ROUTE | ONREPLY_ROUTE)
static cmd_export_t cmds[] = {
    {"migration_swap", (cmd_function)w_swap, 0, 0, 0, ROUTES},
    {"migration_swap_in", (cmd_function)w_swap_in, 0, 0, 0, ROUTES},
    {"migration_swap_out", (cmd_function)w_swap_out, 0, 0, 0, ROUTES},
    {"migration_swap_out", (cmd_function)w_swap_out_to, 1, fixup_spve_null, fixup_free_spve_null,
     ROUTES},
    {"migration_from_partner", (cmd_function)w_from_partner, 0, 0, 0, ROUTES},
    {0, 0, 0, 0, 0, 0}};

static int partner_param(modparam_t type, void *value)
{
	if (migration_partner_add(&migration_partners, slice_str(value)) == 0)
		return 0;
	LM_ERR("modparam partner '%s' is not \"NAME ADDRESS|NETWORK|HOST ...\", or one of them is "
	       "there "
	       "already\n",
	       (const char *)value);
	return -1;
}

/* The text stays where the cfg has it. */
static int list_param(struct migration_list *list, const char *name, const char *text)
{
	if (list->n < MIGRATION_LIST_MAX && *text && !strpbrk(text, " \t,;@")) {
		list->word[list->n++] = slice_str(text);
		return 0;
	}
	LM_ERR("modparam %s '%s' is not one word, or there are more than %d\n", name, text,
	       MIGRATION_LIST_MAX);
	return -1;
}

#define LIST_PARAM(name, member)                                                                   \
	static int name##_param(modparam_t type, void *value)                                      \
	{                                                                                          \
		return list_param(&migration_policy.member, #name, value);                         \
	}
LIST_PARAM(inside_domain, inside_domains)
LIST_PARAM(wire_domain, wire_domains)
LIST_PARAM(contact_host, hosts)
LIST_PARAM(opaque_type, opaque)

static param_export_t params[] = {
    {"partner", PARAM_STRING | PARAM_USE_FUNC, (void *)partner_param},
    {"hide", PARAM_INT, &migration_params.hide},
    {"keep_call_id", PARAM_INT, &migration_params.keep_call_id},
    {"swap_digest", PARAM_INT, &migration_params.swap_digest},
    {"inside_domain", PARAM_STRING | PARAM_USE_FUNC, (void *)inside_domain_param},
    {"wire_domain", PARAM_STRING | PARAM_USE_FUNC, (void *)wire_domain_param},
    {"contact_host", PARAM_STRING | PARAM_USE_FUNC, (void *)contact_host_param},
    {"opaque_type", PARAM_STRING | PARAM_USE_FUNC, (void *)opaque_type_param},
    {"max_bindings", PARAM_INT, &migration_params.max_bindings},
    {"linger", PARAM_INT, &migration_params.linger},
    {"feed", PARAM_STR, &migration_params.feed},
    {"feed_seconds", PARAM_INT, &migration_params.feed_seconds},
    {"feed_full_seconds", PARAM_INT, &migration_params.feed_full_seconds},
    {"state_file", PARAM_STR, &migration_params.state_file},
    {0, 0, 0},
};

#define NONE5 SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE
#define KEMI_ROW(name, function, first)                                                            \
	{                                                                                          \
		str_init("migration"), str_init(name), SR_KEMIP_INT, function,                     \
		{                                                                                  \
			first, NONE5                                                               \
		}                                                                                  \
	}
static sr_kemi_t kemi[] = {KEMI_ROW("swap", ki_migration_swap, SR_KEMIP_NONE),
			   KEMI_ROW("swap_in", ki_migration_swap_in, SR_KEMIP_NONE),
			   KEMI_ROW("swap_out", ki_migration_swap_out, SR_KEMIP_NONE),
			   KEMI_ROW("swap_out_to", ki_migration_swap_out_to, SR_KEMIP_STR),
			   KEMI_ROW("from_partner", ki_migration_from_partner, SR_KEMIP_NONE),
			   {{0, 0}, {0, 0}, 0, NULL, {0, 0, 0, 0, 0, 0}}};

static const struct {
	const char *name;
	const int *value;
	int min, max;
} bounds[] = {
    {"hide", &migration_params.hide, 0, 1},
    {"keep_call_id", &migration_params.keep_call_id, 0, 1},
    {"swap_digest", &migration_params.swap_digest, 0, 1},
    {"max_bindings", &migration_params.max_bindings, 1, 1000000},
    {"linger", &migration_params.linger, 0, 604800},
    {"feed_seconds", &migration_params.feed_seconds, 1, 3600},
    {"feed_full_seconds", &migration_params.feed_full_seconds, 1, 86400},
};

static int check_params(void)
{
	for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++)
		if (*bounds[i].value < bounds[i].min || *bounds[i].value > bounds[i].max) {
			LM_ERR("modparam %s is %d: %d to %d\n", bounds[i].name, *bounds[i].value,
			       bounds[i].min, bounds[i].max);
			return -1;
		}
	if (migration_partners.n)
		return 0;
	LM_ERR("no partner: write modparam(\"ims_migration\", \"partner\", \"NAME ADDRESS\")\n");
	return -1;
}

static int mod_init(void)
{
	if (check_params())
		return -1;
	migration_policy.hide = migration_params.hide;
	migration_policy.keep_call_id = migration_params.keep_call_id;
	migration_policy.swap_digest = migration_params.swap_digest;
	if (kam_reply_init() || migration_counters_init("migration", NULL) ||
	    migration_shared_init() || migration_store_load() || migration_received_init() ||
	    migration_sent_init() || migration_feed_init())
		return -1;
	if (rpc_register_array(migration_rpc) == 0)
		return 0;
	LM_ERR("RPC commands cannot be registered\n");
	return -1;
}

static int child_init(int rank)
{
	return rank == PROC_MAIN ? migration_feed_fork() : 0;
}

int mod_register(char *path, int *dlflags, void *p1, void *p2)
{
	sr_kemi_modules_add(kemi);
	return 0;
}

struct module_exports exports = {
    "ims_migration", DEFAULT_DLFLAGS,	       cmds, params, 0, migration_pvs, 0, mod_init,
    child_init,	     migration_shared_destroy,
};
