/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sending third-party REGISTERs, and what their answers mean. All of it in the sender's process. */
#include "modules/ims_seamless_scscf/third_party.h"
#include "../../core/locking.h"
#include "../../core/mem/shm_mem.h"
#include "../../core/rpc.h"
#include "../../core/rpc_lookup.h"

#include "modules/common/headers.h"
#include "modules/common/queue.h"

#define SERVERS_MAX   256
#define UNDER_WAY_MAX 100
#define PAUSE_MAX_MS  32000
#define WAIT_MS	      60000
#define AT_ONCE	      256

/* The orders, for RPCs to look at, too. */
static struct {
	gen_lock_t lock;
	struct scscf_store store;
	struct scscf_orders orders;
	struct keyed_hash_key call_ids;
	uint32_t cseq;
} * shared;

/* What a transaction leaves: made before it is sent, so that it cannot fail. */
struct outcome {
	struct kam_link link; /* the first member */
	uint64_t id;
	struct scscf_order_answer answer;
};
static struct kam_queue *outcomes;

static void *from_shm(size_t n)
{
	return shm_malloc(n);
}

static void to_shm(void *p)
{
	shm_free(p);
}

int third_party_send_init(void)
{
	const struct scscf_orders_policy policy = {
	    .orders_max = (size_t)seamless_params.third_party_max,
	    .under_way_max = UNDER_WAY_MAX,
	    .servers_max = SERVERS_MAX,
	    .tries_max = (unsigned)seamless_params.third_party_retries,
	    .pause_ms = (uint32_t)seamless_params.third_party_retry_seconds * 1000,
	    .pause_max_ms = PAUSE_MAX_MS,
	    .wait_ms = WAIT_MS};
	struct keyed_hash_key key;

	outcomes = kam_queue_new(0);
	shared = shm_malloc(sizeof(*shared));
	if (!outcomes || !shared)
		return -1;
	memset(shared, 0, sizeof(*shared));
	shared->store = (struct scscf_store){.alloc = from_shm, .release = to_shm};
	if (!lock_init(&shared->lock) || keyed_hash_key_random(&key) ||
	    keyed_hash_key_random(&shared->call_ids) ||
	    scscf_orders_init(&shared->orders, &shared->store, &key, &policy)) {
		LM_ERR("no memory for third_party_max %d\n", seamless_params.third_party_max);
		return -1;
	}
	return 0;
}

struct scscf_order_job *third_party_job(size_t texts)
{
	struct scscf_order_job *job;

	lock_get(&shared->lock);
	job = scscf_order_job_new(&shared->orders, texts);
	lock_release(&shared->lock);
	if (!job)
		counter_inc(seamless_counters.third_party_dropped);
	return job;
}

static void not_awaited(const struct scscf_order_job *job)
{
	struct third_party_waiter *w = job->waiter;

	if (w && w->out)
		w->out--;
}

static void free_job(struct scscf_order_job *job)
{
	not_awaited(job);
	lock_get(&shared->lock);
	scscf_order_job_free(&shared->orders, job);
	lock_release(&shared->lock);
}

void third_party_order(struct slice server, struct slice to, struct scscf_order_job *job)
{
	struct scscf_order_job *replaced;
	int rc;

	lock_get(&shared->lock);
	rc = scscf_orders_put(&shared->orders, server, to, job, kam_now_ms(), &replaced);
	lock_release(&shared->lock);
	if (replaced)
		free_job(replaced);
	if (!rc)
		return;
	counter_inc(seamless_counters.third_party_dropped);
	LM_ERR("application server %.*s is not told of %.*s: %d REGISTERs wait already, or no "
	       "memory\n",
	       (int)server.len, server.p, (int)to.len, to.p, seamless_params.third_party_max);
	free_job(job);
}

/* ---- answers ---- */

static uint32_t seconds_in(struct sip_msg *msg, const char *name)
{
	struct hdr_field *h = kam_header_find(msg->headers, name);
	struct slice value = h ? slice_trim(kam_header_body(h)) : SLICE_NULL;
	size_t digits = 0;
	uint64_t n = 0;

	while (digits < value.len && value.p[digits] >= '0' && value.p[digits] <= '9')
		digits++;
	(void)slice_u64(slice_make(value.p, digits), 0xffffffffu, &n);
	return (uint32_t)n;
}

/* In whatever process has the answer. */
static void on_completed(struct cell *t, int type, struct tmcb_params *ps)
{
	struct outcome *o = *ps->param;

	if (ps->rpl && ps->rpl != FAKED_REPLY) {
		o->answer.status = ps->code;
		if (kam_headers_parse(ps->rpl) == 0) {
			o->answer.retry_after_s = seconds_in(ps->rpl, "Retry-After");
			o->answer.min_expires_s = seconds_in(ps->rpl, "Min-Expires");
		}
	}
	(void)kam_queue_push(outcomes, &o->link);
	third_party_wake();
}

