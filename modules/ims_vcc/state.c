/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store in shared memory, its lock, its clock, and the carrying out of what it asks for. */
#include "modules/ims_vcc/vcc.h"

#include "../../core/dprint.h"
#include "../../core/locking.h"
#include "../../core/mem/shm_mem.h"
#include "../../core/timer.h"

#include <sys/mman.h>
#include <sys/random.h>

#include "modules/common/state_file.h"

enum { DUE_AT_ONCE = 1000, DUE_MAX = 64 };

static gen_lock_t *lock;
static struct vcc_store *store; /* shared */
static struct kam_state_file file = {.fd = -1};
static struct kept_clock clock_now;
static struct vcc_registration_policy policy;

int64_t vcc_now_ms(void)
{
	return (int64_t)kam_now_ms();
}

void vcc_random_text(char *out, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char bytes[64];

	if (n > sizeof(bytes))
		n = sizeof(bytes);
	while (getrandom(bytes, n, 0) != (ssize_t)n)
		;
	for (size_t i = 0; i < n; i++)
		out[i] = digits[bytes[i] & 15];
	out[n] = '\0';
}

const struct vcc_registration_policy *vcc_policy(void)
{
	return &policy;
}

struct vcc_store *vcc_lock(void)
{
	lock_get(lock);
	return store;
}

void vcc_unlock(void)
{
	lock_release(lock);
}

static void read_clock(void)
{
	clock_now.wall_ms = kam_wall_ms();
	clock_now.now_ms = vcc_now_ms();
}

/* ---- what an outcome says ---- */

static void send_subscribe(uint64_t id)
{
	struct vcc_subscribe request;
	struct vcc_user *u = vcc_users_by_id(vcc_lock(), id);
	bool send = u && vcc_watch_request(u, &policy, vcc_random_text, vcc_now_ms(), &request);

	vcc_unlock();
	if (send)
		vcc_subscribe(&request);
}

void vcc_carry_out(const struct vcc_outcome *out)
{
	char name[VCC_IDENTITY_MAX] = "";
	struct vcc_user *u;

	if (!out->user || !(out->began || out->ended || out->subscribe || out->cause))
		return;
	u = vcc_users_by_id(vcc_lock(), out->user);
	if (u)
		memcpy(name, vcc_user_name(u), strlen(vcc_user_name(u)) + 1);
	vcc_unlock();
	if (out->began) {
		counter_inc(vcc_counters.registered);
		LM_INFO("%s is registered in IMS\n", name);
	}
	if (out->ended) {
		counter_inc(vcc_counters.deregistered);
		LM_INFO("%s is no longer registered in IMS: %s\n", name, out->cause);
	} else if (out->cause) {
		counter_inc(vcc_counters.doubts);
		LM_INFO("has %s gone (%s)? The reg event is asked\n", name, out->cause);
	}
	if (out->subscribe)
		send_subscribe(out->user);
	if (out->began || out->ended)
		vcc_event_run(out);
}

/* ---- time ---- */

struct due {
	struct vcc_outcome outcome[DUE_MAX];
	size_t n;
};

static void is_due(struct wheel_timer *t, void *arg)
{
	struct due *due = arg;
	uint32_t at = (uint32_t)(t - store->timers);
	struct vcc_user *u = vcc_users_next(store, &at);

	if (u && u->number == (uint32_t)(t - store->timers) + 1)
		vcc_user_due(store, u, &policy, vcc_now_ms(), &due->outcome[due->n++]);
}

static void tick(unsigned int ticks, void *arg)
{
	for (unsigned round = 0; round < DUE_AT_ONCE / DUE_MAX; round++) {
		struct due due = {.n = 0};
		size_t fired;

		vcc_lock();
		fired = timer_wheel_advance(&store->wheel, (uint64_t)vcc_now_ms(), DUE_MAX, is_due,
					    &due);
		vcc_unlock();
		for (size_t i = 0; i < due.n; i++)
			vcc_carry_out(&due.outcome[i]);
		if (fired < DUE_MAX)
			break;
	}
	read_clock();
	vcc_users_note_time(vcc_lock(), &clock_now);
	vcc_unlock();
}

/* ---- begin and end ---- */

static void policy_from_params(void)
{
	const struct vcc_params *p = &vcc_params;

	policy = (struct vcc_registration_policy){
	    .reg_event = p->reg_event,
	    .doubt_ms = p->doubt_seconds * 1000LL,
	    .forget_ms = p->forget_seconds * 1000LL,
	    .subscribe_s = (uint32_t)p->subscribe_seconds,
	    .retry_ms = p->retry_seconds * 1000LL,
	    .retry_max_ms = p->retry_max_seconds * 1000LL,
	};
}

int vcc_state_init(void)
{
	uint32_t max = (uint32_t)vcc_params.max_users, torn;
	size_t timers = max * sizeof(struct wheel_timer);
	struct keyed_hash_key key;
	void *memory;
	int rc;

	policy_from_params();
	lock = lock_alloc();
	if (!lock) {
		SHM_MEM_ERROR;
		return -1;
	}
	lock_init(lock);
	/* The store has pointers, and all processes are forks of this one: they see it at the same place. */
	memory = mmap(NULL, sizeof(*store) + timers, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED || keyed_hash_key_random(&key)) {
		LM_ERR("no memory for the timers of %u users, or no random numbers\n", max);
		return -1;
	}
	store = memory;
	if (kam_state_file_open(&file, vcc_params.state_file, vcc_users_bytes(max), VCC_USERS_MARK,
				strlen(VCC_USERS_MARK)))
		return -1;
	kam_boot_id(clock_now.boot);
	read_clock();
	rc = vcc_users_attach(store, file.memory, file.bytes, max, (void *)(store + 1), &key,
			      &clock_now, &torn);
	if (rc == VCC_ATTACH_FOUND)
		LM_NOTICE(
		    "state file: %u users found, %u given up because they were being changed\n",
		    vcc_users_count(store), torn);
	while (getrandom(&store->random, sizeof(store->random), 0) != sizeof(store->random))
		;
	if (register_timer(tick, NULL, 1) < 0) {
		LM_ERR("cannot register the timer\n");
		return -1;
	}
	return 0;
}

void vcc_state_destroy(void)
{
	if (lock) {
		lock_destroy(lock);
		lock_dealloc(lock);
		lock = NULL;
	}
	kam_state_file_close(&file);
}
