/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls as their messages: "> INVITE 1 sdp" is a request of the caller with CSeq 1, "< 183 INVITE 1
 * sdp rel a" a reliable answer of dialog a. Behind each stands what it makes the ALG do, and the
 * state after it.
 */
#include "modules/ims_alg/core/call.h"
#include "unit/unit.h"

#include <string.h>

struct line {
	const char *message; /* "!lost", "!expired", "!bad MESSAGE": what no message tells */
	const char *action, *state;
};

static enum alg_method method_of(const char *word)
{
	static const char *const names[] = {"INVITE", "ACK", "PRACK", "UPDATE", "BYE", "CANCEL"};

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(word, names[i]) == 0)
			return (enum alg_method)i;
	return ALG_OTHER_METHOD;
}

/* "in" says that the message belongs to a dialog; INVITE and CANCEL are initial without it. */
static struct alg_message read_message(const char *text)
{
	struct alg_message m = {.from_caller = text[0] == '>'};
	char copy[128], *w;
	bool in = false;

	snprintf(copy, sizeof(copy), "%s", text + 2);
	w = strtok(copy, " ");
	if (w[0] >= '1' && w[0] <= '6') {
		m.code = (uint16_t)atoi(w);
		w = strtok(NULL, " ");
	}
	m.method = method_of(w);
	w = strtok(NULL, " ");
	m.cseq = (uint32_t)atoi(w);
	while ((w = strtok(NULL, " ")) != NULL) {
		if (strcmp(w, "sdp") == 0)
			m.sdp = true;
		else if (strcmp(w, "rel") == 0)
			m.reliable = true;
		else if (strcmp(w, "in") == 0)
			in = true;
		else
			m.dialog = (uint64_t)w[0];
	}
	m.initial = (m.method == ALG_INVITE || m.method == ALG_CANCEL) && !in;
	return m;
}

static void play(const char *name, const struct line *lines, size_t n)
{
	struct alg_call c = {0};

	for (size_t i = 0; i < n; i++) {
		const char *text = lines[i].message;
		struct alg_message m;
		struct alg_call_step s;

		if (strcmp(text, "!lost") == 0)
			s = alg_call_event(&c, ALG_EV_LOST);
		else if (strcmp(text, "!expired") == 0)
			s = alg_call_event(&c, ALG_EV_EXPIRED);
		else if (strncmp(text, "!bad ", 5) == 0) {
			m = read_message(text + 5);
			s = alg_call_bad(&c, &m);
		} else {
			m = read_message(text);
			s = alg_call_message(&c, &m);
		}
		ck_assert_msg(strcmp(alg_call_action_name(s.action), lines[i].action) == 0 &&
				  strcmp(state_name(&alg_call_table, c.state), lines[i].state) == 0,
			      "%s: %s: %s, %s; not %s, %s", name, text,
			      alg_call_action_name(s.action), state_name(&alg_call_table, c.state),
			      lines[i].action, lines[i].state);
	}
}

#define PLAY(name, ...)                                                                            \
	do {                                                                                       \
		static const struct line lines[] = {__VA_ARGS__};                                  \
		play(name, lines, sizeof(lines) / sizeof(lines[0]));                               \
	} while (0)

START_TEST(the_table_is_whole)
{
	ck_assert_msg(state_table_fault(&alg_call_table, ALG_CALL_ACTIONS) == NULL, "%s",
		      state_table_fault(&alg_call_table, ALG_CALL_ACTIONS));
}
END_TEST

START_TEST(a_call_from_invite_to_bye)
{
	PLAY("plain", {"> INVITE 1 sdp", "reserve", "offered"},
	     {"< 180 INVITE 1 a", "nothing", "offered"},
	     {"< 200 INVITE 1 sdp a", "configure", "up"}, {"> ACK 1 a", "nothing", "up"},
	     {"< 200 INVITE 1 sdp a", "nothing", "up"}, {"< BYE 7 a", "release", "ended"},
	     {"> 200 BYE 7 a", "nothing", "ended"});
	PLAY("both say BYE at once", {"> INVITE 1 sdp", "reserve", "offered"},
	     {"< 200 INVITE 1 sdp a", "configure", "up"}, {"> BYE 2 a", "release", "ended"},
	     {"< BYE 7 a", "nothing", "ended"}, {"< 200 BYE 2 a", "nothing", "ended"});
	PLAY("no media at all", {"> INVITE 1", "nothing", "awaited"},
	     {"< 200 INVITE 1 a", "nothing", "up"}, {"> ACK 1 a", "nothing", "up"},
	     {"> BYE 2 a", "release", "ended"});
}
END_TEST

