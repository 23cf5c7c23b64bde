/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ims_flow: exports, parameters, start and stop, and the clock's tick. */
#include "modules/ims_flow/changes.h"
#include "modules/ims_flow/exports.h"
#include "modules/common/process.h"
#include "modules/ims_flow/guard.h"
#include "modules/ims_flow/kernel.h"
#include "modules/ims_flow/nat.h"
#include "modules/ims_flow/register_reply.h"

#include <sys/random.h>

#include "../../core/cfg/cfg_struct.h"
#include "../../core/kemi.h"
#include "modules/ims_flow/core/start_check.h"
#include "../../core/mem/shm.h"
#include "../../core/tcp_options.h"
#include "../../core/timer.h"

MODULE_VERSION

struct flow_settings settings = {
    .port_pc = 5062,
    .port_ps = 5063,
    .ipsec = IPSEC_OFFERED,
    .max_sets = 16384,
    .max_sets_per_impi = 16,
    .mark = 0x494d5346,
    .spi_min = 0x1000,
    .spi_max = 0x7fffffff,
    .policy_priority = 1000,
    .reg_await_seconds = 240,
    .slack_seconds = 30,
    .t1_ms = 500,
    .silence_seconds = 30,
    .check_answers = 1,
    .nat_networks = str_init("10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 fc00::/7"),
    .algorithms =
	str_init("hmac-sha-1-96/aes-cbc hmac-sha-1-96/null hmac-md5-96/aes-cbc hmac-md5-96/null"),
};
struct flow_shared *shared;

/* Sees what the kernel notices and what other programs do. */
static struct kam_process watcher = {.name = "ims_flow kernel", .rank = PROC_NOCHLDINIT};

static void tick(unsigned int ticks, void *arg)
{
	static uint32_t at;
	bool all = false;

	table_note_time();
	challenge_tick();
	while (!all) {
		struct flow_effects *fx = changes_begin();

		TABLE_LOCK();
		all = flow_tick(table, &at, &settings.timers, flow_now(), fx);
		TABLE_UNLOCK();
		changes_end(fx);
	}
}

/* Every address that listens on port_ps must listen on port_pc as well, and TCP needs its own
 * settings. */
static int check_sockets(void)
{
	int found = 0;

	if (!ipsec_is_ours())
		return 0;
	for (int l = 0; l < 2; l++)
		for (struct socket_info *si = l ? tcp_listen : udp_listen; si; si = si->next) {
			if (si->port_no != settings.port_ps)
				continue;
			found++;
			if (!find_si(&si->address, settings.port_pc, si->proto)) {
				LM_ERR("%.*s needs a listen on port %d (port_pc) beside it\n",
				       si->sock_str.len, si->sock_str.s, settings.port_pc);
				return -1;
			}
			if (l && !cfg_get(tcp, tcp_cfg, reuse_port)) {
				LM_ERR("SIP over TCP inside an SA needs tcp_reuse_port=yes: a "
				       "connection to the UE must "
				       "leave from port %d\n",
				       settings.port_pc);
				return -1;
			}
		}
	if (!found) {
		LM_ERR("no listen on port %d (port_ps): add listen=udp:ADDRESS:%d and "
		       "listen=udp:ADDRESS:%d, or set "
		       "ipsec to 0\n",
		       settings.port_ps, settings.port_ps, settings.port_pc);
		return -1;
	}
	return 0;
}

static int read_networks(const char *parameter, str list, struct netaddr_net *nets, unsigned *n)
{
	struct slice all = slice_of(list);

	while (all.p) {
		struct slice one = slice_trim(slice_cut(&all, ' '));

		if (!one.len)
			continue;
		if (*n == NETWORKS_MAX || netaddr_net_parse(one, &nets[(*n)++])) {
			LM_ERR("%s: \"%.*s\" is no address or network, or there are more than "
			       "%d; it is a list like \"10.0.0.0/24 10.9.0.7\"\n",
			       parameter, (int)one.len, one.p, NETWORKS_MAX);
			return -1;
		}
	}
	return 0;
}

static int wrong(const char *parameter, const char *why)
{
	LM_ERR("modparam(\"ims_flow\", \"%s\", ...): %s\n", parameter, why);
	return -1;
}

/* A parameter of the site's whose #!substdef was forgotten, or that is nonsense. */
static int check_texts(void)
{
	const struct {
		const char *name;
		str value;
	} texts[] = {{"path_host", settings.path_host},
		     {"state_file", settings.state_file},
		     {"key_file", settings.key_file}};
	const char *fault;

	for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		fault = flow_left_over(slice_of(texts[i].value));
		if (fault) {
			LM_ERR("%s is \"%.*s\": define %s before pcscf-flow.cfg is included: "
			       "#!substdef \"!%s!...!g\"\n",
			       texts[i].name, texts[i].value.len, texts[i].value.s, fault, fault);
			return -1;
		}
	}
	fault = settings.path_host.len ? flow_host_fault(slice_of(settings.path_host)) : NULL;
	return fault ? wrong("path_host", fault) : 0;
}

