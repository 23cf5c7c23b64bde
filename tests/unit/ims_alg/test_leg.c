/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A call's leg with a gateway that gives, refuses, or is asked for nothing: what each message becomes,
 * and that whatever comes in whatever order leaves nothing, neither sessions nor contexts.
 */
#include "modules/ims_alg/core/bye.h"
#include "modules/ims_alg/core/leg.h"
#include "modules/ims_alg/core/raw.h"
#include "unit/ims_alg/gateway.h"
#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

static unsigned allocated, fail_after;

static void *get(size_t size)
{
	if (fail_after && --fail_after == 0)
		return NULL;
	allocated++;
	return malloc(size);
}

static void put(void *p)
{
	allocated--;
	free(p);
}

static const struct alg_memory memory = {get, put};
static struct alg_policy policy;
static struct alg_ue ue;
static struct alg_leg_with with;

static void no_random(uint8_t out[18])
{
	memset(out, 0, 18);
}

/* The call under test, and whether the gateway has something of it. */
static struct {
	struct alg_leg leg;
	struct alg_leg_work work;
	bool gateway_fails, context;
	struct alg_media has; /* what the gateway was last asked for; no stream: not known */
	unsigned asked;
	char out[8192];
	size_t len;
} t;

static void begin(enum alg_side caller)
{
	memset(&t, 0, sizeof(t));
	t.leg.caller = caller;
	alg_policy_init(&policy);
	for (int k = 0; k < ALG_KINDS; k++)
		policy.when[k] = ALG_WHEN_ALWAYS;
	ue = (struct alg_ue){.protected_hop = true, .family = 4};
	with = (struct alg_leg_with){
	    .policy = &policy, .ue = &ue, .memory = &memory, .random = no_random};
	allocated = fail_after = 0;
}

static void ask_gateway(void)
{
	static struct alg_media want;

	t.asked++;
	alg_leg_want(&t.leg, &t.work, &want);
	ck_assert(alg_media_live(&want));
	t.has.streams = 0;
	if (t.gateway_fails) {
		alg_leg_done(&t.leg, &with, NULL, &t.work);
		return;
	}
	t.context = true;
	t.has = want;
	gateway_give(&want);
	alg_leg_done(&t.leg, &with, &want, &t.work);
}

/* Who was not asked has already what the answer in force wants. */
static void gateway_has_it(void)
{
	if (t.work.release || t.work.restore)
		t.has.streams = 0;
	if (t.work.restore)
		memcpy(&t.has, &t.leg.now->media, alg_media_bytes(&t.leg.now->media));
	if (t.work.step.action == ALG_DO_CONFIGURE && t.work.writer == ALG_BY_NOW && t.leg.now &&
	    t.has.streams && alg_media_live(&t.leg.now->media))
		ck_assert(alg_media_same(&t.has, &t.leg.now->media));
}

/* Take a message to its end; the body goes to t.out. */
static void message(struct alg_message m, const char *sdp)
{
	static struct sdp_body body;
	bool writes;

	m.sdp = sdp != NULL;
	if (sdp)
		ck_assert_int_eq(sdp_body_parse(slice_str(sdp), NULL, 0, &body), 0);
	alg_leg_message(&t.leg, &with, &m, sdp ? &body : NULL, &t.work);
	if (t.work.todo == ALG_LEG_WAIT)
		ask_gateway();
	ck_assert_int_ne(t.work.todo, ALG_LEG_WAIT);
	ck_assert_ptr_null(t.work.next);
	if (t.work.release)
		t.context = false;
	if (t.work.restore)
		ck_assert(t.leg.now && alg_session_anchored(t.leg.now));
	gateway_has_it();
	writes = t.work.todo == ALG_LEG_WRITE || t.work.todo == ALG_LEG_DEAD;
	t.len = 0;
	if (writes && sdp)
		ck_assert_int_eq(
		    alg_leg_write(&t.leg, &with, &t.work, &body, t.out, sizeof(t.out) - 1, &t.len),
		    0);
	t.out[t.len] = '\0';
}

