/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Module ims_alg: exports, start-up. */
#include "modules/ims_alg/store.h"

#include "../../core/kemi.h"

#include "modules/common/reply.h"

MODULE_VERSION

#define CFG_FUNCTIONS(X) X(manage) X(offer) X(answer) X(delete)

#define WRAPPER(name)                                                                              \
	static int w_##name(sip_msg_t *msg, char *p1, char *p2)                                    \
	{                                                                                          \
		return ki_alg_##name(msg);                                                         \
	}
CFG_FUNCTIONS(WRAPPER)

#define CMD_ROW(name)                                                                              \
	{"alg_" #name, w_##name, 0, 0, 0, REQUEST_ROUTE | ONREPLY_ROUTE | FAILURE_ROUTE},
static cmd_export_t cmds[] = {CFG_FUNCTIONS(CMD_ROW){0, 0, 0, 0, 0, 0}};

#define KEMI_ROW(name)                                                                             \
	{str_init("alg"),                                                                          \
	 str_init(#name),                                                                          \
	 SR_KEMIP_INT,                                                                             \
	 ki_alg_##name,                                                                            \
	 {SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE,               \
	  SR_KEMIP_NONE}},
static sr_kemi_t kemi[] = {CFG_FUNCTIONS(KEMI_ROW){{0, 0}, {0, 0}, 0, NULL, {0, 0, 0, 0, 0, 0}}};

static int mod_init(void)
{
	bind_ims_flow_f bind = (bind_ims_flow_f)(void *)find_export("bind_ims_flow", 1, 0);

	if (!bind || bind(&alg_flow) < 0) {
		LM_ERR("load module ims_flow before ims_alg: it knows whose a flow is\n");
		return -1;
	}
	if (rpc_register_array(alg_rpc) || rpc_register_array(alg_rpc_calls)) {
		LM_ERR("its RPCs cannot be registered\n");
		return -1;
	}
	if (!kam_wait_route_is_there(alg_settings.continue_route)) {
		LM_ERR("modparam continue_route is '%s': there is no such route\n",
		       alg_settings.continue_route);
		return -1;
	}
	if (alg_settings_check() || alg_choices_check() || kam_reply_init() ||
	    kam_wait_init((unsigned)alg_settings.max_waiting))
		return -1;
	if (alg_phone_init() || alg_events_init() || alg_calls_init() || alg_orders_init())
		return -1;
	alg_calls_load();
	return alg_watch_init() || alg_tasks_init((unsigned)alg_settings.workers) ||
		       alg_process_init()
		   ? -1
		   : 0;
}

static int child_init(int rank)
{
	return rank == PROC_MAIN && (alg_process_fork() || alg_tasks_fork()) ? -1 : 0;
}

int mod_register(char *path, int *dlflags, void *p1, void *p2)
{
	sr_kemi_modules_add(kemi);
	return 0;
}

struct module_exports exports = {
    "ims_alg", DEFAULT_DLFLAGS, cmds, alg_params, 0, alg_pvs, 0, mod_init, child_init, 0,
};