/* The end of the registration that a server with default handling "terminate" did not take. */
static void terminate(struct slice impi, struct slice impu, struct slice server)
{
	struct third_party_event ev = {
	    .impi = impi, .registration = SCSCF_REGISTRATION_DE, .but = server};
	struct scscf_arena a = {0};
	struct scscf_effects e;
	struct scscf_model *m;
	size_t sets;

	counter_inc(seamless_counters.third_party_ends);
	LM_WARN("%.*s is de-registered: its application server %.*s does not answer, and is "
		"needed\n",
		(int)impu.len, impu.p, (int)server.len, server.p);
	usrloc_no_sar(&impu, 1);
	scscf_effects_init(&e);
	m = seamless_lock();
	ev.impu = scscf_arena_text(&a, scscf_model_told_as(m, impu));
	if (!ev.impu.len)
		ev.impu = impu;
	sets = scscf_model_deregister(m, impi, &impu, 1, SCSCF_CONTACT_REJECTED,
				      SCSCF_END_BY_SERVER, kam_now_ms(), &e);
	seamless_unlock();
	usrloc_follow_all(&e);
	effects_later(&e);
	if (sets)
		third_party_make(&ev, NULL);
	scscf_arena_free(&a);
}

/* TS 24.229 5.4.1.7: no answer, 408 or 5xx is a failure, and default handling says what follows. */
static void not_taken(const struct scscf_order *order, const struct scscf_order_answer *a)
{
	const struct scscf_order_job *job = order->job;

	if (a->status)
		LM_INFO("application server %.*s answers %d for %.*s\n",
			(int)order->server->uri.len, order->server->uri.p, a->status,
			(int)order->to.len, order->to.p);
	else
		LM_INFO("application server %.*s does not answer for %.*s\n",
			(int)order->server->uri.len, order->server->uri.p, (int)order->to.len,
			order->to.p);
	/* What is newer decides. */
	if (job->impi.len && !order->newer)
		terminate(job->impi, order->to, order->server->uri);
}

static void end_order(struct scscf_order *order)
{
	not_awaited(order->job);
	lock_get(&shared->lock);
	scscf_orders_end(&shared->orders, order, kam_now_ms());
	lock_release(&shared->lock);
}

static void take_answer(const struct outcome *o, uint64_t now)
{
	enum scscf_order_event event;
	struct scscf_order *order;

	lock_get(&shared->lock);
	order = scscf_orders_find(&shared->orders, o->id);
	event = order ? scscf_orders_answered(&shared->orders, order, &o->answer, now)
		      : SCSCF_ORDER_EVENTS;
	lock_release(&shared->lock);
	switch (event) {
	case SCSCF_ORDER_EV_TAKEN:
		counter_inc(seamless_counters.third_party_taken);
		break;
	case SCSCF_ORDER_EV_REFUSED:
		counter_inc(seamless_counters.third_party_refused);
		LM_INFO("application server %.*s refuses with %d for %.*s\n",
			(int)order->server->uri.len, order->server->uri.p, o->answer.status,
			(int)order->to.len, order->to.p);
		break;
	case SCSCF_ORDER_EV_FAILED:
		counter_inc(seamless_counters.third_party_failed);
		not_taken(order, &o->answer);
		break;
	default:
		counter_inc(seamless_counters.third_party_again);
		return;
	}
	end_order(order);
}

void third_party_answers(uint64_t now)
{
	struct kam_link *list = kam_queue_take_all(outcomes);

	while (list) {
		struct outcome *o = (struct outcome *)list;

		list = list->next;
		take_answer(o, now);
		shm_free(o);
	}
}

/* ---- sending ---- */

static uint32_t seconds_of(const struct scscf_order_job *job, uint64_t now)
{
	uint64_t left = job->until_ms > now ? (job->until_ms - now + 500) / 1000 : 1;

	if (job->ends)
		return 0;
	if (left < 1)
		left = 1;
	return left < job->least_s ? job->least_s : (uint32_t)left;
}

/* One Call-ID for an identity and a server as long as this Kamailio lives; its numbers rise (RFC 3261 10.2). */
static size_t write_call_id(const struct scscf_order *order, char *buf, size_t size)
{
	const str realm = seamless_params.cxdx_dest_realm;
	uint64_t a = keyed_hash(&shared->call_ids, order->to),
		 b = keyed_hash(&shared->call_ids, order->server->uri);
	int n = snprintf(buf, size, "%016llx%016llx@%.*s", (unsigned long long)a,
			 (unsigned long long)b, realm.len, realm.s);

	return n > 0 && (size_t)n < size ? (size_t)n : 0;
}

