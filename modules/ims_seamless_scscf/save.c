/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seamless_save(): the registrar for REGISTERs with the option tag. The request is planned, the HSS
 * is asked (one SAR per implicit set, all at once), and only when all have agreed is anything
 * changed; then the 200 goes out.
 */
#include "modules/ims_seamless_scscf/save.h"
#include "../../core/data_lump_rpl.h"
#include "../../core/dset.h"
#include "../../core/flags.h"
#include "../../core/mem/shm_mem.h"
#include "../../core/route.h"
#include "../../modules/cdp/diameter_ims_code_avp.h"

struct seamless_last seamless_last = {.kind = "none"};

static int reply(struct sip_msg *msg, int status, const char *reason, const char *header)
{
	struct cell *t = seamless_tm.t_gett();
	str r = {(char *)reason, (int)strlen(reason)};

	if (header && !add_lump_rpl(msg, (char *)header, (int)strlen(header), LUMP_RPL_HDR))
		return -1;
	if (t && t != T_UNDEFINED)
		return seamless_tm.t_reply(msg, (unsigned)status, r.s) < 0 ? -1 : 0;
	return seamless_sl.freply(msg, status, &r) < 0 ? -1 : 0;
}

static int refuse(struct sip_msg *msg, const struct scscf_register_refusal *no)
{
	char header[64] = "";

	counter_inc(seamless_cnt.refused);
	if (no->status == 400)
		counter_inc(seamless_cnt.malformed);
	LM_INFO("REGISTER refused with %d: %s\n", no->status, no->why);
	if (no->status == 423)
		snprintf(header, sizeof(header), "Min-Expires: %u\r\n", no->min_expires);
	reply(msg, no->status, no->reason, header[0] ? header : NULL);
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

static struct pending_save *pending_make(struct sip_msg *msg,
					 const struct scscf_register_plan *plan,
					 const struct scscf_register_request *rq,
					 struct action *route)
{
	static str no_agent = str_init("n/a");
	str agent =
	    msg->user_agent && msg->user_agent->body.len > 0 && msg->user_agent->body.len < 255
		? msg->user_agent->body
		: no_agent;
	size_t size = sizeof(struct pending_save) + agent.len;
	struct pending_save *p = shm_malloc(size);
	flag_t flags = 0;
	char *at;

	if (!p)
		return NULL;
	memset(p, 0, size);
	p->reg = seamless_save_plan(plan, rq);
	if (!p->reg) {
		shm_free(p);
		return NULL;
	}
	at = (char *)(p + 1);
	p->user_agent = copy_str(&at, agent);
	p->sock = msg->rcv.bind_address;
	getbflagsval(0, &flags);
	p->cflags = flags;
	p->route = route;
	return p;
}

void pending_free(struct pending_save *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->reg->plan.sets_n; i++)
		if (p->profile[i])
			seamless_ul.unref_subscription(p->profile[i]);
	seamless_free_plan(p->reg);
	shm_free(p);
}

static int assignment_type(const struct scscf_plan_set *s)
{
	if (s->deregisters)
		return AVP_IMS_SAR_USER_DEREGISTRATION;
	return s->known ? AVP_IMS_SAR_RE_REGISTRATION : AVP_IMS_SAR_REGISTRATION;
}

/*
 * All SARs at once. Returns how many are on their way; with 0 the save is still the caller's. The
 * sender counts as one answer that is out, so that none of the answers finishes the save before all
 * were sent.
 */
static size_t ask_hss(struct pending_save *p)
{
	const struct scscf_register_plan *plan = &p->reg->plan;
	size_t sent = 0;

	atomic_set(&p->outstanding, 1);
	for (size_t i = 0; i < plan->sets_n; i++) {
		const struct scscf_plan_set *s = &plan->sets[i];

		if (!s->sar)
			continue;
		p->sar[i].save = p;
		p->sar[i].set = i;
		mb_atomic_inc(&p->outstanding);
		if (!cx_send_sar(p->reg->impi, s->impu, assignment_type(s),
				 s->known ? AVP_IMS_SAR_USER_DATA_ALREADY_AVAILABLE
					  : AVP_IMS_SAR_USER_DATA_NOT_AVAILABLE,
				 &p->sar[i])) {
			sent++;
			continue;
		}
		mb_atomic_inc(&p->failed);
		mb_atomic_dec(&p->outstanding);
		break; /* no peer: the others would not go either */
	}
	if (sent)
		pending_answered(p);
	return sent;
}

static int start(struct sip_msg *msg, const struct scscf_register_plan *plan,
		 const struct scscf_register_request *rq, struct action *route)
{
	struct cell *t = seamless_tm.t_gett();
	struct pending_save *p;
	bool ask = false;

	if (!t || t == T_UNDEFINED) {
		int rc = seamless_tm.t_newtran(msg);

		if (rc < 0)
			return refuse_with(msg, 500, "Server Error", "no transaction");
		if (rc == 0)
			return 0; /* a retransmission: tm has answered */
		t = seamless_tm.t_gett();
	}
	p = pending_make(msg, plan, rq, route);
	if (!p) {
		counter_inc(seamless_cnt.no_memory);
		return refuse_with(msg, 500, "Server Error", "out of shared memory");
	}
	for (size_t i = 0; i < plan->sets_n; i++)
		ask = ask || plan->sets[i].sar;
	if (!ask) {
		p->tindex = t->hash_index;
		p->tlabel = t->label;
		pending_apply(p);
		pending_free(p);
		return 0;
	}
	if (seamless_tm.t_suspend(msg, &p->tindex, &p->tlabel) < 0) {
		pending_free(p);
		return refuse_with(msg, 500, "Server Error", "transaction cannot be suspended");
	}
	if (!ask_hss(p)) {
		counter_inc(seamless_cnt.hss_failures);
		seamless_tm.t_cancel_suspend(p->tindex, p->tlabel);
		pending_free(p);
		return refuse_with(msg, 504, "HSS Not Reachable", "no Diameter peer");
	}
	return 0;
}

