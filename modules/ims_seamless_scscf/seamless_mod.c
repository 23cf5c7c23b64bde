/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Module ims_seamless_scscf: exports, parameters, start-up. */
#include "modules/ims_seamless_scscf/glue.h"

#include <ctype.h>

#include "../../core/kemi.h"
#include "../../core/mem/shm_mem.h"
#include "../../core/mod_fix.h"
#include "../../core/pt.h"
#include "../../core/pvar.h"
#include "../../core/rpc_lookup.h"

#include "modules/common/old_names.h"
#include "modules/common/process.h"
#include "modules/common/reply.h"
#include "modules/common/wait.h"
#include "modules/ims_seamless_scscf/third_party.h"
#include "modules/ims_seamless_scscf/unregistered.h"

MODULE_VERSION

#define TICK_MS 100

struct tm_binds seamless_tm;
struct cdp_binds seamless_cdp;
usrloc_api_t seamless_ul;
udomain_t *seamless_domain;
uint64_t seamless_started_ms;

struct seamless_params seamless_params = {
    .scscf_name = STR_NULL,
    .cxdx_dest_realm = STR_NULL,
    .cxdx_forced_peer = STR_NULL,
    .domain = str_init("location"),
    .own_addresses = STR_NULL,
    .supported_tags = str_init("sec-agree,path,outbound"),
    .enabled = 1,
    .default_expires = 3600,
    .max_contacts = 8,
    .hash_size = 4096,
    .memory_kilobytes = 0,
    .memory_reserve_kilobytes = 1024,
    .session_max_seconds = 43200,
    .max_sessions = 1000000,
    .restart_seconds = 3600,
    .max_waiting = 10000,
    .unregistered_seconds = 300,
    .unregistered_max = 10000,
    .max_watchers = 128,
    .max_subscriptions = 32,
    .third_party = 1,
    .third_party_retries = 1,
    .third_party_retry_seconds = 5,
    .third_party_max = 10000,
};

static struct cfg_group_seamless start_values = {
    .linger_seconds = 30, .min_expires = 60, .max_expires = 600000};

static int missing(const char *module, const char *what)
{
	LM_ERR("%s is not loaded: load %s.so before ims_seamless_scscf.so (%s)\n", module, module,
	       what);
	return -1;
}

static int bind_modules(void)
{
	bind_usrloc_t bind_usrloc = (bind_usrloc_t)(void *)find_export("ul_bind_usrloc", 1, 0);

	if (!find_module_by_name("tm") || load_tm_api(&seamless_tm) < 0)
		return missing("tm", "transactions");
	if (kam_reply_init() || kam_wait_init((unsigned)seamless_params.max_waiting))
		return -1;
	if (!find_module_by_name("cdp") || load_cdp_api(&seamless_cdp) < 0)
		return missing("cdp", "Diameter towards the HSS");
	if (!find_module_by_name("ims_usrloc_scscf") || !bind_usrloc ||
	    bind_usrloc(&seamless_ul) < 0)
		return missing("ims_usrloc_scscf", "where bindings are kept");
	if (!find_module_by_name("ims_registrar_scscf"))
		return missing("ims_registrar_scscf",
			       "save() without the tag, SUBSCRIBE to the reg event");
	return 0;
}

/*
 * usrloc makes a domain of whatever name it is asked for. Before the first process is made, but after
 * mod_init, all functions of the cfg have named theirs: one that nobody has named would stay empty.
 * A KEMI script names domains when it runs.
 */
static int find_domain(void)
{
	struct slice wanted = slice_of(seamless_params.domain);
	char name[64];

	if (slice_copy(wanted, name, sizeof(name))) {
		LM_ERR("modparam domain is longer than %zu octets\n", sizeof(name) - 1);
		return -1;
	}
	if (seamless_ul.get_udomain(name, &seamless_domain) == 0)
		return 0;
	if ((sr_kemi_eng_get() || slice_eq(wanted, SLICE_LIT("location"))) &&
	    seamless_ul.register_udomain(name, &seamless_domain) == 0)
		return 0;
	LM_ERR("usrloc has no domain \"%s\", no function of the cfg names it: write "
	       "modparam(\"ims_seamless_scscf\", \"domain\", \"location\"), or the name that "
	       "subscribe_to_reg() and isc_match_filter() are called with\n",
	       name);
	return -1;
}