START_TEST(an_offer_may_come_in_an_answer)
{
	PLAY("in the 200, answered in the ACK", {"> INVITE 1", "nothing", "awaited"},
	     {"< 200 INVITE 1 sdp a", "reserve", "unanswered"},
	     {"< 200 INVITE 1 sdp a", "nothing", "unanswered"},
	     {"> ACK 1 sdp a", "configure", "up"}, {"> ACK 1 sdp a", "nothing", "up"});
	PLAY("in a reliable 183, answered in PRACK", {"> INVITE 1", "nothing", "awaited"},
	     {"< 183 INVITE 1 sdp a", "nothing", "awaited"}, /* not reliable: no offer */
	     {"< 183 INVITE 1 sdp rel a", "reserve", "offered"},
	     {"> PRACK 2 sdp a", "configure", "early"}, {"< 200 PRACK 2 a", "nothing", "early"},
	     {"< 200 INVITE 1 a", "nothing", "up"});
	PLAY("the 183 and the 180 say it again, before PRACK and behind it",
	     {"> INVITE 1", "nothing", "awaited"},
	     {"< 183 INVITE 1 sdp rel a", "reserve", "offered"},
	     {"< 183 INVITE 1 sdp rel a", "nothing", "offered"},
	     {"< 180 INVITE 1 sdp a", "nothing", "offered"},
	     {"> PRACK 2 sdp a", "configure", "early"},
	     {"< 183 INVITE 1 sdp rel a", "nothing", "early"},
	     {"< 200 INVITE 1 sdp a", "nothing", "up"});
	PLAY("the 200 does not wait for PRACK", {"> INVITE 1", "nothing", "awaited"},
	     {"< 183 INVITE 1 sdp rel a", "reserve", "offered"},
	     {"< 200 INVITE 1 sdp a", "reserve", "unanswered"},
	     {"> ACK 1 sdp a", "configure", "up"});
	PLAY("another fork is faster", {"> INVITE 1", "nothing", "awaited"},
	     {"< 183 INVITE 1 sdp rel a", "reserve", "offered"},
	     {"> PRACK 2 sdp a", "configure", "early"},
	     {"> UPDATE 3 sdp a", "reserve", "early-offered"},
	     {"< 200 INVITE 1 sdp b", "reserve", "unanswered"},
	     {"< 200 UPDATE 3 sdp a", "nothing", "unanswered"},
	     {"> ACK 1 sdp b", "configure", "up"});
	PLAY("CANCEL, and the 200 is faster", {"> INVITE 1", "nothing", "awaited"},
	     {"> CANCEL 1", "nothing", "awaited"},
	     {"< 200 INVITE 1 sdp a", "reserve", "unanswered"},
	     {"> ACK 1 sdp a", "configure", "up"}, {"> BYE 2 a", "release", "ended"});
	PLAY("CANCEL behind a reliable 183", {"> INVITE 1", "nothing", "awaited"},
	     {"< 183 INVITE 1 sdp rel a", "reserve", "offered"},
	     {"> CANCEL 1", "nothing", "cancelled"},
	     {"< 200 INVITE 1 sdp a", "reserve", "unanswered"}, {"> ACK 1 a", "hang-up", "ended"});
	PLAY("CANCEL, 487", {"> INVITE 1", "nothing", "awaited"},
	     {"> CANCEL 1", "nothing", "awaited"}, {"< 487 INVITE 1 a", "nothing", "ended"});
	PLAY("the ACK has no answer", {"> INVITE 1", "nothing", "awaited"},
	     {"< 200 INVITE 1 sdp a", "reserve", "unanswered"}, {"> ACK 1 a", "hang-up", "ended"});
	PLAY("the ACK never comes", {"> INVITE 1", "nothing", "awaited"},
	     {"< 200 INVITE 1 sdp a", "reserve", "unanswered"}, {"!expired", "hang-up", "ended"});
	PLAY("the answer in the ACK cannot be used", {"> INVITE 1", "nothing", "awaited"},
	     {"< 200 INVITE 1 sdp a", "reserve", "unanswered"},
	     {"!bad > ACK 1 sdp a", "hang-up", "ended"});
	PLAY("re-INVITE without an offer", {"> INVITE 1 sdp", "reserve", "offered"},
	     {"< 200 INVITE 1 sdp a", "configure", "up"},
	     {"< INVITE 7 in a", "nothing", "reawaited"},
	     {"> 200 INVITE 7 in sdp a", "reserve", "reunanswered"},
	     {"< ACK 7 sdp a", "configure", "up"});
	PLAY("its offer comes in a reliable 183, twice", {"> INVITE 1 sdp", "reserve", "offered"},
	     {"< 200 INVITE 1 sdp a", "configure", "up"},
	     {"< INVITE 7 in a", "nothing", "reawaited"},
	     {"> 183 INVITE 7 in sdp rel a", "reserve", "reoffered"},
	     {"> 183 INVITE 7 in sdp rel a", "nothing", "reoffered"},
	     {"< PRACK 8 sdp a", "configure", "up"}, {"> 200 INVITE 7 in a", "nothing", "up"},
	     {"> INVITE 2 in sdp a", "reserve", "reoffered"},
	     {"< 200 INVITE 2 in sdp a", "configure", "up"});
}
END_TEST

