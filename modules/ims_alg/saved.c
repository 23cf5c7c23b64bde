/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_alg/store.h"

#include <string.h>

#include "../../core/mem/shm_mem.h"
#include "../../core/socket_info.h"

enum { TEXTS_PARTY = 3, TEXT_MAX = 8192 };
/* In the byte order and layout of the program that wrote it; another's is refused. */
#define MAGIC 0x31434741u
#define LAYOUT                                                                                     \
	((uint32_t)((sizeof(struct saved) * 31 + sizeof(struct alg_session)) * 31 +                \
		    sizeof(struct alg_call)))

struct saved_party {
	struct ip_addr src, dst;
	unsigned short src_port, dst_port;
	char proto;
	uint8_t heard;
	uint8_t bye_due;
	uint32_t cseq, text[TEXTS_PARTY]; /* octets, NUL included; 0: there is none */
};

struct saved {
	uint32_t magic, layout;
	uint64_t id, branch, user, flow;
	struct alg_call call;
	struct alg_ue ue;
	struct netaddr phone;
	uint32_t invite_cseq, caller;
	int32_t end_code; /* of the Reason of BYE, if one is due */
	char end_text[sizeof(((struct alg_entry *)0)->end_text)];
	char gateway[MGC_GATEWAY_NAME_MAX];
	struct saved_party party[ALG_PARTIES];
	uint32_t call_id, caller_tag, session; /* octets; they follow, behind them the texts */
};

/* ---- writing ---- */

struct record {
	size_t len;
	bool bad;
	_Alignas(16) char octets[sizeof(struct saved) + sizeof(struct alg_session) +
				 (ALG_PARTIES * TEXTS_PARTY + 2) * TEXT_MAX];
};

static void add(struct record *r, const void *from, size_t n)
{
	if (n > sizeof(r->octets) - r->len) {
		r->bad = true;
		return;
	}
	memcpy(r->octets + r->len, from, n);
	r->len += n;
}

static void text_of(const struct alg_party *p, const char *text[TEXTS_PARTY])
{
	text[0] = p->routes;
	text[1] = p->target;
	text[2] = p->address;
}

static struct saved_party party_of(const struct alg_party *p)
{
	struct saved_party s = {.src = p->rcv.src_ip,
				.dst = p->rcv.dst_ip,
				.src_port = p->rcv.src_port,
				.dst_port = p->rcv.dst_port,
				.proto = p->rcv.proto,
				.heard = p->heard,
				.bye_due = p->bye_due,
				.cseq = p->cseq};
	const char *text[TEXTS_PARTY];

	text_of(p, text);
	for (int i = 0; i < TEXTS_PARTY; i++)
		s.text[i] = text[i] ? (uint32_t)strlen(text[i]) + 1 : 0;
	return s;
}

static void pack(struct alg_entry *e, void *arg)
{
	struct record *r = arg;
	struct saved s = {.magic = MAGIC,
			  .layout = LAYOUT,
			  .id = e->id,
			  .branch = e->branch,
			  .user = e->user,
			  .flow = e->flow,
			  .call = e->leg.call,
			  .ue = e->ue,
			  .phone = e->phone,
			  .invite_cseq = e->invite_cseq,
			  .caller = e->leg.caller,
			  .call_id = (uint32_t)strlen(e->call_id) + 1,
			  .caller_tag = (uint32_t)strlen(e->caller_tag) + 1,
			  .end_code = e->end_code};
	const char *text[TEXTS_PARTY];

	/* One that has ended has none any more. */
	if (e->leg.now)
		s.session = (uint32_t)alg_session_bytes(e->leg.now);
	memcpy(s.end_text, e->end_text, sizeof(s.end_text));
	memcpy(s.gateway, e->gateway, sizeof(s.gateway));
	for (int i = 0; i < ALG_PARTIES; i++)
		s.party[i] = party_of(&e->party[i]);
	r->len = 0;
	r->bad = false;
	add(r, &s, sizeof(s));
	if (s.session)
		add(r, e->leg.now, s.session);
	add(r, e->call_id, s.call_id);
	add(r, e->caller_tag, s.caller_tag);
	for (int i = 0; i < ALG_PARTIES; i++) {
		text_of(&e->party[i], text);
		for (int j = 0; j < TEXTS_PARTY; j++)
			add(r, text[j], s.party[i].text[j]);
	}
}

void alg_call_save(struct alg_entry *e)
{
	static struct record r;

	if (!alg_store_on() || !alg_calls_look(e->id, pack, &r) || r.bad)
		return;
	alg_store_write(ALG_STORE_CALL, e->id, r.octets, r.len);
	explicit_bzero(r.octets, r.len);
}

/* ---- reading ---- */

struct reader {
	const char *at;
	size_t left;
	bool bad;
};

static const char *take(struct reader *r, size_t n)
{
	const char *at = r->at;

	if (n > r->left) {
		r->bad = true;
		return NULL;
	}
	r->at += n;
	r->left -= n;
	return at;
}