static bool is_domain_name(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!isalnum((unsigned char)s.p[i]) && s.p[i] != '-' && s.p[i] != '.')
			return false;
	return s.len > 0;
}

/* The name the HSS knows us by. "SCSCF_URI" is what stands there when a #!substdef was forgotten. */
static int check_name(void)
{
	str *name = &seamless_params.scscf_name;
	struct sip_uri uri;

	if (name->len <= 0 || seamless_params.cxdx_dest_realm.len <= 0) {
		LM_ERR("set the parameters scscf_name and cxdx_dest_realm (as for "
		       "ims_registrar_scscf)\n");
		return -1;
	}
	if (!is_domain_name(slice_of(seamless_params.cxdx_dest_realm))) {
		LM_ERR("modparam cxdx_dest_realm is no domain name: '%.*s'; where it reads "
		       "HOME_DOMAIN, a line #!substdef \"!HOME_DOMAIN!example.net!g\" is missing\n",
		       seamless_params.cxdx_dest_realm.len, seamless_params.cxdx_dest_realm.s);
		return -1;
	}
	if (parse_uri(name->s, name->len, &uri) < 0) {
		LM_ERR(
		    "modparam scscf_name is no SIP URI: '%.*s'; where it reads SCSCF_URI, a line "
		    "#!substdef \"!SCSCF_URI!sip:scscf.example.net:5060!g\" is missing\n",
		    name->len, name->s);
		return -1;
	}
	return 0;
}

static int check_bounds(void)
{
	if (seamless_params.untagged_old < 0 ||
	    seamless_params.untagged_old > SCSCF_UNTAGGED_KEEP) {
		LM_ERR("modparam untagged_old is %d: 0 or 1\n", seamless_params.untagged_old);
		return -1;
	}
	if (seamless_params.restart_seconds < 0 || seamless_params.memory_kilobytes < 0 ||
	    seamless_params.memory_reserve_kilobytes < 0) {
		LM_ERR("modparams restart_seconds, memory_kilobytes and memory_reserve_kilobytes "
		       "must not be negative\n");
		return -1;
	}
	if (start_values.min_expires < 0 ||
	    (start_values.max_expires > 0 && start_values.min_expires > start_values.max_expires)) {
		LM_ERR("modparam min_expires is %d and max_expires %d: min_expires must not be "
		       "larger\n",
		       start_values.min_expires, start_values.max_expires);
		return -1;
	}
	if (seamless_params.default_expires < start_values.min_expires) {
		LM_ERR(
		    "modparam default_expires is %d and min_expires %d: a REGISTER that names no "
		    "expiry would always be refused; default_expires must not be smaller\n",
		    seamless_params.default_expires, start_values.min_expires);
		return -1;
	}
	if (seamless_params.max_contacts < 0 ||
	    seamless_params.max_contacts > SCSCF_SET_BINDINGS_MAX) {
		LM_ERR("modparam max_contacts is %d, not in 0..%d (0: %d)\n",
		       seamless_params.max_contacts, SCSCF_SET_BINDINGS_MAX,
		       SCSCF_SET_BINDINGS_MAX);
		return -1;
	}
	return 0;
}

static int in_bounds(const char *name, int value, int least, int most)
{
	if (value >= least && value <= most)
		return 0;
	LM_ERR("modparam %s is %d: %d to %d\n", name, value, least, most);
	return -1;
}

/* Our network as who sends to an application server has it (RFC 7315 5.6, TS 24.229 7.2A.5). */
static int default_ioi(void)
{
	static char text[256];
	str *ioi = &seamless_params.third_party_orig_ioi;

	if (ioi->len > 0)
		return memchr(ioi->s, '"', (size_t)ioi->len) ? -1 : 0;
	ioi->s = text;
	ioi->len = snprintf(text, sizeof(text), "Type 3%.*s", seamless_params.cxdx_dest_realm.len,
			    seamless_params.cxdx_dest_realm.s);
	return ioi->len < (int)sizeof(text) ? 0 : -1;
}

