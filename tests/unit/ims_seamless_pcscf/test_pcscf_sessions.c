/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model_fixture.h"

static struct pcscf_message message(uint64_t set, bool from_ue, const char *call_id,
				    const char *from, const char *to)
{
	return (struct pcscf_message){.set_id = set,
				      .from_ue = from_ue,
				      .call_id = slice_str(call_id),
				      .from_tag = slice_str(from),
				      .to_tag = slice_str(to)};
}

static int invite(uint64_t set, bool from_ue, const char *call_id, const char *from, const char *to)
{
	struct pcscf_message m = message(set, from_ue, call_id, from, to);

	return pcscf_invite(fixture_model, &m, fixture_now);
}

static int answered(uint64_t set, bool from_ue, const char *call_id, const char *from,
		    const char *to, int code)
{
	struct pcscf_message m = message(set, from_ue, call_id, from, to);

	return pcscf_invite_answered(fixture_model, &m, code, fixture_now);
}

static int bye(uint64_t set, bool from_ue, const char *call_id, const char *from, const char *to)
{
	struct pcscf_message m = message(set, from_ue, call_id, from, to);

	return pcscf_bye_answered(fixture_model, &m, fixture_now);
}

START_TEST(a_call_is_counted_from_invite_to_bye)
{
	pcscf_start();
	register_over(1, ALICE, WLAN);
	ck_assert_int_eq(invite(1, true, "c1", "a", ""), 0);
	ck_assert_int_eq(invite(1, true, "c1", "a", ""), 0); /* a retransmission */
	ck_assert_uint_eq(sessions_on(1), 1);
	ck_assert_int_eq(answered(1, true, "c1", "a", "b", 200), 0);
	ck_assert_int_eq(answered(1, true, "c1", "a", "b", 200), 0);
	ck_assert_uint_eq(sessions_on(1), 1);
	ck_assert_int_eq(bye(1, false, "c1", "b", "a"), 0); /* from the far end */
	ck_assert_uint_eq(sessions_on(1), 0);
	ck_assert_int_eq(bye(1, false, "c1", "b", "a"), PCSCF_E_UNKNOWN);
	pcscf_stop();
}
END_TEST

START_TEST(both_parties_behind_one_pcscf_count_each)
{
	pcscf_start();
	register_over(1, ALICE, WLAN);
	register_over(2, "sip:bob@home1.net", "sip:10.3.0.10:5070");
	invite(1, true, "c1", "a", "");
	invite(2, false, "c1", "a", "");
	answered(2, false, "c1", "a", "b", 200);
	answered(1, true, "c1", "a", "b", 200);
	ck_assert_uint_eq(sessions_on(1), 1);
	ck_assert_uint_eq(sessions_on(2), 1);
	bye(1, true, "c1", "a", "b");
	ck_assert_uint_eq(sessions_on(1), 0);
	ck_assert_uint_eq(sessions_on(2), 1);
	bye(2, false, "c1", "a", "b");
	ck_assert_uint_eq(sessions_on(2), 0);
	pcscf_stop();
}
END_TEST

START_TEST(calls_that_fail_leave_nothing)
{
	pcscf_start();
	register_over(1, ALICE, WLAN);
	invite(1, true, "c1", "a", "");
	ck_assert_int_eq(answered(1, true, "c1", "a", "b", 486), 0);
	ck_assert_uint_eq(sessions_on(1), 0);
	invite(1, true, "c2", "a", "");
	pcscf_pass(301 * 1000); /* never answered */
	ck_assert_uint_eq(sessions_on(1), 0);
	ck_assert_int_eq(invite(9, true, "c3", "a", ""), PCSCF_E_UNKNOWN);
	pcscf_stop();
}
END_TEST

START_TEST(a_refused_reinvite_leaves_the_session_but_a_481_does_not)
{
	pcscf_start();
	register_over(1, ALICE, WLAN);
	answered(1, true, "c1", "a", "b", 200);
	ck_assert_int_eq(answered(1, true, "c1", "a", "b", 488), PCSCF_E_UNKNOWN);
	ck_assert_uint_eq(sessions_on(1), 1);
	ck_assert_int_eq(answered(1, true, "c1", "a", "b", 481), 0);
	ck_assert_uint_eq(sessions_on(1), 0);
	pcscf_stop();
}
END_TEST

