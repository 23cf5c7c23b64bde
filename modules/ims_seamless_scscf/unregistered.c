/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Services of users who are not registered (TS 24.229 5.4.3.2, 5.4.3.3): their profile is fetched from the
 * HSS (SAR UNREGISTERED_USER, TS 29.228 6.1.2.1), and records with it let the stock ims_isc find their filter
 * criteria. Stock's timer takes a record without contacts away after seconds, so the profile is kept here for a
 * while; whoever comes back from an application server finds it without another question.
 */
#include "modules/ims_seamless_scscf/unregistered.h"
#include "../../core/locking.h"
#include "../../core/mem/shm_mem.h"
#include "../../core/dset.h"
#include "../../core/route.h"

#include "modules/common/headers.h"
#include "modules/common/wait.h"
#include "modules/ims_seamless_scscf/core/identity.h"
#include "modules/ims_seamless_scscf/cx.h"
#include "modules/ims_seamless_scscf/user_data.h"

#define BUCKETS 1024

struct visitor {
	struct visitor *next;
	ims_subscription *s; /* one reference */
	str charging[4];     /* behind the key */
	uint64_t until_ms;
	struct slice key; /* canonical form of the identity that was asked about */
};

static struct {
	gen_lock_t lock;
	struct keyed_hash_key key;
	size_t n, swept;
	struct visitor *bucket[BUCKETS];
} * shared;

int unregistered_init(void)
{
	shared = shm_malloc(sizeof(*shared));
	if (!shared)
		return -1;
	memset(shared, 0, sizeof(*shared));
	return lock_init(&shared->lock) && !keyed_hash_key_random(&shared->key) ? 0 : -1;
}

static void free_visitor(struct visitor *v)
{
	seamless_ul.unref_subscription(v->s);
	shm_free(v);
}

static struct visitor **bucket_of(struct slice key)
{
	return &shared->bucket[keyed_hash(&shared->key, key) % BUCKETS];
}

/* Take what is too old, or has this key, out of one bucket. */
static struct visitor *cut(struct visitor **at, uint64_t now, struct slice key)
{
	struct visitor *out = NULL, *v;

	while ((v = *at)) {
		if (v->until_ms > now && !(key.len && slice_eq(v->key, key))) {
			at = &v->next;
			continue;
		}
		*at = v->next;
		v->next = out;
		out = v;
		shared->n--;
	}
	return out;
}

static void free_all(struct visitor *list)
{
	struct visitor *v;

	while ((v = list)) {
		list = v->next;
		free_visitor(v);
	}
}

void unregistered_timer(uint64_t now_ms)
{
	struct visitor *old;

	lock_get(&shared->lock);
	old = cut(&shared->bucket[shared->swept++ % BUCKETS], now_ms, SLICE_NULL);
	lock_release(&shared->lock);
	free_all(old);
}

bool unregistered_forget(const struct slice *impus, size_t n)
{
	char buf[SCSCF_IDENTITY_MAX];
	bool found = false;
	struct slice key;

	for (size_t i = 0; i < n; i++) {
		struct visitor *old;

		if (scscf_identity_key(impus[i], buf, &key))
			continue;
		lock_get(&shared->lock);
		old = cut(bucket_of(key), 0, key);
		lock_release(&shared->lock);
		found = found || old;
		free_all(old);
	}
	return found;
}

/* The profile becomes the table's. */
static int keep(struct slice key, ims_subscription *s, const str charging[4])
{
	size_t size = sizeof(struct visitor) + key.len;
	struct visitor *v, *old = NULL;
	bool full;
	char *at;

	for (int i = 0; i < 4; i++)
		size += charging[i].len > 0 ? (size_t)charging[i].len : 0;
	v = shm_malloc(size);
	if (!v)
		return -1;
	memset(v, 0, sizeof(*v));
	at = (char *)(v + 1);
	v->key = slice_make(at, key.len);
	memcpy(at, key.p, key.len);
	at += key.len;
	for (int i = 0; i < 4; i++) {
		if (charging[i].len <= 0)
			continue;
		v->charging[i] = (str){at, charging[i].len};
		memcpy(at, charging[i].s, (size_t)charging[i].len);
		at += charging[i].len;
	}
	v->s = s;
	v->until_ms = kam_now_ms() + (uint64_t)seamless_params.unregistered_seconds * 1000;
	lock_get(&shared->lock);
	full = shared->n >= (size_t)seamless_params.unregistered_max;
	if (!full) {
		struct visitor **bucket = bucket_of(key);

		old = cut(bucket, kam_now_ms(), key);
		v->next = *bucket;
		*bucket = v;
		shared->n++;
	}
	lock_release(&shared->lock);
	free_all(old);
	if (!full)
		return 0;
	shm_free(v);
	return -1;
}

