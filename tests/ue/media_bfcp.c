/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ue/media_bfcp.h"

#include <stdlib.h>

#include "ue/elog.h"
#include "ue/media_stream.h"

struct bfcp_line {
	struct stream_line stream; /* must be the first */
	bool server, role_known, numbers_known;
	uint32_t conference;
	uint16_t user, floor;
	struct text in;
	struct ue_bfcp_msg asked; /* server: the last FloorRequest; participant: what is open */
	bool open;		  /* participant: asked waits for its response */
	struct op *op;
	uint16_t next_transaction, next_request, request;
	enum ue_bfcp_status status;
	uint64_t sent, received, last_us, max_gap_us;
};

static const struct media_kind *const kind = &media_bfcp_kind;

static struct bfcp_line *bfcp(struct media_line *l)
{
	return (struct bfcp_line *)l;
}

static const struct bfcp_line *bfcp_const(const struct media_line *l)
{
	return (const struct bfcp_line *)l;
}

static void send_message(struct bfcp_line *x, struct ue_bfcp_msg m)
{
	struct text t = {0};

	m.version = 1;
	ue_bfcp_write(&m, &t);
	link_send(x->stream.link, text_slice(&t));
	text_free(&t);
	x->sent++;
	elog_line(x->stream.link->name, "-> BFCP %s%s%s", ue_bfcp_primitive_name(m.primitive),
		  m.status ? " " : "", m.status ? ue_bfcp_status_name(m.status) : "");
}

static void finish(struct bfcp_line *x, int code, const char *text)
{
	if (x->op)
		op_end(x->op, code, code == 408, slice_str(text));
	x->op = NULL;
	x->open = false;
}

/* ---- floor control server ---- */

static void tell_status(struct bfcp_line *x, uint16_t transaction, enum ue_bfcp_status status)
{
	x->status = status;
	send_message(x, (struct ue_bfcp_msg){.primitive = UE_BFCP_FLOOR_REQUEST_STATUS,
					     .conference = x->conference,
					     .transaction = transaction,
					     .user = x->asked.user,
					     .floor = x->asked.floor,
					     .request = x->request,
					     .status = status});
}

static void refuse(struct bfcp_line *x, const struct ue_bfcp_msg *m, uint8_t error)
{
	send_message(x, (struct ue_bfcp_msg){.primitive = UE_BFCP_ERROR,
					     .conference = m->conference,
					     .transaction = m->transaction,
					     .user = m->user,
					     .error = error,
					     .unknown_type = m->unknown_type});
}

static void on_floor_request(struct bfcp_line *x, const struct ue_bfcp_msg *m)
{
	bool by_hand = x->stream.line.plan->grant && strcmp(x->stream.line.plan->grant, "no") == 0;

	if (m->floor != x->floor) {
		refuse(x, m, 6); /* Invalid Floor ID */
		return;
	}
	x->asked = *m;
	x->request = ++x->next_request;
	tell_status(x, m->transaction, by_hand ? UE_BFCP_PENDING : UE_BFCP_GRANTED);
}

/* RFC 8855 13: what a server answers. */
static void serve(struct bfcp_line *x, const struct ue_bfcp_msg *m)
{
	if (m->conference != x->conference) {
		refuse(x, m, 1); /* Conference Does Not Exist */
		return;
	}
	if (m->unknown_mandatory) {
		refuse(x, m, 4);
		return;
	}
	switch (m->primitive) {
	case UE_BFCP_HELLO:
		send_message(x, (struct ue_bfcp_msg){.primitive = UE_BFCP_HELLO_ACK,
						     .conference = m->conference,
						     .transaction = m->transaction,
						     .user = m->user});
		break;
	case UE_BFCP_FLOOR_REQUEST:
		on_floor_request(x, m);
		break;
	case UE_BFCP_FLOOR_RELEASE:
	case UE_BFCP_FLOOR_REQUEST_QUERY:
		if (!x->request || m->request != x->request)
			refuse(x, m, 7); /* Floor Request ID Does Not Exist */
		else
			tell_status(x, m->transaction,
				    m->primitive == UE_BFCP_FLOOR_REQUEST_QUERY ? x->status
				    : x->status == UE_BFCP_GRANTED		? UE_BFCP_RELEASED
								   : UE_BFCP_CANCELLED);
		break;
	case UE_BFCP_GOODBYE:
		send_message(x, (struct ue_bfcp_msg){.primitive = UE_BFCP_GOODBYE_ACK,
						     .conference = m->conference,
						     .transaction = m->transaction,
						     .user = m->user});
		break;
	default:
		refuse(x, m, 3); /* Unknown Primitive */
	}
}

