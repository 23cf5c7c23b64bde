/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Settings that may change at run time, and the counters. */
#include "modules/ims_seamless_scscf/glue.h"
#include "../../core/cfg/cfg.h"

static cfg_def_t cfg_def[] = {
    {"linger_seconds", CFG_VAR_INT, 1, 86400, 0, 0,
     "how long an Inactive connection is kept for its sessions, s"},
    {"min_expires", CFG_VAR_INT, 0, 0, 0, 0, "shortest registration accepted (423 below), s"},
    {"max_expires", CFG_VAR_INT, 0, 0, 0, 0, "longest registration granted (0: no bound), s"},
    {0, 0, 0, 0, 0, 0}};

void *seamless_cfg;
static struct cfg_group_seamless start;

int seamless_cfg_declare(const struct cfg_group_seamless *values)
{
	start = *values;
	seamless_cfg = &start;
	return cfg_declare("seamless", cfg_def, &start, cfg_sizeof(seamless), &seamless_cfg);
}

int seamless_cfg_linger_seconds(void)
{
	int v = cfg_get(seamless, seamless_cfg, linger_seconds);

	return v > 0 ? v : 1;
}

int seamless_cfg_min_expires(void)
{
	int v = cfg_get(seamless, seamless_cfg, min_expires);

	return v > 0 ? v : 0;
}

int seamless_cfg_max_expires(void)
{
	int v = cfg_get(seamless, seamless_cfg, max_expires);

	return v > 0 ? v : 0;
}

struct seamless_counters seamless_cnt;

#define COUNTER(name, text)                                                                        \
	{                                                                                          \
		&seamless_cnt.name, #name, 0, 0, 0, text                                           \
	}

static counter_def_t counter_defs[] = {
    COUNTER(registers, "REGISTERs handled here"),
    COUNTER(adds, "bindings added beside old ones"),
    COUNTER(moves, "REGISTERs that moved an identity"),
    COUNTER(globals, "REGISTERs with imsglobreg"),
    COUNTER(deregs, "deregistrations"),
    COUNTER(refused, "REGISTERs refused"),
    COUNTER(unsupported, "requests answered 420"),
    COUNTER(malformed, "requests answered 400"),
    COUNTER(stolen_contact, "attempts to remove or take over a contact of another IMPI"),
    COUNTER(hss_failures, "SARs without a good answer"),
    COUNTER(lingers, "connections that became Inactive"),
    COUNTER(linger_ends, "linger timers that fired"),
    COUNTER(sessions, "sessions seen"),
    COUNTER(sessions_moved, "sessions moved to another connection by re-INVITE or UPDATE"),
    COUNTER(sessions_replaced, "sessions moved by INVITE with Replaces"),
    COUNTER(sessions_released, "sessions released on both sides"),
    COUNTER(notifies, "reg-event NOTIFYs sent"),
    COUNTER(requests_rerouted, "requests sent over the connection that now holds the session"),
    COUNTER(network_deregs, "RTRs of the HSS"),
    COUNTER(profile_changes, "PPRs of the HSS that changed a profile"),
    COUNTER(no_memory, "operations that failed for lack of memory or at a bound"),
    {0, 0, 0, 0, 0, 0}};

int seamless_counters_register(void)
{
	return counter_register_array("seamless", counter_defs) < 0 ? -1 : 0;
}