/* Alice over WLAN with one call, LTE registered beside it, WLAN inactive for 30 s. */
static void lingering_call(void)
{
	struct pcscf_subscribe s;
	struct pcscf_todo todo;
	struct one_row r;

	pcscf_start();
	register_and_subscribe(1, ALICE, WLAN, &s);
	notify_active(&s, ALICE, WLAN);
	invite(1, true, "c1", "a", "");
	answered(1, true, "c1", "a", "b", 200);
	register_over(2, ALICE, LTE);
	notify(&s, row(&r, 1, ALICE, WLAN, REGINFO_CONTACT_TERMINATED, REGINFO_CONN_INACTIVE, 30));
	ck_assert(pcscf_asked(PCSCF_TODO_HOLD, &todo));
	ck_assert_uint_eq(sessions_on(1), 1);
}

START_TEST(a_session_moved_by_reinvite_frees_the_old_connection)
{
	struct pcscf_todo todo;

	lingering_call();
	ck_assert_int_eq(invite(2, true, "c1", "a", "b"), 0);
	ck_assert_uint_eq(sessions_on(1), 1); /* not before it is accepted */
	ck_assert_int_eq(answered(2, true, "c1", "a", "b", 200), 0);
	ck_assert_uint_eq(sessions_on(1), 0);
	ck_assert_uint_eq(sessions_on(2), 1);
	ck_assert_int_eq(state_of(1), PCSCF_CONN_DRAINING);
	pcscf_pass(3000);
	ck_assert(pcscf_asked(PCSCF_TODO_DROP, &todo));
	ck_assert_uint_eq(todo.set_id, 1);
	ck_assert_str_eq(todo.cause, PCSCF_CAUSE_SESSIONS_GONE);
	ck_assert_uint_eq(sessions_on(2), 1);
	pcscf_stop();
}
END_TEST

START_TEST(a_refused_move_leaves_the_session_where_it_was)
{
	lingering_call();
	invite(2, true, "c1", "a", "b");
	answered(2, true, "c1", "a", "b", 491);
	ck_assert_uint_eq(sessions_on(1), 1);
	ck_assert_int_eq(state_of(1), PCSCF_CONN_INACTIVE);
	pcscf_stop();
}
END_TEST

START_TEST(a_replaced_session_goes_by_bye_or_by_itself)
{
	struct pcscf_message m = message(2, true, "c2", "a2", "");

	lingering_call();
	m.replaces_call_id = SLICE_LIT("c1");
	m.replaces_to_tag = SLICE_LIT("b");
	m.replaces_from_tag = SLICE_LIT("a");
	ck_assert_int_eq(pcscf_invite(fixture_model, &m, fixture_now), 0);
	m.to_tag = SLICE_LIT("b2");
	ck_assert_int_eq(pcscf_invite_answered(fixture_model, &m, 200, fixture_now), 0);
	ck_assert_uint_eq(sessions_on(2), 1);
	ck_assert_uint_eq(sessions_on(1), 1);
	ck_assert_int_eq(state_of(1), PCSCF_CONN_INACTIVE);
	pcscf_pass(33000);
	ck_assert_uint_eq(sessions_on(1), 0);
	ck_assert_int_ne(state_of(1), PCSCF_CONN_INACTIVE);
	pcscf_stop();

	lingering_call();
	bye(1, false, "c1", "b", "a");
	ck_assert_int_eq(state_of(1), PCSCF_CONN_DRAINING);
	pcscf_stop();
}
END_TEST

START_TEST(with_sessions_left_the_connection_waits_for_them)
{
	lingering_call();
	answered(1, false, "c9", "x", "y", 200);
	answered(2, true, "c1", "a", "b", 200);
	ck_assert_int_eq(state_of(1), PCSCF_CONN_INACTIVE);
	bye(1, true, "c9", "y", "x");
	ck_assert_int_eq(state_of(1), PCSCF_CONN_DRAINING);
	pcscf_stop();
}
END_TEST

