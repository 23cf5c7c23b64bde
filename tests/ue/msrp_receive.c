/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MSRP: messages of the peer, put together from their chunks, compared, answered. */
#include <stdio.h>
#include <stdlib.h>

#include "ue/msrp_line.h"
#include "ue/tlayer.h"

void msrp_hash(const EVP_MD *md, struct slice data, bool colons, char out[130])
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	EVP_Digest(data.p ? data.p : "", data.len, digest, &n, md, NULL);
	out[0] = '\0';
	for (unsigned i = 0; i < n && i < 32; i++)
		snprintf(out + strlen(out), 4, colons ? "%s%02X" : "%s%02x", colons && i ? ":" : "",
			 digest[i]);
}

static struct msrp_in *message_for(struct msrp_line *x, const struct ue_msrp_head *h)
{
	struct msrp_in **at = &x->in, *m;

	for (; (m = *at) != NULL; at = &m->next)
		if (slice_eq(slice_str(m->m.id), h->message_id))
			return m;
	m = ue_alloc(sizeof(*m));
	m->m.id = ue_dup(h->message_id);
	m->m.type = ue_dup(h->type);
	*at = m;
	return m;
}

/* What the head of a SEND deserves; 0: nothing to be said against it. */
static int judge_send(struct msrp_line *x, const struct ue_msrp_head *h)
{
	if (!ue_msrp_path_eq(h->to_path, slice_str(x->path))) {
		media_fault(&x->stream.line, "To-Path %.*s is not ours, which is %s",
			    (int)h->to_path.len, h->to_path.p, x->path);
		return 481;
	}
	if (x->peer_path && !ue_msrp_path_eq(h->from_path, slice_str(x->peer_path)))
		media_fault(&x->stream.line, "From-Path %.*s is not what was announced, %s",
			    (int)h->from_path.len, h->from_path.p, x->peer_path);
	if (!h->request)
		return 0;
	if (slice_eq(h->method, SLICE_LIT("REPORT")))
		return 0;
	if (!slice_eq(h->method, SLICE_LIT("SEND")))
		return 501;
	if (h->has_body &&
	    (h->has_range ? h->start : 1) + (h->open_end ? 0 : h->end) > 2 * SIZE_MAX_IN)
		return 413;
	return 0;
}

static void begin_chunk(struct msrp_line *x, const struct ue_msrp_head *h)
{
	struct msrp_in *m;

	x->into = NULL;
	x->into_code = judge_send(x, h);
	if (x->into_code || !h->has_body)
		return;
	m = message_for(x, h);
	if (!h->open_total && h->has_range) {
		if (m->m.size && m->m.size != h->total)
			media_fault(&x->stream.line, "the total changed from %llu to %llu",
				    (unsigned long long)m->m.size, (unsigned long long)h->total);
		m->m.size = h->total;
	}
	m->report = slice_eq_nocase(h->success, SLICE_LIT("yes"));
	x->into = m;
	x->into_at = h->has_range ? h->start - 1 : 0;
	if (x->into_at < octets_end(&m->octets) && !m->m.whole)
		x->reordered++;
}

static void compare(struct msrp_line *x, struct msrp_in *m, struct slice octets)
{
	const struct msrp_out *o = msrp_sender_of(m->m.id);

	if (!o)
		return;
	m->m.compared = true;
	for (size_t i = 0; i < octets.len; i++) {
		uint64_t at = x->into_at + i;

		if (at < o->data.len && o->data.p[at] == octets.p[i])
			continue;
		if (!m->m.wrong++)
			elog_line(x->stream.link->name, "octet %llu of message %s is wrong",
				  (unsigned long long)at + 1, m->m.id);
	}
}