START_TEST(a_reliable_answer_counts_once)
{
	PLAY("183 reliable, PRACK, 200 with the same SDP", {"> INVITE 1 sdp", "reserve", "offered"},
	     {"< 183 INVITE 1 sdp rel a", "configure", "early"},
	     {"> PRACK 2 a", "nothing", "early"}, {"< 183 INVITE 1 sdp rel a", "nothing", "early"},
	     {"< 200 INVITE 1 sdp a", "nothing", "up"});
}
END_TEST

START_TEST(an_unreliable_answer_is_a_preview)
{
	PLAY("the 200 may differ", {"> INVITE 1 sdp", "reserve", "offered"},
	     {"< 183 INVITE 1 sdp a", "try", "previewed"},
	     {"< 183 INVITE 1 sdp a", "try", "previewed"},
	     {"< 200 INVITE 1 sdp a", "configure", "up"});
	PLAY("the 200 may come without", {"> INVITE 1 sdp", "reserve", "offered"},
	     {"< 183 INVITE 1 sdp a", "try", "previewed"}, {"< 200 INVITE 1 a", "commit", "up"});
	PLAY("a bad one is passed over", {"> INVITE 1 sdp", "reserve", "offered"},
	     {"!bad < 183 INVITE 1 sdp a", "nothing", "offered"},
	     {"< 200 INVITE 1 sdp a", "configure", "up"});
	PLAY("200 without any answer", {"> INVITE 1 sdp", "reserve", "offered"},
	     {"< 200 INVITE 1 a", "hang-up", "ended"});
}
END_TEST

START_TEST(an_early_dialog_has_offers_of_its_own)
{
	PLAY("a second offer in PRACK", {"> INVITE 1 sdp", "reserve", "offered"},
	     {"< 183 INVITE 1 sdp rel a", "configure", "early"},
	     {"> PRACK 2 sdp a", "reserve", "early-offered"},
	     {"< 200 PRACK 2 sdp a", "configure", "early"}, {"< 200 INVITE 1 a", "nothing", "up"});
	PLAY("UPDATE, and its refusal", {"> INVITE 1 sdp", "reserve", "offered"},
	     {"< 183 INVITE 1 sdp rel a", "configure", "early"},
	     {"> UPDATE 3 sdp a", "reserve", "early-offered"},
	     {"< UPDATE 8 sdp a", "glare", "early-offered"},
	     {"< 488 UPDATE 3 a", "rollback", "early"},
	     {"< UPDATE 9 sdp a", "reserve", "early-offered"},
	     {"> 200 UPDATE 9 sdp a", "configure", "early"});
	PLAY("UPDATE while the first offer is open", {"> INVITE 1 sdp", "reserve", "offered"},
	     {"> UPDATE 2 sdp a", "glare", "offered"});
	PLAY("the 200 overtakes the answer to UPDATE", {"> INVITE 1 sdp", "reserve", "offered"},
	     {"< 183 INVITE 1 sdp rel a", "configure", "early"},
	     {"> UPDATE 3 sdp a", "reserve", "early-offered"},
	     {"< 200 INVITE 1 a", "nothing", "reoffered"},
	     {"< 200 UPDATE 3 sdp a", "configure", "up"});
	PLAY("the answer to the INVITE is no answer to UPDATE",
	     {"> INVITE 1 sdp", "reserve", "offered"},
	     {"< 183 INVITE 1 sdp rel a", "configure", "early"},
	     {"> UPDATE 3 sdp a", "reserve", "early-offered"},
	     {"< 200 UPDATE 2 sdp a", "nothing", "early-offered"});
}
END_TEST

