/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BFCP over TCP and TLS by libre's own implementation, for ims-ue to be judged by:
 *
 *   libre-bfcp serve ADDRESS PORT [PEM]   a floor control server; ends when its peer closes
 *   libre-bfcp ask ADDRESS PORT [PEM]     a participant: Hello, FloorRequest, FloorRelease
 *
 * With PEM (certificate and key) it is TLS; who connects is its client. Exit 0 when all went as it
 * should.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>

#include <re/re.h>

enum { CONFERENCE = 4711, USER = 8, FLOOR = 3, REQUEST = 77, LIMIT_MS = 20000 };

static struct tcp_sock *listener;
static struct tcp_conn *conn;
static struct tls *tls;
static struct tls_conn *secure;
static struct mbuf *in;
static struct tmr limit;
static bool serving;
static unsigned answers, floors_asked;

static void finish(const char *why)
{
	re_printf("libre: %s\n", why);
	re_cancel();
}

static void send_message(struct mbuf *mb, int err)
{
	mb->pos = 0;
	if (err || tcp_send(conn, mb) != 0)
		finish("a message could not be sent");
	mem_deref(mb);
}

/* R is for unreliable transports (RFC 8855 5.1). */
static void ask(enum bfcp_prim prim, uint16_t tid)
{
	struct mbuf *mb = mbuf_alloc(256);
	uint16_t value = prim == BFCP_FLOOR_RELEASE ? REQUEST : FLOOR;
	int err = prim == BFCP_HELLO
		      ? bfcp_msg_encode(mb, BFCP_VER1, false, prim, CONFERENCE, tid, USER, 0)
		      : bfcp_msg_encode(
			    mb, BFCP_VER1, false, prim, CONFERENCE, tid, USER, 1,
			    (prim == BFCP_FLOOR_RELEASE ? BFCP_FLOOR_REQUEST_ID : BFCP_FLOOR_ID) |
				BFCP_MANDATORY,
			    0, &value);

	send_message(mb, err);
}

static void tell_status(const struct bfcp_msg *m, enum bfcp_reqstat status)
{
	struct mbuf *mb = mbuf_alloc(256);
	struct bfcp_reqstatus s = {.status = status};
	uint16_t request = REQUEST, floor = FLOOR;

	send_message(mb, bfcp_msg_encode(mb, BFCP_VER1, false, BFCP_FLOOR_REQUEST_STATUS, m->confid,
					 m->tid, m->userid, 1, BFCP_FLOOR_REQ_INFO | BFCP_MANDATORY,
					 2, &request, BFCP_OVERALL_REQ_STATUS | BFCP_MANDATORY, 1,
					 &request, BFCP_REQUEST_STATUS | BFCP_MANDATORY, 0, &s,
					 BFCP_FLOOR_REQ_STATUS | BFCP_MANDATORY, 0, &floor));
}

static void greet(const struct bfcp_msg *m)
{
	enum bfcp_prim primitives[] = {BFCP_HELLO, BFCP_HELLO_ACK, BFCP_FLOOR_REQUEST,
				       BFCP_FLOOR_RELEASE, BFCP_FLOOR_REQUEST_STATUS};
	enum bfcp_attrib attributes[] = {BFCP_FLOOR_ID, BFCP_FLOOR_REQUEST_ID};
	struct bfcp_supprim p = {primitives, 5};
	struct bfcp_supattr a = {attributes, 2};
	struct mbuf *mb = mbuf_alloc(256);

	send_message(mb, bfcp_msg_encode(mb, BFCP_VER1, false, BFCP_HELLO_ACK, m->confid, m->tid,
					 m->userid, 2, BFCP_SUPPORTED_PRIMS | BFCP_MANDATORY, 0, &p,
					 BFCP_SUPPORTED_ATTRS | BFCP_MANDATORY, 0, &a));
}

static void serve(const struct bfcp_msg *m)
{
	const struct bfcp_attr *floor = bfcp_msg_attr(m, BFCP_FLOOR_ID);
	const struct bfcp_attr *request = bfcp_msg_attr(m, BFCP_FLOOR_REQUEST_ID);

	if (m->confid != CONFERENCE || m->userid != USER || m->ver != BFCP_VER1 || m->r || m->f)
		finish("a header that is wrong");
	else if (m->prim == BFCP_HELLO)
		greet(m);
	else if (m->prim == BFCP_FLOOR_REQUEST && floor && floor->v.floorid == FLOOR)
		tell_status(m, BFCP_GRANTED);
	else if (m->prim == BFCP_FLOOR_RELEASE && request && request->v.floorreqid == REQUEST)
		tell_status(m, BFCP_RELEASED);
	else
		finish("a request that is wrong");
	answers++;
}