static int check_third_party(void)
{
	const struct seamless_params *p = &seamless_params;

	if (in_bounds("third_party", p->third_party, 0, 1) ||
	    in_bounds("third_party_form", p->third_party_form, SCSCF_THIRD_PARTY_STANDARD,
		      SCSCF_THIRD_PARTY_SEED) ||
	    in_bounds("third_party_before_ms", p->third_party_before_ms, 0, 8000) ||
	    in_bounds("third_party_partial", p->third_party_partial, THIRD_PARTY_PARTIAL_REMAINING,
		      THIRD_PARTY_PARTIAL_NONE) ||
	    in_bounds("third_party_retries", p->third_party_retries, 0, 10) ||
	    in_bounds("third_party_retry_seconds", p->third_party_retry_seconds, 1, 32) ||
	    in_bounds("third_party_max", p->third_party_max, 1, 1000000) ||
	    in_bounds("unregistered_seconds", p->unregistered_seconds, 0, 86400) ||
	    in_bounds("unregistered_max", p->unregistered_max, 1, 1000000) ||
	    in_bounds("max_watchers", p->max_watchers, 1, 10000) ||
	    in_bounds("max_subscriptions", p->max_subscriptions, 1, 10000))
		return -1;
	if (!default_ioi())
		return 0;
	LM_ERR("modparam third_party_orig_ioi must be at most 255 octets without quotes\n");
	return -1;
}

static int usrloc_param(sr_module_t *usrloc, const char *name)
{
	modparam_t type;
	int *value = find_param_export(usrloc, (char *)name, PARAM_INT, &type);

	return value ? *value : 0;
}

/*
 * With a bound of its own usrloc removes (2) or refuses (1) contacts that this module keeps. With a
 * database it writes what it knows of a record when it is made, which is before the profile is there,
 * and reads that back after a restart.
 */
static int check_usrloc(void)
{
	sr_module_t *usrloc = find_module_by_name("ims_usrloc_scscf");
	int behaviour = usrloc ? usrloc_param(usrloc, "maxcontact_behaviour") : 0;
	int db_mode = usrloc ? usrloc_param(usrloc, "db_mode") : 0;

	if (db_mode != 0) {
		LM_ERR("ims_usrloc_scscf would lose the profile of everybody who registers here "
		       "over a "
		       "restart: set modparam(\"ims_usrloc_scscf\", \"db_mode\", 0), which is %d\n",
		       db_mode);
		return -1;
	}
	if (behaviour == 0 || (usrloc_param(usrloc, "maxcontact") <= 0 &&
			       usrloc_param(usrloc, "maxcontact_3gpp") <= 0))
		return 0;
	LM_ERR("ims_usrloc_scscf removes or refuses contacts by itself: set "
	       "modparam(\"ims_usrloc_scscf\", \"maxcontact_behaviour\", 0), which is %d; "
	       "max_contacts "
	       "of this module is the bound\n",
	       behaviour);
	return -1;
}

static int check_params(void)
{
	if (check_name() || check_bounds() || check_third_party() || check_usrloc())
		return -1;
	if (start_values.linger_seconds < 1 || seamless_params.default_expires < 1 ||
	    seamless_params.hash_size < 1 || seamless_params.session_max_seconds < 1 ||
	    seamless_params.max_sessions < 1 || seamless_params.max_waiting < 1) {
		LM_ERR("linger_seconds, default_expires, hash_size, session_max_seconds, "
		       "max_sessions and max_waiting must be positive\n");
		return -1;
	}
	return 0;
}

static void on_tick(uint64_t now_ms, void *arg)
{
	later_timer(now_ms);
	unregistered_timer(now_ms);
	effects_timer();
}

/* BYEs, NOTIFYs, event routes: all that is done outside the lock and in nobody's request. */
static struct kam_process process = {.name = "SEAMLESS S-CSCF",
				     .rank = PROC_TIMER,
				     .sends = true,
				     .tick_ms = TICK_MS,
				     .tick = on_tick};