START_TEST(a_confirmed_dialog_is_offered_again)
{
	PLAY("re-INVITE refused: all is as it was", {"> INVITE 1 sdp", "reserve", "offered"},
	     {"< 200 INVITE 1 sdp a", "configure", "up"},
	     {"> INVITE 2 in sdp a", "reserve", "reoffered"},
	     {"< 488 INVITE 2 in a", "rollback", "up"});
	PLAY("they cross: 491, and the offer that was first goes on",
	     {"> INVITE 1 sdp", "reserve", "offered"}, {"< 200 INVITE 1 sdp a", "configure", "up"},
	     {"> INVITE 2 in sdp a", "reserve", "reoffered"},
	     {"< INVITE 7 in sdp a", "glare", "reoffered"},
	     {"< 200 INVITE 2 in sdp a", "configure", "up"});
	PLAY("BYE while it is open", {"> INVITE 1 sdp", "reserve", "offered"},
	     {"< 200 INVITE 1 sdp a", "configure", "up"},
	     {"> INVITE 2 in sdp a", "reserve", "reoffered"}, {"< BYE 7 a", "release", "ended"},
	     {"< 481 INVITE 2 in a", "nothing", "ended"});
	PLAY("its answer is bad", {"> INVITE 1 sdp", "reserve", "offered"},
	     {"< 200 INVITE 1 sdp a", "configure", "up"},
	     {"> INVITE 2 in sdp a", "reserve", "reoffered"},
	     {"!bad < 200 INVITE 2 in sdp a", "hang-up", "ended"});
	PLAY("cancelled", {"> INVITE 1 sdp", "reserve", "offered"},
	     {"< 200 INVITE 1 sdp a", "configure", "up"},
	     {"> INVITE 2 in sdp a", "reserve", "reoffered"},
	     {"> CANCEL 2 in a", "nothing", "reoffered"},
	     {"< 487 INVITE 2 in a", "rollback", "up"});
}
END_TEST

START_TEST(what_is_late_answers_nothing)
{
	PLAY("the 200 again while a re-INVITE is open", {"> INVITE 1 sdp", "reserve", "offered"},
	     {"< 200 INVITE 1 sdp a", "configure", "up"},
	     {"> INVITE 2 in sdp a", "reserve", "reoffered"},
	     {"< 200 INVITE 1 sdp a", "nothing", "reoffered"},
	     {"< 200 INVITE 1 sdp b", "nothing", "reoffered"},
	     {"< 200 INVITE 2 in sdp a", "configure", "up"});
	PLAY("the 491 that another re-INVITE got", {"> INVITE 1 sdp", "reserve", "offered"},
	     {"< 200 INVITE 1 sdp a", "configure", "up"},
	     {"> INVITE 2 in sdp a", "reserve", "reoffered"},
	     {"< INVITE 2 in sdp a", "glare", "reoffered"},
	     {"> 491 INVITE 2 in a", "nothing", "reoffered"},
	     {"< 200 INVITE 2 in sdp a", "configure", "up"});
	PLAY("180 with the answer again while UPDATE is open",
	     {"> INVITE 1 sdp", "reserve", "offered"},
	     {"< 183 INVITE 1 sdp rel a", "configure", "early"},
	     {"< UPDATE 3 sdp a", "reserve", "early-offered"},
	     {"< 180 INVITE 1 sdp rel a", "nothing", "early-offered"},
	     {"> 200 UPDATE 3 sdp a", "configure", "early"});
	PLAY("the 200 of a re-INVITE again while the other side is asked for an offer",
	     {"> INVITE 1 sdp", "reserve", "offered"}, {"< 200 INVITE 1 sdp a", "configure", "up"},
	     {"> INVITE 2 in sdp a", "reserve", "reoffered"},
	     {"< 200 INVITE 2 in sdp a", "configure", "up"},
	     {"< INVITE 7 in a", "nothing", "reawaited"},
	     {"< 200 INVITE 2 in sdp a", "nothing", "reawaited"},
	     {"> 200 INVITE 7 in sdp a", "reserve", "reunanswered"},
	     {"< ACK 7 sdp a", "configure", "up"});
}
END_TEST

