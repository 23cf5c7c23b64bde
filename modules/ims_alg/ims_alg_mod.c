/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Module ims_alg: exports, start-up. */
#include "modules/ims_alg/glue.h"

MODULE_VERSION

static int mod_init(void)
{
	if (rpc_register_array(alg_rpc) != 0) {
		LM_ERR("its RPCs cannot be registered\n");
		return -1;
	}
	return alg_settings_check() || alg_events_init() || alg_process_init() ? -1 : 0;
}

static int child_init(int rank)
{
	return rank == PROC_MAIN ? alg_process_fork() : 0;
}

struct module_exports exports = {
    "ims_alg", DEFAULT_DLFLAGS, 0, alg_params, 0, alg_pvs, 0, mod_init, child_init, 0,
};