static int mod_init(void)
{
	struct scscf_model *m;

	seamless_started_ms = kam_now_ms();
	if (check_params() || bind_modules())
		return -1;
	if (seamless_cfg_declare(&start_values) ||
	    seamless_counters_init("seamless_scscf", kam_old_names_clash() ? NULL : "seamless")) {
		LM_ERR("settings or counters could not be registered\n");
		return -1;
	}
	if (seamless_shared_init((uint32_t)seamless_params.hash_size,
				 (size_t)seamless_params.memory_kilobytes * 1024)) {
		LM_ERR("not enough shared memory: raise -m or lower hash_size\n");
		return -1;
	}
	if (memory_short()) {
		LM_ERR("only %lu kB of shared memory are free, and memory_reserve_kilobytes is %d: "
		       "raise -m\n",
		       shm_available() / 1024, seamless_params.memory_reserve_kilobytes);
		return -1;
	}
	m = seamless_lock();
	m->session_max_ms = (uint64_t)seamless_params.session_max_seconds * 1000;
	m->sessions_max = (size_t)seamless_params.max_sessions;
	m->owns_expiry = seamless_params.save_all != 0;
	seamless_unlock();
	if (usrloc_watch_init()) {
		LM_ERR("cannot follow ims_usrloc_scscf\n");
		return -1;
	}
	if (cx_push_init()) {
		LM_ERR("cannot follow RTR and PPR\n");
		return -1;
	}
	if (notify_watch_init()) {
		LM_ERR("cannot watch transactions\n");
		return -1;
	}
	if (event_route_init() || unregistered_init() || third_party_init() ||
	    rpc_register_array(third_party_rpc) || later_init() || kam_old_rpcs(seamless_old_rpc))
		return -1;
	return kam_process_register(&process);
}

static int child_init(int rank)
{
	if (rank == PROC_INIT)
		return find_domain();
	if (rank != PROC_MAIN)
		return 0;
	return cx_push_init_last() || third_party_fork() ? -1 : kam_process_fork(&process);
}

static void mod_destroy(void)
{
	seamless_shared_destroy();
}

/* ---- cfg and KEMI ---- */

static int w_check(struct sip_msg *msg, char *p1, char *p2)
{
	return seamless_check(msg);
}

static int w_save(struct sip_msg *msg, char *route, char *domain)
{
	str r, d;

	if (fixup_get_svalue(msg, (gparam_t *)route, &r) < 0 ||
	    fixup_get_svalue(msg, (gparam_t *)domain, &d) < 0)
		return -1;
	return seamless_save(msg, &r, &d);
}

static int w_wait(struct sip_msg *msg, char *route, char *p2)
{
	str r;

	return fixup_get_svalue(msg, (gparam_t *)route, &r) < 0 ? -1 : seamless_wait(msg, &r);
}

static int w_lookup(struct sip_msg *msg, char *p1, char *p2)
{
	return seamless_lookup(msg);
}

static int w_next(struct sip_msg *msg, char *p1, char *p2)
{
	return seamless_next(msg);
}

static int w_registered(struct sip_msg *msg, char *p1, char *p2)
{
	return seamless_registered(msg);
}

static int w_registered_half(struct sip_msg *msg, char *half, char *p2)
{
	str h;

	return fixup_get_svalue(msg, (gparam_t *)half, &h) < 0 ? -1
							       : seamless_registered_half(msg, &h);
}

static int w_barred(struct sip_msg *msg, char *half, char *p2)
{
	str h;

	return fixup_get_svalue(msg, (gparam_t *)half, &h) < 0 ? -1 : seamless_barred(msg, &h);
}

static int w_unregistered(struct sip_msg *msg, char *half, char *route)
{
	str h, r;

	if (fixup_get_svalue(msg, (gparam_t *)half, &h) < 0 ||
	    fixup_get_svalue(msg, (gparam_t *)route, &r) < 0)
		return -1;
	return seamless_unregistered(msg, &h, &r);
}

