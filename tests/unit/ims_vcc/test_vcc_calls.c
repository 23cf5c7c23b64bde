/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_vcc/core/calls_internal.h"
#include "modules/ims_vcc/core/kept.h"
#include "unit/unit.h"

static const struct keyed_hash_key key = {{5, 6}};
static struct vcc_calls *calls;
static int64_t now;
static size_t taken;
static unsigned servers;

static void *take(size_t n)
{
	taken++;
	return malloc(n);
}

static void give(void *p)
{
	taken -= p != NULL;
	free(p);
}

static unsigned seed = 1;

static void digits(char *out, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = "0123456789abcdef"[rand_r(&seed) % 16];
	out[n] = '\0';
}

static void begin(unsigned max)
{
	const struct vcc_memory mem = {take, give};
	const struct vcc_calls_config cfg = {
	    .max = max, .contact = "sip:vcc", .ack_ms = 32000, .cancel_ms = 40000};

	taken = 0;
	now = 1000;
	calls = vcc_calls_new(&cfg, &mem, digits, &key);
}

static void finish(void)
{
	vcc_calls_free(calls);
	ck_assert_uint_eq(taken, 0);
}

/* ---- messages ---- */

static char text[4096];
static struct vcc_message message;

static const char *sdp(const char *who, int port)
{
	static char buf[256];

	snprintf(buf, sizeof(buf),
		 "v=0\r\no=%s 1 1 IN IP4 1.1.1.1\r\ns=-\r\nc=IN IP4 1.1.1.1\r\nt=0 0\r\nm=audio %d "
		 "RTP/AVP 0\r\n",
		 who, port);
	return buf;
}

static const struct vcc_message *request(const char *method, const char *call, const char *from,
					 const char *to, unsigned cseq, const char *body)
{
	snprintf(text, sizeof(text),
		 "%s sip:x SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: "
		 "<sip:a>;tag=%s\r\nTo: <sip:b>%s%s\r\nCall-ID: %s\r\n"
		 "CSeq: %u %s\r\nContact: <sip:c>\r\n%s\r\n%s",
		 method, from, *to ? ";tag=" : "", to, call, cseq, method,
		 *body ? "Content-Type: application/sdp\r\n" : "", body);
	ck_assert_int_eq(vcc_message_read(slice_str(text), &message), 0);
	return &message;
}

static const struct vcc_message *response(const struct vcc_order *o, unsigned code, const char *tag,
					  const char *body)
{
	snprintf(text, sizeof(text),
		 "SIP/2.0 %u X\r\nFrom: <sip:a>;tag=%s\r\nTo: <sip:b>;tag=%s\r\nCall-ID: "
		 "%s\r\nCSeq: %u %s\r\nContact: <sip:d>\r\n%s\r\n%s",
		 code, o->dialog.local_tag, tag, o->dialog.call_id, o->dialog.local_cseq, o->method,
		 *body ? "Content-Type: application/sdp\r\n" : "", body);
	ck_assert_int_eq(vcc_message_read(slice_str(text), &message), 0);
	return &message;
}

/* The next order, which must be of this kind; owned by the test until the next call. */
static struct vcc_order *order(enum vcc_order_kind kind)
{
	static struct vcc_order *last;

	if (last)
		vcc_calls_done(calls, last);
	last = vcc_calls_next(calls);
	if (kind == (enum vcc_order_kind) - 1) {
		ck_assert_ptr_eq(last, NULL);
		return NULL;
	}
	ck_assert_ptr_ne(last, NULL);
	ck_assert_int_eq(last->kind, kind);
	return last;
}
#define NOTHING() order((enum vcc_order_kind) - 1)

static void replied(unsigned code)
{
	ck_assert_uint_eq(order(VCC_ORDER_REPLY)->code, code);
}

static struct vcc_begin mine(void)
{
	struct vcc_begin b = {.user = "sip:u@h", .domain = VCC_DOMAIN_IMS, .ways = 1};

	memcpy(b.way[0].uri, "sip:other", 10);
	b.way[0].domain = VCC_DOMAIN_IMS;
	return b;
}