/* ---- participant ---- */

static void on_status(struct bfcp_line *x, const struct ue_bfcp_msg *m)
{
	if (m->floor && m->floor != x->floor)
		media_fault(&x->stream.line, "the status of floor %u, not %u", m->floor, x->floor);
	if (x->request && !x->open && m->request != x->request)
		media_fault(&x->stream.line, "the status of request %u, not %u", m->request,
			    x->request);
	x->request = m->request;
	x->status = m->status;
}

static void take_part(struct bfcp_line *x, const struct ue_bfcp_msg *m)
{
	bool mine = m->transaction && x->open && m->transaction == x->asked.transaction;
	static const uint8_t answers[][2] = {
	    {UE_BFCP_HELLO, UE_BFCP_HELLO_ACK},
	    {UE_BFCP_GOODBYE, UE_BFCP_GOODBYE_ACK},
	    {UE_BFCP_FLOOR_REQUEST, UE_BFCP_FLOOR_REQUEST_STATUS},
	    {UE_BFCP_FLOOR_RELEASE, UE_BFCP_FLOOR_REQUEST_STATUS},
	    {UE_BFCP_FLOOR_REQUEST_QUERY, UE_BFCP_FLOOR_REQUEST_STATUS}};
	bool fits = m->primitive == UE_BFCP_ERROR;
	char error[32];

	if (m->conference != x->conference || m->user != x->user)
		media_fault(&x->stream.line, "conference %u, user %u in place of %u, %u",
			    m->conference, m->user, x->conference, x->user);
	if (m->primitive == UE_BFCP_FLOOR_REQUEST_STATUS)
		on_status(x, m);
	if (!m->transaction) /* the server began it (RFC 8855 8.2) */
		return;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		fits =
		    fits || (answers[i][0] == x->asked.primitive && answers[i][1] == m->primitive);
	if (!mine || !fits) {
		media_fault(&x->stream.line, "%s answers nothing (transaction %u)",
			    ue_bfcp_primitive_name(m->primitive), m->transaction);
		return;
	}
	snprintf(error, sizeof(error), "BFCP error %u", m->error);
	finish(x, m->primitive == UE_BFCP_ERROR ? 400 : 200,
	       m->primitive == UE_BFCP_ERROR ? error : "OK");
}

/* ---- the connection ---- */

static void take_message(struct bfcp_line *x, struct slice whole)
{
	struct ue_bfcp_msg m;
	const char *why;
	uint64_t now = wall_now_us();

	if (ue_bfcp_read(whole, &m, &why) != 0) {
		media_fault(&x->stream.line, "a BFCP message that cannot be read: %s", why);
		return;
	}
	x->received++;
	if (x->last_us && now > x->last_us && now - x->last_us > x->max_gap_us)
		x->max_gap_us = now - x->last_us;
	x->last_us = now;
	elog_line(x->stream.link->name, "<- BFCP %s%s%s", ue_bfcp_primitive_name(m.primitive),
		  m.status ? " " : "", m.status ? ue_bfcp_status_name(m.status) : "");
	elog_event("media", "ue", x->stream.line.media->ue, "session", x->stream.line.media->name,
		   "what", "bfcp", "primitive", ue_bfcp_primitive_name(m.primitive), "status",
		   ue_bfcp_status_name(m.status), NULL);
	if (m.fault)
		media_fault(&x->stream.line, "%s: %s", ue_bfcp_primitive_name(m.primitive),
			    m.fault);
	if (x->server && m.version != 1)
		refuse(x, &m, 12); /* Unsupported Version */
	else if (x->server)
		serve(x, &m);
	else
		take_part(x, &m);
}