static int w_subscribe(struct sip_msg *msg, char *p1, char *p2)
{
	return seamless_subscribe(msg);
}

static int w_session(struct sip_msg *msg, char *p1, char *p2)
{
	return seamless_session(msg);
}

static int w_route(struct sip_msg *msg, char *p1, char *p2)
{
	return seamless_route(msg);
}

/* An old name of a function; its parameters are fixed as those of the new one. */
static int old_name(const char *name)
{
	char old[64], now[64];

	snprintf(old, sizeof(old), "seamless_%s()", name);
	snprintf(now, sizeof(now), "seamless_scscf_%s()", name);
	return kam_old_name(old, now);
}

static int fixup_old_check(void **param, int n)
{
	return old_name("check");
}

static int fixup_old_session(void **param, int n)
{
	return old_name("session");
}

static int fixup_old_route(void **param, int n)
{
	return old_name("route");
}

/* The domain of save() is that of the module; one function of it cannot have another. */
static int fixup_save(void **param, int n)
{
	struct slice domain = slice_str((const char *)*param);

	if (n == 2 && !memchr(domain.p, '$', domain.len) &&
	    !slice_eq(domain, slice_of(seamless_params.domain))) {
		LM_ERR("seamless_scscf_save() names domain \"%.*s\" and modparam domain is "
		       "\"%.*s\": write modparam(\"ims_seamless_scscf\", \"domain\", \"%.*s\")\n",
		       (int)domain.len, domain.p, seamless_params.domain.len,
		       seamless_params.domain.s, (int)domain.len, domain.p);
		return -1;
	}
	return fixup_spve_spve(param, n);
}

static int fixup_old_save(void **param, int n)
{
	return n == 1 && old_name("save") ? -1 : fixup_save(param, n);
}

static int fixup_half(void **param, int n, const char *function)
{
	const char *half = (const char *)*param;

	if (strcmp(half, "orig") != 0 && strcmp(half, "term") != 0) {
		LM_ERR("%s(\"%s\"): write \"orig\" or \"term\"\n", function, half);
		return -1;
	}
	return fixup_spve_null(param, n);
}

static int fixup_barred(void **param, int n)
{
	return fixup_half(param, n, "seamless_scscf_barred");
}

static int fixup_registered(void **param, int n)
{
	return fixup_half(param, n, "seamless_scscf_registered");
}

#define FUNCTION(f) ((cmd_function)(void *)(f))

static cmd_export_t cmds[] = {
    {"seamless_scscf_check", FUNCTION(w_check), 0, 0, 0, REQUEST_ROUTE},
    {"seamless_scscf_save", FUNCTION(w_save), 2, fixup_save, fixup_free_spve_spve, REQUEST_ROUTE},
    {"seamless_scscf_wait", FUNCTION(w_wait), 1, fixup_spve_null, fixup_free_spve_null,
     REQUEST_ROUTE},
    {"seamless_scscf_lookup", FUNCTION(w_lookup), 0, 0, 0, REQUEST_ROUTE},
    {"seamless_scscf_next", FUNCTION(w_next), 0, 0, 0,
     REQUEST_ROUTE | FAILURE_ROUTE | BRANCH_FAILURE_ROUTE},
    {"seamless_scscf_registered", FUNCTION(w_registered), 0, 0, 0, REQUEST_ROUTE},
    {"seamless_scscf_registered", FUNCTION(w_registered_half), 1, fixup_registered,
     fixup_free_spve_null, REQUEST_ROUTE},
    {"seamless_scscf_barred", FUNCTION(w_barred), 1, fixup_barred, fixup_free_spve_null,
     REQUEST_ROUTE},
    {"seamless_scscf_unregistered", FUNCTION(w_unregistered), 2, fixup_spve_spve,
     fixup_free_spve_spve, REQUEST_ROUTE | FAILURE_ROUTE},
    {"seamless_scscf_subscribe", FUNCTION(w_subscribe), 0, 0, 0, REQUEST_ROUTE},
    {"seamless_scscf_session", FUNCTION(w_session), 0, 0, 0, REQUEST_ROUTE},
    {"seamless_scscf_route", FUNCTION(w_route), 0, 0, 0, REQUEST_ROUTE},
    {"seamless_check", FUNCTION(w_check), 0, fixup_old_check, 0, REQUEST_ROUTE},
    {"seamless_save", FUNCTION(w_save), 2, fixup_old_save, fixup_free_spve_spve, REQUEST_ROUTE},
    {"seamless_session", FUNCTION(w_session), 0, fixup_old_session, 0, REQUEST_ROUTE},
    {"seamless_route", FUNCTION(w_route), 0, fixup_old_route, 0, REQUEST_ROUTE},
    {0, 0, 0, 0, 0, 0}};

