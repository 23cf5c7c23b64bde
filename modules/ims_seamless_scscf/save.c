/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seamless_scscf_save(): the registrar, for REGISTERs with the option tag or for all. The request is
 * planned, the HSS is asked (one SAR per implicit set, all at once), and only when all have agreed is
 * anything changed; then the 200 goes out.
 */
#include "modules/ims_seamless_scscf/save.h"
#include "../../core/config.h"
#include "../../core/dset.h"
#include "../../core/flags.h"
#include "../../core/mem/shm_mem.h"
#include "../../core/route.h"

#include "modules/common/reply.h"

/*
 * A Kamailio 6 takes no larger message. What the 200 copies from the request is smaller than that; what
 * is not planned for in scscf_answer_size() is Service-Route and the lines of Kamailio itself.
 */
#define MESSAGE_MAX	32767
#define OTHER_LINES_MAX 512

struct seamless_last seamless_last = {.kind = "none"};

static int refuse(struct sip_msg *msg, const struct scscf_register_refusal *no)
{
	char header[64] = "";

	counter_inc(seamless_counters.refused);
	if (no->status == 400)
		counter_inc(seamless_counters.malformed);
	LM_INFO("REGISTER refused with %d: %s\n", no->status, no->why);
	if (no->status == 423)
		snprintf(header, sizeof(header), "Min-Expires: %u\r\n", no->min_expires);
	(void)kam_reply(msg, no->status, no->reason, header);
	return 0;
}

static int refuse_with(struct sip_msg *msg, int status, const char *reason, const char *why)
{
	struct scscf_register_refusal no = {.status = status, .reason = reason, .why = why};

	return refuse(msg, &no);
}

/* Header values that the 200 and usrloc need, copied behind the pending save. */
static str copy_str(char **at, str s)
{
	str out = {*at, s.len};

	if (s.len <= 0) {
		out.s = NULL;
		out.len = 0;
		return out;
	}
	memcpy(*at, s.s, s.len);
	*at += s.len;
	return out;
}

static void finish(struct save *p);

/* reg becomes its own, if there is memory. */
static struct save *save_make(struct sip_msg *msg, struct scscf_saved_register *reg,
			      struct action *route)
{
	static str no_agent = str_init("n/a");
	str agent =
	    msg->user_agent && msg->user_agent->body.len > 0 && msg->user_agent->body.len < 255
		? msg->user_agent->body
		: no_agent;
	size_t size = sizeof(struct save) + agent.len;
	struct save *p = shm_malloc(size);
	flag_t flags = 0;
	char *at;

	if (!p)
		return NULL;
	memset(p, 0, size);
	p->reg = reg;
	at = (char *)(p + 1);
	p->user_agent = copy_str(&at, agent);
	p->sock = msg->rcv.bind_address;
	getbflagsval(0, &flags);
	p->cflags = flags;
	p->route = route;
	p->all_answered = finish;
	p->kept = third_party_keep(msg, reg->contact);
	return p;
}

static void save_free(struct save *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->reg->sets_n; i++)
		if (p->profile[i])
			seamless_ul.unref_subscription(p->profile[i]);
	seamless_free_plan(p->reg);
	if (p->kept)
		shm_free(p->kept);
	if (p->response.s)
		shm_free(p->response.s);
	shm_free(p);
}

static void count_kind(enum scscf_register_kind kind)
{
	switch (kind) {
	case SCSCF_REGISTER_ADD:
		counter_inc(seamless_counters.adds);
		break;
	case SCSCF_REGISTER_MOVE:
		counter_inc(seamless_counters.moves);
		break;
	case SCSCF_REGISTER_GLOBAL:
		counter_inc(seamless_counters.globals);
		break;
	case SCSCF_REGISTER_DEREG:
		counter_inc(seamless_counters.deregs);
		break;
	case SCSCF_REGISTER_FETCH:
		break;
	}
}

/* The save whose 200 is being sent, of which a copy is wanted. */
static struct save *copied;

static void on_response(struct cell *t, int type, struct tmcb_params *ps)
{
	if (!copied || ps->code != 200 || !ps->send_buf.s || ps->send_buf.len <= 0)
		return;
	copied->response.s = shm_malloc((size_t)ps->send_buf.len);
	if (!copied->response.s) {
		counter_inc(seamless_counters.no_memory);
		return;
	}
	memcpy(copied->response.s, ps->send_buf.s, (size_t)ps->send_buf.len);
	copied->response.len = ps->send_buf.len;
}

static void send_answer(struct save *p, int status, const char *reason, struct slice headers)
{
	if (status == 200 && p->kept && third_party_wants_response() &&
	    !kam_wait_watch_reply(&p->wait, on_response))
		copied = p;
	(void)kam_wait_reply(&p->wait, status, reason, headers);
	copied = NULL;
}