static int check_numbers(void)
{
	if (settings.ipsec < IPSEC_OFF || settings.ipsec > IPSEC_OTHERS)
		return wrong("ipsec", "0 off, 1 for those who offer it, 2 required, 3 another "
				      "module's SAs; nothing else");
	if (settings.digest < 0 || settings.digest > 1)
		return wrong("digest", "0 refused, 1 allowed; nothing else");
	if (settings.digest && settings.ipsec == IPSEC_REQUIRED)
		return wrong("digest",
			     "with ipsec 2 nobody registers without IPsec, and digest phones "
			     "have none: ipsec 1, or digest 0");
	if (settings.port_pc < 1 || settings.port_pc > 65535 || settings.port_ps < 1 ||
	    settings.port_ps > 65535 || settings.port_pc == settings.port_ps)
		return wrong("port_pc", "port_pc and port_ps must be two different ports");
	if (settings.spi_min < 256)
		return wrong("spi_min", "SPIs up to 255 are reserved (RFC 4303 2.1)");
	if (settings.spi_max <= settings.spi_min + 1)
		return wrong("spi_max", "it must be above spi_min");
	if (settings.mark == 0)
		return wrong("mark", "0 is everybody's");
	if (settings.max_sets < 1 || settings.max_sets > 1 << 24)
		return wrong("max_sets", "from 1 to 16777216");
	if (settings.max_sets_per_impi < 1)
		return wrong("max_sets_per_impi", "at least 1");
	if (settings.t1_ms < 1)
		return wrong("t1_ms", "at least 1");
	if (settings.reg_await_seconds < 1)
		return wrong("reg_await_seconds", "at least 1");
	if (settings.slack_seconds < 0 || settings.silence_seconds < 0 || settings.flow_timer < 0)
		return wrong("slack_seconds", "it, silence_seconds and flow_timer_seconds are not "
					      "below 0");
	if (settings.nat && !ipsec_is_ours())
		LM_WARN("nat needs ipsec 1 or 2: it does nothing\n");
	return 0;
}

static int check_settings(void)
{
	if (check_numbers() || check_texts())
		return -1;
	if (settings.mediasec.len && mediasec_parse(slice_of(settings.mediasec), &settings.media))
		return wrong("mediasec", "a list of sdes-srtp, msrp-tls, bfcp-tls, dtls-srtp");
	if (sec_agree_offer_parse(slice_of(settings.algorithms), &settings.offer))
		return wrong("algorithms", "not a list like \"hmac-sha-1-96/aes-cbc "
					   "hmac-md5-96/null\" of at most 16 pairs");
	if (read_networks("core_networks", settings.core_networks, settings.core,
			  &settings.n_core) ||
	    read_networks("nat_networks", settings.nat_networks, settings.nat_nets,
			  &settings.n_nat))
		return -1;
	settings.timers = (struct flow_timers){.reg_await_ms = settings.reg_await_seconds * 1000ll,
					       .linger_ms = settings.t1_ms * 64ll,
					       .slack_ms = settings.slack_seconds * 1000ll,
					       .silence_ms = settings.silence_seconds * 1000ll};
	return 0;
}

/* The others must be there first. */
static int check_order(void)
{
	static const char *const before[] = {"tm", "sl"};

	for (unsigned i = 0; i < sizeof(before) / sizeof(before[0]); i++)
		if (!module_loaded((char *)before[i])) {
			LM_ERR("loadmodule \"%s.so\" must stand in the configuration, before "
			       "loadmodule \"ims_flow.so\"\n",
			       before[i]);
			return -1;
		}
	return 0;
}

static int mod_init(void)
{
	if (check_order() || check_settings() || kam_reply_init() || next_hop_init() ||
	    flow_counters_init("flow", NULL))
		return -1;
	shared = shm_malloc(sizeof(*shared));
	if (!shared) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(shared, 0, sizeof(*shared));
	if (!lock_init(&shared->kernel_lock) || !lock_init(&shared->table_lock))
		return -1;
	/* Not the same SPIs again after every start. */
	if (getrandom(&shared->next_spi, sizeof(shared->next_spi), 0) != sizeof(shared->next_spi))
		return -1;
	shared->next_spi =
	    settings.spi_min + shared->next_spi % (uint32_t)(settings.spi_max - settings.spi_min);
	if (keys_load(true) || table_open())
		return -1;
	if (register_timer(tick, NULL, 1) < 0)
		return -1;
	return ipsec_is_ours() ? kam_process_register(&watcher) : 0;
}

static int child_init(int rank)
{
	if (rank == PROC_INIT) {
		/* Sockets are known now, and no worker runs yet. */
		if (check_sockets() || kernel_start() || nat_init() || outbound_init() ||
		    keepalive_init() || events_init())
			return -1;
	}
	if (rank == PROC_MAIN && ipsec_is_ours() &&
	    (nat_watch(&watcher) || guard_watch(&watcher) || kam_process_fork(&watcher)))
		return -1;
	return 0;
}

