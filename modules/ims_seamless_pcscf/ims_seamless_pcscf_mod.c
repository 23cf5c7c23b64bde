/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * P-CSCF half of seamless IMS session mobility (C1-062198): a REGISTER with option tag seamless-ims
 * keeps the SA sets of earlier connections; connections without bindings stay while sessions linger
 * on them, as the S-CSCF says by the reg event. ims_flow owns the SA sets.
 */
#include "seamless.h"

#include "../../core/dprint.h"
#include "../../core/parser/parse_uri.h"
#include "../../core/tcp_options.h"
#include "../../core/timer.h"
#include "sip/option_tags.h"

MODULE_VERSION

struct seamless_params seamless_params = {
    .enabled = 1,
    .check_contacts = 1,
    .linger_grace_seconds = 5,
    .linger_max_seconds = 3600,
    .drain_seconds = 2,
    .settle_seconds = 5,
    .subscribe_seconds = 600000,
    .retry_seconds = 1,
    .retry_max_seconds = 300,
    .retries = 8,
    .connections_max = 100000,
    .sessions_max = 400000,
};

struct ims_flow_api seamless_flow;
struct tm_binds seamless_tm;

static int w_check(sip_msg_t *msg, char *p1, char *p2)
{
	return ki_seamless_check(msg);
}

static int w_register(sip_msg_t *msg, char *p1, char *p2)
{
	return ki_seamless_register(msg);
}

static int w_register_reply(sip_msg_t *msg, char *p1, char *p2)
{
	return ki_seamless_register_reply(msg);
}

static int w_notify(sip_msg_t *msg, char *p1, char *p2)
{
	return ki_seamless_notify(msg);
}

static int w_dialog(sip_msg_t *msg, char *p1, char *p2)
{
	return ki_seamless_dialog(msg);
}

static int w_session(sip_msg_t *msg, char *p1, char *p2)
{
	return ki_seamless_session(msg);
}