static void answer(struct save *p, int status, const char *reason)
{
	static char headers[MESSAGE_MAX];
	int len = 0;

	if (status == 200)
		len = save_write_headers(p, headers, sizeof(headers));
	if (len < 0) {
		LM_ERR("200 of %.*s is larger than %d bytes\n", (int)p->reg->rq.impi.len,
		       p->reg->rq.impi.p, MESSAGE_MAX);
		status = 500;
		reason = "Answer Too Large";
	}
	if (status >= 480)
		len = snprintf(headers, sizeof(headers), "Retry-After: 5\r\n");
	send_answer(p, status, reason, slice_make(headers, (size_t)len));
}

/* How long the identity is registered still, s; 0: not any more. */
static uint32_t registered_for(struct slice impu)
{
	uint32_t s = scscf_model_registered_for(seamless_lock(), impu, kam_now_ms());

	seamless_unlock();
	return s;
}

/* The sets that a REGISTER was about, for their application servers. */
struct concerned {
	struct third_party_set sets[SCSCF_PLAN_SETS_MAX];
	struct scscf_arena arena;
};

/* How it was before anything is applied: a set that is gone then is told of by the name that it had. */
static void look_before(const struct save *p, struct concerned *c)
{
	for (size_t i = 0; p->kept && i < p->reg->sets_n; i++) {
		struct slice impu = p->reg->sets[i].impu;

		c->sets[i].before = registered_for(impu);
		c->sets[i].impu =
		    scscf_arena_text(&c->arena, scscf_model_told_as(seamless_lock(), impu));
		seamless_unlock();
	}
}

/* And now. */
static void look_after(const struct save *p, struct concerned *c)
{
	for (size_t i = 0; i < p->reg->sets_n; i++) {
		struct third_party_set *set = &c->sets[i];
		struct slice impu = p->reg->sets[i].impu, told;
		struct scscf_model *m = seamless_lock();

		scscf_model_tell_as(m, set->impu.len ? set->impu : impu);
		told = scscf_model_told_as(m, impu);
		if (told.len)
			set->impu = scscf_arena_text(&c->arena, told);
		seamless_unlock();
		if (!set->impu.len)
			set->impu = impu;
		set->now = registered_for(impu);
	}
}

/* True: p waits for the application servers. */
static bool tell_third_parties(struct save *p, struct concerned *c, bool waits)
{
	const struct scscf_saved_register *r = p->reg;
	struct third_party_outcome out = {.impi = r->rq.impi,
					  .contact = r->contact ? r->contact->uri : SLICE_NULL,
					  .sets = c->sets,
					  .sets_n = r->sets_n,
					  .response = p->response,
					  .waits = waits ? p : NULL};
	struct kept_register *kept = p->kept;

	if (!kept || r->kind == SCSCF_REGISTER_FETCH)
		return false;
	look_after(p, c);
	p->kept = NULL;
	p->response = (str)STR_NULL;
	return third_party_tell(kept, &out) && waits;
}

/* False: it was refused, with an answer. */
static bool apply(struct save *p, struct concerned *c)
{
	int rc;

	if (atomic_get(&p->failed)) {
		counter_inc(seamless_counters.hss_failures);
		if (atomic_get(&p->refused))
			answer(p, 403, "Refused By HSS");
		else
			answer(p, 504, "HSS Does Not Answer");
		return false;
	}
	look_before(p, c);
	rc = save_apply(p);
	if (rc) {
		if (rc > 0)
			LM_INFO("REGISTER refused with %d when the HSS had agreed: %s\n",
				p->result.no.status, p->result.no.why);
		counter_inc(seamless_counters.refused);
		answer(p, rc > 0 ? p->result.no.status : 500,
		       rc > 0 ? p->result.no.reason : "Server Error");
		return false;
	}
	return true;
}

static void accept_it(struct save *p)
{
	answer(p, 200, "OK");
	count_kind(p->reg->kind);
}

static void remember(const struct save *p)
{
	seamless_last.kind = scscf_register_kind_name(p->reg->kind);
	(void)slice_copy(p->reg->rq.impi, seamless_last.impi, sizeof(seamless_last.impi));
	seamless_last.sets = (int)p->reg->sets_n;
	seamless_last.moved = (int)p->result.moved;
	seamless_last.linger = seamless_cfg_linger_seconds();
}

static void go_on(struct save *p, bool ok)
{
	remember(p);
	/* As stock save() leaves it for the route. */
	kam_wait_set_avp(&p->wait, "saa_return_code", ok ? 1 : -2);
	/* Also without a route: the transaction must not stay suspended. */
	kam_wait_continue(&p->wait, p->route);
	save_free(p);
}

/* All answers are in; p is ours. */
static void finish(struct save *p)
{
	struct concerned c = {0};
	bool ok = apply(p, &c),
	     waits = ok && third_party_goes_first() && tell_third_parties(p, &c, true);

	if (ok && !waits) {
		accept_it(p);
		(void)tell_third_parties(p, &c, false);
	}
	scscf_arena_free(&c.arena);
	if (!waits)
		go_on(p, ok);
}

void save_told(struct save *p)
{
	accept_it(p);
	go_on(p, true);
}

static void finish_at_once(struct save *p)
{
	struct concerned c = {0};

	if (apply(p, &c)) {
		accept_it(p);
		(void)tell_third_parties(p, &c, false);
	}
	scscf_arena_free(&c.arena);
	remember(p);
	save_free(p);
}