START_TEST(forks_wait_for_the_one_that_is_taken)
{
	PLAY("two early dialogs, the second answers the phone",
	     {"> INVITE 1 sdp", "reserve", "offered"},
	     {"< 183 INVITE 1 sdp rel a", "configure", "early"},
	     {"< 183 INVITE 1 sdp rel b", "nothing", "early"},
	     {"< 200 INVITE 1 sdp b", "configure", "up"}, {"> BYE 5 b", "release", "ended"});
	PLAY("previews of two", {"> INVITE 1 sdp", "reserve", "offered"},
	     {"< 183 INVITE 1 sdp a", "try", "previewed"},
	     {"< 183 INVITE 1 sdp b", "nothing", "previewed"},
	     {"< 200 INVITE 1 sdp b", "configure", "up"});
	PLAY("two 200: the caller ends one, the context stays",
	     {"> INVITE 1 sdp", "reserve", "offered"}, {"< 200 INVITE 1 sdp a", "configure", "up"},
	     {"< 200 INVITE 1 sdp b", "nothing", "up"}, {"> BYE 2 b", "nothing", "up"},
	     {"> BYE 2 a", "release", "ended"});
	PLAY("two 200: the caller keeps the second", {"> INVITE 1 sdp", "reserve", "offered"},
	     {"< 200 INVITE 1 sdp a", "configure", "up"}, {"< 200 INVITE 1 sdp b", "nothing", "up"},
	     {"> BYE 2 a", "switch", "up"}, {"> BYE 2 b", "release", "ended"});
	PLAY("a bad early answer of one fork", {"> INVITE 1 sdp", "reserve", "offered"},
	     {"< 183 INVITE 1 sdp rel a", "configure", "early"},
	     {"!bad < 183 INVITE 1 sdp rel b", "nothing", "early"});
}
END_TEST

/* RFC 3261 13.2.1: an INVITE without an offer is answered with one by each of them, which PRACK answers. */
START_TEST(each_fork_may_bring_an_offer)
{
	PLAY("the second takes the call", {"> INVITE 1", "nothing", "awaited"},
	     {"< 183 INVITE 1 sdp rel a", "reserve", "offered"},
	     {"< 183 INVITE 1 sdp rel b", "nothing", "offered"},
	     {"> PRACK 2 sdp a", "configure", "early"}, {"> PRACK 3 sdp b", "nothing", "early"},
	     {"< 200 PRACK 3 b", "nothing", "early"},
	     {"< 183 INVITE 1 sdp rel b", "nothing", "early"}, {"< 200 INVITE 1 b", "switch", "up"},
	     {"> BYE 4 b", "release", "ended"});
	PLAY("the second is answered first, the first takes the call",
	     {"> INVITE 1", "nothing", "awaited"},
	     {"< 183 INVITE 1 sdp rel a", "reserve", "offered"},
	     {"< 183 INVITE 1 sdp rel b", "nothing", "offered"},
	     {"> PRACK 2 sdp b", "nothing", "offered"}, {"> PRACK 3 sdp a", "configure", "early"},
	     {"< 200 INVITE 1 a", "nothing", "up"});
	PLAY("both take it, the first is ended", {"> INVITE 1", "nothing", "awaited"},
	     {"< 183 INVITE 1 sdp rel a", "reserve", "offered"},
	     {"> PRACK 2 sdp a", "configure", "early"},
	     {"< 183 INVITE 1 sdp rel b", "nothing", "early"},
	     {"> PRACK 3 sdp b", "nothing", "early"}, {"< 200 INVITE 1 a", "nothing", "up"},
	     {"< 200 INVITE 1 b", "nothing", "up"}, {"> BYE 4 a", "switch", "up"},
	     {"> BYE 5 b", "release", "ended"});
	PLAY("the first is answered when the second has taken it",
	     {"> INVITE 1", "nothing", "awaited"},
	     {"< 183 INVITE 1 sdp rel a", "reserve", "offered"},
	     {"< 183 INVITE 1 sdp rel b", "nothing", "offered"},
	     {"> PRACK 2 sdp b", "nothing", "offered"}, {"< 200 INVITE 1 b", "switch", "up"},
	     {"> PRACK 3 sdp a", "nothing", "up"}, {"> INVITE 4 in sdp b", "reserve", "reoffered"});
	PLAY("nobody takes it", {"> INVITE 1", "nothing", "awaited"},
	     {"< 183 INVITE 1 sdp rel a", "reserve", "offered"},
	     {"< 183 INVITE 1 sdp rel b", "nothing", "offered"},
	     {"> PRACK 2 sdp b", "nothing", "offered"}, {"< 480 INVITE 1", "release", "ended"},
	     {"> PRACK 3 sdp a", "nothing", "ended"});
}
END_TEST