static int invite(const char *call, const struct vcc_begin *b)
{
	struct vcc_server server = {1, ++servers};

	return vcc_calls_begin(calls, request("INVITE", call, "ta", "", 1, sdp("a", 10)), b, server,
			       now);
}

static char in_tag[VCC_TAG_MAX], out_tag[VCC_TAG_MAX], out_call[VCC_CALL_ID_MAX];

/* A call of u's that is up. */
static void up(const char *call)
{
	struct vcc_begin b = mine();
	struct vcc_order *o;

	ck_assert_int_eq(invite(call, &b), 0);
	o = order(VCC_ORDER_SEND);
	ck_assert_str_eq(o->method, "INVITE");
	strcpy(out_call, o->dialog.call_id);
	strcpy(out_tag, o->dialog.local_tag);
	vcc_calls_answered(calls, o->token, response(o, 200, "tb", sdp("b", 20)), 200, now);
	o = order(VCC_ORDER_REPLY);
	ck_assert_uint_eq(o->code, 200);
	strcpy(in_tag, o->tag);
	ck_assert_int_eq(vcc_calls_request(calls, request("ACK", call, "ta", in_tag, 1, ""),
					   (struct vcc_server){0, 0}, now),
			 0);
	NOTHING();
}

static int move(const char *call, enum vcc_domain to)
{
	struct vcc_server server = {2, ++servers};

	return vcc_calls_move(calls, request("INVITE", call, "tn", "", 1, sdp("n", 30)), "sip:u@h",
			      to, server, now);
}

static int in_dialog(const char *method, const char *call, const char *from, const char *to,
		     unsigned cseq, const char *body)
{
	struct vcc_server server = {3, ++servers};

	return vcc_calls_request(calls, request(method, call, from, to, cseq, body), server, now);
}

START_TEST(a_call_moves_and_the_old_leg_is_hung_up_after_the_ack)
{
	struct vcc_order *o;
	char new_tag[VCC_TAG_MAX];

	begin(4);
	up("c1");
	ck_assert_int_eq(move("n1", VCC_DOMAIN_CS), 0);
	o = order(VCC_ORDER_SEND);
	ck_assert_str_eq(o->dialog.call_id, out_call);
	ck_assert_ptr_ne(memmem(o->body.p, o->body.len, "o=a 1 2 ", 8), NULL);
	ck_assert_ptr_ne(memmem(o->body.p, o->body.len, "m=audio 30 ", 11), NULL);
	vcc_calls_answered(calls, o->token, response(o, 200, "tb", sdp("b", 20)), 200, now);
	o = order(VCC_ORDER_REPLY);
	ck_assert_uint_eq(o->code, 200);
	strcpy(new_tag, o->tag);
	NOTHING();
	ck_assert_int_eq(vcc_calls_request(calls, request("ACK", "n1", "tn", new_tag, 1, ""),
					   (struct vcc_server){0, 0}, now),
			 0);
	o = order(VCC_ORDER_SEND);
	ck_assert_str_eq(o->method, "BYE");
	ck_assert_str_eq(o->dialog.call_id, "c1");
	NOTHING();
	ck_assert_int_eq(vcc_calls_domain(calls, "sip:u@h"), VCC_DOMAIN_CS);
	ck_assert_int_eq(in_dialog("BYE", "c1", "ta", in_tag, 5, ""), VCC_CALLS_E_UNKNOWN);
	ck_assert_int_eq(in_dialog("BYE", "n1", "tn", new_tag, 5, ""), 0);
	replied(200);
	ck_assert_str_eq(order(VCC_ORDER_SEND)->dialog.call_id, out_call);
	NOTHING();
	ck_assert_uint_eq(vcc_calls_count(calls).now, 0);
	finish();
}
END_TEST

