/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RPCs alg.gateways, drain, undrain, audit; docs/modules/ims_alg.md. */
#include "modules/ims_alg/glue.h"

static void rpc_gateways(rpc_t *rpc, void *ctx)
{
	static struct mgc_gateway_view view[MGC_GATEWAYS_MAX];
	uint64_t contexts;
	unsigned n = alg_gateways(view, &contexts);
	uint64_t now = kam_now_ms();

	for (unsigned i = 0; i < n; i++) {
		const struct mgc_gateway_view *v = &view[i];
		void *row;

		if (rpc->add(ctx, "{", &row) < 0)
			return;
		rpc->struct_add(row, "sssddddddddddddd", "name", v->name, "address", v->address,
				"state", mgc_gateway_state_name(v->state), "since_s",
				(int)((now - (uint64_t)v->since_ms) / 1000), "weight",
				(int)v->weight, "contexts", (int)v->contexts, "pace", (int)v->pace,
				"version", (int)v->version, "rtt_ms", (int)v->rtt_ms,
				"transactions", (int)v->transactions, "errors", (int)v->errors,
				"last_error", (int)v->last_error, "timeouts", (int)v->timeouts,
				"comparisons", (int)v->comparisons, "orphans", (int)v->orphans,
				"contexts_lost", (int)v->contexts_lost);
	}
}

static void ask(rpc_t *rpc, void *ctx, enum alg_ask what)
{
	str name;

	if (rpc->scan(ctx, "S", &name) < 1)
		return;
	switch (alg_ask(what, slice_of(name))) {
	case 0:
		rpc->rpl_printf(ctx, "%.*s: asked", name.len, name.s);
		break;
	case -1:
		rpc->fault(ctx, 404, "No gateway of that name");
		break;
	default:
		rpc->fault(ctx, 503, "Too many wait: try again");
	}
}

static void rpc_drain(rpc_t *rpc, void *ctx)
{
	ask(rpc, ctx, ALG_ASK_DRAIN);
}

static void rpc_undrain(rpc_t *rpc, void *ctx)
{
	ask(rpc, ctx, ALG_ASK_UNDRAIN);
}

static void rpc_audit(rpc_t *rpc, void *ctx)
{
	ask(rpc, ctx, ALG_ASK_AUDIT);
}

static const char *gateways_doc[] = {"Gateways: state, contexts, errors", 0};
static const char *drain_doc[] = {"Give a gateway no new calls: name", 0};
static const char *undrain_doc[] = {"Give a gateway new calls again: name", 0};
static const char *audit_doc[] = {"Compare the contexts of a gateway with ours: name", 0};

rpc_export_t alg_rpc[] = {
    {"alg.gateways", rpc_gateways, gateways_doc, RET_ARRAY},
    {"alg.drain", rpc_drain, drain_doc, 0},
    {"alg.undrain", rpc_undrain, undrain_doc, 0},
    {"alg.audit", rpc_audit, audit_doc, 0},
    {0, 0, 0, 0},
};
