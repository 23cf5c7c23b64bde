/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MSRP: the m-line, its description, its connection, its file. */
#include <stdio.h>
#include <stdlib.h>

#include "ue/msrp_line.h"
#include "ue/tlayer.h"

int msrp_last_report(const struct media_line *l)
{
	return l->kind == &media_msrp_kind ? ((const struct msrp_line *)l)->last_report : 0;
}

static void up(void *owner)
{
	struct msrp_line *x = owner;

	ue_msrp_reader_free(&x->reader);
	if (!x->stream.active)
		return;
	x->bound = true;
	if (!msrp_next_to_send(x))
		msrp_send_empty(x);
	msrp_pump(x);
}

static void sent(void *owner)
{
	msrp_pump(owner);
}

static void ended(void *owner)
{
	msrp_unsent(owner);
}

static const struct link_handler handler = {up, msrp_received, sent, ended};

/* ---- the m-line ---- */

static void write_path(const struct msrp_line *x, const char *session, struct text *t)
{
	char host[NETADDR_TEXT_MAX];

	if (x->stream.line.plan->path) {
		text_put(t, slice_str(x->stream.line.plan->path));
		return;
	}
	text_add(t, "%s://%s:%u/%s;tcp", x->stream.line.secure ? "msrps" : "msrp",
		 netaddr_host_text(stream_address(&x->stream), host), stream_port(&x->stream),
		 session);
}

/* A file, or octets made up: each follows from its place. */
static int load_file(struct msrp_line *x)
{
	const char *name = x->stream.line.plan->file;
	uint64_t size = 0;
	char buf[16384];
	size_t n;
	FILE *f;

	if (slice_u64(slice_str(name), SIZE_MAX_IN, &size) == 0) {
		for (uint64_t i = 0; i < size; i++)
			text_char(&x->file, (char)(i * 31 + (i >> 8) * 7 + (i >> 16)));
		return 0;
	}
	f = fopen(name, "re");
	if (!f)
		return -1;
	while ((n = fread(buf, 1, sizeof(buf), f)) > 0 && x->file.len < SIZE_MAX_IN)
		text_put(&x->file, slice_make(buf, n));
	fclose(f);
	return 0;
}

static int file_ready(struct msrp_line *x)
{
	const char *name = x->stream.line.plan->file, *slash = name ? strrchr(name, '/') : NULL;
	struct text t = {0};
	char hex[130], id[33];

	if (!name || x->file.p)
		return 0;
	if (load_file(x) != 0)
		return -1;
	msrp_hash(EVP_sha1(), text_slice(&x->file), true, hex);
	text_add(&t, "name:\"%s\" type:application/octet-stream size:%llu hash:sha-1:%s",
		 slash ? slash + 1 : name, (unsigned long long)x->file.len, hex);
	x->selector = t.p;
	tl_random(id, 16);
	x->transfer_id = ue_dup(slice_str(id));
	return 0;
}

static int msrp_prepare(struct media_line *l, struct access *a, bool will_answer)
{
	struct msrp_line *x = msrp_of(l);
	struct text t = {0};

	if (file_ready(x) != 0 || stream_prepare(&x->stream, a, will_answer, &handler, x) != 0)
		return -1;
	if (!x->stream.next && x->path)
		return 0;
	/* Another connection is another session, with another URI (RFC 4975 5.4). */
	tl_random(x->next_session, 8);
	write_path(x, x->next_session, &t);
	free(x->next_path);
	x->next_path = t.p;
	return 0;
}

static uint16_t msrp_port(const struct media_line *l)
{
	return l->plan->relay ? l->plan->relay_at.port
			      : stream_port(&((const struct msrp_line *)l)->stream);
}

static void msrp_write(struct media_line *l, bool answer_to, struct text *t)
{
	struct msrp_line *x = msrp_of(l);
	const struct media_plan *p = l->plan;

	text_add(t, "a=accept-types:%s\r\n",
		 p->types ? p->types : "message/cpim text/plain application/octet-stream");
	text_add(t, "a=path:%s%s%s\r\n", p->relay ? p->relay : "", p->relay ? " " : "",
		 x->next_path ? x->next_path : x->path);
	if (p->max_size)
		text_add(t, "a=max-size:%llu\r\n", (unsigned long long)p->max_size);
	stream_write(&x->stream, t);
	if (x->selector && (p->file || answer_to)) {
		text_add(t, "a=file-selector:%s\r\na=file-transfer-id:%s\r\n", x->selector,
			 x->transfer_id ? x->transfer_id : "");
		if (p->file)
			text_put(t, SLICE_LIT("a=file-disposition:attachment\r\n"));
	}
}

/* c=, m= and the path's URI that one connects to are to say the same (RFC 4975 8.1), unless the peer knows
 * that somebody between may change c= and m= (RFC 6714 4). */
static void judge_path(struct msrp_line *x, struct slice path, bool cema)
{
	struct ue_msrp_uri uri;
	struct netaddr host;

	if (ue_msrp_uri_parse(slice_cut(&path, ' '), &uri) != 0)
		media_fault(&x->stream.line, "a path that is none");
	else if (x->stream.peer.has_setup && x->stream.peer.setup == SDP_SETUP_ACTIVE)
		return; /* who connects has no address to tell */
	else if (netaddr_parse_host(uri.host, &host) != 0 ||
		 (!cema && (!netaddr_ip_eq(&host, &x->stream.peer.at) ||
			    uri.port != x->stream.peer.at.port)))
		media_fault(&x->stream.line, "a=path is not at c= and m=: %.*s:%u",
			    (int)uri.host.len, uri.host.p, uri.port);
	else if (uri.secure != x->stream.line.secure)
		media_fault(&x->stream.line, "the scheme of a=path does not go with the m-line");
}

