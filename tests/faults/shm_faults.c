/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A module for tests: lets allocations fail, of whichever module, and counts them. It wraps the
 * allocators that all of Kamailio calls, so that what runs is what runs elsewhere.
 *
 *   faults.shm MODULE N     the Nth allocation of this module from now on fails (in any process);
 *                           N 0: none. MODULE "*": of all modules
 *   faults.pkg FILE N       the same for private memory that a source file allocates whose name ends so
 *   faults.count            allocations of that module or file since, and how many have failed
 *   faults.take KILOBYTES   take all shared memory but so much; prints what is free then
 *   faults.give             give it back
 */
#include <stdbool.h>
#include <string.h>

#include "../../core/atomic_ops.h"
#include "../../core/dprint.h"
#include "../../core/mem/pkg.h"
#include "../../core/mem/shm_mem.h"
#include "../../core/rpc.h"
#include "../../core/sr_module.h"

MODULE_VERSION

static struct {
	atomic_t seen, failed;
	int at;		 /* 0: no failure wanted */
	char module[64]; /* of shared memory */
	char file[64];	 /* of private memory */
} * plan;

static sr_shm_api_t real;
static sr_pkg_api_t real_pkg;

static bool must_fail(const char *module)
{
	if (!plan->module[0] ||
	    (plan->module[0] != '*' && (!module || strcmp(plan->module, module))))
		return false;
	if (atomic_add(&plan->seen, 1) != plan->at)
		return false;
	atomic_inc(&plan->failed);
	return true;
}

static void *failing_malloc(void *block, size_t size, const char *file, const char *func,
			    unsigned line, const char *module)
{
	if (must_fail(module)) {
		LM_NOTICE("%zu octets for %s() at %s:%u are not there\n", size, func, file, line);
		return NULL;
	}
	return real.xmalloc(block, size, file, func, line, module);
}

static void *failing_mallocxz(void *block, size_t size, const char *file, const char *func,
			      unsigned line, const char *module)
{
	return must_fail(module) ? NULL : real.xmallocxz(block, size, file, func, line, module);
}

static void *failing_realloc(void *block, void *p, size_t size, const char *file, const char *func,
			     unsigned line, const char *module)
{
	return must_fail(module) ? NULL : real.xrealloc(block, p, size, file, func, line, module);
}

static void *failing_pkg_malloc(void *block, size_t size, const char *file, const char *func,
				unsigned line, const char *module)
{
	size_t n = strlen(plan->file), len = strlen(file);

	if (n && len >= n && !strcmp(file + len - n, plan->file) &&
	    atomic_add(&plan->seen, 1) == plan->at) {
		atomic_inc(&plan->failed);
		return NULL;
	}
	return real_pkg.xmalloc(block, size, file, func, line, module);
}

static void begin(char *where, str what, int n)
{
	plan->module[0] = plan->file[0] = '\0';
	atomic_set(&plan->seen, 0);
	atomic_set(&plan->failed, 0);
	plan->at = n;
	/* The first octet last: it sets the plan in force. */
	memcpy(where + 1, what.s + 1, (size_t)what.len - 1);
	where[what.len] = '\0';
	where[0] = what.s[0];
}

static void rpc_shm(rpc_t *rpc, void *ctx)
{
	str module;
	int n;

	if (rpc->scan(ctx, "Sd", &module, &n) < 2 || module.len >= (int)sizeof(plan->module)) {
		rpc->fault(ctx, 400, "MODULE N wanted");
		return;
	}
	begin(plan->module, module, n);
}

static void rpc_pkg(rpc_t *rpc, void *ctx)
{
	str file;
	int n;

	if (rpc->scan(ctx, "Sd", &file, &n) < 2 || file.len >= (int)sizeof(plan->file)) {
		rpc->fault(ctx, 400, "FILE N wanted");
		return;
	}
	begin(plan->file, file, n);
}

static void rpc_count(rpc_t *rpc, void *ctx)
{
	void *h;

	if (rpc->add(ctx, "{", &h) == 0)
		rpc->struct_add(h, "dd", "seen", atomic_get(&plan->seen), "failed",
				atomic_get(&plan->failed));
}

/* ---- memory that is full ---- */

struct taken {
	struct taken *next;
};
static struct taken **taken; /* in shared memory: RPCs may run in any process */

static void give(void)
{
	struct taken *t;

	while ((t = *taken)) {
		*taken = t->next;
		shm_free(t);
	}
}

/* Large pieces first, so that what stays free is not lost in splinters. */
static void take(void)
{
	for (size_t size = 1 << 24; size >= 64; size /= 2) {
		struct taken *t;

		while ((t = shm_malloc(size))) {
			t->next = *taken;
			*taken = t;
		}
	}
}

static void rpc_take(rpc_t *rpc, void *ctx)
{
	void *reserve;
	int keep;

	if (rpc->scan(ctx, "d", &keep) < 1 || keep < 0) {
		rpc->fault(ctx, 400, "KILOBYTES wanted");
		return;
	}
	/* What is kept is one piece. */
	reserve = shm_malloc((unsigned long)keep * 1024 + 1);
	if (!reserve) {
		rpc->fault(ctx, 500, "not so much is free");
		return;
	}
	take();
	shm_free(reserve);
	rpc->rpl_printf(ctx, "%lu", shm_available());
}

static void rpc_give(rpc_t *rpc, void *ctx)
{
	give();
	rpc->rpl_printf(ctx, "%lu", shm_available());
}

static const char *take_doc[] = {"Take all shared memory but so many kilobytes", 0};
static const char *give_doc[] = {"Give back what was taken", 0};
static const char *shm_doc[] = {"Let the Nth allocation of a module fail", 0};
static const char *pkg_doc[] = {"Let the Nth allocation of a source file fail", 0};
static const char *count_doc[] = {"Allocations seen and failed", 0};
static rpc_export_t rpcs[] = {
    {"faults.shm", rpc_shm, shm_doc, 0},       {"faults.pkg", rpc_pkg, pkg_doc, 0},
    {"faults.count", rpc_count, count_doc, 0}, {"faults.take", rpc_take, take_doc, 0},
    {"faults.give", rpc_give, give_doc, 0},    {0, 0, 0, 0}};

static int mod_init(void)
{
	plan = shm_malloc(sizeof(*plan));
	taken = shm_malloc(sizeof(*taken));
	if (!plan || !taken)
		return -1;
	memset(plan, 0, sizeof(*plan));
	*taken = NULL;
	real = _shm_root;
	_shm_root.xmalloc = failing_malloc;
	_shm_root.xmallocxz = failing_mallocxz;
	_shm_root.xrealloc = failing_realloc;
	real_pkg = _pkg_root;
	_pkg_root.xmalloc = failing_pkg_malloc;
	return 0;
}

struct module_exports exports = {"shm_faults", DEFAULT_DLFLAGS, 0, 0, rpcs, 0, 0, mod_init, 0, 0};
