/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ue/media.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "ue/elog.h"
#include "ue/tlayer.h"

static const struct media_kind *const kinds[MEDIA_KINDS] = {&media_rtp_kind, &media_msrp_kind,
							    &media_bfcp_kind};

const char *media_line_name(const struct media_line *l, char buf[96])
{
	const struct media *m = l->media;
	unsigned i = 0;

	while (i < m->lines && m->line[i] != l)
		i++;
	if (m->lines > 1)
		snprintf(buf, 96, "%s.%s/%u", m->ue, m->name, i + 1);
	else
		snprintf(buf, 96, "%s.%s", m->ue, m->name);
	return buf;
}

void media_fault(struct media_line *l, const char *fmt, ...)
{
	char text[256], name[96];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	l->faults++;
	elog_line(media_line_name(l, name), "fault of the peer: %s", text);
	elog_event("media", "ue", l->media->ue, "session", l->media->name, "what", "fault", "text",
		   text, NULL);
}

struct media *media_new(const char *ue, const char *session, struct access *a)
{
	struct media *m = ue_alloc(sizeof(*m));
	char hex[9];

	m->ue = ue;
	media_rename(m, session);
	m->access = a;
	tl_random(hex, 4);
	m->sdp_session = (uint32_t)strtoul(hex, NULL, 16) & 0x7fffffff;
	return m;
}

void media_rename(struct media *m, const char *session)
{
	snprintf(m->name, sizeof(m->name), "%s", session);
}

static struct media_line *new_line(struct media *m, const struct media_kind *kind,
				   const struct media_plan *plan)
{
	struct media_line *l = ue_alloc(kind ? kind->size : sizeof(*l));

	l->media = m;
	l->kind = kind;
	l->plan = plan;
	l->secure = plan && plan->secure;
	l->feedback = plan && plan->feedback && kind->proto[0][1];
	l->direction = SDP_DIR_SENDRECV;
	m->line[m->lines++] = l;
	return l;
}

static void free_line(struct media_line *l)
{
	if (l->kind)
		l->kind->close(l);
	free(l->raw);
	free(l);
}

void media_free(struct media *m)
{
	if (!m)
		return;
	for (unsigned i = 0; i < m->lines; i++)
		free_line(m->line[i]);
	free(m);
}

int media_add(struct media *m, const char *plans)
{
	struct slice rest = slice_str(plans ? plans : "rtp");

	while (rest.len) {
		const struct media_plan *p = media_plan_find(slice_trim(slice_cut(&rest, ',')));

		if (!p || m->lines == MEDIA_LINES_MAX) {
			errno = EINVAL;
			return -1;
		}
		new_line(m, kinds[p->kind], p);
	}
	return 0;
}

/* ---- writing ---- */

static const char *proto_of(const struct media_line *l)
{
	return l->kind->proto[l->secure][l->feedback];
}

static void write_session(struct media *m, const struct access *a, struct text *t)
{
	const char *type = a->local.family == 6 ? "IP6" : "IP4";
	char ip[NETADDR_TEXT_MAX];

	netaddr_ip_text(&a->local, ip);
	text_add(t, "v=0\r\no=- %u %u IN %s %s\r\ns=-\r\nc=IN %s %s\r\nt=0 0\r\n", m->sdp_session,
		 ++m->sdp_version, type, ip, type, ip);
}

/* A refused m-line keeps its place, and what it said (RFC 3264 6). */
static void write_refused(const struct media_line *l, struct text *t)
{
	struct sdp_mline line;

	if (l->raw && sdp_mline_parse(slice_str(l->raw), SLICE_NULL, &line) == 0)
		text_add(t, "m=%.*s 0 %.*s %.*s\r\n", (int)line.media.len, line.media.p,
			 (int)line.proto.len, line.proto.p, (int)line.formats.len, line.formats.p);
	else
		text_add(t, "m=%s 0 %s %s\r\n", l->kind->media, proto_of(l), l->kind->formats);
}