START_TEST(each_refusal_leaves_the_call_as_it_was)
{
	static const struct {
		unsigned code, to_new;
		bool over;
	} list[] = {{488, 488, false},
		    {403, 403, false},
		    {603, 603, false},
		    {408, 480, true},
		    {481, 480, true}};

	for (unsigned i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		struct vcc_order *o;

		begin(4);
		up("c1");
		ck_assert_int_eq(move("n1", VCC_DOMAIN_CS), 0);
		o = order(VCC_ORDER_SEND);
		vcc_calls_answered(calls, o->token, response(o, list[i].code, "tb", ""),
				   list[i].code, now);
		if (list[i].over)
			ck_assert_str_eq(order(VCC_ORDER_SEND)->method, "BYE");
		replied(list[i].to_new);
		NOTHING();
		ck_assert_uint_eq(vcc_calls_count(calls).now, !list[i].over);
		finish();
	}
}
END_TEST

START_TEST(who_may_not_move)
{
	struct vcc_begin b = mine();

	begin(4);
	ck_assert_int_eq(move("n1", VCC_DOMAIN_CS), VCC_CALLS_E_NO_CALL);
	ck_assert_int_eq(invite("c0", &b), 0); /* it rings */
	ck_assert_int_eq(move("n1", VCC_DOMAIN_CS), VCC_CALLS_E_NO_CALL);
	vcc_calls_cancel(calls, request("CANCEL", "c0", "ta", "", 1, ""), now);
	order(VCC_ORDER_SEND);
	replied(487);
	order(VCC_ORDER_CANCEL);
	up("c1");
	ck_assert_int_eq(move("n1", VCC_DOMAIN_IMS), VCC_CALLS_E_NO_CALL);
	ck_assert_int_eq(move("n1", VCC_DOMAIN_CS), 0);
	ck_assert_int_eq(move("n2", VCC_DOMAIN_CS), VCC_CALLS_E_BUSY);
	order(VCC_ORDER_SEND);
	NOTHING();
	finish();
	begin(4);
	up("c1");
	up("c2");
	ck_assert_int_eq(move("n1", VCC_DOMAIN_CS), VCC_CALLS_E_NO_CALL); /* which of both? */
	finish();
}
END_TEST

START_TEST(of_two_calls_the_one_that_is_not_on_hold)
{
	char body[400];
	struct vcc_order *o;

	begin(4);
	up("c1");
	snprintf(body, sizeof(body), "%sa=sendonly\r\n", sdp("a", 10));
	ck_assert_int_eq(in_dialog("INVITE", "c1", "ta", in_tag, 2, body), 0);
	o = order(VCC_ORDER_SEND);
	vcc_calls_answered(calls, o->token, response(o, 200, "tb", sdp("b", 20)), 200, now);
	replied(200);
	up("c2");
	ck_assert_int_eq(move("n1", VCC_DOMAIN_CS), 0);
	ck_assert_str_eq(order(VCC_ORDER_SEND)->dialog.call_id, out_call);
	NOTHING();
	finish();
}
END_TEST

START_TEST(an_ack_that_never_comes)
{
	struct vcc_order *o;

	begin(4);
	up("c1");
	ck_assert_int_eq(move("n1", VCC_DOMAIN_CS), 0);
	o = order(VCC_ORDER_SEND);
	vcc_calls_answered(calls, o->token, response(o, 200, "tb", sdp("b", 20)), 200, now);
	replied(200);
	now += 31000;
	vcc_calls_tick(calls, now);
	NOTHING();
	now += 2000;
	vcc_calls_tick(calls, now);
	o = order(VCC_ORDER_SEND);
	ck_assert_str_eq(o->method, "BYE");
	ck_assert_str_eq(o->dialog.call_id, "n1");
	o = order(VCC_ORDER_SEND);
	ck_assert_str_eq(o->method, "INVITE");
	ck_assert_ptr_ne(memmem(o->body.p, o->body.len, "m=audio 10 ", 11), NULL);
	vcc_calls_answered(calls, o->token, response(o, 200, "tb", sdp("b", 20)), 200, now);
	NOTHING();
	ck_assert_int_eq(vcc_calls_domain(calls, "sip:u@h"), VCC_DOMAIN_IMS);
	finish();
}
END_TEST

