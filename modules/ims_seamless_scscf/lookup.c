/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seamless_scscf_lookup(), seamless_scscf_next(): a request of the terminating half goes to the
 * contacts of its user that are bound over Active connections. Contacts with the same q ring at
 * once, those with a lower one when the others have failed (RFC 3261 16.6). Of several flows of one
 * instance one is tried at a time (RFC 5626 7).
 *
 * Nothing is kept between the two functions: which contacts were tried stands in the transaction,
 * which there are in the model.
 */
#include "modules/ims_seamless_scscf/lookup.h"
#include "../../core/dset.h"
#include "../../core/globals.h"
#include "../../core/parser/parse_rr.h"
#include "../../core/route.h"

#include "modules/common/headers.h"
#include "modules/ims_seamless_scscf/core/identity.h"
#include "modules/ims_seamless_scscf/core/lookup.h"

/* The contacts that were chosen last, for lookup_ring(). */
static struct {
	unsigned msg_id;
	size_t n;
	struct chosen {
		uint64_t connection;
		char contact[SCSCF_CONTACT_URI_MAX + 1];
	} chosen[SCSCF_TARGETS_MAX];
} last;

static int find_targets(struct slice impu, struct scscf_arena *a, struct scscf_targets *t)
{
	struct scscf_model *m = seamless_lock();
	int rc = scscf_lookup(m, impu, kam_now_ms(), a, t);

	seamless_unlock();
	return rc;
}

/* Has a branch of the transaction gone there? */
static bool was_tried(const struct cell *t, const struct scscf_target *target)
{
	for (int i = 0; t && i < t->nr_of_outgoings; i++)
		if (slice_eq(slice_of(t->uac[i].uri), target->contact) &&
		    slice_eq(slice_of(t->uac[i].path), target->path))
			return true;
	return false;
}

static int next_hop(struct slice path, str *out)
{
	str p = str_of(path);

	return get_path_dst_uri(&p, out) < 0 ? -1 : 0;
}

/* This is the Request-URI now. */
static int choose_first(struct sip_msg *msg, const struct scscf_target *t)
{
	str uri = str_of(t->contact), path = str_of(t->path), instance = str_of(t->instance), hop;

	if (rewrite_uri(msg, &uri) < 0)
		return -1;
	reset_dst_uri(msg);
	reset_path_vector(msg);
	reset_instance(msg);
	if (path.len && (next_hop(t->path, &hop) || set_path_vector(msg, &path) < 0 ||
			 set_dst_uri(msg, &hop) < 0))
		return -1;
	if (instance.len && set_instance(msg, &instance) < 0)
		return -1;
	msg->reg_id = t->reg_id;
	set_ruri_q(t->q_milli);
	return 0;
}

static int choose_also(struct sip_msg *msg, const struct scscf_target *t)
{
	str uri = str_of(t->contact), path = str_of(t->path), instance = str_of(t->instance),
	    hop = STR_NULL;

	if (path.len && next_hop(t->path, &hop))
		return -1;
	return append_branch(msg, &uri, &hop, &path, t->q_milli, 0, NULL, &instance, t->reg_id,
			     NULL, NULL) < 0
		   ? -1
		   : 0;
}

/* 1: chosen; 0: it cannot be used (a stale one of another configuration); counted. */
static int choose(struct sip_msg *msg, const struct scscf_target *t)
{
	int rc = last.n ? choose_also(msg, t) : choose_first(msg, t);

	if (rc || slice_copy(t->contact, last.chosen[last.n].contact,
			     sizeof(last.chosen[last.n].contact))) {
		counter_inc(seamless_counters.targets_unusable);
		LM_INFO("contact %.*s cannot be used\n", (int)t->contact.len, t->contact.p);
		return 0;
	}
	last.chosen[last.n++].connection = t->connection;
	return 1;
}

static bool room_for_more(void)
{
	return last.n < (size_t)sr_dst_max_branches - 1 && last.n < SCSCF_TARGETS_MAX;
}

/* All that have the highest q of those that were not tried; alternatives have their own turn. */
static int choose_group(struct sip_msg *msg, const struct cell *t,
			const struct scscf_targets *targets)
{
	unsigned q = 0;

	last.n = 0;
	last.msg_id = msg->id;
	for (size_t i = 0; i < targets->n; i++) {
		const struct scscf_target *one = &targets->target[i];

		if (one->alternative || was_tried(t, one) || (last.n && one->q_milli != q))
			continue;
		if (!room_for_more()) {
			LM_INFO("more contacts than max_branches\n");
			counter_inc(seamless_counters.targets_unusable);
			break;
		}
		if (choose(msg, one))
			q = one->q_milli;
	}
	return last.n ? 1 : -1;
}

int seamless_lookup(struct sip_msg *msg)
{
	struct slice impu = slice_of(msg->new_uri.s ? msg->new_uri : msg->first_line.u.request.uri);
	struct scscf_targets targets;
	struct scscf_arena a = {0};
	int rc = find_targets(impu, &a, &targets);

	if (rc == SCSCF_MODEL_OK && targets.cut)
		LM_INFO("%.*s has more than %d contacts\n", (int)impu.len, impu.p,
			SCSCF_TARGETS_MAX);
	if (rc == SCSCF_MODEL_E_NOMEM)
		counter_inc(seamless_counters.no_memory);
	rc = rc == SCSCF_MODEL_OK ? choose_group(msg, NULL, &targets)
				  : (rc == SCSCF_MODEL_E_UNKNOWN ? -2 : -1);
	scscf_arena_free(&a);
	return rc;
}

