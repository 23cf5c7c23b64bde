/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_seamless_scscf/third_party.h"
#include "../../core/mem/shm_mem.h"

#include "modules/common/event_route.h"
#include "modules/common/headers.h"
#include "modules/common/queue.h"

#define WAITING_MAX 10000

/* The request and its headers but those that is_kept() leaves out, then its body. */
struct kept_register {
	size_t headers, len;
	char text[];
};

struct news {
	struct kam_link link; /* the first member */
	bool known;
	size_t len;
	char text[];
};

static struct kam_queue *queue;

static struct kam_event_route registered;

int third_party_init(void)
{
	queue = kam_queue_new(WAITING_MAX);
	if (!queue)
		return -1;
	return kam_event_route_find(&registered, "seamless-scscf:registered", NULL);
}

/* Who it is about and how long is said anew; credentials are nobody's business. */
static bool is_kept(const struct hdr_field *h)
{
	return h->type != HDR_FROM_T && h->type != HDR_TO_T && h->type != HDR_EXPIRES_T &&
	       h->type != HDR_AUTHORIZATION_T && h->type != HDR_PAI_T;
}

static size_t append(char *buf, size_t at, struct slice s)
{
	memcpy(buf + at, s.p, s.len);
	return at + s.len;
}

struct kept_register *third_party_keep(struct sip_msg *msg)
{
	struct slice uri = slice_of(msg->first_line.u.request.uri);
	const char *body = get_body(msg);
	struct kept_register *k;
	size_t at = 0;

	if (!kam_event_route_there(&registered))
		return NULL;
	k = shm_malloc(sizeof(*k) + msg->len + 32);
	if (!k) {
		counter_inc(seamless_counters.no_memory);
		return NULL;
	}
	at = append(k->text, at, SLICE_LIT("REGISTER "));
	at = append(k->text, at, uri);
	at = append(k->text, at, SLICE_LIT(" SIP/2.0\r\n"));
	for (struct hdr_field *h = msg->headers; h; h = h->next)
		if (h->type != HDR_EOH_T && is_kept(h))
			at = append(k->text, at, slice_make(h->name.s, (size_t)h->len));
	k->headers = at;
	if (body && body < msg->buf + msg->len)
		at = append(k->text, at, slice_make(body, (size_t)(msg->buf + msg->len - body)));
	k->len = at;
	return k;
}

static struct news *make_news(const struct kept_register *k, struct slice impu, uint32_t expires_s)
{
	size_t size = k->len + 2 * impu.len + 128;
	struct news *n = shm_malloc(sizeof(*n) + size);

	if (!n)
		return NULL;
	n->len = (size_t)snprintf(
	    n->text, size, "%.*sFrom: <%.*s>;tag=1\r\nTo: <%.*s>\r\nExpires: %u\r\n\r\n%.*s",
	    (int)k->headers, k->text, (int)impu.len, impu.p, (int)impu.len, impu.p, expires_s,
	    (int)(k->len - k->headers), k->text + k->headers);
	return n;
}

void third_party_tell(const struct kept_register *kept, struct slice impu, bool known,
		      uint32_t expires_s)
{
	struct news *n = kept ? make_news(kept, impu, expires_s) : NULL;

	if (!kept)
		return;
	if (!n) {
		counter_inc(seamless_counters.no_memory);
		return;
	}
	n->known = known;
	if (!kam_queue_push(queue, &n->link)) {
		counter_inc(seamless_counters.no_memory);
		shm_free(n);
	}
}

/* A de-registration as the phone would have sent it, as far as anybody can know. */
void third_party_ended(struct slice impu)
{
	const str realm = seamless_params.cxdx_dest_realm;
	static unsigned serial;
	char id[48];
	size_t size = 256 + 3 * (size_t)realm.len;
	struct kept_register *k;

	if (!kam_event_route_there(&registered))
		return;
	k = shm_malloc(sizeof(*k) + size);
	if (!k) {
		counter_inc(seamless_counters.no_memory);
		return;
	}
	snprintf(id, sizeof(id), "%llx-%x", (unsigned long long)kam_now_ms(), ++serial);
	k->len = k->headers = (size_t)snprintf(
	    k->text, size,
	    "REGISTER sip:%.*s SIP/2.0\r\nVia: SIP/2.0/UDP %.*s;branch=z9hG4bK%s\r\n"
	    "Max-Forwards: 70\r\nCall-ID: %s@%.*s\r\nCSeq: 1 REGISTER\r\n"
	    "Contact: *\r\n",
	    realm.len, realm.s, realm.len, realm.s, id, id, realm.len, realm.s);
	third_party_tell(k, impu, true, 0);
	shm_free(k);
}

void third_party_timer(void)
{
	struct kam_link *list = kam_queue_take_all(queue);

	while (list) {
		struct news *n = (struct news *)list;

		list = list->next;
		seamless_last.kind = "registered";
		seamless_last.known = n->known;
		if (!kam_event_route_run_with(&registered, slice_make(n->text, n->len)))
			LM_ERR("event route for a registered set cannot be run\n");
		shm_free(n);
	}
}