START_TEST(the_other_way_only_before_it_rings)
{
	struct vcc_begin b = mine();
	struct vcc_order *o;

	b.terminating = true;
	b.ways = 2;
	b.way[1].domain = VCC_DOMAIN_CS;
	memcpy(b.way[1].uri, "tel:+1", 7);
	for (int rings = 0; rings < 2; rings++) {
		begin(4);
		ck_assert_int_eq(invite("c1", &b), 0);
		o = order(VCC_ORDER_SEND);
		if (rings) {
			uint64_t token = o->token;

			vcc_calls_answered(calls, token, response(o, 180, "tb", ""), 180, now);
			vcc_calls_answered(calls, token, response(o, 480, "tb", ""), 480, now);
			replied(180);
			replied(480);
		} else {
			vcc_calls_answered(calls, o->token, response(o, 480, "tb", ""), 480, now);
			o = order(VCC_ORDER_SEND);
			ck_assert_str_eq(o->dialog.target, "tel:+1");
			ck_assert_str_eq(o->dialog.remote_tag, "");
			ck_assert_ptr_ne(memmem(o->body.p, o->body.len, "m=audio 10 ", 11), NULL);
			vcc_calls_answered(calls, o->token, response(o, 486, "tb", ""), 486, now);
			replied(486);
		}
		NOTHING();
		ck_assert_uint_eq(vcc_calls_count(calls).now, 0);
		finish();
	}
}
END_TEST

START_TEST(descriptions)
{
	struct vcc_described d = {.any = false};
	char buf[1024], other[400];
	size_t n;

	snprintf(other, sizeof(other), "%sm=video 12 RTP/AVP 31\r\na=x\r\n", sdp("a", 10));
	ck_assert_int_eq(vcc_described_tell(&d, slice_str(other), -1, buf, sizeof(buf), &n), 0);
	ck_assert(slice_eq(slice_make(buf, n), slice_str(other))); /* as it is */
	ck_assert_int_eq(vcc_described_tell(&d, slice_str(sdp("z", 40)), -1, buf, sizeof(buf), &n),
			 0);
	buf[n] = '\0';
	ck_assert_ptr_ne(strstr(buf, "o=a 1 2 IN IP4 1.1.1.1\r\n"), NULL);
	ck_assert_ptr_ne(strstr(buf, "m=video 0 RTP/AVP 31\r\nc=IN IP4 0.0.0.0\r\n"), NULL);
	ck_assert_int_eq(vcc_described_tell(&d, slice_str(sdp("y", 40)), -1, buf, sizeof(buf), &n),
			 0);
	ck_assert_ptr_ne(memmem(buf, n, "o=a 1 2 ", 8), NULL); /* says the same: the same version */
	ck_assert_int_eq(vcc_described_tell(&d, slice_str(other), 1, buf, sizeof(buf), &n), 0);
	ck_assert_ptr_eq(memmem(buf, n, "m=video", 7), NULL); /* the answer to an offer of one */
	ck_assert_int_eq(vcc_described_tell(&d, SLICE_LIT("v=0\r\nno"), -1, buf, sizeof(buf), &n),
			 -1);
	ck_assert_int_eq(vcc_described_tell(&d, slice_str(other), -1, buf, 20, &n), -1);
}
END_TEST

START_TEST(messages_pass_without_what_belongs_to_one_dialog)
{
	static const char good[] = "PRACK sip:x SIP/2.0\r\nv: SIP/2.0/UDP h\r\nf: "
				   "<sip:a>;tag=1\r\nt: <sip:b>;tag=2\r\ni: c\r\n"
				   "CSeq: 2 PRACK\r\nRAck: 7 1 INVITE\r\nX-Kept: yes\r\n and "
				   "more\r\nAuthorization: x\r\n\r\n";
	struct vcc_message m;
	char buf[512];
	size_t n;

	ck_assert_int_eq(vcc_message_read(slice_str(good), &m), 0);
	n = vcc_message_pass(&m, 55, buf, sizeof(buf));
	buf[n] = '\0';
	ck_assert_ptr_ne(strstr(buf, "RAck: 7 55 INVITE\r\n"), NULL);
	ck_assert_ptr_ne(strstr(buf, "X-Kept: yes"), NULL);
	ck_assert_ptr_eq(strstr(buf, "Authorization"), NULL);
	ck_assert_ptr_eq(strstr(buf, "tag="), NULL);
	ck_assert_int_eq(
	    vcc_message_read(SLICE_LIT("INVITE sip:x SIP/2.0\r\nFrom: <sip:a>;tag=1\r\n\r\n"), &m),
	    -1);
	ck_assert_int_eq(vcc_message_read(SLICE_NULL, &m), -1);
}
END_TEST