static void take_octets(struct msrp_line *x, struct slice octets)
{
	struct msrp_in *m = x->into;
	uint64_t now = wall_now_us(), end = x->into_at + octets.len;

	if (!m)
		return;
	if (end > SIZE_MAX_IN) {
		x->into_code = 413;
		x->into = NULL;
		return;
	}
	if (m->last_us && !m->m.whole && now > m->last_us && now - m->last_us > x->max_gap_us)
		x->max_gap_us = now - m->last_us;
	m->last_us = now;
	x->received += octets.len;
	compare(x, m, octets);
	octets_add(&m->octets, x->into_at, octets.len);
	if (m->m.data.len < end) { /* text_put() grows it; the octets are put in place below */
		size_t grow = end - m->m.data.len;
		size_t tail = grow < octets.len ? grow : octets.len;

		while (m->m.data.len < x->into_at)
			text_char(&m->m.data, '\0');
		text_put(&m->m.data, slice_make(octets.p + octets.len - tail, tail));
	}
	memcpy(m->m.data.p + x->into_at, octets.p, octets.len);
	x->into_at = end;
}

/* file-selector of the offer: size and hash (RFC 5547 6). */
static void check_file(struct msrp_line *x, struct msrp_in *m)
{
	char hex[130], want[160];
	const char *size = strstr(x->selector, "size:");

	m->m.compared = true;
	if (size && strtoull(size + 5, NULL, 10) != m->m.size)
		media_fault(&x->stream.line, "the file has %llu octets, not %s",
			    (unsigned long long)m->m.size, size);
	if (!strstr(x->selector, "hash:sha-1:"))
		return;
	msrp_hash(EVP_sha1(), text_slice(&m->m.data), true, hex);
	snprintf(want, sizeof(want), "hash:sha-1:%s", hex);
	if (strcasestr(x->selector, want))
		return;
	if (!m->m.wrong)
		m->m.wrong = 1;
	media_fault(&x->stream.line, "the file's hash is %s, not as announced: %s", hex,
		    x->selector);
}

static void is_whole(struct msrp_line *x, struct msrp_in *m)
{
	char hex[130], name[96];

	m->m.whole = true;
	if (x->selector && !x->stream.line.plan->file)
		check_file(x, m);
	msrp_hash(EVP_sha256(), text_slice(&m->m.data), false, hex);
	elog_line(media_line_name(&x->stream.line, name),
		  "message %s is whole: %llu octets, %llu came twice, %llu wrong, sha-256 %s",
		  m->m.id, (unsigned long long)m->m.size, (unsigned long long)m->octets.repeated,
		  (unsigned long long)m->m.wrong, hex);
	elog_event("media", "ue", x->stream.line.media->ue, "session", x->stream.line.media->name,
		   "what", "message", "id", m->m.id, "type", m->m.type, "octets",
		   elog_num((int64_t)m->m.size), "repeated", elog_num((int64_t)m->octets.repeated),
		   "wrong", elog_num((int64_t)m->m.wrong), "sha256", hex, NULL);
	if (m->report) {
		struct text t = {0};
		char tid[17];

		tl_random(tid, 8);
		ue_msrp_write_report(&t, tid, slice_str(msrp_to_path(x)), x->path,
				     slice_str(m->m.id), m->m.size, 200);
		link_send(x->stream.link, text_slice(&t));
		text_free(&t);
	}
}

static void end_chunk(struct msrp_line *x, char flag)
{
	const struct ue_msrp_head *h = &x->head;
	struct msrp_in *m = x->into;
	uint64_t length = m ? x->into_at - (h->has_range ? h->start - 1 : 0) : 0;
	struct octet_range hole;

	if (m && h->has_range && !h->open_end && flag != '#' && h->end + 1 - h->start != length)
		media_fault(&x->stream.line, "a chunk of %llu octets whose Byte-Range says %llu",
			    (unsigned long long)length,
			    (unsigned long long)(h->end + 1 - h->start));
	if (m && flag == '#')
		m->m.aborted = true;
	if (m && flag == '$' && !m->m.size)
		m->m.size = x->into_at;
	if (m && m->m.size && !m->m.whole && octets_missing(&m->octets, m->m.size, &hole) != 0)
		is_whole(x, m);
	x->into = NULL;
}

