/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The application server of voice call continuity (TS 23.206, TS 24.206): what it knows of registrations, which domain
 * a call goes to, and the calls that it anchors and moves.
 */
#include "modules/common/pkg_pieces.h"
#include "modules/ims_vcc/anchor.h"

#include "../../core/dprint.h"
#include "../../core/parser/parse_uri.h"

MODULE_VERSION

struct vcc_params vcc_params = {
    .max_users = 10000,
    .max_calls = 1000,
    .ack_seconds = 32,
    .reg_event = 1,
    .subscribe_seconds = 600000,
    .retry_seconds = 5,
    .retry_max_seconds = 600,
    .doubt_seconds = 5,
    .forget_seconds = 604800,
};

struct tm_binds vcc_tm;

static int w_register(sip_msg_t *msg, char *p1, char *p2)
{
	return ki_vcc_register(msg);
}

static int w_notify(sip_msg_t *msg, char *p1, char *p2)
{
	return ki_vcc_notify(msg);
}

static int w_select(sip_msg_t *msg, char *p1, char *p2)
{
	return ki_vcc_select(msg);
}

static int w_anchor(sip_msg_t *msg, char *side, char *p2)
{
	str text = str_of_text(side);

	return ki_vcc_anchor(msg, &text);
}

static int fixup_side(void **param, int no)
{
	struct slice side = slice_str(*param);

	if (slice_eq(side, SLICE_LIT("orig")) || slice_eq(side, SLICE_LIT("term")))
		return 0;
	LM_ERR("vcc_anchor(\"%s\"): write \"orig\" or \"term\"\n", (char *)*param);
	return -1;
}

static int w_dialog(sip_msg_t *msg, char *p1, char *p2)
{
	return ki_vcc_dialog(msg);
}

static int w_cancel(sip_msg_t *msg, char *p1, char *p2)
{
	return ki_vcc_cancel(msg);
}

static cmd_export_t cmds[] = {
    {"vcc_register", w_register, 0, 0, 0, REQUEST_ROUTE},
    {"vcc_notify", w_notify, 0, 0, 0, REQUEST_ROUTE},
    {"vcc_select", w_select, 0, 0, 0, REQUEST_ROUTE},
    {"vcc_anchor", w_anchor, 1, fixup_side, 0, REQUEST_ROUTE},
    {"vcc_dialog", w_dialog, 0, 0, 0, REQUEST_ROUTE},
    {"vcc_cancel", w_cancel, 0, 0, 0, REQUEST_ROUTE},
    {0, 0, 0, 0, 0, 0},
};

static param_export_t params[] = {
    {"as_uri", PARAM_STR, &vcc_params.as_uri},
    {"trusted", PARAM_STR, &vcc_params.trusted},
    {"state_file", PARAM_STR, &vcc_params.state_file},
    {"policy_file", PARAM_STR, &vcc_params.policy_file},
    {"calls_file", PARAM_STR, &vcc_params.calls_file},
    {"peers", PARAM_STR, &vcc_params.peers},
    {"cs_route", PARAM_STR, &vcc_params.cs_route},
    {"max_calls", PARAM_INT, &vcc_params.max_calls},
    {"ack_seconds", PARAM_INT, &vcc_params.ack_seconds},
    {"max_users", PARAM_INT, &vcc_params.max_users},
    {"reg_event", PARAM_INT, &vcc_params.reg_event},
    {"subscribe_seconds", PARAM_INT, &vcc_params.subscribe_seconds},
    {"retry_seconds", PARAM_INT, &vcc_params.retry_seconds},
    {"retry_max_seconds", PARAM_INT, &vcc_params.retry_max_seconds},
    {"doubt_seconds", PARAM_INT, &vcc_params.doubt_seconds},
    {"forget_seconds", PARAM_INT, &vcc_params.forget_seconds},
    {0, 0, 0},
};

#define KEMI_NAME(name)                                                                            \
	{                                                                                          \
		str_init("vcc"), str_init(#name), SR_KEMIP_INT, ki_vcc_##name,                     \
		{                                                                                  \
			SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, \
			    SR_KEMIP_NONE                                                          \
		}                                                                                  \
	}
static sr_kemi_t kemi[] = {
    {str_init("vcc"),
     str_init("anchor"),
     SR_KEMIP_INT,
     ki_vcc_anchor,
     {SR_KEMIP_STR, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE}},
    KEMI_NAME(dialog),
    KEMI_NAME(cancel),
    KEMI_NAME(register),
    KEMI_NAME(notify),
    KEMI_NAME(select),
    {{0, 0}, {0, 0}, 0, NULL, {0, 0, 0, 0, 0, 0}}};

static bool between(const char *name, int value, int least, int most)
{
	if (value >= least && value <= most)
		return true;
	LM_ERR("modparam %s is %d, not in %d..%d\n", name, value, least, most);
	return false;
}

static bool params_are_good(void)
{
	struct vcc_params *p = &vcc_params;
	sip_uri_t parts;

	if (p->as_uri.len <= 0 || p->as_uri.len >= VCC_URI_MAX ||
	    parse_uri(p->as_uri.s, p->as_uri.len, &parts)) {
		LM_ERR("set modparam as_uri to this server's SIP URI, as the filter criteria name "
		       "it\n");
		return false;
	}
	if (p->cs_route.len > 0 &&
	    (p->cs_route.len >= VCC_URI_MAX || parse_uri(p->cs_route.s, p->cs_route.len, &parts))) {
		LM_ERR("modparam cs_route is no SIP URI\n");
		return false;
	}
	return between("max_calls", p->max_calls, 1, 65000) &&
	       between("ack_seconds", p->ack_seconds, 1, 64) &&
	       between("max_users", p->max_users, 1, 1000000) &&
	       between("reg_event", p->reg_event, 0, 1) &&
	       between("subscribe_seconds", p->subscribe_seconds, 60, 2000000) &&
	       between("retry_seconds", p->retry_seconds, 1, 3600) &&
	       between("retry_max_seconds", p->retry_max_seconds, 1, 86400) &&
	       between("doubt_seconds", p->doubt_seconds, 1, 60) &&
	       between("forget_seconds", p->forget_seconds, 1, 31536000);
}

static int mod_init(void)
{
	if (load_tm_api(&vcc_tm) < 0) {
		LM_ERR("load module tm first\n");
		return -1;
	}
	if (!params_are_good() || vcc_trusted_init())
		return -1;
	if (kam_reply_init() || vcc_counters_init("vcc", NULL) < 0 || vcc_events_init() ||
	    vcc_policies_init() || vcc_calls_init() || vcc_state_init())
		return -1;
	kam_pkg_pieces();
	return 0;
}

static void mod_destroy(void)
{
	vcc_state_destroy();
	vcc_calls_destroy();
}

int mod_register(char *path, int *dlflags, void *p1, void *p2)
{
	sr_kemi_modules_add(kemi);
	return 0;
}

struct module_exports exports = {
    "ims_vcc", DEFAULT_DLFLAGS, cmds, params, vcc_rpc, vcc_pvs, 0, mod_init, 0, mod_destroy,
};