static void end(void)
{
	alg_leg_free(&t.leg, &memory);
	ck_assert_uint_eq(allocated, 0);
}

#define PHONE_OFFER                                                                                \
	"v=0\r\no=p 1 1 IN IP4 10.20.0.7\r\ns=-\r\nc=IN IP4 10.20.0.7\r\nt=0 0\r\n"                \
	"m=audio 4000 RTP/SAVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 "                           \
	"inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n"
#define PHONE_CLEAR                                                                                \
	"v=0\r\no=p 1 1 IN IP4 10.20.0.7\r\ns=-\r\nc=IN IP4 10.20.0.7\r\nt=0 0\r\n"                \
	"m=audio 4000 RTP/AVP 0\r\n"
#define CORE_BODY                                                                                  \
	"v=0\r\no=f 1 1 IN IP4 203.0.113.9\r\ns=-\r\nc=IN IP4 203.0.113.9\r\nt=0 0\r\n"            \
	"m=audio 5000 RTP/AVP 0\r\n"
#define CORE_BODY_2                                                                                \
	"v=0\r\no=f 1 2 IN IP4 203.0.113.8\r\ns=-\r\nc=IN IP4 203.0.113.8\r\nt=0 0\r\n"            \
	"m=audio 5008 RTP/AVP 0\r\n"
#define INVITE(n)                                                                                  \
	(struct alg_message)                                                                       \
	{                                                                                          \
		.method = ALG_INVITE, .cseq = (n), .initial = true, .from_caller = true            \
	}
#define ANSWER(c, d)                                                                               \
	(struct alg_message)                                                                       \
	{                                                                                          \
		.method = ALG_INVITE, .code = (c), .cseq = 1, .initial = true, .dialog = (d)       \
	}

static void expect(enum alg_leg_todo todo, enum alg_call_state state)
{
	ck_assert_msg(t.work.todo == todo && t.leg.call.state == state, "%s, %s",
		      alg_leg_todo_name(t.work.todo),
		      state_name(&alg_call_table, t.leg.call.state));
}

START_TEST(a_call_of_the_phone)
{
	begin(ALG_ACCESS);
	message(INVITE(1), PHONE_OFFER);
	expect(ALG_LEG_WRITE, ALG_CALL_OFFERED);
	ck_assert(strstr(t.out, "RTP/AVP") && !strstr(t.out, "crypto") && !strstr(t.out, "10.20"));
	message(ANSWER(200, 7), CORE_BODY);
	expect(ALG_LEG_WRITE, ALG_CALL_UP);
	ck_assert(strstr(t.out, "RTP/SAVP") && strstr(t.out, "crypto:1"));
	ck_assert_uint_eq(t.asked, 2);
	message(ANSWER(200, 7), CORE_BODY);
	expect(ALG_LEG_WRITE, ALG_CALL_UP);
	ck_assert(strstr(t.out, "crypto:1"));
	ck_assert_uint_eq(t.asked, 2);
	alg_leg_settled(&t.leg, &memory);
	message(
	    (struct alg_message){.method = ALG_BYE, .cseq = 2, .dialog = 7, .from_caller = true},
	    NULL);
	expect(ALG_LEG_PASS, ALG_CALL_ENDED);
	ck_assert(t.work.release && !t.context);
	end();
}
END_TEST

