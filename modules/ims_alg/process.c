/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The controller's process: its sockets, its time, what others see of it and ask of it. */
#include "modules/ims_alg/calls.h"

#include <errno.h>
#include <string.h>

#include "../../core/mem/shm_mem.h"

enum { TICK_MS = 20, ASKS_MAX = 16 };

/* In shared memory. */
static struct board {
	gen_lock_t lock;
	unsigned gateways;
	uint64_t contexts;
	struct mgc_gateway_view view[MGC_GATEWAYS_MAX];
	unsigned asks;
	struct {
		enum alg_ask what;
		char gateway[MGC_GATEWAY_NAME_MAX];
	} ask[ASKS_MAX];
} * board;

static struct mgc *mgc; /* in its process only */

static void show(void)
{
	lock_get(&board->lock);
	board->gateways = mgc_gateways(mgc);
	board->contexts = mgc_contexts(mgc);
	for (unsigned i = 0; i < board->gateways; i++)
		mgc_gateway_view(mgc, i, &board->view[i]);
	lock_release(&board->lock);
}

static void on_tick(uint64_t now_ms, void *arg)
{
	mgc_tick(mgc, (int64_t)now_ms);
	alg_orders_save(mgc);
	show();
}

static void on_ready(int fd, short revents, void *listener)
{
	int64_t now = (int64_t)kam_now_ms();

	mgc_ready(mgc, (unsigned)(uintptr_t)listener, now);
	mgc_tick(mgc, now);
}

static void do_ask(enum alg_ask what, const char *gateway)
{
	int64_t now = (int64_t)kam_now_ms();

	if (what == ALG_ASK_AUDIT)
		mgc_gateway_audit(mgc, slice_str(gateway), now);
	else
		mgc_gateway_drain(mgc, slice_str(gateway), what == ALG_ASK_DRAIN, now);
}

static void take_asks(void)
{
	struct board copy;

	if (!__atomic_load_n(&board->asks, __ATOMIC_RELAXED))
		return;
	lock_get(&board->lock);
	copy.asks = board->asks;
	memcpy(copy.ask, board->ask, sizeof(copy.ask));
	board->asks = 0;
	lock_release(&board->lock);
	for (unsigned i = 0; i < copy.asks; i++)
		do_ask(copy.ask[i].what, copy.ask[i].gateway);
}

static void on_woken(void *arg)
{
	int64_t now = (int64_t)kam_now_ms();

	alg_orders_take(mgc, now);
	take_asks();
	/* What can be sent at once does not wait for the tick. */
	if (mgc_timeout(mgc, now) == 0)
		mgc_tick(mgc, now);
}

/* Levels as of syslog. */
static void on_log(void *user, int level, const char *line)
{
	if (level <= 3)
		LM_ERR("%s\n", line);
	else if (level == 4)
		LM_WARN("%s\n", line);
	else if (level == 5)
		LM_NOTICE("%s\n", line);
	else
		LM_INFO("%s\n", line);
}

static int on_started(void *process)
{
	struct mgc_config config = alg_settings.mgc;

	config.event = alg_event;
	config.log = on_log;
	if (mgc_new(&config, &mgc)) {
		LM_ERR("no memory for the controller\n");
		return -1;
	}
	for (unsigned i = 0; i < alg_settings.listens; i++) {
		const struct alg_listen *l = &alg_settings.listen[i];
		char text[NETADDR_TEXT_MAX];
		int rc = mgc_listen(mgc, l->kind, &l->at);

		if (rc < 0) {
			LM_ERR("cannot listen for H.248 at %s: %s\n", netaddr_text(&l->at, text),
			       rc == H248_E_SYSTEM ? strerror(errno) : h248_strerror(rc));
			return -1;
		}
		kam_process_watch(process, mgc_fd(mgc, i), POLLIN, on_ready, (void *)(uintptr_t)i);
	}
	for (unsigned i = 0; i < alg_settings.gateways; i++)
		if (mgc_gateway_add(mgc, &alg_settings.gateway[i].config) < 0) {
			LM_ERR("gateway %s is there twice\n", alg_settings.gateway[i].config.name);
			return -1;
		}
	alg_orders_load(mgc);
	mgc_start(mgc, (int64_t)kam_now_ms());
	show();
	return 0;
}

static struct kam_process process = {.name = "ims_alg H.248 controller",
				     .rank = PROC_TIMER,
				     .sends = true,
				     .tick_ms = TICK_MS,
				     .started = on_started,
				     .tick = on_tick,
				     .woken = on_woken,
				     .arg = &process};

int alg_process_init(void)
{
	board = shm_malloc(sizeof(*board));
	if (!board || !lock_init(&board->lock)) {
		SHM_MEM_ERROR;
		return -1;
	}
	board->gateways = board->asks = 0;
	board->contexts = 0;
	return kam_process_register(&process);
}

int alg_process_fork(void)
{
	return kam_process_fork(&process);
}

void alg_process_wake(void)
{
	kam_process_wake(&process);
}

unsigned alg_gateways(struct mgc_gateway_view *out, uint64_t *contexts)
{
	unsigned n;

	lock_get(&board->lock);
	n = board->gateways;
	*contexts = board->contexts;
	memcpy(out, board->view, n * sizeof(*out));
	lock_release(&board->lock);
	return n;
}

static bool is_known(struct slice gateway)
{
	for (unsigned i = 0; i < alg_settings.gateways; i++)
		if (slice_eq(slice_str(alg_settings.gateway[i].config.name), gateway))
			return true;
	return false;
}

int alg_ask(enum alg_ask what, struct slice gateway)
{
	int rc = -2;

	if (!is_known(gateway))
		return -1;
	lock_get(&board->lock);
	if (board->asks < ASKS_MAX) {
		board->ask[board->asks].what = what;
		slice_copy(gateway, board->ask[board->asks].gateway, MGC_GATEWAY_NAME_MAX);
		board->asks++;
		rc = 0;
	}
	lock_release(&board->lock);
	kam_process_wake(&process);
	return rc;
}
