/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state in shared memory, its lock, its clock, and the carrying out of what it asks for. */
#include "seamless.h"
#include "core/register_check.h"

#include "../../core/dprint.h"
#include "../../core/locking.h"
#include "../../core/mem/shm_mem.h"

#include <sys/random.h>

static struct pcscf_model **state; /* in shared memory, so that all processes see the same */
static gen_lock_t *state_lock;

static void *shm_take(size_t size)
{
	return shm_malloc(size);
}

static void shm_give(void *p)
{
	if (p)
		shm_free(p);
}

/* Call-IDs and tags authorise NOTIFYs, so they must not be guessable. */
static void random_text(char *out, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char bytes[PCSCF_LOCAL_ID_MAX];

	if (n > sizeof(bytes))
		n = sizeof(bytes);
	while (getrandom(bytes, n, 0) != (ssize_t)n)
		;
	for (size_t i = 0; i < n; i++)
		out[i] = digits[bytes[i] & 15];
	out[n] = '\0';
}

int64_t seamless_now_ms(void)
{
	return (int64_t)kam_now_ms();
}

static void config_from_params(struct pcscf_config *cfg)
{
	const struct seamless_params *p = &seamless_params;

	pcscf_config_defaults(cfg);
	cfg->linger_grace_ms = p->linger_grace_seconds * 1000LL;
	cfg->linger_max_ms = p->linger_max_seconds * 1000LL;
	cfg->drain_ms = p->drain_seconds * 1000LL;
	cfg->settle_ms = p->settle_seconds * 1000LL;
	cfg->subscribe_s = (uint32_t)p->subscribe_seconds;
	cfg->retry_ms = p->retry_seconds * 1000LL;
	cfg->retry_max_ms = p->retry_max_seconds * 1000LL;
	cfg->retries = (unsigned int)p->retries;
	cfg->connections_max = cfg->subscriptions_max = (size_t)p->connections_max;
	cfg->sessions_max = (size_t)p->sessions_max;
}

int seamless_state_init(void)
{
	const struct pcscf_memory mem = {shm_take, shm_give};
	struct keyed_hash_key key;
	struct pcscf_config cfg;

	config_from_params(&cfg);
	state_lock = lock_alloc();
	state = shm_malloc(sizeof(*state));
	if (!state_lock || !state) {
		SHM_MEM_ERROR;
		return -1;
	}
	lock_init(state_lock);
	if (keyed_hash_key_random(&key)) {
		LM_ERR("no random numbers from the kernel\n");
		return -1;
	}
	*state = pcscf_model_new(&cfg, &mem, random_text, &key, seamless_now_ms());
	explicit_bzero(&key, sizeof(key));
	if (!*state) {
		SHM_MEM_ERROR;
		return -1;
	}
	return 0;
}

void seamless_state_destroy(void)
{
	if (state) {
		pcscf_model_free(*state);
		shm_free(state);
		state = NULL;
	}
	if (state_lock) {
		lock_destroy(state_lock);
		lock_dealloc(state_lock);
		state_lock = NULL;
	}
}

struct pcscf_model *seamless_lock(void)
{
	lock_get(state_lock);
	return *state;
}

void seamless_unlock(void)
{
	lock_release(state_lock);
}

static void set_gone(flow_id_t id)
{
	pcscf_set_gone(seamless_lock(), id, seamless_now_ms());
	seamless_unlock();
}

static void count_drop(const char *cause)
{
	counter_inc(seamless_counters.drops);
	if (strcmp(cause, PCSCF_CAUSE_LINGER_OVER) == 0)
		counter_inc(seamless_counters.drops_linger_over);
	else if (strcmp(cause, PCSCF_CAUSE_SESSIONS_GONE) == 0)
		counter_inc(seamless_counters.drops_sessions_gone);
}

/* A binding is there again. To ims_flow the registration may be over nevertheless: then only the
 * hold keeps the set. */
static void release(flow_id_t id)
{
	struct flow_api_info info;
	int rc = seamless_flow.get(id, &info);

	if (rc == FLOW_API_OK && info.state == FLOW_API_HELD)
		rc = seamless_flow.hold(id, info.expires_ms);
	else if (rc == FLOW_API_OK)
		rc = seamless_flow.release(id);
	if (rc == FLOW_API_GONE)
		set_gone(id);
}

static void carry_out(const struct pcscf_todo *todo)
{
	switch (todo->kind) {
	case PCSCF_TODO_NONE:
		break;
	case PCSCF_TODO_HOLD:
		LM_INFO("set %s (%s) is held for %lld ms\n", kam_id_text(todo->set_id).text,
			todo->contact, (long long)(todo->until_ms - seamless_now_ms()));
		counter_inc(seamless_counters.holds);
		if (seamless_flow.hold(todo->set_id, todo->until_ms) == FLOW_API_GONE)
			set_gone(todo->set_id);
		break;
	case PCSCF_TODO_RELEASE:
		release(todo->set_id);
		break;
	case PCSCF_TODO_DROP:
		LM_INFO("set %s (%s, %s) is dropped: %s\n", kam_id_text(todo->set_id).text,
			todo->identity, todo->contact, todo->cause);
		count_drop(todo->cause);
		seamless_flow.drop(todo->set_id, FLOW_REASON_DROPPED);
		seamless_event_set_dropped(todo);
		break;
	case PCSCF_TODO_SUBSCRIBE:
		seamless_subscribe(&todo->subscribe);
		break;
	}
}