static param_export_t params[] = {
    {"scscf_name", PARAM_STR, &seamless_params.scscf_name},
    {"cxdx_dest_realm", PARAM_STR, &seamless_params.cxdx_dest_realm},
    {"cxdx_forced_peer", PARAM_STR, &seamless_params.cxdx_forced_peer},
    {"domain", PARAM_STR, &seamless_params.domain},
    {"own_addresses", PARAM_STR, &seamless_params.own_addresses},
    {"supported_tags", PARAM_STR, &seamless_params.supported_tags},
    {"enabled", PARAM_INT, &seamless_params.enabled},
    {"linger_seconds", PARAM_INT, &start_values.linger_seconds},
    {"min_expires", PARAM_INT, &start_values.min_expires},
    {"max_expires", PARAM_INT, &start_values.max_expires},
    {"default_expires", PARAM_INT, &seamless_params.default_expires},
    {"max_contacts", PARAM_INT, &seamless_params.max_contacts},
    {"hash_size", PARAM_INT, &seamless_params.hash_size},
    {"memory_kilobytes", PARAM_INT, &seamless_params.memory_kilobytes},
    {"memory_reserve_kilobytes", PARAM_INT, &seamless_params.memory_reserve_kilobytes},
    {"session_max_seconds", PARAM_INT, &seamless_params.session_max_seconds},
    {"max_sessions", PARAM_INT, &seamless_params.max_sessions},
    {"restart_seconds", PARAM_INT, &seamless_params.restart_seconds},
    {"save_all", PARAM_INT, &seamless_params.save_all},
    {"untagged_old", PARAM_INT, &seamless_params.untagged_old},
    {"wait_clear", PARAM_INT, &seamless_params.wait_clear},
    {"max_waiting", PARAM_INT, &seamless_params.max_waiting},
    {"unregistered_seconds", PARAM_INT, &seamless_params.unregistered_seconds},
    {"unregistered_max", PARAM_INT, &seamless_params.unregistered_max},
    {"max_watchers", PARAM_INT, &seamless_params.max_watchers},
    {"max_subscriptions", PARAM_INT, &seamless_params.max_subscriptions},
    {"third_party", PARAM_INT, &seamless_params.third_party},
    {"third_party_form", PARAM_INT, &seamless_params.third_party_form},
    {"third_party_before_ms", PARAM_INT, &seamless_params.third_party_before_ms},
    {"third_party_partial", PARAM_INT, &seamless_params.third_party_partial},
    {"third_party_each_identity", PARAM_INT, &seamless_params.third_party_each_identity},
    {"third_party_credentials", PARAM_INT, &seamless_params.third_party_credentials},
    {"third_party_retries", PARAM_INT, &seamless_params.third_party_retries},
    {"third_party_retry_seconds", PARAM_INT, &seamless_params.third_party_retry_seconds},
    {"third_party_max", PARAM_INT, &seamless_params.third_party_max},
    {"third_party_trusted", PARAM_STR, &seamless_params.third_party_trusted},
    {"third_party_orig_ioi", PARAM_STR, &seamless_params.third_party_orig_ioi},
    {0, 0, 0}};