/* p waits for nothing yet; it is freed here or when it is finished. */
static int ask_or_finish(struct sip_msg *msg, struct save *p, unsigned index, unsigned label)
{
	bool waits = p->kept && third_party_goes_first();

	if (!save_must_ask(p) && !waits) {
		p->wait.tindex = index;
		p->wait.tlabel = label;
		finish_at_once(p);
		return 0;
	}
	if (kam_wait_begin(msg, &p->wait)) {
		save_free(p);
		return refuse_with(msg, 500, "Server Error", "transaction cannot be suspended");
	}
	if (!save_must_ask(p)) {
		if (kam_wait_done(&p->wait))
			finish(p);
		return 0;
	}
	if (save_ask_hss(p)) {
		counter_inc(seamless_counters.hss_failures);
		kam_wait_cancel(&p->wait);
		save_free(p);
		return refuse_with(msg, 504, "HSS Not Reachable", "no Diameter peer");
	}
	return 0;
}

/* reg is given back in every case. */
static int start(struct sip_msg *msg, struct scscf_saved_register *reg, struct action *route)
{
	unsigned index, label;
	int rc = kam_transaction(msg, &index, &label);
	struct save *p;

	if (rc) {
		seamless_free_plan(reg);
		return rc < 0 ? refuse_with(msg, 500, "Server Error", "no transaction") : 0;
	}
	p = save_make(msg, reg, route);
	if (!p) {
		seamless_free_plan(reg);
		counter_inc(seamless_counters.no_memory);
		return refuse_with(msg, 500, "Server Error", "out of shared memory");
	}
	save_look_for_records(p);
	return ask_or_finish(msg, p, index, label);
}

struct action *seamless_route_named(str *name)
{
	char buf[128];
	int i;

	if (!name || !name->len || slice_copy(slice_of(*name), buf, sizeof(buf)))
		return NULL;
	i = route_lookup(&main_rt, buf);
	return i < 0 ? NULL : main_rt.rlist[i];
}

static void read_policy(const struct sip_msg *msg, struct scscf_register_policy *policy)
{
	size_t others = (size_t)msg->len + (size_t)seamless_params.scscf_name.len + OTHER_LINES_MAX;

	memset(policy, 0, sizeof(*policy));
	policy->default_expires = (uint32_t)seamless_params.default_expires;
	policy->contacts_max = (size_t)seamless_params.max_contacts;
	policy->min_expires = (uint32_t)seamless_cfg_min_expires();
	policy->max_expires = (uint32_t)seamless_cfg_max_expires();
	/* A branch of Kamailio's has no room for more. */
	policy->path_max = MAX_PATH_SIZE - 1;
	policy->answer_max = others < MESSAGE_MAX ? MESSAGE_MAX - others : 1;
	policy->shadowed = true;
	policy->untagged_old = (enum scscf_untagged_old)seamless_params.untagged_old;
}

/* What it means, in shared memory. 0 and *reg, -1: refused (*no), -2: no memory. */
static int plan(const struct sip_msg *msg, const struct scscf_register_request *rq,
		struct scscf_saved_register **reg, struct scscf_register_refusal *no)
{
	static struct scscf_register_plan plan; /* large; a process handles one request at a time */
	struct scscf_register_policy policy;
	struct scscf_model *m;
	int rc;

	read_policy(msg, &policy);
	m = seamless_lock();
	rc = scscf_register_plan(m, rq, &policy, &plan, no);
	*reg = rc ? NULL : scscf_saved_register_make(m, &plan, rq, &policy);
	seamless_unlock();
	if (rc)
		return -1;
	return *reg ? 0 : -2;
}

static void save(struct sip_msg *msg, bool tagged, struct action *route, struct scscf_arena *a)
{
	struct scscf_saved_register *reg = NULL;
	struct sip_contact_list contacts;
	struct scscf_register_refusal no;
	struct scscf_register_request rq;
	const char *why;
	int rc = read_register(msg, a, &contacts, &rq, &why);

	if (rc) {
		refuse_with(msg, rc, rc == 400 ? "Bad Request" : "Forbidden", why);
		return;
	}
	rq.tagged = tagged;
	rc = a->failed ? -2 : plan(msg, &rq, &reg, &no);
	if (rc == -1) {
		refuse(msg, &no);
	} else if (rc) {
		counter_inc(seamless_counters.no_memory);
		refuse_with(msg, 500, "Server Error", "out of memory");
	} else {
		start(msg, reg, route);
	}
}

int seamless_save(struct sip_msg *msg, str *route, str *domain)
{
	struct scscf_arena a = {0};
	bool tagged;

	if (msg->REQ_METHOD != METHOD_REGISTER)
		return -2;
	tagged = seamless_params.enabled && read_requires(msg, SLICE_LIT("seamless-ims")) == 1;
	if (!tagged && !seamless_params.save_all) {
		save_watch_stock(msg);
		return -2;
	}
	counter_inc(seamless_counters.registers);
	save(msg, tagged, seamless_route_named(route), &a);
	scscf_arena_free(&a);
	return 0;
}