/* The status that a FloorRequestStatus tells, read by libre. */
static int status_of(const struct bfcp_msg *m)
{
	const struct bfcp_attr *info = bfcp_msg_attr(m, BFCP_FLOOR_REQ_INFO);
	const struct bfcp_attr *overall =
	    info ? bfcp_attr_subattr(info, BFCP_OVERALL_REQ_STATUS) : NULL;
	const struct bfcp_attr *status =
	    overall ? bfcp_attr_subattr(overall, BFCP_REQUEST_STATUS) : NULL;
	const struct bfcp_attr *floor =
	    info ? bfcp_attr_subattr(info, BFCP_FLOOR_REQ_STATUS) : NULL;

	return status && floor && floor->v.floorid == FLOOR ? (int)status->v.reqstatus.status : -1;
}

static void take_answer(const struct bfcp_msg *m)
{
	answers++;
	if (m->tid != answers || m->confid != CONFERENCE || m->userid != USER || m->r)
		finish("a header that is wrong");
	else if (answers == 1 && m->prim == BFCP_HELLO_ACK &&
		 bfcp_msg_attr(m, BFCP_SUPPORTED_PRIMS) && bfcp_msg_attr(m, BFCP_SUPPORTED_ATTRS))
		ask(BFCP_FLOOR_REQUEST, 2);
	else if (answers == 2 && m->prim == BFCP_FLOOR_REQUEST_STATUS &&
		 status_of(m) == BFCP_GRANTED)
		finish("the floor is granted");
	else
		finish("an answer that is wrong");
	floors_asked += answers == 2 && status_of(m) == BFCP_GRANTED;
}

static void received(struct mbuf *mb, void *arg)
{
	(void)arg;
	in->pos = in->end;
	mbuf_write_mem(in, mbuf_buf(mb), mbuf_get_left(mb));
	in->pos = 0;
	while (mbuf_get_left(in) >= 12) {
		const uint8_t *p = mbuf_buf(in);
		size_t start = in->pos, need = 12 + 4 * (size_t)(p[2] << 8 | p[3]);
		struct bfcp_msg *m;

		if (mbuf_get_left(in) < need)
			break;
		if (bfcp_msg_decode(&m, in) != 0) {
			finish("a message that libre cannot read");
			return;
		}
		re_printf("libre: %s\n", bfcp_prim_name(m->prim));
		if (serving)
			serve(m);
		else
			take_answer(m);
		mem_deref(m);
		in->pos = start + need;
	}
	mbuf_shift(in, -(ssize_t)in->pos);
}

static void up(void *arg)
{
	(void)arg;
	puts("libre: connected");
	if (!serving)
		ask(BFCP_HELLO, 1);
}

static void closed(int err, void *arg)
{
	(void)arg;
	re_printf("libre: closed (%m)\n", err);
	re_cancel();
}

static void accepted(const struct sa *peer, void *arg)
{
	(void)peer;
	(void)arg;
	if (tcp_accept(&conn, listener, up, received, closed, NULL) != 0 ||
	    (tls && tls_start_tcp(&secure, tls, conn, 0) != 0))
		finish("the connection could not be taken");
}

static void too_late(void *arg)
{
	(void)arg;
	finish("nothing more came");
}

int main(int argc, char **argv)
{
	struct sa at;
	int err;

	if (argc < 4 || libre_init() != 0)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	serving = strcmp(argv[1], "serve") == 0;
	in = mbuf_alloc(1024);
	err = sa_set_str(&at, argv[2], (uint16_t)atoi(argv[3]));
	if (!err && argc > 4) {
		err = tls_alloc(&tls, TLS_METHOD_SSLV23, argv[4], NULL);
		if (!err && serving)
			tls_set_verify_client(tls);
	}
	if (!err && serving)
		err = tcp_listen(&listener, &at, accepted, NULL);
	else if (!err)
		err = tcp_connect(&conn, &at, up, received, closed, NULL);
	if (!err && !serving && tls)
		err = tls_start_tcp(&secure, tls, conn, 0);
	if (err) {
		re_printf("libre: %m\n", err);
		return 2;
	}
	puts("libre: ready");
	tmr_start(&limit, LIMIT_MS, too_late, NULL);
	re_main(NULL);
	tmr_cancel(&limit);
	return serving ? answers < 3 : !floors_asked;
}
