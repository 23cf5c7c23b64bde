/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/diameter/forward.h"

#include <stdlib.h>
#include <strings.h>

#include "daemon/log.h"
#include "hss/counters.h"
#include "hss/diameter/avp.h"
#include "hss/diameter/client.h"
#include "hss/diameter/node.h"
#include "hss/store/forward.h"

enum { AT_ONCE = 64, HOSTS_SIZE = 64 * IDENTITY_SIZE };

static struct store *shared; /* NULL: there is nobody else */

void forward_start(struct store *store)
{
	shared = store_is_shared(store) ? store : NULL;
}

/* ---- ours, which another process sends ---- */

static bool destination(struct msg *msg, char out[IDENTITY_SIZE])
{
	return slice_copy(avp_octets_of(msg, AVP_DESTINATION_HOST), out, IDENTITY_SIZE) == 0 &&
	       out[0];
}

/* What is left, and under which name. */
struct leaving {
	const char *host;
	struct slice octets;
	int64_t number;
	unsigned int seconds;
};

static int put(struct transaction *tx, void *arg)
{
	const struct leaving *l = arg;

	return store_put_forward(tx, l->number, l->host, l->octets, l->seconds);
}

bool forward_leave(struct msg *msg, uintptr_t number, unsigned int seconds)
{
	char host[IDENTITY_SIZE];
	struct leaving l = {.host = host, .number = (int64_t)number, .seconds = seconds};
	uint8_t *octets = NULL;
	size_t len = 0;
	bool left;

	if (!shared || !destination(msg, host) || node_peer_open(host) > 0 ||
	    fd_msg_bufferize(msg, &octets, &len))
		return false;
	l.octets = slice_make((const char *)octets, len);
	left = store_transact(shared, true, put, &l) == 0;
	free(octets);
	counter_add(COUNT_forwarded, left);
	return left;
}

static int take_back(struct transaction *tx, void *arg)
{
	return store_take_back_forward(tx, *(const int64_t *)arg);
}

bool forward_take_back(uintptr_t number)
{
	int64_t n = (int64_t)number;

	return store_transact(shared, true, take_back, &n) == 0;
}

static int next_outcome(struct transaction *tx, void *arg)
{
	return store_forward_outcome(tx, arg);
}

static void tell_outcomes(void)
{
	struct store_outcome o;

	while (store_transact(shared, true, next_outcome, &o) == 0) {
		struct outcome outcome = {
		    .answered = o.answered, .code = o.code, .experimental = o.experimental};

		strcpy(outcome.from, o.from);
		client_outcome((uintptr_t)o.number, &outcome);
	}
}

/* ---- others', which we send ---- */

struct taken {
	int64_t sender, number;
	struct store_outcome outcome;
};

static int end(struct transaction *tx, void *arg)
{
	const struct taken *t = arg;

	return store_end_forward(tx, t->sender, t->number, &t->outcome);
}

static void on_outcome(const struct outcome *o, void *arg)
{
	struct taken *t = arg;

	t->outcome = (struct store_outcome){
	    .answered = o->answered, .code = o->code, .experimental = o->experimental};
	strcpy(t->outcome.from, o->from);
	store_transact(shared, true, end, t); /* if it cannot be told, nobody waits for ever */
	free(t);
}

/* It goes out as ours: a peer may want nothing in another one's name. */
static int in_our_name(struct msg *msg)
{
	struct avp *avp = NULL;
	union avp_value value = {
	    .os = {.data = (uint8_t *)fd_g_config->cnf_diamid, .len = fd_g_config->cnf_diamid_len}};
	int err = fd_msg_search_avp(msg, dict.avp[AVP_ORIGIN_HOST], &avp);

	return err ? err : avp ? fd_msg_avp_setvalue(avp, &value) : ENOENT;
}

static void send_taken(struct store_forward *f)
{
	struct taken *t = calloc(1, sizeof(*t));
	struct msg *msg = NULL;
	int err = t ? fd_msg_parse_buffer(&f->octets, f->len, &msg) : ENOMEM;

	if (err == 0)
		err = fd_msg_parse_dict(msg, fd_g_config->cnf_dict, NULL);
	if (err == 0)
		err = in_our_name(msg);
	if (err && msg)
		fd_msg_free(msg);
	free(f->octets);
	if (t) {
		t->sender = f->sender;
		t->number = f->number;
	}
	if (err == 0)
		err = client_send_here(msg, f->seconds, on_outcome, t);
	if (err)
		log_line(LOG_ERR, "a request that another ims-hss left cannot be sent: %s",
			 strerror(err));
	if (err && t)
		on_outcome(&(struct outcome){.answered = false}, t);
}

static void add_host(const char *name, const char *state, void *arg)
{
	char *hosts = arg;
	size_t n = strlen(hosts);

	if (strcmp(state, "OPEN") == 0 && n + strlen(name) + 2 < HOSTS_SIZE)
		sprintf(hosts + n, "%s%s", n ? " " : "", name);
}

struct taking {
	char hosts[HOSTS_SIZE];
	struct store_forward forward;
};

static int take(struct transaction *tx, void *arg)
{
	struct taking *t = arg;

	free(t->forward.octets);
	t->forward.octets = NULL;
	return store_take_forward(tx, t->hosts, &t->forward);
}

static int sweep(struct transaction *tx, void *arg)
{
	(void)arg;
	return store_old_forwards(tx);
}

void forward_work(void)
{
	static unsigned int rounds;
	struct taking *t = shared ? calloc(1, sizeof(*t)) : NULL;

	if (!t)
		return;
	node_each_peer(add_host, t->hosts);
	for (int n = 0; t->hosts[0] && n < AT_ONCE && store_transact(shared, true, take, t) == 0;
	     n++) {
		send_taken(&t->forward);
		t->forward.octets = NULL;
	}
	free(t->forward.octets);
	free(t);
	tell_outcomes();
	if (rounds++ % 64 == 0)
		store_transact(shared, true, sweep, NULL);
}