/* For one release. */
#define OLD_NAME(name)                                                                             \
	static int fixup_old_##name(void **param, int no)                                          \
	{                                                                                          \
		return kam_old_name("seamless_" #name "()", "seamless_pcscf_" #name "()");         \
	}
OLD_NAME(check)
OLD_NAME(register)
OLD_NAME(register_reply)
OLD_NAME(notify)
OLD_NAME(session)

/* REQUEST_ROUTE of register_reply: the parser knows no other kind for a route that an onreply_route
 * calls. */
#define CFG_FUNCTIONS(X)                                                                           \
	X(check, REQUEST_ROUTE)                                                                    \
	X(register, REQUEST_ROUTE)                                                                 \
	X(register_reply, REQUEST_ROUTE | ONREPLY_ROUTE)                                           \
	X(notify, REQUEST_ROUTE)                                                                   \
	X(session, REQUEST_ROUTE)
#define CFG_NAME(name, routes)	   {"seamless_pcscf_" #name, w_##name, 0, 0, 0, routes},
#define CFG_OLD_NAME(name, routes) {"seamless_" #name, w_##name, 0, fixup_old_##name, 0, routes},

static cmd_export_t cmds[] = {CFG_FUNCTIONS(CFG_NAME) CFG_NAME(dialog, REQUEST_ROUTE)
				  CFG_FUNCTIONS(CFG_OLD_NAME){0, 0, 0, 0, 0, 0}};

static param_export_t params[] = {
    {"enabled", PARAM_INT, &seamless_params.enabled},
    {"pcscf_uri", PARAM_STR, &seamless_params.pcscf_uri},
    {"contact_uri", PARAM_STR, &seamless_params.contact_uri},
    {"subscribe_route", PARAM_STR, &seamless_params.subscribe_route},
    {"known_options", PARAM_STR, &seamless_params.known_options},
    {"check_contacts", PARAM_INT, &seamless_params.check_contacts},
    {"linger_grace_seconds", PARAM_INT, &seamless_params.linger_grace_seconds},
    {"linger_max_seconds", PARAM_INT, &seamless_params.linger_max_seconds},
    {"drain_seconds", PARAM_INT, &seamless_params.drain_seconds},
    {"settle_seconds", PARAM_INT, &seamless_params.settle_seconds},
    {"subscribe_seconds", PARAM_INT, &seamless_params.subscribe_seconds},
    {"retry_seconds", PARAM_INT, &seamless_params.retry_seconds},
    {"retry_max_seconds", PARAM_INT, &seamless_params.retry_max_seconds},
    {"retries", PARAM_INT, &seamless_params.retries},
    {"connections_max", PARAM_INT, &seamless_params.connections_max},
    {"sessions_max", PARAM_INT, &seamless_params.sessions_max},
    {0, 0, 0},
};

#define KEMI_NO_PARAMS                                                                             \
	{                                                                                          \
		SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE,         \
		    SR_KEMIP_NONE                                                                  \
	}

#define KEMI_NAME(module, name)                                                                    \
	{                                                                                          \
		str_init(module), str_init(#name), SR_KEMIP_INT, ki_seamless_##name,               \
		    KEMI_NO_PARAMS                                                                 \
	}
#define KEMI_NAMES(module)                                                                         \
	KEMI_NAME(module, check), KEMI_NAME(module, register), KEMI_NAME(module, register_reply),  \
	    KEMI_NAME(module, notify), KEMI_NAME(module, session),                                 \
	{                                                                                          \
		{0, 0}, {0, 0}, 0, NULL,                                                           \
		{                                                                                  \
			0, 0, 0, 0, 0, 0                                                           \
		}                                                                                  \
	}

static sr_kemi_t kemi[] = {KEMI_NAME("seamless_pcscf", dialog), KEMI_NAMES("seamless_pcscf")};
/* For one release; no other module has this name. */
static sr_kemi_t old_kemi[] = {KEMI_NAMES("ims_seamless_pcscf")};

static bool uri_is_good(const char *name, const str *uri)
{
	sip_uri_t parts;

	if (uri->len > 0 && uri->len < PCSCF_URI_MAX && parse_uri(uri->s, uri->len, &parts) == 0)
		return true;
	LM_ERR("modparam %s is not a SIP URI: '%.*s'\n", name, uri->len, uri->s ? uri->s : "");
	return false;
}

static bool between(const char *name, int value, int least, int most)
{
	if (value >= least && value <= most)
		return true;
	LM_ERR("modparam %s is %d, not in %d..%d\n", name, value, least, most);
	return false;
}

static bool params_are_good(void)
{
	struct seamless_params *p = &seamless_params;

	if (!p->pcscf_uri.s || p->pcscf_uri.len == 0) {
		LM_ERR("set modparam pcscf_uri to this P-CSCF's SIP URI, with host and port as in "
		       "its Path\n");
		return false;
	}
	if (!p->contact_uri.s || p->contact_uri.len == 0)
		p->contact_uri = p->pcscf_uri;
	if (sip_option_tags_has(slice_of(p->known_options), SLICE_LIT("sec-agree")) < 0) {
		LM_ERR("modparam known_options is not a list of option tags\n");
		return false;
	}
	return uri_is_good("pcscf_uri", &p->pcscf_uri) &&
	       uri_is_good("contact_uri", &p->contact_uri) &&
	       (p->subscribe_route.len == 0 ||
		uri_is_good("subscribe_route", &p->subscribe_route)) &&
	       between("linger_grace_seconds", p->linger_grace_seconds, 0, 3600) &&
	       between("linger_max_seconds", p->linger_max_seconds, 1, 86400) &&
	       between("drain_seconds", p->drain_seconds, 0, 60) &&
	       between("settle_seconds", p->settle_seconds, 0, 60) &&
	       between("subscribe_seconds", p->subscribe_seconds, 60, 2000000) &&
	       between("retry_seconds", p->retry_seconds, 1, 3600) &&
	       between("retry_max_seconds", p->retry_max_seconds, 1, 86400) &&
	       between("retries", p->retries, 1, 1000) &&
	       between("connections_max", p->connections_max, 1, 10000000) &&
	       between("sessions_max", p->sessions_max, 1, 10000000);
}

static int mod_init(void)
{
	if (!params_are_good())
		return -1;
	if (load_tm_api(&seamless_tm) < 0) {
		LM_ERR("load module tm first\n");
		return -1;
	}
	if (kam_reply_init() || kam_old_rpcs(seamless_old_rpc))
		return -1;
	if (seamless_flow_init() < 0 ||
	    seamless_counters_init("seamless_pcscf", kam_old_names_clash() ? NULL : "seamless") <
		0 ||
	    seamless_state_init() < 0)
		return -1;
	if (seamless_event_init() < 0)
		return -1;
	/* seamless_pcscf_check() rewrites the buffer of a REGISTER; over TCP it must not be the
	 * connection's own. */
	tcp_set_clone_rcvbuf(1);
	if (register_timer(seamless_tick, NULL, 1) < 0) {
		LM_ERR("cannot register the timer\n");
		return -1;
	}
	return 0;
}

static void mod_destroy(void)
{
	seamless_state_destroy();
}

int mod_register(char *path, int *dlflags, void *p1, void *p2)
{
	sr_kemi_modules_add(kemi);
	sr_kemi_modules_add(old_kemi);
	/* The other seamless module knows $seamless(...), too; who is loaded first has the name. */
	if (!find_module_by_name("ims_seamless_scscf"))
		register_pvars_mod(path, seamless_old_pvs);
	return 0;
}

struct module_exports exports = {
    "ims_seamless_pcscf", DEFAULT_DLFLAGS, cmds, params, seamless_rpc, seamless_pvs, 0, mod_init, 0,
    mod_destroy,
};