void seamless_work(void)
{
	static bool working; /* in this process: what is done may bring flow events, whose handler
				comes here again */
	struct pcscf_todo todo;
	bool more = !working && pcscf_has_todo(*state);

	if (!more)
		return;
	working = true;
	while (more) {
		more = pcscf_next_todo(seamless_lock(), &todo);
		seamless_unlock();
		if (more)
			carry_out(&todo);
	}
	working = false;
}

/*
 * Was it held for lingering sessions? Either its registration is over, or another one has taken its
 * place (then ims_flow goes by the hold, which is shorter than the old registration). If it is
 * active after all, the first document says so.
 */
static bool lingered(const struct flow_api_info *info)
{
	return info->state == FLOW_API_HELD ||
	       (info->held_until_ms > 0 && info->held_until_ms < info->expires_ms);
}

/* A set that lives since before our start: subscribe for it, and go on with its lingering. */
static int adopt(const struct flow_api_info *info, void *arg)
{
	int64_t now = seamless_now_ms();
	struct slice impus = slice_str(info->impus);
	struct slice identity = slice_cut(&impus, '\n');
	struct pcscf_model *model;
	int err;

	(void)arg;
	if ((info->state != FLOW_API_ACTIVE && info->state != FLOW_API_HELD) || identity.len == 0 ||
	    pcscf_contact_is_emergency(slice_str(info->contact)))
		return 0;
	model = seamless_lock();
	if (pcscf_connection_known(model, info->id)) {
		seamless_unlock();
		return 0;
	}
	err = pcscf_registered(model, info->id, identity, slice_str(info->contact), SLICE_NULL,
			       PCSCF_REG_ADOPTED, now);
	if (!err && lingered(info))
		pcscf_found_held(model, info->id, info->held_until_ms, now);
	seamless_unlock();
	if (err)
		LM_ERR("set %s of %.*s is not subscribed to: %s\n", kam_id_text(info->id).text,
		       (int)identity.len, identity.p, pcscf_strerror(err));
	return 0;
}

void seamless_tick(unsigned int ticks, void *arg)
{
	static bool adopted; /* the timer process is one */

	(void)ticks;
	(void)arg;
	if (!adopted) {
		adopted = true;
		seamless_flow.each(adopt, NULL);
	}
	pcscf_tick(seamless_lock(), seamless_now_ms());
	seamless_unlock();
	seamless_work();
}

/*
 * Another set of the UE was registered, by the REGISTER whose 200 is being worked on. By TS 33.203
 * this one's time is over and its sessions belong to the other. If that REGISTER was a seamless
 * one, or sessions linger on this set, it stays: ims_flow keeps it as long as it is held.
 */
static void replaced(const struct flow_api_info *info, flow_id_t by_id)
{
	bool seamless = seamless_request_has_tag();
	int64_t now = seamless_now_ms();
	struct pcscf_model *model = seamless_lock();
	struct pcscf_connection_view view;
	bool known = pcscf_look(model, info->id, &view) == 0;
	bool lingers = known && view.state != PCSCF_CONN_ACTIVE;

	if (known && !lingers && !seamless && pcscf_set_replaced(model, info->id, by_id, now))
		pcscf_set_gone(model, info->id, now);
	seamless_unlock();
	if (!known || lingers)
		return;
	if (seamless)
		seamless_flow.hold(info->id, info->expires_ms);
	else /* a hold from an earlier seamless REGISTER must not keep it */
		seamless_flow.release(info->id);
}

static void flow_event(enum flow_api_event event, const struct flow_api_info *info, flow_id_t by_id,
		       const char *reason, void *arg)
{
	(void)arg;
	LM_DBG("set %s: %s %s\n", kam_id_text(info->id).text,
	       event == FLOW_EV_REPLACED ? "replaced" : "dead", reason ? reason : "");
	if (event == FLOW_EV_REPLACED)
		replaced(info, by_id);
	else
		set_gone(info->id);
	seamless_work();
}

int seamless_flow_init(void)
{
	bind_ims_flow_f bind = (bind_ims_flow_f)(void *)find_export("bind_ims_flow", 1, 0);

	if (!bind || bind(&seamless_flow) < 0) {
		LM_ERR("load module ims_flow before ims_seamless_pcscf: it owns the SA sets\n");
		return -1;
	}
	if (seamless_flow.subscribe(FLOW_EV_REPLACED | FLOW_EV_DEAD, flow_event, NULL)) {
		LM_ERR("ims_flow takes no more event handlers\n");
		return -1;
	}
	return 0;
}