START_TEST(a_2xx_that_says_what_the_183_said)
{
	struct alg_given early;

	begin(ALG_ACCESS);
	message(INVITE(1), PHONE_OFFER);
	message(ANSWER(183, 7), CORE_BODY);
	ck_assert_uint_eq(t.asked, 2);
	early = t.leg.tried->media.stream[0].given[ALG_ACCESS];
	message(ANSWER(183, 7), CORE_BODY);
	expect(ALG_LEG_WRITE, ALG_CALL_PREVIEWED);
	message(ANSWER(200, 7), CORE_BODY);
	expect(ALG_LEG_WRITE, ALG_CALL_UP);
	ck_assert_uint_eq(t.asked, 2); /* the gateway has it */
	ck_assert(strstr(t.out, "RTP/SAVP") && strstr(t.out, "crypto:1"));
	ck_assert_int_eq(t.leg.now->media.stream[0].given[ALG_ACCESS].local.port, early.local.port);
	end();

	begin(ALG_ACCESS);
	message(INVITE(1), PHONE_OFFER);
	message(ANSWER(183, 7), CORE_BODY);
	message(ANSWER(200, 7), CORE_BODY_2);
	ck_assert_uint_eq(t.asked, 3); /* other media: it is told */
	ck_assert_int_eq(t.leg.now->media.stream[0].end[ALG_CORE].remote.port, 5008);
	end();
}
END_TEST

/* A re-INVITE, its 183, and then this answer to it. */
static void again(unsigned cseq, uint16_t code)
{
	struct alg_message m = {
	    .method = ALG_INVITE, .cseq = (uint32_t)cseq, .dialog = 7, .from_caller = true};

	message(m, PHONE_OFFER);
	m.from_caller = false;
	m.code = 183;
	message(m, CORE_BODY_2);
	m.code = code;
	message(m, code < 300 ? CORE_BODY_2 : NULL);
}

START_TEST(what_was_taken_back_is_told_again)
{
	begin(ALG_ACCESS);
	message(INVITE(1), PHONE_OFFER);
	message(ANSWER(200, 7), CORE_BODY);
	again(2, 488);
	ck_assert(t.work.restore);
	ck_assert_int_eq(t.leg.now->media.stream[0].end[ALG_CORE].remote.port, 5000);
	t.asked = 0;
	message(
	    (struct alg_message){.method = ALG_INVITE, .cseq = 3, .dialog = 7, .from_caller = true},
	    PHONE_OFFER);
	t.asked = 0;
	message((struct alg_message){.method = ALG_INVITE, .code = 200, .cseq = 3, .dialog = 7},
		CORE_BODY_2);
	ck_assert_uint_eq(t.asked, 1);
	ck_assert_int_eq(t.leg.now->media.stream[0].end[ALG_CORE].remote.port, 5008);
	end();
}
END_TEST

START_TEST(a_gateway_that_cannot)
{
	begin(ALG_ACCESS);
	t.gateway_fails = true;
	message(INVITE(1), PHONE_OFFER);
	ck_assert(t.work.todo == ALG_LEG_REFUSE && t.work.failed);
	message(ANSWER(503, 0), NULL); /* what was answered comes back */
	expect(ALG_LEG_PASS, ALG_CALL_ENDED);
	end();

	begin(ALG_ACCESS);
	message(INVITE(1), PHONE_OFFER);
	t.gateway_fails = true;
	message(ANSWER(200, 7), CORE_BODY);
	expect(ALG_LEG_DEAD, ALG_CALL_ENDED);
	ck_assert(t.work.hang_up && t.work.failed && !t.context);
	ck_assert(strstr(t.out, "m=audio 0 ") && !strstr(t.out, "203.0.113"));
	end();

	begin(ALG_ACCESS);
	message(INVITE(1), PHONE_OFFER);
	t.gateway_fails = true;
	message((struct alg_message){.method = ALG_INVITE,
				     .code = 183,
				     .reliable = true,
				     .cseq = 1,
				     .initial = true,
				     .dialog = 7},
		CORE_BODY);
	expect(ALG_LEG_DROP, ALG_CALL_ENDED);
	ck_assert(t.work.refuse_call && !t.context);
	end();
}
END_TEST