static int send_request(const struct scscf_order *order, struct outcome *o, uint64_t now)
{
	static str method = str_init("REGISTER");
	const struct scscf_order_job *job = order->job;
	size_t size = job->before.len + job->after.len + 16, len;
	char *headers = malloc(size), call_id[320];
	str h = {headers, 0}, body = str_of(job->body), uri, hop = str_of(order->server->uri);
	uac_req_t req;
	dlg_t dlg;
	int rc;

	if (!headers)
		return -1;
	h.len = snprintf(headers, size, "%.*s%u%.*s", (int)job->before.len, job->before.p,
			 seconds_of(job, now), (int)job->after.len, job->after.p);
	len = write_call_id(order, call_id, sizeof(call_id));
	uri = job->uri.len ? str_of(job->uri) : hop;
	memset(&dlg, 0, sizeof(dlg));
	dlg.id.call_id = job->call_id.len ? str_of(job->call_id) : str_of(slice_make(call_id, len));
	dlg.id.loc_tag = str_of(job->from_tag);
	dlg.loc_uri = job->from.len ? str_of(job->from) : seamless_params.scscf_name;
	dlg.rem_uri = str_of(order->to);
	dlg.rem_target = uri;
	dlg.dst_uri = hop;
	dlg.loc_seq.value = job->cseq ? job->cseq : ++shared->cseq;
	dlg.loc_seq.is_set = 1;
	set_uac_req(&req, &method, &h, &body, &dlg, TMCB_LOCAL_COMPLETED, on_completed, o);
	rc = seamless_tm.t_uac(&req);
	free(headers);
	return rc > 0 ? 0 : -1;
}

static void send_order(const struct scscf_order *order, uint64_t now)
{
	struct outcome *o = shm_malloc(sizeof(*o));

	if (!o) {
		/* It counts as not answered, in a moment of less need. */
		const struct outcome none = {.id = order->id};

		counter_inc(seamless_counters.no_memory);
		take_answer(&none, now);
		return;
	}
	memset(o, 0, sizeof(*o));
	o->id = order->id;
	counter_inc(seamless_counters.third_party_sent);
	if (!send_request(order, o, now))
		return;
	LM_INFO("REGISTER to application server %.*s cannot be sent\n", (int)order->server->uri.len,
		order->server->uri.p);
	take_answer(o, now);
	shm_free(o);
}

static struct scscf_order *next(uint64_t now, bool late)
{
	struct scscf_order *order;

	lock_get(&shared->lock);
	order = late ? scscf_orders_late(&shared->orders, now)
		     : scscf_orders_next(&shared->orders, now);
	lock_release(&shared->lock);
	return order;
}

void third_party_send(uint64_t now)
{
	const struct scscf_order_answer none = {0};
	struct scscf_order *order;

	while ((order = next(now, true))) {
		counter_inc(seamless_counters.third_party_failed);
		not_taken(order, &none);
		end_order(order);
	}
	for (int i = 0; i < AT_ONCE && (order = next(now, false)); i++)
		send_order(order, now);
}

/* ---- RPC ---- */

/* A copy of one server's numbers. */
struct server_line {
	char uri[256];
	int under_way, waiting, paused_s, last;
	uint64_t sent, taken, refused, failed, again;
};

static size_t copy_servers(struct server_line *lines, size_t max)
{
	uint64_t now = kam_now_ms();
	size_t n = 0;

	lock_get(&shared->lock);
	for (const struct scscf_order_server *s = shared->orders.servers; s && n < max;
	     s = s->next, n++) {
		struct server_line *l = &lines[n];

		if (slice_copy(s->uri, l->uri, sizeof(l->uri)))
			snprintf(l->uri, sizeof(l->uri), "(longer than %zu octets)",
				 sizeof(l->uri) - 1);
		l->under_way = (int)s->under_way;
		l->waiting = (int)s->waiting;
		l->paused_s =
		    s->paused_until_ms > now ? (int)((s->paused_until_ms - now + 999) / 1000) : 0;
		l->last = s->last_status;
		l->sent = s->sent;
		l->taken = s->taken;
		l->refused = s->refused;
		l->failed = s->failed + s->late;
		l->again = s->again;
	}
	lock_release(&shared->lock);
	return n;
}

static void rpc_servers(rpc_t *rpc, void *ctx)
{
	struct server_line *lines = calloc(SERVERS_MAX, sizeof(*lines));
	size_t n = lines ? copy_servers(lines, SERVERS_MAX) : 0;
	void *h;

	if (!lines) {
		rpc->fault(ctx, 500, "No Memory");
		return;
	}
	for (size_t i = 0; i < n && rpc->add(ctx, "{", &h) >= 0; i++)
		rpc->struct_add(h, "sddddddddd", "server", lines[i].uri, "under_way",
				lines[i].under_way, "waiting", lines[i].waiting, "paused",
				lines[i].paused_s, "last", lines[i].last, "sent",
				(int)lines[i].sent, "taken", (int)lines[i].taken, "refused",
				(int)lines[i].refused, "failed", (int)lines[i].failed, "again",
				(int)lines[i].again);
	free(lines);
}

static const char *servers_doc[] = {"Application servers that were told of registrations, and how "
				    "they answer",
				    0};

rpc_export_t third_party_rpc[] = {{"seamless_scscf.servers", rpc_servers, servers_doc, RET_ARRAY},
				  {0, 0, 0, 0}};