enum known { KNOWN_NOT, KNOWN, KNOWN_NOT_SERVED };

/* The profile, with a reference, and the charging functions in the arena; NULL: it is not kept here. */
static ims_subscription *find_profile(struct slice key, struct scscf_arena *a, str charging[4])
{
	uint64_t now = kam_now_ms();
	ims_subscription *s = NULL;

	lock_get(&shared->lock);
	for (struct visitor *v = *bucket_of(key); v && !s; v = v->next) {
		if (!slice_eq(v->key, key) || v->until_ms <= now)
			continue;
		s = v->s;
		seamless_ul.ref_subscription(s);
		for (int i = 0; i < 4; i++)
			charging[i] = str_of(scscf_arena_text(a, slice_of(v->charging[i])));
	}
	lock_release(&shared->lock);
	return s;
}

/* Records with the profile of this identity, in the way the HSS writes it (*impu, in the arena). Who is barred is
 * not served. */
static enum known make_records(struct slice key, struct scscf_arena *a, struct slice *impu)
{
	str charging[4] = {{0}};
	ims_subscription *s = find_profile(key, a, charging);
	struct slice impus[SCSCF_SET_IMPUS_MAX], one;
	bool barred[SCSCF_SET_IMPUS_MAX];
	char buf[SCSCF_IDENTITY_MAX];
	size_t n;

	if (!s)
		return KNOWN_NOT;
	*impu = SLICE_NULL;
	n = user_data_identities(s, impus, barred, SCSCF_SET_IMPUS_MAX);
	for (size_t i = 0; i < n && !impu->len; i++)
		if (!barred[i] && !scscf_identity_key(impus[i], buf, &one) && slice_eq(one, key))
			*impu = scscf_arena_text(a, impus[i]);
	if (impu->len && usrloc_store_unregistered(s, charging))
		*impu = SLICE_NULL;
	seamless_ul.unref_subscription(s);
	return impu->len ? KNOWN : KNOWN_NOT_SERVED;
}

/* ---- asking the HSS ---- */

struct ask {
	struct cx_question cx; /* first: cdp hands this back */
	struct kam_wait wait;
	struct action *route;
	size_t key_len;
	char key[];
};

static void finish(struct ask *q)
{
	kam_wait_continue(&q->wait, q->route);
	shm_free(q);
}

/*
 * Stock asks criteria of the originating half for session case 0, registered or not; for who is not it is 3
 * (ORIGINATING_UNREGISTERED, TS 29.228 B.2.3). This profile is for them alone.
 */
static void turn_cases(ims_subscription *s)
{
	enum { ORIGINATING_UNREGISTERED = 3, NEVER = 127 };

	for (int i = 0; i < s->service_profiles_cnt; i++)
		for (int k = 0; k < s->service_profiles[i].filter_criteria_cnt; k++) {
			ims_trigger_point *tp =
			    s->service_profiles[i].filter_criteria[k].trigger_point;

			for (int n = 0; tp && n < tp->spt_cnt; n++) {
				ims_spt *spt = &tp->spt[n];

				if (spt->type != IFC_SESSION_CASE)
					continue;
				if (spt->session_case == IFC_ORIGINATING_SESSION)
					spt->session_case = NEVER;
				else if (spt->session_case == ORIGINATING_UNREGISTERED)
					spt->session_case = IFC_ORIGINATING_SESSION;
			}
		}
}