/* Its sender waits for it, and it does not come again. */
START_TEST(a_bad_answer_to_update_goes_on_without_media)
{
	struct alg_message early = ANSWER(183, 7),
			   update = {
			       .method = ALG_UPDATE, .cseq = 3, .dialog = 7, .from_caller = true};

	early.reliable = true;
	begin(ALG_CORE);
	message(INVITE(1), CORE_BODY);
	message(early, PHONE_OFFER);
	expect(ALG_LEG_WRITE, ALG_CALL_EARLY);
	message(update, CORE_BODY_2);
	expect(ALG_LEG_WRITE, ALG_CALL_EARLY_OFFERED);
	update.code = 200;
	update.from_caller = false;
	message(update, PHONE_CLEAR);
	expect(ALG_LEG_DEAD, ALG_CALL_ENDED);
	ck_assert(t.work.refuse_call && !t.context);
	ck_assert(strstr(t.out, "m=audio 0 ") && !strstr(t.out, "10.20"));
	end();
}
END_TEST

/* The INVITE has no offer, and is cancelled; the phone's 2xx is faster and brings one. */
START_TEST(what_answers_an_invite_without_offer_is_one)
{
	struct alg_message early = ANSWER(183, 7);

	begin(ALG_CORE);
	message(INVITE(1), NULL);
	alg_leg_event(&t.leg, &with, ALG_EV_CANCEL, &t.work);
	message(ANSWER(200, 7), PHONE_OFFER);
	expect(ALG_LEG_WRITE, ALG_CALL_UNANSWERED);
	ck_assert(!strstr(t.out, "inline:") && !strstr(t.out, "10.20"));
	end();

	begin(ALG_CORE);
	message(INVITE(1), NULL);
	early.reliable = true;
	message(early, PHONE_OFFER);
	expect(ALG_LEG_WRITE, ALG_CALL_OFFERED);
	message(early, PHONE_OFFER);
	expect(ALG_LEG_WRITE, ALG_CALL_OFFERED);
	ck_assert(strstr(t.out, "RTP/AVP ") && !strstr(t.out, "inline:"));
	ck_assert_uint_eq(t.asked, 1);
	end();
}
END_TEST

START_TEST(answers_in_clear_never_pass)
{
	begin(ALG_CORE);
	message(INVITE(1), CORE_BODY);
	expect(ALG_LEG_WRITE, ALG_CALL_OFFERED);
	ck_assert(strstr(t.out, "RTP/SAVP") && strstr(t.out, "3ge2ae:applied"));
	message(ANSWER(183, 7), PHONE_CLEAR);
	expect(ALG_LEG_DEAD, ALG_CALL_OFFERED); /* the 200 may be better */
	ck_assert(strstr(t.out, "m=audio 0 ") && !strstr(t.out, "10.20"));
	message(ANSWER(200, 7), PHONE_CLEAR);
	expect(ALG_LEG_DEAD, ALG_CALL_ENDED);
	ck_assert(t.work.hang_up && t.work.trouble.problem == ALG_P_PROTO && !t.context);
	ck_assert(strstr(t.out, "m=audio 0 ") && !strstr(t.out, "10.20"));
	end();
}
END_TEST

START_TEST(forks_share_the_phones_leg)
{
	char one[8192];

	begin(ALG_ACCESS);
	message(INVITE(1), PHONE_OFFER);
	message(ANSWER(183, 7), CORE_BODY);
	expect(ALG_LEG_WRITE, ALG_CALL_PREVIEWED);
	strcpy(one, strstr(t.out, "m=audio"));
	message(ANSWER(183, 8), CORE_BODY_2);
	expect(ALG_LEG_WRITE, ALG_CALL_PREVIEWED);
	ck_assert_str_eq(one, strstr(t.out, "m=audio"));
	message(ANSWER(200, 8), CORE_BODY_2);
	expect(ALG_LEG_WRITE, ALG_CALL_UP);
	ck_assert_int_eq(t.leg.now->media.stream[0].end[ALG_CORE].remote.port, 5008);
	message(ANSWER(200, 7), CORE_BODY); /* of the other one, too */
	expect(ALG_LEG_WRITE, ALG_CALL_UP);
	message(
	    (struct alg_message){.method = ALG_BYE, .cseq = 2, .dialog = 8, .from_caller = true},
	    NULL);
	ck_assert(t.work.restore && t.context);
	ck_assert_int_eq(t.leg.now->media.stream[0].end[ALG_CORE].remote.port, 5000);
	message(
	    (struct alg_message){.method = ALG_BYE, .cseq = 2, .dialog = 7, .from_caller = true},
	    NULL);
	ck_assert(t.work.release && !t.context);
	end();
}
END_TEST