/* The plan's texts that lie in the model, copied so that the lock can be released. */
static void plan_own_texts(struct scscf_register_plan *plan, struct scscf_arena *a)
{
	for (size_t i = 0; i < plan->sets_n; i++) {
		struct scscf_plan_set *s = &plan->sets[i];

		s->impu = scscf_arena_text(a, s->impu);
		for (size_t k = 0; k < s->impus_n; k++)
			s->impus[k] = scscf_arena_text(a, s->impus[k]);
	}
	for (size_t i = 0; i < plan->binds_n; i++)
		plan->binds[i].instance = scscf_arena_text(a, plan->binds[i].instance);
	for (size_t i = 0; i < plan->unbinds_n; i++)
		plan->unbinds[i].contact = scscf_arena_text(a, plan->unbinds[i].contact);
}

static struct action *route_named(str *name)
{
	char buf[128];
	int i;

	if (!name || !name->len || slice_copy(slice_of(*name), buf, sizeof(buf)))
		return NULL;
	i = route_lookup(&main_rt, buf);
	return i < 0 ? NULL : main_rt.rlist[i];
}

static void on_stock_answer(struct cell *t, int type, struct tmcb_params *ps)
{
	const str *impi = *ps->param;

	if (ps->code >= 200)
		usrloc_verify_later(slice_of(*impi));
}

static void free_impi(void *impi)
{
	shm_free(impi);
}

/* Stock has removed what it will when it answers. */
static void verify_when_answered(struct sip_msg *msg, struct slice impi)
{
	str *copy = shm_malloc(sizeof(*copy) + impi.len);

	if (!copy) {
		counter_inc(seamless_cnt.no_memory);
		return;
	}
	copy->s = memcpy(copy + 1, impi.p, impi.len);
	copy->len = (int)impi.len;
	if (seamless_tm.register_tmcb(msg, NULL, TMCB_RESPONSE_OUT, on_stock_answer, copy,
				      free_impi) <= 0)
		shm_free(copy);
}

/* What stock save() removes it tells nobody. */
static void leave_to_stock(struct sip_msg *msg)
{
	struct sip_contact_list contacts;
	struct scscf_register_request rq;
	struct scscf_arena a = {0};
	const char *why;
	bool removes = false;

	if (!read_register(msg, &a, &contacts, &rq, &why)) {
		removes = contacts.star || (rq.has_expires && !rq.expires);
		for (size_t i = 0; i < contacts.n; i++)
			removes = removes ||
				  (contacts.contact[i].has_expires && !contacts.contact[i].expires);
		if (removes)
			verify_when_answered(msg, rq.impi);
	}
	scscf_arena_free(&a);
}

int seamless_save(struct sip_msg *msg, str *route, str *domain)
{
	static struct scscf_register_plan plan; /* large; a process handles one request at a time */
	struct scscf_register_policy policy = {0};
	struct sip_contact_list contacts;
	struct scscf_register_request rq;
	struct scscf_register_refusal no;
	struct scscf_arena a = {0};
	struct scscf_model *m;
	const char *why;
	int rc;

	if (msg->REQ_METHOD != METHOD_REGISTER)
		return -2;
	if (!seamless_params.enabled || read_requires(msg, SLICE_LIT("seamless-ims")) != 1) {
		leave_to_stock(msg);
		return -2;
	}
	counter_inc(seamless_cnt.registers);
	rc = read_register(msg, &a, &contacts, &rq, &why);
	if (rc) {
		refuse_with(msg, rc, rc == 400 ? "Bad Request" : "Forbidden", why);
		scscf_arena_free(&a);
		return 0;
	}
	policy.default_expires = (uint32_t)seamless_params.default_expires;
	policy.contacts_max = (size_t)seamless_params.max_contacts;
	policy.min_expires = (uint32_t)seamless_cfg_min_expires();
	policy.max_expires = (uint32_t)seamless_cfg_max_expires();
	m = seamless_lock();
	rc = scscf_register_plan(m, &rq, &policy, &plan, &no);
	if (!rc)
		plan_own_texts(&plan, &a);
	seamless_unlock();
	if (rc) {
		if (no.status == 403)
			counter_inc(seamless_cnt.stolen_contact);
		refuse(msg, &no);
	} else if (a.failed) {
		counter_inc(seamless_cnt.no_memory);
		refuse_with(msg, 500, "Server Error", "out of memory");
	} else {
		start(msg, &plan, &rq, route_named(route));
	}
	scscf_arena_free(&a);
	return 0;
}