static void received(void *owner, struct slice octets)
{
	struct bfcp_line *x = owner;
	size_t n;

	text_put(&x->in, octets);
	while ((n = ue_bfcp_frame(text_slice(&x->in))) && n <= x->in.len) {
		take_message(x, slice_make(x->in.p, n));
		if (!stream_is_up(&x->stream))
			return;
		x->in.len -= n;
		memmove(x->in.p, x->in.p + n, x->in.len);
	}
}

static void up(void *owner)
{
	text_clear(&((struct bfcp_line *)owner)->in);
}

static void sent(void *owner)
{
	(void)owner;
}

static void ended(void *owner)
{
	finish(owner, 408, "the connection is gone");
}

static const struct link_handler handler = {up, received, sent, ended};

int bfcp_do(struct media_line *l, const char *verb, struct op *op)
{
	static const struct {
		const char *verb;
		enum ue_bfcp_primitive primitive;
	} asks[] = {{"request", UE_BFCP_FLOOR_REQUEST},
		    {"release", UE_BFCP_FLOOR_RELEASE},
		    {"query", UE_BFCP_FLOOR_REQUEST_QUERY},
		    {"hello", UE_BFCP_HELLO},
		    {"goodbye", UE_BFCP_GOODBYE}};
	static const struct {
		const char *verb;
		enum ue_bfcp_status status;
	} says[] = {
	    {"grant", UE_BFCP_GRANTED}, {"deny", UE_BFCP_DENIED}, {"revoke", UE_BFCP_REVOKED}};
	struct bfcp_line *x = bfcp(l);

	if (l->kind != kind || !stream_is_up(&x->stream))
		return -1;
	for (size_t i = 0; x->server && i < sizeof(says) / sizeof(says[0]); i++)
		if (strcmp(verb, says[i].verb) == 0 && x->request) {
			op_begin(op);
			tell_status(x, 0, says[i].status);
			op_end(op, 200, false, SLICE_LIT("OK"));
			return 0;
		}
	for (size_t i = 0; !x->server && i < sizeof(asks) / sizeof(asks[0]); i++)
		if (strcmp(verb, asks[i].verb) == 0) {
			finish(x, 408, "another request was made");
			op_begin(op);
			x->op = op;
			x->open = true;
			x->asked = (struct ue_bfcp_msg){.primitive = asks[i].primitive,
							.conference = x->conference,
							.transaction = ++x->next_transaction,
							.user = x->user,
							.floor = x->floor,
							.request = x->request};
			send_message(x, x->asked);
			return 0;
		}
	return -1;
}

enum ue_bfcp_status bfcp_floor(const struct media_line *l)
{
	return l->kind == kind ? bfcp_const(l)->status : UE_BFCP_NO_STATUS;
}

/* ---- the m-line ---- */

static int bfcp_prepare(struct media_line *l, struct access *a, bool answer)
{
	struct bfcp_line *x = bfcp(l);
	const char *wish = l->plan->floorctrl;

	/* Without a wish the offerer takes part, and the answerer is the other one. */
	if (!x->role_known && wish)
		x->server = strcmp(wish, "s-only") == 0;
	x->role_known = true;
	if (!x->numbers_known && (x->server || !answer)) {
		x->numbers_known = true;
		x->conference = l->plan->conference;
		x->user = l->plan->user;
		x->floor = l->plan->floor;
	}
	return stream_prepare(&x->stream, a, answer, &handler, x);
}

static uint16_t bfcp_port(const struct media_line *l)
{
	return stream_port(&bfcp_const(l)->stream);
}

static void bfcp_write(struct media_line *l, bool answer, struct text *t)
{
	struct bfcp_line *x = bfcp(l);
	const char *wish = l->plan->connection;

	(void)answer;
	text_add(t, "a=floorctrl:%s\r\na=bfcpver:1\r\n", x->server ? "s-only" : "c-only");
	if (x->server)
		text_add(t, "a=confid:%u\r\na=userid:%u\r\na=floorid:%u\r\n", x->conference,
			 x->user, x->floor);
	stream_write(&x->stream, t);
	if (!wish || strcmp(wish, "none") != 0)
		text_add(t, "a=connection:%s\r\n",
			 wish						 ? wish
			 : stream_renews(&x->stream) || !x->stream.begun ? "new"
									 : "existing");
}