static void mod_destroy(void)
{
	if (table) {
		/* With a state file calls go on after a restart, so the SAs stay; their own
		 * lifetime ends them else. */
		kernel_stop(!settings.state_file.len);
		table_close();
	}
	if (shared) {
		explicit_bzero(&shared->keys, sizeof(shared->keys));
		shm_free(shared);
		shared = NULL;
	}
}

#define CFG_FUNCTION(name)                                                                         \
	static int w_##name(sip_msg_t *msg, char *p1, char *p2)                                    \
	{                                                                                          \
		return ki_##name(msg);                                                             \
	}
CFG_FUNCTION(flow_register)
CFG_FUNCTION(flow_register_reply)
CFG_FUNCTION(flow_route)
CFG_FUNCTION(flow_check)
CFG_FUNCTION(flow_from_ue)
CFG_FUNCTION(flow_record_route)
CFG_FUNCTION(flow_access_side)

static cmd_export_t cmds[] = {
    {"flow_register", (cmd_function)w_flow_register, 0, 0, 0, REQUEST_ROUTE},
    {"flow_register_reply", (cmd_function)w_flow_register_reply, 0, 0, 0,
     ONREPLY_ROUTE | FAILURE_ROUTE},
    {"flow_route", (cmd_function)w_flow_route, 0, 0, 0, REQUEST_ROUTE | FAILURE_ROUTE},
    {"flow_check", (cmd_function)w_flow_check, 0, 0, 0, REQUEST_ROUTE},
    {"flow_from_ue", (cmd_function)w_flow_from_ue, 0, 0, 0, ANY_ROUTE},
    {"flow_record_route", (cmd_function)w_flow_record_route, 0, 0, 0, REQUEST_ROUTE},
    {"flow_access_side", (cmd_function)w_flow_access_side, 0, 0, 0, ANY_ROUTE},
    {"bind_ims_flow", (cmd_function)(void *)bind_ims_flow, 1, 0, 0, 0},
    {0, 0, 0, 0, 0, 0}};

static param_export_t params[] = {{"port_pc", PARAM_INT, &settings.port_pc},
				  {"port_ps", PARAM_INT, &settings.port_ps},
				  {"ipsec", PARAM_INT, &settings.ipsec},
				  {"digest", PARAM_INT, &settings.digest},
				  {"algorithms", PARAM_STR, &settings.algorithms},
				  {"mediasec", PARAM_STR, &settings.mediasec},
				  {"max_sets", PARAM_INT, &settings.max_sets},
				  {"max_sets_per_impi", PARAM_INT, &settings.max_sets_per_impi},
				  {"mark", PARAM_INT, &settings.mark},
				  {"spi_min", PARAM_INT, &settings.spi_min},
				  {"spi_max", PARAM_INT, &settings.spi_max},
				  {"policy_priority", PARAM_INT, &settings.policy_priority},
				  {"reg_await_seconds", PARAM_INT, &settings.reg_await_seconds},
				  {"slack_seconds", PARAM_INT, &settings.slack_seconds},
				  {"t1_ms", PARAM_INT, &settings.t1_ms},
				  {"silence_seconds", PARAM_INT, &settings.silence_seconds},
				  {"flow_timer_seconds", PARAM_INT, &settings.flow_timer},
				  {"nat", PARAM_INT, &settings.nat},
				  {"check_answers", PARAM_INT, &settings.check_answers},
				  {"state_file", PARAM_STR, &settings.state_file},
				  {"key_file", PARAM_STR, &settings.key_file},
				  {"path_host", PARAM_STR, &settings.path_host},
				  {"core_networks", PARAM_STR, &settings.core_networks},
				  {"nat_networks", PARAM_STR, &settings.nat_networks},
				  {0, 0, 0}};

#define KEMI(name, func)                                                                           \
	{                                                                                          \
		str_init("flow"), str_init(name), SR_KEMIP_INT, func,                              \
		{                                                                                  \
			SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, \
			    SR_KEMIP_NONE                                                          \
		}                                                                                  \
	}
static sr_kemi_t kemi[] = {KEMI("register", ki_flow_register),
			   KEMI("register_reply", ki_flow_register_reply),
			   KEMI("route", ki_flow_route),
			   KEMI("check", ki_flow_check),
			   KEMI("from_ue", ki_flow_from_ue),
			   KEMI("record_route", ki_flow_record_route),
			   KEMI("access_side", ki_flow_access_side),
			   {{0, 0}, {0, 0}, 0, NULL, {0, 0, 0, 0, 0, 0}}};

struct module_exports exports = {"ims_flow", DEFAULT_DLFLAGS, cmds, params,
				 flow_rpc,   flow_pvs,	      0,    mod_init,
				 child_init, mod_destroy};

int mod_register(char *path, int *dlflags, void *p1, void *p2)
{
	sr_kemi_modules_add(kemi);
	return 0;
}