/* A text with its NUL at the end, and nowhere else. */
static struct slice take_text(struct reader *r, uint32_t n)
{
	const char *p = n ? take(r, n) : NULL;

	if (p && strnlen(p, n) != n - 1) {
		r->bad = true;
		p = NULL;
	}
	return p ? slice_make(p, n - 1) : SLICE_NULL;
}

static bool is_sound(const struct alg_session *s, size_t size)
{
	if (size < offsetof(struct alg_session, media.stream) || s->lines < 0 ||
	    s->lines > SDP_MLINES_MAX || s->media.streams > ALG_STREAMS_MAX ||
	    alg_session_bytes(s) != size)
		return false;
	for (int i = 0; i < s->lines; i++)
		if (s->line[i].stream >= (int)s->media.streams)
			return false;
	return true;
}

static struct alg_session *take_session(struct reader *r, size_t size)
{
	static struct alg_session s;
	const char *p = take(r, size);
	struct alg_session *out;

	if (!p || size > sizeof(s))
		return NULL;
	memcpy(&s, p, size);
	if (!is_sound(&s, size))
		return NULL;
	out = shm_malloc(size);
	if (out)
		memcpy(out, &s, size);
	alg_media_wipe(&s.media);
	return out;
}

static void restore_rcv(const struct saved_party *s, struct receive_info *rcv)
{
	str host;

	memset(rcv, 0, sizeof(*rcv));
	rcv->src_ip = s->src;
	rcv->dst_ip = s->dst;
	rcv->src_port = s->src_port;
	rcv->dst_port = s->dst_port;
	rcv->proto = s->proto;
	init_su(&rcv->src_su, &rcv->src_ip, rcv->src_port);
	host = str_of_text(ip_addr2a(&rcv->dst_ip));
	rcv->bind_address = grep_sock_info(&host, rcv->dst_port, rcv->proto);
}

static void restore_party(struct reader *r, const struct saved_party *s, struct alg_party *p)
{
	char **text[TEXTS_PARTY] = {&p->routes, &p->target, &p->address};

	/* Requests of which nothing was written may have come since. */
	p->cseq = s->cseq + 1000;
	restore_rcv(s, &p->rcv);
	p->heard = s->heard && p->rcv.bind_address;
	p->bye_due = s->bye_due;
	for (int i = 0; i < TEXTS_PARTY; i++) {
		struct slice t = take_text(r, s->text[i]);

		if (!t.p)
			continue;
		*text[i] = shm_malloc(t.len + 1);
		if (*text[i])
			memcpy(*text[i], t.p, t.len + 1);
	}
}

/* It has ended, but not all were told: that is done at the first tick. */
static void restore_end(const struct saved *s, struct alg_entry *e)
{
	e->ended_ms = kam_now_ms();
	e->hang_up = ALG_HANG_UP_NOW;
	e->leg.broken = true;
	alg_note_end(e, s->end_code, s->end_text);
}

static int load(uint64_t call, const void *data, size_t size, void *arg)
{
	struct reader r = {data, size, false};
	const char *head = take(&r, sizeof(struct saved));
	struct alg_match m = {.branch = 0};
	struct alg_session *now;
	struct alg_entry *e;
	struct saved s;
	bool ended;

	if (!head)
		return -1;
	memcpy(&s, head, sizeof(s));
	if (s.magic != MAGIC || s.layout != LAYOUT || s.id != call ||
	    s.call.dialogs > ALG_DIALOGS_MAX || s.caller >= ALG_SIDES ||
	    !memchr(s.end_text, '\0', sizeof(s.end_text)))
		return -1;
	ended = s.call.state == ALG_CALL_ENDED;
	now = ended ? NULL : take_session(&r, s.session);
	m.call_id = take_text(&r, s.call_id);
	m.from_tag = take_text(&r, s.caller_tag);
	m.branch = s.branch;
	m.user = s.user;
	m.from = (enum alg_side)s.caller;
	e = (now || ended) && m.call_id.len && m.from_tag.p ? alg_calls_restore(&m, s.id) : NULL;
	if (!e) {
		if (now)
			shm_free(now);
		return -1;
	}
	e->leg.call = s.call;
	e->leg.now = now;
	e->leg.placed = !ended;
	e->ue = s.ue;
	e->phone = s.phone;
	e->flow = s.flow;
	e->invite_cseq = s.invite_cseq;
	memcpy(e->gateway, s.gateway, sizeof(e->gateway));
	e->gateway[sizeof(e->gateway) - 1] = '\0';
	for (int i = 0; i < ALG_PARTIES; i++)
		restore_party(&r, &s.party[i], &e->party[i]);
	if (ended)
		restore_end(&s, e);
	alg_note_flows(e);
	e->stored = true;
	++*(unsigned *)arg;
	return 0;
}

void alg_calls_load(void)
{
	unsigned n = 0;

	alg_store_each(ALG_STORE_CALL, load, &n);
	if (n)
		LM_NOTICE("%u calls of the run before are known again\n", n);
}