#define NONE SR_KEMIP_NONE
static sr_kemi_t kemi[] = {{str_init("seamless_scscf"),
			    str_init("wait"),
			    SR_KEMIP_INT,
			    seamless_wait,
			    {SR_KEMIP_STR, NONE, NONE, NONE, NONE, NONE}},
			   {str_init("seamless_scscf"),
			    str_init("lookup"),
			    SR_KEMIP_INT,
			    seamless_lookup,
			    {NONE, NONE, NONE, NONE, NONE, NONE}},
			   {str_init("seamless_scscf"),
			    str_init("next"),
			    SR_KEMIP_INT,
			    seamless_next,
			    {NONE, NONE, NONE, NONE, NONE, NONE}},
			   {str_init("seamless_scscf"),
			    str_init("registered"),
			    SR_KEMIP_INT,
			    seamless_registered,
			    {NONE, NONE, NONE, NONE, NONE, NONE}},
			   {str_init("seamless_scscf"),
			    str_init("barred"),
			    SR_KEMIP_INT,
			    seamless_barred,
			    {SR_KEMIP_STR, NONE, NONE, NONE, NONE, NONE}},
			   {str_init("seamless_scscf"),
			    str_init("check"),
			    SR_KEMIP_INT,
			    seamless_check,
			    {NONE, NONE, NONE, NONE, NONE, NONE}},
			   {str_init("seamless_scscf"),
			    str_init("save"),
			    SR_KEMIP_INT,
			    seamless_save,
			    {SR_KEMIP_STR, SR_KEMIP_STR, NONE, NONE, NONE, NONE}},
			   {str_init("seamless_scscf"),
			    str_init("session"),
			    SR_KEMIP_INT,
			    seamless_session,
			    {NONE, NONE, NONE, NONE, NONE, NONE}},
			   {str_init("seamless_scscf"),
			    str_init("route"),
			    SR_KEMIP_INT,
			    seamless_route,
			    {NONE, NONE, NONE, NONE, NONE, NONE}},
			   {str_init("seamless_scscf"),
			    str_init("registered_half"),
			    SR_KEMIP_INT,
			    seamless_registered_half,
			    {SR_KEMIP_STR, NONE, NONE, NONE, NONE, NONE}},
			   {str_init("seamless_scscf"),
			    str_init("unregistered"),
			    SR_KEMIP_INT,
			    seamless_unregistered,
			    {SR_KEMIP_STR, SR_KEMIP_STR, NONE, NONE, NONE, NONE}},
			   {str_init("seamless_scscf"),
			    str_init("subscribe"),
			    SR_KEMIP_INT,
			    seamless_subscribe,
			    {NONE, NONE, NONE, NONE, NONE, NONE}},
			   {{0, 0}, {0, 0}, 0, NULL, {0, 0, 0, 0, 0, 0}}};

static sr_kemi_t old_kemi[] = {{str_init("seamless"),
				str_init("check"),
				SR_KEMIP_INT,
				seamless_check,
				{NONE, NONE, NONE, NONE, NONE, NONE}},
			       {str_init("seamless"),
				str_init("save"),
				SR_KEMIP_INT,
				seamless_save,
				{SR_KEMIP_STR, SR_KEMIP_STR, NONE, NONE, NONE, NONE}},
			       {str_init("seamless"),
				str_init("session"),
				SR_KEMIP_INT,
				seamless_session,
				{NONE, NONE, NONE, NONE, NONE, NONE}},
			       {str_init("seamless"),
				str_init("route"),
				SR_KEMIP_INT,
				seamless_route,
				{NONE, NONE, NONE, NONE, NONE, NONE}},
			       {{0, 0}, {0, 0}, 0, NULL, {0, 0, 0, 0, 0, 0}}};

struct module_exports exports = {"ims_seamless_scscf", DEFAULT_DLFLAGS, cmds, params,
				 seamless_rpc,	       seamless_pvs,	0,    mod_init,
				 child_init,	       mod_destroy};

int mod_register(char *path, int *dlflags, void *p1, void *p2)
{
	sr_kemi_modules_add(kemi);
	sr_kemi_modules_add(old_kemi);
	/* The other module has the old name if it was loaded first. */
	if (!find_module_by_name("ims_seamless_pcscf"))
		register_pvars_mod("ims_seamless_scscf", seamless_old_pvs);
	return 0;
}
