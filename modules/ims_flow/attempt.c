/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The attempt of a REGISTER, as an AVP: tm carries it from the request to its answers. */
#include "modules/ims_flow/attempt.h"

#include <unistd.h>

#include "../../core/usr_avp.h"

static int_str attempt_name(void)
{
	static str name = str_init("ims_flow_attempt");
	int_str n;

	n.s = name;
	return n;
}

int attempt_store(const struct flow_attempt *a)
{
	int_str value;

	value.s.s = (char *)a;
	value.s.len = sizeof(*a);
	return add_avp(AVP_NAME_STR | AVP_VAL_STR, attempt_name(), value) < 0 ? -1 : 0;
}

/* The attempt in the transaction's shared memory, at no particular alignment. */
static char *attempt_stored(void)
{
	int_str value;

	if (!search_first_avp(AVP_NAME_STR | AVP_VAL_STR, attempt_name(), &value, NULL) ||
	    value.s.len != sizeof(struct flow_attempt))
		return NULL;
	return value.s.s;
}

int attempt_load(struct flow_attempt *a)
{
	const char *stored = attempt_stored();

	if (!stored)
		return -1;
	memcpy(a, stored, sizeof(*a));
	return 0;
}

int attempt_set_beside(void)
{
	const bool beside = true;
	char *stored = attempt_stored();

	if (!stored)
		return -1;
	memcpy(stored + offsetof(struct flow_attempt, beside), &beside, sizeof(beside));
	return 0;
}

static uint8_t *answer_of(char *stored)
{
	return (uint8_t *)stored + offsetof(struct flow_attempt, answer);
}

bool attempt_claim(struct flow_attempt *a, int *err)
{
	uint8_t open = ATTEMPT_OPEN;
	char *stored = attempt_stored();

	*err = stored ? 0 : -1;
	if (!stored)
		return false;
	memcpy(a, stored, sizeof(*a));
	return __atomic_compare_exchange_n(answer_of(stored), &open, ATTEMPT_BEGUN, false,
					   __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

void attempt_answered(const struct flow_attempt *a, bool good)
{
	char *stored = attempt_stored();

	if (!stored)
		return;
	memcpy(stored + offsetof(struct flow_attempt, sa), &a->sa, sizeof(a->sa));
	__atomic_store_n(answer_of(stored), good ? ATTEMPT_ANSWERED : ATTEMPT_FAILED,
			 __ATOMIC_RELEASE);
}

#define AWAIT_STEP_US 1000
#define AWAIT_STEPS   500

int attempt_await(struct flow_attempt *a)
{
	char *stored = attempt_stored();
	uint8_t answer = ATTEMPT_BEGUN;

	for (int i = 0; stored && i < AWAIT_STEPS; i++) {
		answer = __atomic_load_n(answer_of(stored), __ATOMIC_ACQUIRE);
		if (answer != ATTEMPT_BEGUN)
			break;
		usleep(AWAIT_STEP_US);
	}
	if (answer != ATTEMPT_ANSWERED)
		return -1;
	memcpy(a, stored, sizeof(*a));
	return 0;
}