START_TEST(a_call_that_fails_leaves_nothing)
{
	PLAY("busy", {"> INVITE 1 sdp", "reserve", "offered"},
	     {"< 486 INVITE 1 a", "release", "ended"});
	PLAY("4xx after a 183", {"> INVITE 1 sdp", "reserve", "offered"},
	     {"< 183 INVITE 1 sdp a", "try", "previewed"},
	     {"< 503 INVITE 1 a", "release", "ended"});
	PLAY("4xx after an answer that counted", {"> INVITE 1 sdp", "reserve", "offered"},
	     {"< 183 INVITE 1 sdp rel a", "configure", "early"},
	     {"> PRACK 2 a", "nothing", "early"}, {"< 480 INVITE 1 a", "release", "ended"});
	PLAY("cancelled", {"> INVITE 1 sdp", "reserve", "offered"},
	     {"> CANCEL 1", "nothing", "cancelled"}, {"< 200 CANCEL 1", "nothing", "cancelled"},
	     {"< 487 INVITE 1 a", "release", "ended"});
	PLAY("200 is faster than CANCEL", {"> INVITE 1 sdp", "reserve", "offered"},
	     {"> CANCEL 1", "nothing", "cancelled"}, {"< 200 INVITE 1 sdp a", "configure", "up"},
	     {"> BYE 2 a", "release", "ended"});
	PLAY("nobody answers", {"> INVITE 1 sdp", "reserve", "offered"},
	     {"!expired", "release", "ended"}, {"< 200 INVITE 1 sdp a", "nothing", "ended"});
	PLAY("BYE in an early dialog", {"> INVITE 1 sdp", "reserve", "offered"},
	     {"< 183 INVITE 1 sdp rel a", "configure", "early"}, {"> BYE 2 a", "release", "ended"},
	     {"< 487 INVITE 1 a", "nothing", "ended"});
	PLAY("a bad answer in a 200", {"> INVITE 1 sdp", "reserve", "offered"},
	     {"!bad < 200 INVITE 1 sdp a", "hang-up", "ended"});
	PLAY("a bad answer in a reliable 183", {"> INVITE 1 sdp", "reserve", "offered"},
	     {"!bad < 183 INVITE 1 sdp rel a", "refuse", "ended"});
}
END_TEST

/* The 2xx waits for the gateway, and tm knows nothing of it: the caller is told of a CANCEL's 487, or that
 * the time is over. Then the 2xx goes on, to a caller who has no call any more. */
START_TEST(a_2xx_behind_the_failure_is_hung_up)
{
	PLAY("its offer waits, CANCEL, 487", {"> INVITE 1", "nothing", "awaited"},
	     {"< 200 INVITE 1 sdp a", "reserve", "unanswered"},
	     {"> CANCEL 1", "nothing", "unanswered"}, {"< 487 INVITE 1 b", "hang-up", "ended"},
	     {"> ACK 1 sdp a", "nothing", "ended"}, {"> BYE 2 a", "nothing", "ended"});
	PLAY("its answer waits, CANCEL, 487", {"> INVITE 1 sdp", "reserve", "offered"},
	     {"< 200 INVITE 1 sdp a", "configure", "up"}, {"> CANCEL 1", "nothing", "up"},
	     {"< 487 INVITE 1 a", "hang-up", "ended"}, {"> ACK 1 a", "nothing", "ended"});
	PLAY("it was answered by what waited behind it", {"> INVITE 1", "nothing", "awaited"},
	     {"< 200 INVITE 1 sdp a", "reserve", "unanswered"},
	     {"> ACK 1 sdp a", "configure", "up"}, {"< 408 INVITE 1", "hang-up", "ended"});
	PLAY("an offer waited behind it", {"> INVITE 1 sdp", "reserve", "offered"},
	     {"< 200 INVITE 1 sdp a", "configure", "up"},
	     {"< UPDATE 7 sdp a", "reserve", "reoffered"}, {"< 408 INVITE 1", "hang-up", "ended"});
	PLAY("an INVITE without one waited", {"> INVITE 1 sdp", "reserve", "offered"},
	     {"< 200 INVITE 1 sdp a", "configure", "up"},
	     {"< INVITE 7 in a", "nothing", "reawaited"}, {"< 408 INVITE 1", "hang-up", "ended"});
	PLAY("and was answered", {"> INVITE 1 sdp", "reserve", "offered"},
	     {"< 200 INVITE 1 sdp a", "configure", "up"},
	     {"< INVITE 7 in a", "nothing", "reawaited"},
	     {"> 200 INVITE 7 in sdp a", "reserve", "reunanswered"},
	     {"< 408 INVITE 1", "hang-up", "ended"});
}
END_TEST