/* Anything at any time: nothing leaks, nothing is left when all has ended, each caller gets a final answer. */
START_TEST(any_order_of_messages_leaves_nothing)
{
	for (unsigned round = 0; round < 3000; round++) {
		struct vcc_order *open[8] = {NULL};
		char tags[3][VCC_TAG_MAX] = {"", "", ""};
		struct vcc_begin b = mine();

		seed = round;
		begin(3);
		b.ways = 1 + rand_r(&seed) % 2;
		b.way[1] = b.way[0];
		b.terminating = rand_r(&seed) % 2;
		invite("c1", &b);
		for (unsigned step = 0; step < 25; step++) {
			struct vcc_order *o;

			while ((o = vcc_calls_next(calls)) != NULL) {
				unsigned i = rand_r(&seed) % 8;

				if (o->kind == VCC_ORDER_REPLY)
					strcpy(tags[o->server.index % 3], o->tag);
				if (o->kind == VCC_ORDER_SEND && o->token && !open[i]) {
					open[i] = malloc(sizeof(*o));
					memcpy(open[i], o, sizeof(*o));
				}
				vcc_calls_done(calls, o);
			}
			switch (rand_r(&seed) % 9) {
			case 0:
			case 1:
			case 2: {
				static const unsigned codes[] = {180, 183, 200, 200, 200, 408,
								 480, 481, 486, 488, 491, 503};
				unsigned i = rand_r(&seed) % 8, code = codes[rand_r(&seed) % 12];

				if (!open[i])
					break;
				vcc_calls_answered(
				    calls, open[i]->token,
				    rand_r(&seed) % 8
					? response(open[i], code, "tb",
						   rand_r(&seed) % 4 ? sdp("b", 20) : "")
					: NULL,
				    code, now);
				if (code >= 200) {
					free(open[i]);
					open[i] = NULL;
				}
				break;
			}
			case 3:
				move("n1", rand_r(&seed) % 2 ? VCC_DOMAIN_CS : VCC_DOMAIN_IMS);
				break;
			case 4:
				vcc_calls_request(calls,
						  request("ACK", rand_r(&seed) % 2 ? "c1" : "n1",
							  rand_r(&seed) % 2 ? "ta" : "tn",
							  tags[1 + rand_r(&seed) % 2], 1, ""),
						  (struct vcc_server){0, 0}, now);
				break;
			case 5:
				in_dialog(rand_r(&seed) % 3 ? "INVITE" : "BYE", "c1", "ta", tags[1],
					  2 + step, sdp("a", 10 + (int)step));
				break;
			case 6:
				in_dialog(rand_r(&seed) % 3 ? "INFO" : "BYE", "n1", "tn", tags[2],
					  2 + step, "");
				break;
			case 7:
				vcc_calls_cancel(calls,
						 request("CANCEL", rand_r(&seed) % 2 ? "c1" : "n1",
							 rand_r(&seed) % 2 ? "ta" : "tn", "", 1,
							 ""),
						 now);
				break;
			default:
				now += rand_r(&seed) % 50000;
				vcc_calls_tick(calls, now);
			}
		}
		for (unsigned i = 0; i < 8; i++)
			free(open[i]);
		finish();
	}
}
END_TEST