static void on_answer(struct cx_question *cx, int result, AAAMessage *saa)
{
	struct ask *q = (struct ask *)cx;
	struct slice key = slice_make(q->key, q->key_len);
	str xml = saa ? cx_user_data(saa) : (str)STR_NULL, charging[4];
	ims_subscription *s = !result && xml.s && xml.len > 0 ? user_data_parse(xml) : NULL;

	if (result)
		LM_INFO("SAR for %.*s, who is not registered: %d\n", (int)key.len, key.p, result);
	if (s) {
		turn_cases(s);
		cx_charging(saa, charging);
		if (keep(key, s, charging)) {
			seamless_ul.unref_subscription(s);
			counter_inc(seamless_counters.no_memory);
		}
	}
	if (kam_wait_done(&q->wait))
		finish(q);
}

/* 0: asked, the script ends; -1: not. */
static int ask(struct sip_msg *msg, struct slice identity, struct slice key, struct action *route)
{
	const struct cx_sar sar = {
	    .impu = identity,
	    .assignment_type = AVP_IMS_SAR_UNREGISTERED_USER,
	    .user_data_available = AVP_IMS_SAR_USER_DATA_NOT_AVAILABLE,
	};
	unsigned index, label;
	int rc = kam_transaction(msg, &index, &label);
	struct ask *q;

	if (rc)
		return rc < 0 ? -1 : 0;
	q = shm_malloc(sizeof(*q) + key.len);
	if (!q || kam_wait_begin(msg, &q->wait)) {
		if (q)
			shm_free(q);
		counter_inc(seamless_counters.no_memory);
		return -1;
	}
	q->cx.answered = on_answer;
	q->route = route;
	q->key_len = key.len;
	memcpy(q->key, key.p, key.len);
	counter_inc(seamless_counters.unregistered_asked);
	kam_wait_expect(&q->wait);
	if (cx_send_sar(&sar, &q->cx)) {
		counter_inc(seamless_counters.hss_failures);
		(void)kam_wait_done(&q->wait);
		kam_wait_cancel(&q->wait);
		shm_free(q);
		return -1;
	}
	if (kam_wait_done(&q->wait))
		finish(q);
	return 0;
}

/* ---- the cfg's function ---- */

/* Whose services: of the terminating half the Request-URI's, of the originating half the asserted one's. */
static struct slice served_identity(struct sip_msg *msg, bool terminating)
{
	struct hdr_field *h = NULL;
	struct sip_name_addr na;
	struct slice body;

	if (terminating)
		return slice_of(msg->new_uri.s ? msg->new_uri : msg->first_line.u.request.uri);
	if (kam_headers_parse(msg) || !(h = kam_header_find(msg->headers, "P-Asserted-Identity")))
		return SLICE_NULL;
	body = kam_header_body(h);
	return sip_name_addr_next(&body, &na) == 1 ? na.uri : SLICE_NULL;
}

int seamless_unregistered(struct sip_msg *msg, str *half, str *route)
{
	bool terminating = slice_eq(slice_of(*half), SLICE_LIT("term"));
	struct slice identity = served_identity(msg, terminating), key, impu;
	struct action *r = seamless_route_named(route);
	struct scscf_arena a = {0};
	char buf[SCSCF_IDENTITY_MAX];
	enum known known;
	int rc = -1;
	str uri;

	if (!seamless_params.unregistered_seconds || !r || !identity.len ||
	    scscf_identity_key(identity, buf, &key))
		return -1;
	if (scscf_model_registered(seamless_lock(), identity)) {
		seamless_unlock();
		return terminating ? -1 : 1;
	}
	seamless_unlock();
	known = make_records(key, &a, &impu);
	if (known == KNOWN) {
		uri = str_of(impu);
		rc = terminating && rewrite_uri(msg, &uri) < 0 ? -1 : 1;
		if (rc == 1)
			counter_inc(seamless_counters.unregistered_served);
	} else if (known == KNOWN_NOT && !is_route_type(FAILURE_ROUTE) && !memory_scarce()) {
		/* In a failure route the HSS has been asked already. */
		rc = ask(msg, key, key, r);
	}
	scscf_arena_free(&a);
	return rc;
}