static void take_number(const struct sdp_body *b, int i, struct slice name, uint64_t max,
			uint64_t *out)
{
	struct slice v;

	if (sdp_body_attr(b, i, name, &v))
		slice_u64(slice_cut(&v, ' '), max, out);
}

static int bfcp_take(struct media_line *l, const struct sdp_body *b, int i, bool answer)
{
	struct bfcp_line *x = bfcp(l);
	uint64_t conference = x->conference, user = x->user, floor = x->floor;
	const char *wish = l->plan->floorctrl;
	struct slice v = SLICE_NULL;
	bool peer_serves;

	if (!x->role_known && wish) {
		x->server = strcmp(wish, "s-only") == 0;
		x->role_known = true;
	}
	if (sdp_body_attr(b, i, SLICE_LIT("floorctrl"), &v)) {
		peer_serves = slice_eq_nocase(v, SLICE_LIT("s-only"));
		if (answer && peer_serves == x->server && !l->plan->outside.family)
			media_fault(l, "both sides are %s", peer_serves ? "s-only" : "c-only");
		if (!x->role_known)
			x->server = !peer_serves;
	} else if (!x->role_known) { /* RFC 4583 4: an offerer without it takes part */
		x->server = !answer;
	}
	x->role_known = true;
	if (!x->server) {
		take_number(b, i, SLICE_LIT("confid"), UINT32_MAX, &conference);
		take_number(b, i, SLICE_LIT("userid"), UINT16_MAX, &user);
		take_number(b, i, SLICE_LIT("floorid"), UINT16_MAX, &floor);
		x->conference = (uint32_t)conference;
		x->user = (uint16_t)user;
		x->floor = (uint16_t)floor;
		x->numbers_known = true;
	}
	if (stream_take(&x->stream, b, i, answer, SLICE_NULL) != 0)
		return -1;
	/* A connection that is to be new is new, wherever it ends (RFC 4145 5.1). */
	if (!answer && x->stream.begun && !x->stream.peer.existing)
		x->stream.renew = true;
	return 0;
}

static void bfcp_commit(struct media_line *l)
{
	struct bfcp_line *x = bfcp(l);

	/* The answerer is the TLS server, whoever opens TCP (RFC 8856 8). */
	stream_commit(&x->stream, &x->stream.peer.at, !x->stream.answered);
}

static void bfcp_rollback(struct media_line *l)
{
	stream_rollback(&bfcp(l)->stream);
}

static void bfcp_adopt(struct media_line *to, struct media_line *from)
{
	struct bfcp_line *t = bfcp(to), *f = bfcp(from);

	t->next_request = f->next_request;
	t->request = f->request;
	t->asked = f->asked;
	t->status = f->status;
}

static void bfcp_figures(const struct media_line *l, struct media_figures *out)
{
	const struct bfcp_line *x = bfcp_const(l);

	*out = (struct media_figures){.sent = x->sent,
				      .received = x->received,
				      .faults = l->faults,
				      .max_gap_us = x->max_gap_us};
}

static void bfcp_reset(struct media_line *l)
{
	struct bfcp_line *x = bfcp(l);

	x->sent = x->received = x->last_us = x->max_gap_us = l->faults = 0;
}

static void bfcp_close(struct media_line *l)
{
	struct bfcp_line *x = bfcp(l);

	finish(x, 408, "the session is over");
	stream_close(&x->stream);
	text_free(&x->in);
}

const struct media_kind media_bfcp_kind = {
    .name = "bfcp",
    .media = "application",
    .formats = "*",
    .proto = {{"TCP/BFCP"}, {"TCP/TLS/BFCP"}},
    .size = sizeof(struct bfcp_line),
    .prepare = bfcp_prepare,
    .port = bfcp_port,
    .write = bfcp_write,
    .take = bfcp_take,
    .commit = bfcp_commit,
    .rollback = bfcp_rollback,
    .stop = stream_stop,
    .adopt = bfcp_adopt,
    .figures = bfcp_figures,
    .reset = bfcp_reset,
    .state = stream_state,
    .close = bfcp_close,
};