static void prack(uint64_t dialog, const char *sdp)
{
	message((struct alg_message){.method = ALG_PRACK,
				     .cseq = (uint32_t)dialog,
				     .dialog = dialog,
				     .from_caller = true},
		sdp);
}

static void reliable(uint64_t dialog, const char *sdp)
{
	struct alg_message m = ANSWER(183, dialog);

	m.reliable = true;
	message(m, sdp);
}

/* Each is read for itself, and has its own far end; the phone's leg is the same. */
START_TEST(forks_bring_offers_of_their_own)
{
	char one[8192];
	unsigned asked;

	begin(ALG_ACCESS);
	message(INVITE(1), NULL);
	reliable(7, CORE_BODY);
	expect(ALG_LEG_WRITE, ALG_CALL_OFFERED);
	strcpy(one, strstr(t.out, "m=audio"));
	asked = t.asked;
	reliable(8, CORE_BODY_2);
	expect(ALG_LEG_WRITE, ALG_CALL_OFFERED);
	ck_assert_str_eq(one, strstr(t.out, "m=audio"));
	ck_assert_uint_eq(t.asked, asked);
	prack(7, PHONE_OFFER);
	expect(ALG_LEG_WRITE, ALG_CALL_EARLY);
	ck_assert_int_eq(t.leg.now->media.stream[0].end[ALG_CORE].remote.port, 5000);
	prack(8, PHONE_OFFER);
	expect(ALG_LEG_WRITE, ALG_CALL_EARLY);
	ck_assert(!strstr(t.out, "inline:") && !strstr(t.out, "10.20"));
	ck_assert_int_eq(t.leg.now->media.stream[0].end[ALG_CORE].remote.port, 5000);
	reliable(8, CORE_BODY_2); /* again: the same, and the answer stays */
	expect(ALG_LEG_WRITE, ALG_CALL_EARLY);
	ck_assert_str_eq(one, strstr(t.out, "m=audio"));
	message(ANSWER(200, 8), NULL);
	expect(ALG_LEG_PASS, ALG_CALL_UP);
	ck_assert(t.work.restore);
	ck_assert_int_eq(t.leg.now->media.stream[0].end[ALG_CORE].remote.port, 5008);
	ck_assert_uint_gt(t.leg.now->media.stream[0].end[ALG_ACCESS].remote_key.suite, 0);
	message(ANSWER(200, 7), NULL); /* of the other one, too */
	expect(ALG_LEG_PASS, ALG_CALL_UP);
	message(
	    (struct alg_message){.method = ALG_BYE, .cseq = 9, .dialog = 8, .from_caller = true},
	    NULL);
	ck_assert(t.work.restore && t.context);
	ck_assert_int_eq(t.leg.now->media.stream[0].end[ALG_CORE].remote.port, 5000);
	message(
	    (struct alg_message){.method = ALG_BYE, .cseq = 9, .dialog = 7, .from_caller = true},
	    NULL);
	ck_assert(t.work.release && !t.context);
	end();
}
END_TEST

#define CORE_CHAT_TOO                                                                              \
	CORE_BODY_2                                                                                \
	"m=message 2855 TCP/MSRP *\r\na=path:msrp://203.0.113.8:2855/abc;tcp\r\n"