START_TEST(a_call_outlives_the_process)
{
	const size_t bytes = vcc_kept_bytes(4);
	char *memory = calloc(1, bytes), earlier_tag[VCC_TAG_MAX], earlier_call[VCC_CALL_ID_MAX];
	struct vcc_order *o;

	memcpy(memory, VCC_KEPT_MARK, strlen(VCC_KEPT_MARK));
	begin(4);
	ck_assert_uint_eq(vcc_kept_attach(calls, memory), 0);
	up("c0");
	ck_assert_int_eq(in_dialog("BYE", "c0", "ta", in_tag, 2, ""), 0);
	replied(200);
	order(VCC_ORDER_SEND);
	NOTHING();
	up("c1");
	memcpy(earlier_tag, in_tag, sizeof(in_tag));
	memcpy(earlier_call, out_call, sizeof(out_call));
	up("c2");
	/* c2 will not be the one that is asked for. */
	ck_assert_int_eq(in_dialog("BYE", "c1", "ta", "guess", 2, ""), VCC_CALLS_E_UNKNOWN);
	finish();
	begin(4);
	ck_assert_uint_eq(vcc_kept_attach(calls, memory), 2);
	ck_assert_uint_eq(vcc_calls_count(calls).now, 2);
	ck_assert_int_eq(in_dialog("BYE", "c2", "ta", in_tag, 2, ""), 0);
	replied(200);
	order(VCC_ORDER_SEND);
	NOTHING();
	ck_assert_int_eq(move("n1", VCC_DOMAIN_CS), 0);
	o = order(VCC_ORDER_SEND);
	ck_assert_str_eq(o->dialog.call_id, earlier_call);
	ck_assert_uint_gt(o->dialog.local_cseq, 1000);
	ck_assert_ptr_ne(memmem(o->body.p, o->body.len, "o=a 1 2 ", 8), NULL);
	NOTHING();
	/* While it moves the process ends again: it has not moved. */
	finish();
	begin(4);
	ck_assert_uint_eq(vcc_kept_attach(calls, memory), 1);
	ck_assert_int_eq(vcc_calls_domain(calls, "sip:u@h"), VCC_DOMAIN_IMS);
	ck_assert_int_eq(in_dialog("BYE", "c1", "ta", earlier_tag, 2, ""), 0);
	replied(200);
	ck_assert_str_eq(order(VCC_ORDER_SEND)->dialog.call_id, earlier_call);
	NOTHING();
	finish();
	begin(4);
	ck_assert_uint_eq(vcc_kept_attach(calls, memory), 0);
	finish();
	free(memory);
}
END_TEST

START_TEST(what_was_left_in_pieces_is_given_up)
{
	const size_t bytes = vcc_kept_bytes(2);
	char *memory = calloc(1, bytes), *copy = malloc(bytes);

	memcpy(memory, VCC_KEPT_MARK, strlen(VCC_KEPT_MARK));
	begin(2);
	vcc_kept_attach(calls, memory);
	up("c1");
	finish();
	/* Any octet of it may be another, and nothing that has no end is read. */
	for (size_t i = strlen(VCC_KEPT_MARK); i < bytes; i += 1 + (size_t)(rand_r(&seed) % 64)) {
		memcpy(copy, memory, bytes);
		memset(copy + i, 0xff, bytes - i < 300 ? bytes - i : 300);
		begin(2);
		ck_assert_uint_le(vcc_kept_attach(calls, copy), 1);
		finish();
	}
	memcpy(copy, memory, bytes);
	begin(1); /* another bound: another layout */
	ck_assert_uint_eq(vcc_kept_attach(calls, copy), 0);
	finish();
	free(memory);
	free(copy);
}
END_TEST

UNIT_MAIN_WITHIN(60, "ims_vcc calls", a_call_moves_and_the_old_leg_is_hung_up_after_the_ack,
		 each_refusal_leaves_the_call_as_it_was, who_may_not_move,
		 of_two_calls_the_one_that_is_not_on_hold, an_ack_that_never_comes,
		 the_other_way_only_before_it_rings, descriptions,
		 messages_pass_without_what_belongs_to_one_dialog,
		 any_order_of_messages_leaves_nothing, a_call_outlives_the_process,
		 what_was_left_in_pieces_is_given_up)