static void write_line(struct media_line *l, bool answer, enum sdp_direction d, struct text *t)
{
	const struct media_kind *k = l->kind;
	const struct media_plan *p = l->plan;
	const struct netaddr *elsewhere = p && p->relay ? &p->relay_at : p ? &p->outside : NULL;
	char ip[NETADDR_TEXT_MAX];

	if (l->refused) {
		write_refused(l, t);
		return;
	}
	text_add(t, "m=%s %u %s %s\r\n", k->media, k->port(l), proto_of(l), k->formats);
	if (elsewhere->family)
		text_add(t, "c=IN %s %s\r\n", elsewhere->family == 6 ? "IP6" : "IP4",
			 netaddr_ip_text(elsewhere, ip));
	if (!answer && p->e2ae)
		text_add(t, "a=3ge2ae:%s\r\n", p->e2ae);
	k->write(l, answer, t);
	for (unsigned i = 0; i < p->attrs; i++)
		text_add(t, "a=%s\r\n", p->attr[i]);
	if (k != &media_bfcp_kind)
		text_add(t, "a=%s\r\n", sdp_direction_name(d));
}

/* ---- offers of ours ---- */

int media_offer(struct media *m, struct access *a, bool hold, struct text *out)
{
	struct access *on = a ? a : m->access;

	m->next_access = on;
	for (unsigned i = 0; i < m->lines; i++) {
		struct media_line *l = m->line[i];

		if (!l->refused && l->kind->prepare(l, on, false) != 0) {
			media_rollback(m);
			return -1;
		}
	}
	m->offering = true;
	write_session(m, on, out);
	for (unsigned i = 0; i < m->lines; i++) {
		bool one_way = hold || (m->line[i]->plan && m->line[i]->plan->file);

		write_line(m->line[i], false, one_way ? SDP_DIR_SENDONLY : SDP_DIR_SENDRECV, out);
	}
	return 0;
}

static void moved(struct media *m)
{
	if (m->next_access && m->next_access != m->access) {
		m->access = m->next_access;
		elog_event("media", "ue", m->ue, "session", m->name, "what", "moved", "access",
			   m->access->name, NULL);
	}
	m->next_access = NULL;
}

void media_refuse(struct media_line *l)
{
	if (!l->refused && l->kind) {
		l->kind->rollback(l);
		l->kind->stop(l);
	}
	l->refused = true;
}

/* Does the peer speak of the same thing in this m-line? */
static bool same_proto(const struct media_line *l, const struct sdp_mline *line)
{
	return slice_eq(line->proto, slice_str(proto_of(l))) &&
	       slice_eq(line->media, slice_str(l->kind->media));
}

static void take_answer_line(struct media_line *l, const struct sdp_body *b, int i)
{
	struct sdp_mline line = sdp_body_mline(b, i);

	if (l->refused)
		return;
	l->direction = sdp_body_direction(b, i);
	if (line.port_number == 0) {
		media_refuse(l);
		return;
	}
	/* An answer may not change the protocol (RFC 3264 6): nothing is sent over it then. */
	if (!same_proto(l, &line)) {
		media_fault(l, "the answer has %.*s in place of %s", (int)line.proto.len,
			    line.proto.p, proto_of(l));
		media_refuse(l);
	} else if (l->kind->take(l, b, i, true) != 0) {
		media_refuse(l);
	} else {
		l->kind->commit(l);
	}
}

int media_answered(struct media *m, struct slice sdp)
{
	struct sdp_body b;

	if (sdp.len && (sdp_body_parse(sdp, NULL, 0, &b) != SDP_OK || b.mlines != (int)m->lines)) {
		elog_line(m->ue, "%s: an answer that cannot be read, or has other m-lines",
			  m->name);
		return -1;
	}
	moved(m);
	m->offering = false;
	for (unsigned i = 0; i < m->lines; i++) {
		if (sdp.len)
			take_answer_line(m->line[i], &b, (int)i);
		else if (!m->line[i]->refused)
			m->line[i]->kind->commit(m->line[i]);
	}
	return 0;
}

void media_rollback(struct media *m)
{
	m->next_access = NULL;
	m->offering = false;
	for (unsigned i = 0; i < m->lines; i++)
		if (!m->line[i]->refused)
			m->line[i]->kind->rollback(m->line[i]);
}

/* ---- offers of the peer ---- */

/* What kind an offered m-line is, and which of its protocols; NULL: none of ours. */
static const struct media_kind *kind_of(const struct sdp_mline *line, bool *secure, bool *feedback)
{
	for (int i = 0; i < 4 * MEDIA_KINDS; i++) {
		const struct media_kind *k = kinds[i / 4];
		const char *proto = k->proto[i / 2 % 2][i % 2];

		*secure = i / 2 % 2;
		*feedback = i % 2;
		if (proto && slice_eq(line->media, slice_str(k->media)) &&
		    slice_eq(line->proto, slice_str(proto)))
			return k;
	}
	return NULL;
}