START_TEST(a_set_found_again_at_start_is_not_judged_by_its_sessions)
{
	struct pcscf_subscribe s;
	struct pcscf_todo todo;
	struct one_row r;

	pcscf_start();
	pcscf_registered(fixture_model, 1, SLICE_LIT(ALICE), SLICE_LIT(WLAN), SLICE_LIT(""),
			 PCSCF_REG_ADOPTED, fixture_now);
	ck_assert(pcscf_asked(PCSCF_TODO_SUBSCRIBE, &todo));
	s = todo.subscribe;
	answer(&s, 200);
	notify_active(&s, ALICE, WLAN);
	answered(1, true, "c1", "a", "b", 200);
	notify(&s, row(&r, 1, ALICE, WLAN, REGINFO_CONTACT_TERMINATED, REGINFO_CONN_INACTIVE, 30));
	bye(1, true, "c1", "a", "b");
	ck_assert_int_eq(state_of(1), PCSCF_CONN_INACTIVE);
	pcscf_stop();
}
END_TEST

START_TEST(sessions_follow_a_replaced_set_and_die_with_a_dead_one)
{
	pcscf_start();
	register_over(1, ALICE, WLAN);
	register_over(2, ALICE, WLAN);
	answered(1, true, "c1", "a", "b", 200);
	ck_assert_int_eq(pcscf_set_replaced(fixture_model, 1, 2, fixture_now), 0);
	ck_assert_uint_eq(sessions_on(2), 1);
	pcscf_set_gone(fixture_model, 2, fixture_now);
	ck_assert_int_eq(bye(2, true, "c1", "a", "b"), PCSCF_E_UNKNOWN);
	pcscf_stop();
}
END_TEST

START_TEST(sessions_are_bounded)
{
	char call_id[400];

	pcscf_start();
	register_over(1, ALICE, WLAN);
	for (int i = 0; i < 100; i++) {
		snprintf(call_id, sizeof(call_id), "c%d", i);
		ck_assert_int_eq(invite(1, true, call_id, "a", ""), 0);
	}
	ck_assert_int_eq(invite(1, true, "more", "a", ""), PCSCF_E_LIMIT);
	bye(1, true, "c5", "a", "");
	memset(call_id, 'x', 399);
	call_id[399] = '\0';
	ck_assert_int_eq(invite(1, true, call_id, "a", ""), PCSCF_E_VALUE);
	ck_assert_int_eq(invite(1, true, "", "a", ""), PCSCF_E_VALUE);
	ck_assert_int_eq(invite(1, true, "c", "", ""), PCSCF_E_VALUE);
	fixture_fail_after = 0;
	ck_assert_int_eq(invite(1, true, "c", "a", ""), PCSCF_E_NOMEM);
	fixture_fail_after = -1;
	ck_assert_uint_eq(sessions_on(1), 99);
	pcscf_stop();
}
END_TEST

START_TEST(a_thousand_moves_leave_nothing_behind)
{
	struct pcscf_subscribe s;
	struct pcscf_todo todo;
	struct pcscf_counts n;
	struct one_row r;
	size_t after_100 = 0;

	pcscf_start();
	register_and_subscribe(1, ALICE, WLAN, &s);
	notify_active(&s, ALICE, WLAN);
	answered(1, true, "c1", "a", "b", 200);
	for (uint32_t i = 1; i <= 1000; i++) {
		register_over(i + 1, ALICE, i % 2 ? LTE : WLAN);
		notify(&s, row(&r, i, ALICE, i % 2 ? WLAN : LTE, REGINFO_CONTACT_TERMINATED,
			       REGINFO_CONN_INACTIVE, 30));
		answered(i + 1, true, "c1", "a", "b", 200);
		pcscf_pass(3000);
		while (pcscf_next_todo(fixture_model, &todo))
			;
		ck_assert_int_eq(state_of(i), PCSCF_CONN_GONE);
		if (i == 100)
			after_100 = fixture_blocks;
	}
	pcscf_count(fixture_model, &n);
	ck_assert_uint_eq(n.connections, 1);
	ck_assert_uint_eq(n.sessions, 1);
	ck_assert_uint_eq(n.inactive, 0);
	ck_assert_uint_eq(fixture_blocks, after_100);
	pcscf_stop();
}
END_TEST

