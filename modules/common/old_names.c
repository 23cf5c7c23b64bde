/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/common/old_names.h"

#include "../../core/dprint.h"
#include "../../core/rpc_lookup.h"
#include "../../core/sr_module.h"

bool kam_old_names_clash(void)
{
	return find_module_by_name("ims_seamless_scscf") &&
	       find_module_by_name("ims_seamless_pcscf");
}

int kam_old_name(const char *old, const char *now)
{
	if (kam_old_names_clash()) {
		LM_ERR("%s could be meant for ims_seamless_scscf or ims_seamless_pcscf: write %s "
		       "for " MOD_NAME ", or the other module's name for it\n",
		       old, now);
		return -1;
	}
	LM_WARN("%s is called %s now; the old name goes with the next release\n", old, now);
	return 0;
}

static void refuse(rpc_t *rpc, void *ctx)
{
	rpc->fault(ctx, 410,
		   "Both seamless modules are loaded: call seamless_scscf.* or "
		   "seamless_pcscf.*");
}

int kam_old_rpcs(rpc_export_t *old)
{
	bool clash = kam_old_names_clash();

	for (rpc_export_t *r = old; r->name; r++) {
		if (clash)
			r->function = refuse;
		/* 1: the other module has said so already. */
		if (rpc_register(r) < 0) {
			LM_ERR("RPC %s cannot be registered\n", r->name);
			return -1;
		}
	}
	return 0;
}