/* The plan for a new m-line: the first of those named that fits and serves no other line yet. */
static const struct media_plan *plan_for(const struct media *m, enum media_kind_id kind,
					 bool secure, const char *plans)
{
	struct slice rest = slice_str(plans);

	if (!plans)
		return media_plan_default(kind, secure);
	while (rest.len) {
		const struct media_plan *p = media_plan_find(slice_trim(slice_cut(&rest, ',')));
		bool used = false;

		for (unsigned i = 0; p && i < m->lines; i++)
			used = used || m->line[i]->plan == p;
		if (p && !used && p->kind == kind && p->secure == secure)
			return p;
	}
	return NULL;
}

static struct media_line *line_for(struct media *m, const struct sdp_body *b, int i,
				   const char *plans)
{
	struct sdp_mline line = sdp_body_mline(b, i);
	const struct media_plan *plan = NULL;
	bool secure = false, feedback = false;
	const struct media_kind *kind = kind_of(&line, &secure, &feedback);
	struct media_line *old = (unsigned)i < m->lines ? m->line[i] : NULL;

	for (int k = 0; k < MEDIA_KINDS && kind; k++)
		if (kinds[k] == kind)
			plan = plan_for(m, (enum media_kind_id)k, secure, plans);
	/* The same line goes on; a dead one's place may be taken by another (RFC 3264 8.1). */
	if (old && !old->refused && old->kind == kind) {
		old->secure = secure;
		old->feedback = feedback;
		return old;
	}
	if (old) {
		unsigned n = m->lines;

		free_line(old);
		m->lines = (unsigned)i;
		old = new_line(m, kind, plan);
		m->lines = n;
	} else {
		old = new_line(m, kind, plan);
	}
	old->secure = secure;
	old->feedback = feedback;
	old->refused = !kind || !plan || line.port_number == 0;
	old->raw = ue_dup(b->line[b->start[i]].value);
	return old;
}

int media_offered(struct media *m, struct slice sdp, const char *plans)
{
	struct sdp_body b;
	bool any = false;

	if (sdp_body_parse(sdp, NULL, 0, &b) != SDP_OK || b.mlines < (int)m->lines ||
	    b.mlines > MEDIA_LINES_MAX)
		return -1;
	for (int i = 0; i < b.mlines; i++) {
		struct media_line *l = line_for(m, &b, i, plans);

		l->direction = sdp_body_direction(&b, i);
		if (!l->refused && sdp_body_mline(&b, i).port_number == 0)
			media_refuse(l);
		if (!l->refused && l->kind->take(l, &b, i, false) != 0)
			media_refuse(l);
		any = any || !l->refused;
	}
	m->answering = true;
	return any ? 0 : 1;
}

int media_answer(struct media *m, struct text *out)
{
	if (!m->answering) { /* there was no offer: ours goes out, and the ACK brings the answer */
		if (!m->lines)
			media_add(m, NULL);
		return media_offer(m, NULL, false, out);
	}
	m->answering = false;
	m->next_access = m->next_access ? m->next_access : m->access;
	for (unsigned i = 0; i < m->lines; i++) {
		struct media_line *l = m->line[i];

		if (!l->refused && l->kind->prepare(l, m->next_access, true) != 0)
			return -1;
	}
	write_session(m, m->next_access, out);
	for (unsigned i = 0; i < m->lines; i++)
		write_line(m->line[i], true, sdp_direction_answer(m->line[i]->direction), out);
	moved(m);
	for (unsigned i = 0; i < m->lines; i++)
		if (!m->line[i]->refused)
			m->line[i]->kind->commit(m->line[i]);
	return 0;
}

/* ---- the rest ---- */

void media_adopt(struct media *to, struct media *from)
{
	for (unsigned i = 0; i < to->lines && i < from->lines; i++)
		if (to->line[i]->kind && to->line[i]->kind == from->line[i]->kind)
			to->line[i]->kind->adopt(to->line[i], from->line[i]);
}

struct media_line *media_find(const struct media *m, struct slice name)
{
	uint64_t n;

	if (!name.len)
		return m->lines ? m->line[0] : NULL;
	if (slice_u64(name, MEDIA_LINES_MAX, &n) == 0)
		return n && n <= m->lines ? m->line[n - 1] : NULL;
	for (unsigned i = 0; i < m->lines; i++) {
		const struct media_line *l = m->line[i];

		if ((l->plan && slice_eq(slice_str(l->plan->name), name)) ||
		    (l->kind && slice_eq(slice_str(l->kind->name), name)))
			return m->line[i];
	}
	return NULL;
}
