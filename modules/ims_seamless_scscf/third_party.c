/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is to be told to application servers, from the process where it happened to the one that tells. */
#include "modules/ims_seamless_scscf/third_party.h"
#include "../../core/mem/shm_mem.h"
#include "../../core/pt.h"

#include "modules/common/event_route.h"
#include "modules/common/headers.h"
#include "modules/common/process.h"
#include "modules/common/queue.h"
#include "modules/ims_seamless_scscf/save.h"
#include "sip/header.h"

#define WAITING_MAX 10000
#define TICK_MS	    100

/* One REGISTER, or one end without; all texts lie behind it. */
struct news {
	struct kam_link link; /* the first member */
	struct kept_register *kept;
	str response;
	struct save *waits;
	struct slice impi, contact;
	size_t sets_n;
	struct third_party_set sets[];
};

static struct kam_queue *queue;
static struct kam_event_route registered;
static int *response_wanted;
static struct third_party_waiter *waiters; /* of the process */

/* Does anybody want to know? */
static bool is_on(void)
{
	return seamless_params.third_party || kam_event_route_there(&registered);
}

bool third_party_goes_first(void)
{
	return seamless_params.third_party && seamless_params.third_party_before_ms > 0 &&
	       !kam_event_route_there(&registered);
}

bool third_party_wants_response(void)
{
	return *response_wanted != 0;
}

void third_party_response_wanted(void)
{
	*response_wanted = 1;
}

/* ---- where it happened ---- */

struct kept_register *third_party_keep(struct sip_msg *msg, const struct sip_contact *contact)
{
	struct slice uri = slice_of(msg->first_line.u.request.uri);
	struct kept_register *k;

	/* TS 24.229 5.4.1.7: not of an emergency registration. */
	if (!is_on() || (contact && scscf_is_emergency(contact->uri)))
		return NULL;
	k = shm_malloc(sizeof(*k) + msg->len);
	if (!k) {
		counter_inc(seamless_counters.no_memory);
		return NULL;
	}
	k->len = msg->len;
	memcpy(k->text, msg->buf, msg->len);
	k->uri_at = (size_t)(uri.p - msg->buf);
	k->uri_len = uri.len;
	return k;
}

static struct slice copy_to(char **at, struct slice s)
{
	struct slice out = slice_make(*at, s.len);

	memcpy(*at, s.p, s.len);
	*at += s.len;
	return out;
}

static bool concerns_somebody(const struct third_party_outcome *out)
{
	for (size_t i = 0; i < out->sets_n; i++)
		if (out->sets[i].before || out->sets[i].now)
			return true;
	return false;
}

static struct news *make_news(const struct third_party_outcome *out)
{
	size_t size = sizeof(struct news) + out->sets_n * sizeof(out->sets[0]) + out->impi.len +
		      out->contact.len;
	struct news *n;
	char *at;

	for (size_t i = 0; i < out->sets_n; i++)
		size += out->sets[i].impu.len;
	n = shm_malloc(size);
	if (!n)
		return NULL;
	at = (char *)&n->sets[out->sets_n];
	n->impi = copy_to(&at, out->impi);
	n->contact = copy_to(&at, out->contact);
	n->sets_n = out->sets_n;
	for (size_t i = 0; i < out->sets_n; i++) {
		n->sets[i] = out->sets[i];
		n->sets[i].impu = copy_to(&at, out->sets[i].impu);
	}
	return n;
}

static void free_news(struct news *n)
{
	if (n->kept)
		shm_free(n->kept);
	if (n->response.s)
		shm_free(n->response.s);
	shm_free(n);
}

bool third_party_tell(struct kept_register *kept, const struct third_party_outcome *out)
{
	bool wanted = is_on() && concerns_somebody(out);
	struct news *n = wanted ? make_news(out) : NULL;

	if (n) {
		n->kept = kept;
		n->response = out->response;
		n->waits = out->waits;
		if (kam_queue_push(queue, &n->link)) {
			third_party_wake();
			return true;
		}
		shm_free(n);
	}
	if (wanted) {
		counter_inc(seamless_counters.no_memory);
		LM_ERR("application servers are not told of a change of %.*s: no memory, or %d "
		       "changes wait already\n",
		       (int)out->impi.len, out->impi.p, WAITING_MAX);
	}
	if (kept)
		shm_free(kept);
	if (out->response.s)
		shm_free(out->response.s);
	return false;
}

void third_party_ended(struct slice impi, struct slice impu)
{
	const struct third_party_set set = {.impu = impu, .before = 1};
	const struct third_party_outcome out = {.impi = impi, .sets = &set, .sets_n = 1};

	(void)third_party_tell(NULL, &out);
}

/* ---- in the process ---- */

/* A request that begins as the phone's did; without one, as one of ours. At most size octets. */
static size_t write_beginning(const struct news *n, char *text, size_t size)
{
	const str realm = seamless_params.cxdx_dest_realm;
	static unsigned serial;
	char id[48];

	if (n->kept)
		return (size_t)snprintf(text, size, "REGISTER %.*s SIP/2.0\r\n",
					(int)n->kept->uri_len, n->kept->text + n->kept->uri_at);
	snprintf(id, sizeof(id), "%llx-%x", (unsigned long long)kam_now_ms(), ++serial);
	return (size_t)snprintf(
	    text, size,
	    "REGISTER sip:%.*s SIP/2.0\r\nVia: SIP/2.0/UDP %.*s;branch=z9hG4bK%s\r\n"
	    "Max-Forwards: 70\r\nCall-ID: %s@%.*s\r\nCSeq: 1 REGISTER\r\n"
	    "Contact: *\r\n",
	    realm.len, realm.s, realm.len, realm.s, id, id, realm.len, realm.s);
}