START_TEST(the_gateway_fails)
{
	PLAY("before the answer", {"> INVITE 1 sdp", "reserve", "offered"},
	     {"!lost", "refuse", "ended"});
	PLAY("in the call", {"> INVITE 1 sdp", "reserve", "offered"},
	     {"< 200 INVITE 1 sdp a", "configure", "up"}, {"!lost", "hang-up", "ended"},
	     {"!lost", "nothing", "ended"}, {"> BYE 2 a", "nothing", "ended"});
	PLAY("after CANCEL it does not matter", {"> INVITE 1 sdp", "reserve", "offered"},
	     {"> CANCEL 1", "nothing", "cancelled"}, {"!lost", "nothing", "cancelled"},
	     {"< 487 INVITE 1 a", "release", "ended"});
	PLAY("the BYE was lost", {"> INVITE 1 sdp", "reserve", "offered"},
	     {"< 200 INVITE 1 sdp a", "configure", "up"}, {"!expired", "hang-up", "ended"});
}
END_TEST

/* Whatever comes in whatever order: what was reserved is given back exactly once, and nothing is asked
 * of the gateway after that. */
START_TEST(any_order_of_messages_releases_once)
{
	static const char tags[] = {0, 'a', 'b', 'c'};
	uint64_t x = 88172645463325252ull;

	for (int call = 0; call < 20000; call++) {
		struct alg_call c = {0};
		int held = 0;

		for (int n = 0; n < 40; n++) {
			struct alg_message m;
			struct alg_call_step s;

			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			m = (struct alg_message){
			    .method = (enum alg_method)(x % 7),
			    .code = (uint16_t)((x >> 8) % 3 ? 0 : 100 * (1 + (x >> 12) % 6)),
			    .reliable = x >> 20 & 1,
			    .sdp = x >> 21 & 1,
			    .initial = x >> 22 & 1,
			    .from_caller = x >> 23 & 1,
			    .dialog = (uint64_t)tags[x >> 24 & 3],
			    .cseq = 1 + (uint32_t)(x >> 28 & 1),
			};
			if (n == 39)
				s = alg_call_event(&c, ALG_EV_EXPIRED);
			else
				s = x >> 40 & 31 ? alg_call_message(&c, &m) : alg_call_bad(&c, &m);
			if (s.action == ALG_DO_RESERVE || s.action == ALG_DO_CONFIGURE ||
			    s.action == ALG_DO_TRY) {
				ck_assert_uint_ne(c.state, ALG_CALL_ENDED);
				held = 1;
			}
			if (s.action == ALG_DO_RELEASE || s.action == ALG_DO_REFUSE ||
			    s.action == ALG_DO_HANG_UP)
				held = 0;
			if (c.state == ALG_CALL_ENDED)
				ck_assert_int_eq(held, 0);
		}
	}
}
END_TEST

UNIT_MAIN("ims_alg call", the_table_is_whole, a_call_from_invite_to_bye,
	  an_offer_may_come_in_an_answer, a_reliable_answer_counts_once,
	  an_unreliable_answer_is_a_preview, an_early_dialog_has_offers_of_its_own,
	  a_confirmed_dialog_is_offered_again, what_is_late_answers_nothing,
	  forks_wait_for_the_one_that_is_taken, each_fork_may_bring_an_offer,
	  a_call_that_fails_leaves_nothing, a_2xx_behind_the_failure_is_hung_up, the_gateway_fails,
	  any_order_of_messages_releases_once)