static struct pcscf_message inside(uint64_t set_id, const char *call_id, const char *own,
				   const char *peer)
{
	return (struct pcscf_message){.set_id = set_id,
				      .from_ue = true,
				      .call_id = slice_str(call_id),
				      .from_tag = slice_str(own),
				      .to_tag = slice_str(peer)};
}

START_TEST(only_what_has_moved_here_may_come_without_proof_of_its_dialog)
{
	struct pcscf_model *model = pcscf_start();
	struct pcscf_message begun = inside(1, "c1", "ue", ""), m = inside(1, "c1", "ue", "far"),
			     foreign = inside(2, "c2", "ue", "far"),
			     made_up = inside(1, "c1", "ue", "made-up");

	ck_assert_int_eq(pcscf_registered(model, 1, SLICE_LIT(ALICE), SLICE_LIT(WLAN), SLICE_NULL,
					  0, fixture_now),
			 0);
	ck_assert_int_eq(pcscf_registered(model, 2, SLICE_LIT(ALICE), SLICE_LIT(LTE), SLICE_NULL,
					  PCSCF_REG_SEAMLESS, fixture_now),
			 0);
	/* Begun here: its requests have proof, and need it. */
	ck_assert_int_eq(pcscf_invite(model, &begun, fixture_now), 0);
	ck_assert_int_eq(pcscf_invite_answered(model, &m, 200, fixture_now), 0);
	ck_assert(!pcscf_may_be_in_dialog(model, &m, true));
	ck_assert(!pcscf_may_be_in_dialog(model, &made_up, true));
	/* It moves to the connection that was registered with the tag. */
	m.set_id = 2;
	ck_assert(pcscf_may_be_in_dialog(model, &m, true));
	ck_assert(!pcscf_may_be_in_dialog(model, &m, false));
	ck_assert_int_eq(pcscf_invite_answered(model, &m, 200, fixture_now), 0);
	ck_assert(pcscf_may_be_in_dialog(model, &m, false));
	/* One that comes from another P-CSCF. */
	ck_assert(!pcscf_may_be_in_dialog(model, &foreign, false));
	ck_assert(pcscf_may_be_in_dialog(model, &foreign, true));
	ck_assert_int_eq(pcscf_invite_answered(model, &foreign, 200, fixture_now), 0);
	ck_assert(pcscf_may_be_in_dialog(model, &foreign, false));
	foreign.set_id = 99;
	ck_assert(!pcscf_may_be_in_dialog(model, &foreign, true));
	pcscf_stop();
}
END_TEST

/*
 * Call-IDs that all have one FNV-1a hash: at each step two blocks of text lead to the same state, so
 * that 16 steps make 65,536 texts (Joux 2004).
 */
#define BLOCK 8
static char pairs[16][2][BLOCK];

static uint32_t fnv(uint32_t h, const char *p)
{
	for (int i = 0; i < BLOCK; i++)
		h = (h ^ (uint8_t)p[i]) * 16777619u;
	return h;
}

static void make_block(char *p, uint32_t i)
{
	uint64_t x = (i + 1) * 0x9e3779b97f4a7c15u;

	x ^= x >> 29;
	for (int k = 0; k < BLOCK; k++, x = x * 0xbf58476d1ce4e5b9u)
		p[k] = (char)('a' + (x >> 40) % 26);
}

