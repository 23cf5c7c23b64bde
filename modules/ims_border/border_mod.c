/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Module ims_border: exports, parameters, start-up. The P-CSCF's trust border: what phones write
 * about themselves does not reach the core, what the core says to itself does not reach phones, and
 * requests inside a dialog stay inside it.
 */
#include "modules/ims_border/border.h"

#include "../../core/kemi.h"

MODULE_VERSION

struct border_params border_params;
struct border_table border_table;
struct ims_flow_api border_flow;
struct tm_binds border_tm;

KAM_COUNTERS_DEFINE(border, BORDER_COUNTERS)

#define CFG_FUNCTIONS(X)                                                                           \
	X(register, REQUEST_ROUTE)                                                                 \
	X(register_answer, REQUEST_ROUTE | ONREPLY_ROUTE)                                          \
	X(dialog, REQUEST_ROUTE)                                                                   \
	X(cancel, REQUEST_ROUTE)                                                                   \
	X(ack, REQUEST_ROUTE)                                                                      \
	X(moved, REQUEST_ROUTE)                                                                    \
	X(from_ue, REQUEST_ROUTE)                                                                  \
	X(to_ue, REQUEST_ROUTE | FAILURE_ROUTE)                                                    \
	X(record_route, REQUEST_ROUTE | FAILURE_ROUTE)                                             \
	X(answer_readable, REQUEST_ROUTE | ONREPLY_ROUTE)                                          \
	X(answer_due, REQUEST_ROUTE | ONREPLY_ROUTE)                                               \
	X(answer_from_ue, REQUEST_ROUTE | ONREPLY_ROUTE)                                           \
	X(answer_to_ue, REQUEST_ROUTE | ONREPLY_ROUTE)

#define CFG_WRAPPER(name, routes)                                                                  \
	static int w_##name(sip_msg_t *msg, char *p1, char *p2)                                    \
	{                                                                                          \
		return ki_border_##name(msg);                                                      \
	}
CFG_FUNCTIONS(CFG_WRAPPER)

#define CFG_ROW(name, routes) {"border_" #name, (cmd_function)w_##name, 0, 0, 0, routes},
static cmd_export_t cmds[] = {CFG_FUNCTIONS(CFG_ROW){0, 0, 0, 0, 0, 0}};

static int rule_param(modparam_t type, void *value)
{
	const char *text = value;
	static bool begun;

	if (!begun)
		border_table_init(&border_table);
	begun = true;
	if (border_table_rule(&border_table, slice_str(text)) == 0)
		return 0;
	LM_ERR(
	    "modparam rule '%s' is not \"HEADER WAY pass|cut\", or this cell cannot be changed\n",
	    text);
	return -1;
}

static param_export_t params[] = {
    {"visited_network", PARAM_STR, &border_params.visited_network},
    {"icid_generated_at", PARAM_STR, &border_params.icid_generated_at},
    {"orig_ioi", PARAM_STR, &border_params.orig_ioi},
    {"term_ioi", PARAM_STR, &border_params.term_ioi},
    {"default_route", PARAM_STR, &border_params.default_route},
    {"emergency_route", PARAM_STR, &border_params.emergency_route},
    {"rule", PARAM_STRING | PARAM_USE_FUNC, (void *)rule_param},
    {0, 0, 0},
};

#define KEMI_ROW(name, routes)                                                                     \
	{str_init("border"),                                                                       \
	 str_init(#name),                                                                          \
	 SR_KEMIP_INT,                                                                             \
	 ki_border_##name,                                                                         \
	 {SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE,               \
	  SR_KEMIP_NONE}},
static sr_kemi_t kemi[] = {CFG_FUNCTIONS(KEMI_ROW){{0, 0}, {0, 0}, 0, NULL, {0, 0, 0, 0, 0, 0}}};

/* What goes into a header as it stands. */
static bool is_line(const char *name, const str *s)
{
	for (int i = 0; i < s->len; i++)
		if ((unsigned char)s->s[i] < ' ') {
			LM_ERR("modparam %s has control characters\n", name);
			return false;
		}
	return true;
}

static int mod_init(void)
{
	bind_ims_flow_f bind = (bind_ims_flow_f)(void *)find_export("bind_ims_flow", 1, 0);
	const struct border_params *p = &border_params;

	if (!bind || bind(&border_flow) < 0) {
		LM_ERR("load module ims_flow before ims_border: it knows whose a flow is\n");
		return -1;
	}
	if (load_tm_api(&border_tm) < 0) {
		LM_ERR("load module tm first\n");
		return -1;
	}
	if (!border_table.n)
		border_table_init(&border_table);
	if (!is_line("visited_network", &p->visited_network) ||
	    !is_line("icid_generated_at", &p->icid_generated_at) ||
	    !is_line("orig_ioi", &p->orig_ioi) || !is_line("term_ioi", &p->term_ioi) ||
	    !is_line("default_route", &p->default_route) ||
	    !is_line("emergency_route", &p->emergency_route))
		return -1;
	return kam_reply_init() || border_counters_init("border", NULL) ? -1 : 0;
}

int mod_register(char *path, int *dlflags, void *p1, void *p2)
{
	sr_kemi_modules_add(kemi);
	return 0;
}

struct module_exports exports = {
    "ims_border", DEFAULT_DLFLAGS, cmds, params, 0, 0, 0, mod_init, 0, 0,
};