static void answer(struct msrp_line *x, int code)
{
	const struct ue_msrp_head *h = &x->head;
	struct text t = {0};
	struct slice from = slice_str(x->head_from);

	if (slice_eq_nocase(h->failure, SLICE_LIT("no")) ||
	    (code == 200 && slice_eq_nocase(h->failure, SLICE_LIT("partial"))))
		return;
	/* Responses go to the neighbour only (RFC 4975 7.2). */
	ue_msrp_write_response(&t, slice_str(x->head_tid), code, slice_cut(&from, ' '), x->path);
	link_send(x->stream.link, text_slice(&t));
	text_free(&t);
}

static void on_report(struct msrp_line *x, const struct ue_msrp_head *h)
{
	struct slice status = h->status;
	uint64_t code = 0;

	slice_cut(&status, ' ');
	slice_u64(slice_cut(&status, ' '), 999, &code);
	x->last_report = (int)code;
	if (!code)
		media_fault(&x->stream.line, "a REPORT without a status");
	elog_line(x->stream.link->name, "MSRP REPORT %d for %.*s", (int)code,
		  (int)h->message_id.len, h->message_id.p);
}

static void on_head(struct msrp_line *x, const struct ue_msrp_head *h)
{
	/* Its slices go with the next octets: keep what the end of the chunk needs. */
	static const struct slice no = {"no", 2}, partial = {"partial", 7};

	if (!h->request) {
		msrp_on_response(x, h);
		x->head = (struct ue_msrp_head){0};
		return;
	}
	x->head = *h;
	x->head.failure = slice_eq_nocase(h->failure, no)	 ? no
			  : slice_eq_nocase(h->failure, partial) ? partial
								 : SLICE_NULL;
	ue_set(&x->head_tid, h->tid);
	ue_set(&x->head_from, h->from_path);
	begin_chunk(x, h);
	if (!x->into_code && !x->bound) {
		x->bound = true;
		msrp_pump(x);
	}
	if (slice_eq(h->method, SLICE_LIT("REPORT"))) {
		if (!x->into_code)
			on_report(x, h);
		x->into_code = -1; /* there is no response to it (RFC 4975 7.1.2) */
	}
}

void msrp_received(void *owner, struct slice octets)
{
	struct msrp_line *x = owner;
	struct ue_msrp_head head;
	struct slice body;
	const char *why;
	char flag = 0;

	ue_msrp_feed(&x->reader, octets);
	for (;;) {
		switch (ue_msrp_next(&x->reader, &head, &body, &flag, &why)) {
		case UE_MSRP_MORE:
			msrp_pump(x);
			return;
		case UE_MSRP_HEAD:
			on_head(x, &head);
			break;
		case UE_MSRP_BODY:
			take_octets(x, body);
			break;
		case UE_MSRP_END:
			if (!x->head.request)
				break;
			end_chunk(x, flag);
			if (x->into_code >= 0)
				answer(x, x->into_code ? x->into_code : 200);
			break;
		case UE_MSRP_BAD:
			media_fault(&x->stream.line, "no MSRP: %s", why);
			link_end(x->stream.link, true);
			return;
		}
	}
}

void msrp_free_in(struct msrp_line *x)
{
	while (x->in) {
		struct msrp_in *m = x->in;

		x->in = m->next;
		octets_free(&m->octets);
		text_free(&m->m.data);
		free(m->m.id);
		free(m->m.type);
		free(m);
	}
}

struct msrp_message *msrp_find(struct media_line *l,
			       bool (*fits)(const struct msrp_message *, void *), void *arg)
{
	if (l->kind != &media_msrp_kind)
		return NULL;
	for (struct msrp_in *m = msrp_of(l)->in; m; m = m->next)
		if (!m->m.taken && fits(&m->m, arg))
			return &m->m;
	return NULL;
}