/* Who it is about and how long is said anew; credentials are nobody's business. */
static bool is_copied(struct slice name)
{
	static const char *const left_out[] = {
	    "From", "f", "To", "t", "Expires", "Authorization", "P-Asserted-Identity"};

	for (size_t i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++)
		if (slice_eq_nocase(name, slice_str(left_out[i])))
			return false;
	return true;
}

/* The request for the stock ims_isc: From and To name the set, Expires says how long. */
static void run_route(const struct news *n, const struct third_party_set *set)
{
	struct slice rest = n->kept ? slice_make(n->kept->text, n->kept->len) : SLICE_NULL, name,
		     value, before;
	size_t size = rest.len + 2 * set->impu.len + 512 +
		      3 * (size_t)seamless_params.cxdx_dest_realm.len,
	       at;
	char *text = malloc(size);

	if (!text) {
		counter_inc(seamless_counters.no_memory);
		return;
	}
	at = write_beginning(n, text, size);
	(void)slice_cut(&rest, '\n');
	for (before = rest; sip_header_next(&rest, &name, &value); before = rest) {
		if (!is_copied(name))
			continue;
		memcpy(text + at, before.p, before.len - rest.len);
		at += before.len - rest.len;
	}
	at += (size_t)snprintf(text + at, size - at,
			       "From: <%.*s>;tag=1\r\nTo: <%.*s>\r\nExpires: %u\r\n\r\n%.*s",
			       (int)set->impu.len, set->impu.p, (int)set->impu.len, set->impu.p,
			       set->now, (int)rest.len, rest.p);
	seamless_last.kind = "registered";
	seamless_last.known = set->before > 0;
	if (!kam_event_route_run_with(&registered, slice_make(text, at)))
		LM_ERR("event route for a registered set cannot be run\n");
	free(text);
}

/* What it is in terms of TS 24.229; 0: nothing. */
static unsigned registration_of(const struct third_party_set *set, bool leaves, uint32_t *expires_s)
{
	*expires_s = set->now;
	if (!set->now)
		return set->before ? SCSCF_REGISTRATION_DE : 0;
	if (!set->before)
		return SCSCF_REGISTRATION_INITIAL;
	if (!leaves || seamless_params.third_party_partial == THIRD_PARTY_PARTIAL_REMAINING)
		return SCSCF_REGISTRATION_RE;
	*expires_s = 0;
	return seamless_params.third_party_partial == THIRD_PARTY_PARTIAL_ZERO
		   ? SCSCF_REGISTRATION_DE
		   : 0;
}

static void make_orders(const struct news *n, const struct third_party_set *set,
			struct third_party_waiter *waiter)
{
	struct third_party_event ev = {.request = n->kept,
				       .impi = n->impi,
				       .impu = set->impu,
				       .contact = n->contact,
				       .response = slice_of(n->response)};
	unsigned registration = registration_of(set, !n->contact.len, &ev.expires_s);

	if (!registration)
		return;
	ev.registration = (enum scscf_registration)registration;
	third_party_make(&ev, waiter);
}

static struct third_party_waiter *new_waiter(struct save *p, uint64_t now)
{
	struct third_party_waiter *w = p ? calloc(1, sizeof(*w)) : NULL;

	if (!w)
		return NULL;
	w->save = p;
	w->until_ms = now + (uint64_t)seamless_params.third_party_before_ms;
	w->next = waiters;
	waiters = w;
	return w;
}

/* Those for whom all orders are over, or who have waited long enough, go on. One whose orders are not
 * over stays, for they name it. */
static void end_waiters(uint64_t now)
{
	struct third_party_waiter **at = &waiters, *w;

	while ((w = *at)) {
		if (w->save && (!w->out || w->until_ms <= now)) {
			save_told(w->save);
			w->save = NULL;
		}
		if (w->save || w->out) {
			at = &w->next;
			continue;
		}
		*at = w->next;
		free(w);
	}
}

static void take_news(uint64_t now)
{
	struct kam_link *list = kam_queue_take_all(queue);

	while (list) {
		struct news *n = (struct news *)list;
		struct third_party_waiter *w = new_waiter(n->waits, now);

		list = list->next;
		for (size_t i = 0; i < n->sets_n; i++) {
			if (kam_event_route_there(&registered))
				run_route(n, &n->sets[i]);
			else
				make_orders(n, &n->sets[i], w);
		}
		if (n->waits && !w)
			save_told(n->waits);
		free_news(n);
	}
}

static void work(uint64_t now)
{
	third_party_answers(now);
	take_news(now);
	third_party_send(now);
	end_waiters(now);
}

static void on_tick(uint64_t now_ms, void *arg)
{
	work(now_ms);
}

static void on_woken(void *arg)
{
	work(kam_now_ms());
}

/* DNS is asked, and connections are made, in nobody's time but its own. */
static struct kam_process process = {.name = "SEAMLESS S-CSCF servers",
				     .rank = PROC_TIMER,
				     .sends = true,
				     .tick_ms = TICK_MS,
				     .tick = on_tick,
				     .woken = on_woken};

void third_party_wake(void)
{
	(void)kam_process_wake(&process);
}

int third_party_init(void)
{
	queue = kam_queue_new(WAITING_MAX);
	response_wanted = shm_malloc(sizeof(*response_wanted));
	if (!queue || !response_wanted)
		return -1;
	*response_wanted = 0;
	if (kam_event_route_find(&registered, "seamless-scscf:registered", NULL) ||
	    third_party_send_init())
		return -1;
	if (seamless_params.third_party && kam_event_route_there(&registered))
		LM_NOTICE("event_route[seamless-scscf:registered] tells application servers, this "
			  "module sends them nothing\n");
	return kam_process_register(&process);
}

int third_party_fork(void)
{
	return kam_process_fork(&process);
}