static int msrp_take(struct media_line *l, const struct sdp_body *b, int i, bool answer_to)
{
	struct msrp_line *x = msrp_of(l);
	struct slice path, value;

	if (!sdp_body_attr(b, i, SLICE_LIT("path"), &path) || !path.len) {
		media_fault(l, "an m-line of MSRP without a=path");
		return -1;
	}
	if (!sdp_body_attr(b, i, SLICE_LIT("accept-types"), &value))
		media_fault(l, "an m-line of MSRP without a=accept-types");
	if (stream_take(&x->stream, b, i, answer_to, path) != 0)
		return -1;
	judge_path(x, path, sdp_body_attr(b, i, SLICE_LIT("msrp-cema"), &value));
	ue_set(&x->peer_path, path);
	if (!l->plan->file) {
		if (sdp_body_attr(b, i, SLICE_LIT("file-selector"), &value))
			ue_set(&x->selector, value);
		if (sdp_body_attr(b, i, SLICE_LIT("file-transfer-id"), &value))
			ue_set(&x->transfer_id, value);
	}
	return 0;
}

/* Where the peer listens: a plain phone believes the path, others c= and m=. */
static struct netaddr peer_address(const struct msrp_line *x)
{
	struct slice path = slice_str(x->peer_path);
	struct netaddr at = x->stream.peer.at, host;
	struct ue_msrp_uri uri;

	if (x->stream.line.plan->connect && strcmp(x->stream.line.plan->connect, "sdp") == 0)
		return at;
	if (ue_msrp_uri_parse(slice_cut(&path, ' '), &uri) != 0 ||
	    netaddr_parse_host(uri.host, &host) != 0)
		return at;
	host.port = uri.port;
	return host;
}

static void msrp_commit(struct media_line *l)
{
	struct msrp_line *x = msrp_of(l);
	struct netaddr at;

	if (!x->peer_path)
		return;
	if (stream_renews(&x->stream))
		msrp_unsent(x);
	if (x->next_path) {
		free(x->path);
		x->path = x->next_path;
		x->next_path = NULL;
	}
	at = peer_address(x);
	/* Who opens TCP opens TLS, too (RFC 6135 6, RFC 8122 6.2). */
	stream_commit(&x->stream, &at, stream_will_be_active(&x->stream));
}

static void msrp_rollback(struct media_line *l)
{
	struct msrp_line *x = msrp_of(l);

	stream_rollback(&x->stream);
	if (x->path) {
		free(x->next_path);
		x->next_path = NULL;
	}
}

static void msrp_adopt(struct media_line *to, struct media_line *from)
{
	struct msrp_line *t = msrp_of(to), *f = msrp_of(from);

	msrp_unsent(f);
	t->out = f->out;
	t->in = f->in;
	t->received = f->received;
	t->reordered = f->reordered;
	t->max_gap_us = f->max_gap_us;
	t->sent = f->sent;
	f->out = NULL;
	f->in = NULL;
	msrp_pump(t);
}

static void msrp_figures(const struct media_line *l, struct media_figures *out)
{
	const struct msrp_line *x = ((const struct msrp_line *)l);

	*out = (struct media_figures){.sent = x->sent,
				      .received = x->received,
				      .reordered = x->reordered,
				      .faults = l->faults,
				      .max_gap_us = x->max_gap_us};
	for (const struct msrp_in *m = x->in; m; m = m->next) {
		uint64_t end = m->m.size ? m->m.size : octets_end(&m->octets);

		out->lost += end - octets_have(&m->octets);
		out->repeated += m->octets.repeated;
		out->wrong += m->m.wrong;
	}
}

static void msrp_reset(struct media_line *l)
{
	struct msrp_line *x = msrp_of(l);

	x->received = x->reordered = x->max_gap_us = l->faults = 0;
	x->into = NULL;
	msrp_free_in(x);
}

static void msrp_close(struct media_line *l)
{
	struct msrp_line *x = msrp_of(l);

	loop_stop(&x->tick);
	stream_close(&x->stream);
	ue_msrp_reader_free(&x->reader);
	msrp_free_out(x);
	msrp_free_in(x);
	text_free(&x->file);
	free(x->path);
	free(x->next_path);
	free(x->peer_path);
	free(x->selector);
	free(x->transfer_id);
	free(x->head_tid);
	free(x->head_from);
}

const struct media_kind media_msrp_kind = {
    .name = "msrp",
    .media = "message",
    .formats = "*",
    .proto = {{"TCP/MSRP"}, {"TCP/TLS/MSRP"}},
    .size = sizeof(struct msrp_line),
    .prepare = msrp_prepare,
    .port = msrp_port,
    .write = msrp_write,
    .take = msrp_take,
    .commit = msrp_commit,
    .rollback = msrp_rollback,
    .stop = stream_stop,
    .adopt = msrp_adopt,
    .figures = msrp_figures,
    .reset = msrp_reset,
    .state = stream_state,
    .close = msrp_close,
};