static uint32_t find_pair(uint32_t from, char pair[2][BLOCK])
{
	static uint32_t seen[1 << 18]; /* number of the block + 1 */
	char block[BLOCK], other[BLOCK];

	memset(seen, 0, sizeof(seen));
	for (uint32_t i = 0;; i++) {
		uint32_t h, *at;

		make_block(block, i);
		h = fnv(from, block);
		at = &seen[h >> 14];
		if (*at) {
			make_block(other, *at - 1);
			if (fnv(from, other) == h) {
				memcpy(pair[0], block, BLOCK);
				memcpy(pair[1], other, BLOCK);
				return h;
			}
		}
		*at = i + 1;
	}
}

static void chosen_call_id(char *out, unsigned i)
{
	for (int k = 0; k < 16; k++)
		memcpy(out + k * BLOCK, pairs[k][i >> k & 1], BLOCK);
	out[16 * BLOCK] = '\0';
}

static uint64_t steps_of(struct pcscf_model *model, unsigned n, bool one_call_id,
			 void (*name)(char *, unsigned))
{
	struct pcscf_counts before, after;
	char call_id[16 * BLOCK + 1], tag[16];

	pcscf_count(model, &before);
	for (unsigned i = 0; i < n; i++) {
		struct pcscf_message m = {.set_id = 1, .from_ue = true};

		name(call_id, one_call_id ? 0 : i);
		snprintf(tag, sizeof(tag), "t%u", one_call_id ? i : 0);
		m.call_id = slice_str(call_id);
		m.from_tag = slice_str(tag);
		ck_assert_int_eq(pcscf_invite(model, &m, fixture_now), 0);
	}
	pcscf_count(model, &after);
	return after.session_steps - before.session_steps;
}

static void ordinary_call_id(char *out, unsigned i)
{
	snprintf(out, 32, "%08x@10.1.0.10", i * 2654435761u);
}

START_TEST(chosen_call_ids_cost_no_more_than_ordinary_ones)
{
	const unsigned n = 40000;
	struct pcscf_model *model;
	char a[16 * BLOCK + 1], b[16 * BLOCK + 1];
	uint64_t ordinary, chosen, tags;
	uint32_t h = 2166136261u;

	for (int k = 0; k < 16; k++)
		h = find_pair(h, pairs[k]);
	chosen_call_id(a, 1);
	chosen_call_id(b, 39999);
	ck_assert_str_ne(a, b);
	ck_assert_uint_eq(slice_hash(slice_str(a)), slice_hash(slice_str(b)));
	fixture_sessions_max = 3 * n;
	model = pcscf_start();
	ck_assert_int_eq(pcscf_registered(model, 1, SLICE_LIT(ALICE), SLICE_LIT(WLAN), SLICE_NULL,
					  0, fixture_now),
			 0);
	ordinary = steps_of(model, n, false, ordinary_call_id);
	chosen = steps_of(model, n, false, chosen_call_id);
	tags = steps_of(model, n, true, ordinary_call_id);
	/* The tables fill up, so later look-ups may pass a session or two more. */
	ck_assert_uint_lt(ordinary, 2 * n);
	ck_assert_uint_lt(chosen, 3 * n);
	ck_assert_uint_lt(tags, 3 * n);
	pcscf_stop();
	fixture_sessions_max = 100;
}
END_TEST

UNIT_MAIN("P-CSCF sessions", a_call_is_counted_from_invite_to_bye,
	  both_parties_behind_one_pcscf_count_each, calls_that_fail_leave_nothing,
	  a_refused_reinvite_leaves_the_session_but_a_481_does_not,
	  a_session_moved_by_reinvite_frees_the_old_connection,
	  a_refused_move_leaves_the_session_where_it_was,
	  a_replaced_session_goes_by_bye_or_by_itself,
	  with_sessions_left_the_connection_waits_for_them,
	  a_set_found_again_at_start_is_not_judged_by_its_sessions,
	  sessions_follow_a_replaced_set_and_die_with_a_dead_one, sessions_are_bounded,
	  a_thousand_moves_leave_nothing_behind,
	  only_what_has_moved_here_may_come_without_proof_of_its_dialog,
	  chosen_call_ids_cost_no_more_than_ordinary_ones)