/* What would need a place of its own at the gateway is refused, and its 2xx hung up. */
START_TEST(a_fork_that_wants_more_has_no_media)
{
	begin(ALG_ACCESS);
	message(INVITE(1), NULL);
	reliable(7, CORE_BODY);
	reliable(8, CORE_CHAT_TOO);
	expect(ALG_LEG_DEAD, ALG_CALL_OFFERED);
	ck_assert(strstr(t.out, "m=audio 0 ") && strstr(t.out, "m=message 0 "));
	prack(8, PHONE_OFFER);
	expect(ALG_LEG_DEAD, ALG_CALL_OFFERED);
	ck_assert(!strstr(t.out, "inline:") && !strstr(t.out, "10.20"));
	message(ANSWER(200, 8), NULL);
	ck_assert(t.work.hang_up && t.work.release && !t.context);
	ck_assert_int_eq(t.leg.call.state, ALG_CALL_ENDED);
	end();
	/* one with fewer lines than the first needs nothing more */
	begin(ALG_ACCESS);
	message(INVITE(1), NULL);
	reliable(7, CORE_CHAT_TOO);
	reliable(8, CORE_BODY);
	expect(ALG_LEG_WRITE, ALG_CALL_OFFERED);
	prack(8, PHONE_OFFER);
	message(ANSWER(200, 8), NULL);
	expect(ALG_LEG_PASS, ALG_CALL_UP);
	ck_assert_int_eq(t.leg.now->media.stream[0].end[ALG_CORE].remote.port, 5000);
	end();
}
END_TEST

#define CORE_DEAD                                                                                  \
	"v=0\r\no=f 1 1 IN IP4 203.0.113.9\r\ns=-\r\nc=IN IP4 203.0.113.9\r\nt=0 0\r\n"            \
	"m=audio 0 RTP/AVP 0\r\n"
#define PHONE_CHAT                                                                                 \
	"v=0\r\no=p 1 1 IN IP4 10.20.0.7\r\ns=-\r\nc=IN IP4 10.20.0.7\r\nt=0 0\r\n"                \
	"m=message 2855 TCP/MSRP *\r\na=path:msrp://10.20.0.7:2855/abc;tcp\r\n"

START_TEST(what_is_said_again_with_another_body)
{
	static struct sdp_body body;

	/* A line that was offered with port 0 is not revived by it. */
	begin(ALG_CORE);
	message(INVITE(1), CORE_DEAD);
	message(ANSWER(200, 7), CORE_DEAD);
	expect(ALG_LEG_PASS, ALG_CALL_UP);
	message(ANSWER(200, 7), PHONE_OFFER);
	expect(ALG_LEG_WRITE, ALG_CALL_UP);
	ck_assert(strstr(t.out, "m=audio 0 ") && !strstr(t.out, "crypto"));
	end();

	/* Nor has an answer to a line in clear a key. */
	begin(ALG_ACCESS);
	message(INVITE(1), PHONE_CLEAR);
	message(ANSWER(200, 7), CORE_BODY);
	expect(ALG_LEG_WRITE, ALG_CALL_UP);
	message(
	    (struct alg_message){.method = ALG_ACK, .cseq = 1, .dialog = 7, .from_caller = true},
	    PHONE_OFFER);
	expect(ALG_LEG_WRITE, ALG_CALL_UP);
	ck_assert(strstr(t.out, "RTP/AVP") && !strstr(t.out, "crypto"));
	end();

	/* Nor is a line written in the words of another one. */
	begin(ALG_ACCESS);
	message(INVITE(1), PHONE_OFFER);
	message(ANSWER(200, 7), CORE_BODY);
	ck_assert_int_eq(sdp_body_parse(slice_str(PHONE_CHAT), NULL, 0, &body), 0);
	alg_leg_message(
	    &t.leg, &with,
	    &(struct alg_message){
		.method = ALG_ACK, .cseq = 1, .dialog = 7, .sdp = true, .from_caller = true},
	    &body, &t.work);
	expect(ALG_LEG_WRITE, ALG_CALL_UP);
	ck_assert_int_eq(alg_leg_write(&t.leg, &with, &t.work, &body, t.out, sizeof(t.out), &t.len),
			 SDP_E_VALUE);
	end();
}
END_TEST

