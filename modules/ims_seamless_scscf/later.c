/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seamless_scscf_wait(): the stock ims_auth sends the 401 before it has stored the vector, and on a
 * busy machine the phone's answer can be here first. Such a REGISTER is looked at again a little
 * later. Its transaction is suspended meanwhile: no worker waits, and only so many transactions may.
 */
#include "modules/ims_seamless_scscf/glue.h"
#include "../../core/mem/shm_mem.h"
#include "../../core/usr_avp.h"

#include "modules/common/headers.h"
#include "modules/common/queue.h"
#include "modules/common/wait.h"
#include "modules/ims_seamless_scscf/core/credentials.h"

#define LATER_MAX 1000
#define TRIES_MAX 10
#define AFTER_MS  50

struct later {
	struct kam_link link; /* the first member */
	struct kam_wait wait;
	struct action *route;
	uint64_t due_ms;
};

static struct kam_queue *queue;

int later_init(void)
{
	queue = kam_queue_new(LATER_MAX);
	return queue ? 0 : -1;
}

/* How often it has been put off; counts this time too. */
static int count_try(void)
{
	int_str name = {.s = str_init("seamless_scscf_wait")}, value = {.n = 0};
	struct usr_avp *avp = search_first_avp(AVP_NAME_STR, name, &value, NULL);
	int tries = avp ? value.n : 0;

	if (avp)
		destroy_avp(avp);
	value.n = tries + 1;
	return add_avp(AVP_NAME_STR, name, value) < 0 ? TRIES_MAX : tries;
}

/*
 * Does it answer a challenge for the first time, in a way that no stranger can? Over SAs only the
 * phone itself can; the P-CSCF says so, and takes the parameter off what comes without.
 */
static bool is_first_answer(const struct sip_msg *msg)
{
	struct slice credentials, value;

	if (!msg->authorization)
		return false;
	credentials = slice_of(msg->authorization->body);
	if (!scscf_credential(credentials, SLICE_LIT("nonce"), &value) || !value.len ||
	    !scscf_credential(credentials, SLICE_LIT("response"), &value) || !value.len)
		return false;
	if (scscf_credential(credentials, SLICE_LIT("nc"), &value) &&
	    !slice_eq(value, SLICE_LIT("00000001")))
		return false;
	return seamless_params.wait_clear ||
	       (scscf_credential(credentials, SLICE_LIT("integrity-protected"), &value) &&
		slice_eq_nocase(value, SLICE_LIT("yes")));
}

/* 1: put off, the script ends and route runs later; -1: not. */
int seamless_wait(struct sip_msg *msg, str *route)
{
	struct action *r = seamless_route_named(route);
	unsigned index, label;
	struct later *l;

	if (!r || kam_headers_parse(msg) || !is_first_answer(msg) || count_try() >= TRIES_MAX ||
	    kam_transaction(msg, &index, &label) || !kam_queue_take_place(queue))
		return -1;
	l = shm_malloc(sizeof(*l));
	if (!l || kam_wait_begin(msg, &l->wait)) {
		shm_free(l);
		kam_queue_give_place(queue);
		return -1;
	}
	l->route = r;
	l->due_ms = kam_now_ms() + AFTER_MS;
	counter_inc(seamless_counters.early_answers);
	kam_queue_put(queue, &l->link);
	return 1;
}

static bool is_due(const struct kam_link *l, void *now)
{
	return ((const struct later *)l)->due_ms <= *(const uint64_t *)now;
}

void later_timer(uint64_t now)
{
	struct later *l;

	while ((l = (struct later *)kam_queue_pop_if(queue, is_due, &now))) {
		kam_wait_continue(&l->wait, l->route);
		shm_free(l);
	}
}