/* Another flow of the instance whose branch has failed. */
static int choose_flow(struct sip_msg *msg, const struct cell *t,
		       const struct scscf_targets *targets)
{
	struct slice failed = slice_of(msg->new_uri);
	struct slice instance = SLICE_NULL;

	last.n = 0;
	last.msg_id = msg->id;
	for (size_t i = 0; i < targets->n; i++)
		if (slice_eq(targets->target[i].contact, failed) &&
		    slice_eq(targets->target[i].path, slice_of(msg->path_vec)))
			instance = targets->target[i].instance;
	for (size_t i = 0; instance.len && i < targets->n; i++) {
		const struct scscf_target *one = &targets->target[i];

		if (slice_eq(one->instance, instance) && !was_tried(t, one) && choose(msg, one))
			return 1;
	}
	return -1;
}

/* The session of an INVITE rings there too. */
static void ring_session(struct sip_msg *msg)
{
	struct dialog_ids ids;
	struct scscf_session *s;
	struct scscf_model *m;

	if (msg->REQ_METHOD != METHOD_INVITE || read_dialog_ids(msg, &ids))
		return;
	m = seamless_lock();
	s = scscf_session_find_initial(m, ids.call_id, ids.from_tag);
	if (s)
		lookup_ring(m, s, msg);
	seamless_unlock();
}

int seamless_next(struct sip_msg *msg)
{
	struct slice impu = slice_of(msg->first_line.u.request.uri);
	struct cell *t = seamless_tm.t_gett();
	struct scscf_targets targets;
	struct scscf_arena a = {0};
	int rc = -1;

	if (t && t != T_UNDEFINED && !find_targets(impu, &a, &targets))
		rc = is_route_type(BRANCH_FAILURE_ROUTE) ? choose_flow(msg, t, &targets)
							 : choose_group(msg, t, &targets);
	if (rc == 1) {
		counter_inc(seamless_counters.targets_next);
		ring_session(msg);
	}
	scscf_arena_free(&a);
	return rc;
}

void lookup_ring(struct scscf_model *m, struct scscf_session *s, const struct sip_msg *msg)
{
	if (last.msg_id != msg->id)
		return;
	for (size_t i = 0; i < last.n; i++) {
		struct scscf_connection *c =
		    scscf_model_connection_by_id(m, last.chosen[i].connection);

		if (c && scscf_session_ring(m, s, c, slice_str(last.chosen[i].contact)))
			counter_inc(seamless_counters.no_memory);
	}
}

/* As the stock modules read an identity from the Request-URI (cscf_get_public_identity_from_requri). */
static bool stock_reads(struct sip_msg *msg, struct slice impu)
{
	const struct sip_uri *u = &msg->parsed_uri;
	char text[SCSCF_IDENTITY_MAX];
	int n;

	if (parse_sip_msg_uri(msg) < 0)
		return false;
	if (u->type == TEL_URI_T)
		n = snprintf(text, sizeof(text), "tel:%.*s", u->user.len, u->user.s);
	else
		n = snprintf(text, sizeof(text), "sip:%.*s@%.*s", u->user.len, u->user.s,
			     u->host.len, u->host.s);
	return n > 0 && (size_t)n < sizeof(text) && slice_eq(slice_make(text, (size_t)n), impu);
}

/*
 * Stock's isc_match_filter() compares octets, and a request in another spelling would pass by the filter
 * criteria of who is called: from here on his identity stands there as the HSS writes it.
 */
int seamless_registered(struct sip_msg *msg)
{
	struct slice impu = slice_of(msg->new_uri.s ? msg->new_uri : msg->first_line.u.request.uri);
	struct scscf_arena a = {0};
	struct scscf_model *m = seamless_lock();
	int rc = scscf_lookup_identity(m, impu, &a, &impu);
	str uri;

	seamless_unlock();
	if (!rc && !stock_reads(msg, impu)) {
		uri = str_of(impu);
		rc = rewrite_uri(msg, &uri) < 0 ? -1 : 0;
	}
	scscf_arena_free(&a);
	return rc ? -1 : 1;
}

/*
 * Is this so of an identity that the network asserts of the caller? What cannot be read is answered with
 * unread, which is whatever refuses the request.
 */
static bool of_caller(struct sip_msg *msg, struct scscf_model *m, bool unread,
		      bool (*so)(struct scscf_model *m, struct slice impu))
{
	if (parse_headers(msg, HDR_EOH_F, 0) < 0)
		return unread;
	for (struct hdr_field *h = kam_header_find(msg->headers, "P-Asserted-Identity"); h;
	     h = kam_header_find(h->next, "P-Asserted-Identity")) {
		struct slice asserted = kam_header_body(h);
		struct sip_name_addr id;

		while (sip_name_addr_next(&asserted, &id) == 1)
			if (so(m, id.uri))
				return true;
	}
	return false;
}

static bool is_originating(const str *half)
{
	return slice_eq(slice_of(*half), SLICE_LIT("orig"));
}

int seamless_barred(struct sip_msg *msg, str *half)
{
	struct slice impu = slice_of(msg->new_uri.s ? msg->new_uri : msg->first_line.u.request.uri);
	struct scscf_model *m = seamless_lock();
	bool barred;

	barred = is_originating(half) ? of_caller(msg, m, true, scscf_lookup_barred)
				      : scscf_lookup_barred(m, impu);
	seamless_unlock();
	if (barred)
		counter_inc(seamless_counters.barred);
	return barred ? 1 : -1;
}

int seamless_registered_half(struct sip_msg *msg, str *half)
{
	bool known;

	if (!is_originating(half))
		return seamless_registered(msg);
	known = of_caller(msg, seamless_lock(), false, scscf_lookup_registered);
	seamless_unlock();
	if (!known)
		counter_inc(seamless_counters.unknown_callers);
	return known ? 1 : -1;
}