START_TEST(a_refused_offer_is_forgotten)
{
	begin(ALG_ACCESS);
	message(INVITE(1), PHONE_OFFER);
	message(ANSWER(200, 7), CORE_BODY);
	message((struct alg_message){.method = ALG_INVITE, .cseq = 9, .dialog = 7}, CORE_BODY_2);
	expect(ALG_LEG_WRITE, ALG_CALL_REOFFERED);
	message(
	    (struct alg_message){.method = ALG_UPDATE, .cseq = 2, .dialog = 7, .from_caller = true},
	    PHONE_OFFER);
	expect(ALG_LEG_GLARE, ALG_CALL_REOFFERED);
	message(
	    (struct alg_message){.method = ALG_INVITE, .code = 488, .cseq = 9, .from_caller = true},
	    NULL);
	expect(ALG_LEG_PASS, ALG_CALL_UP);
	ck_assert(t.work.restore);
	ck_assert_int_eq(t.leg.now->media.stream[0].end[ALG_CORE].remote.port, 5000);
	alg_leg_event(&t.leg, &with, ALG_EV_LOST, &t.work);
	ck_assert(t.work.hang_up && t.work.release);
	end();
}
END_TEST

/* ---- any order ---- */

static uint32_t seed;

static uint32_t rnd(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

/* Returns the body that it had; NULL: none. */
static const char *something(void)
{
	static const char *const bodies[] = {NULL, PHONE_OFFER, PHONE_CLEAR, CORE_BODY,
					     CORE_BODY_2};
	static const uint16_t codes[] = {0, 0, 180, 183, 200, 200, 408, 487, 488};
	struct alg_message m = {.method = (enum alg_method)rnd(ALG_OTHER_METHOD),
				.code = codes[rnd(9)],
				.reliable = rnd(2),
				.initial = rnd(2),
				.dialog = rnd(4),
				.cseq = 1 + rnd(3),
				.from_caller = rnd(2)};

	const char *body = NULL;

	t.gateway_fails = rnd(6) == 0;
	fail_after = rnd(10) == 0 ? 1 + rnd(3) : 0;
	if (rnd(20) == 0) {
		alg_leg_event(&t.leg, &with, rnd(2) ? ALG_EV_LOST : ALG_EV_EXPIRED, &t.work);
		if (t.work.release)
			t.context = false;
	} else if (rnd(20) == 0) {
		alg_leg_settled(&t.leg, &memory);
	} else {
		body = bodies[rnd(5)];
		message(m, body);
	}
	fail_after = 0;
	return body;
}

/* Keys of a line that is secured, or refused, do not go to the core. */
static void secrets_stay(const char *body)
{
	const struct alg_session *s = alg_leg_session(&t.leg);
	bool to_core =
	    (t.work.m.from_caller ? t.leg.caller : alg_other_side(t.leg.caller)) == ALG_ACCESS;

	if (!to_core)
		return;
	ck_assert_msg(t.work.todo != ALG_LEG_PASS || !body || !strstr(body, "inline:"),
		      "it passes as it came: %s", body);
	if (!t.len)
		return;
	if (t.work.todo == ALG_LEG_DEAD || (s && s->line[0].treat == ALG_TREAT_SECURE))
		ck_assert_msg(!strstr(t.out, "inline:"), "%s", t.out);
}

START_TEST(any_order_of_messages_leaves_nothing)
{
	for (seed = 1; seed <= 4000 * 7919u; seed += 7919) {
		uint32_t kept = seed;

		begin(rnd(2) ? ALG_ACCESS : ALG_CORE);
		for (int i = 0; i < 30; i++) {
			const char *body = something();

			secrets_stay(body);
			if (t.leg.call.state == ALG_CALL_ENDED)
				ck_assert_msg(!t.context, "a context is left");
			ck_assert(!t.leg.placed || t.leg.call.state != ALG_CALL_ENDED);
		}
		end();
		seed = kept;
	}
}
END_TEST

/* ---- BYE ---- */

static bool is_ours(struct slice uri, void *arg)
{
	(void)arg;
	return memmem(uri.p, uri.len, "pcscf", 5) != NULL;
}

START_TEST(a_bye_goes_by_the_route_set_from_us_on)
{
	static const char ok[] =
	    "SIP/2.0 200 OK\r\nrecord-route: <sip:as.net;lr>, <sip:scscf.net;lr>\r\n"
	    "Record-Route: <sip:core@pcscf;lr>,\r\n <sip:ue@pcscf;lr;bd=x>\r\n"
	    "m: \"x\" <sip:far@192.0.2.1>;q=1\r\nTo: <sip:f>;tag=b\r\n\r\nbody: no\r\n";
	static const char invite[] =
	    "INVITE sip:x SIP/2.0\r\nRecord-Route: <sip:as.net;lr>\r\n"
	    "Record-Route: <sip:pcscf;lr>\r\nContact: <sip:p@10.0.0.1>\r\n\r\n";
	struct alg_bye b = {.cseq = 4};
	char routes[512], text[1024];
	size_t len;

	ck_assert_int_eq(
	    alg_bye_routes(slice_str(ok), false, is_ours, NULL, routes, sizeof(routes), &len), 0);
	ck_assert_str_eq(routes, "Route: <sip:ue@pcscf;lr;bd=x>\r\nRoute: <sip:core@pcscf;lr>\r\n"
				 "Route: <sip:scscf.net;lr>\r\nRoute: <sip:as.net;lr>\r\n");
	b.routes = slice_make(routes, len);
	b.target = alg_bye_target(slice_str(ok));
	ck_assert(slice_eq(b.target, SLICE_LIT("sip:far@192.0.2.1")));
	b.from = SLICE_LIT("<sip:p>;tag=a");
	b.to = alg_raw_header(slice_str(ok), "To", "t");
	b.call_id = SLICE_LIT("c");
	b.via = SLICE_LIT("SIP/2.0/UDP h;branch=z9hG4bK1");
	b.reason = SLICE_LIT("SIP;cause=503");
	ck_assert_int_eq(alg_bye_print(&b, text, sizeof(text), &len), 0);
	ck_assert(strstr(text, "BYE sip:far@192.0.2.1 SIP/2.0\r\n") &&
		  strstr(text, "CSeq: 4 BYE\r\n"));
	ck_assert_int_eq(alg_bye_print(&b, text, 40, &len), -1);
	ck_assert_int_eq(
	    alg_bye_routes(slice_str(invite), true, is_ours, NULL, routes, sizeof(routes), &len),
	    0);
	ck_assert_str_eq(routes, "Route: <sip:pcscf;lr>\r\n");
	ck_assert_int_eq(alg_bye_routes(slice_str(ok), false, is_ours, NULL, routes, 20, &len), -1);
	ck_assert_ptr_null(alg_raw_header(slice_str(ok), "body", NULL).p);
	ck_assert_ptr_null(alg_bye_target(SLICE_LIT("x")).p);
}
END_TEST

UNIT_MAIN("ims_alg leg", a_call_of_the_phone, a_2xx_that_says_what_the_183_said,
	  what_was_taken_back_is_told_again, a_gateway_that_cannot, answers_in_clear_never_pass,
	  a_bad_answer_to_update_goes_on_without_media, what_answers_an_invite_without_offer_is_one,
	  forks_share_the_phones_leg, forks_bring_offers_of_their_own,
	  a_fork_that_wants_more_has_no_media, what_is_said_again_with_another_body,
	  a_refused_offer_is_forgotten, any_order_of_messages_leaves_nothing,
	  a_bye_goes_by_the_route_set_from_us_on)
