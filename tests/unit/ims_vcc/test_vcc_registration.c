/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_vcc/core/watch.h"
#include "unit/unit.h"

enum { USERS = 8 };

static const struct keyed_hash_key key = {{1, 2}};
static struct vcc_registration_policy policy = {.reg_event = true,
						.doubt_ms = 3000,
						.forget_ms = 100000,
						.subscribe_s = 600000,
						.retry_ms = 1000,
						.retry_max_ms = 8000};
static struct kept_clock at = {.now_ms = 1000000, .wall_ms = 5000000};
static struct wheel_timer timers[USERS];
static struct vcc_store store;
static struct vcc_outcome out;
static void *memory;

static void attach(int expected, uint32_t torn_expected)
{
	uint32_t torn;

	memset(timers, 0, sizeof(timers));
	ck_assert_int_eq(vcc_users_attach(&store, memory, vcc_users_bytes(USERS), USERS, timers,
					  &key, &at, &torn),
			 expected);
	ck_assert_uint_eq(torn, torn_expected);
}

static void begin(void)
{
	free(memory);
	memory = calloc(1, vcc_users_bytes(USERS));
	policy.reg_event = true;
	at = (struct kept_clock){.now_ms = 1000000, .wall_ms = 5000000};
	attach(VCC_ATTACH_NEW, 0);
}

static int told(const char *identity, uint32_t expires, uint32_t cseq)
{
	struct vcc_report r = {.identity = slice_str(identity),
			       .from = SLICE_LIT("<sip:scscf>"),
			       .call_id = slice_str(identity),
			       .scscf = SLICE_LIT("sip:scscf"),
			       .cseq = cseq,
			       .expires = expires};

	return vcc_registered(&store, &r, &policy, at.now_ms, &out);
}

static struct vcc_user *user(const char *identity)
{
	return vcc_users_find(&store, slice_str(identity));
}

static unsigned began, ended, asked;

static void fire(struct wheel_timer *t, void *arg)
{
	uint32_t n = (uint32_t)(t - timers);

	(void)arg;
	vcc_user_due(&store, vcc_users_next(&store, &n), &policy, at.now_ms, &out);
	began += out.began;
	ended += out.ended;
	asked += out.subscribe;
}

static void pass(int64_t ms)
{
	began = ended = asked = 0;
	for (int64_t end = at.now_ms + ms; at.now_ms < end;) {
		at.now_ms += ms > 100 ? 100 : ms;
		timer_wheel_advance(&store.wheel, (uint64_t)at.now_ms, 0, fire, NULL);
	}
}

static void digits(char *to, size_t n)
{
	memset(to, 'a', n);
	to[n] = '\0';
}

static struct vcc_subscribe request(struct vcc_user *u)
{
	struct vcc_subscribe s;

	ck_assert(vcc_watch_request(u, &policy, digits, at.now_ms, &s));
	return s;
}

static void answered(struct vcc_user *u, const struct vcc_subscribe *s, int code)
{
	const struct vcc_answer a = {.code = code,
				     .expires = 1000,
				     .remote_tag = SLICE_LIT("r"),
				     .contact = SLICE_LIT("sip:scscf")};

	vcc_watch_answered(&store, u, s->serial, &a, &policy, at.now_ms, &out);
}

/* A document of one AOR with these contacts; those that begin with '-' are terminated. */
static int notified(struct vcc_user *u, uint32_t version, bool full, const char *aor,
		    const char *c1, const char *c2)
{
	struct reginfo_contact c[2] = {{.id = SLICE_LIT("1"), .has_expires = true, .expires = 500},
				       {.id = SLICE_LIT("2"), .has_expires = true, .expires = 500}};
	struct reginfo_registration r = {
	    .aor = slice_str(aor), .id = SLICE_LIT("r"), .contacts = c};
	struct reginfo_doc doc = {
	    .version = version, .full = full, .registrations = &r, .registrations_n = 1};
	struct vcc_notify n = {.call_id = slice_str(u->watch.call_id),
			       .local_tag = slice_str(u->watch.local_tag),
			       .remote_tag = SLICE_LIT("r"),
			       .cseq = version + 1,
			       .state = SLICE_LIT("active;expires=900"),
			       .doc = &doc};
	const char *uris[2] = {c1, c2};

	for (int i = 0; i < 2 && uris[i]; i++) {
		c[i].state = *uris[i] == '-' ? REGINFO_CONTACT_TERMINATED : REGINFO_CONTACT_ACTIVE;
		c[i].uri = slice_str(uris[i] + (*uris[i] == '-'));
		r.contacts_n++;
		if (*uris[i] != '-')
			r.state = REGINFO_REG_ACTIVE;
	}
	return vcc_watch_notified(&store, u, &n, &policy, at.now_ms, &out);
}

START_TEST(a_registration_begins_is_refreshed_and_lapses)
{
	begin();
	policy.reg_event = false;
	ck_assert_int_eq(told("sip:a@h", 10, 1), 0);
	ck_assert(out.began && !out.subscribe);
	ck_assert(vcc_is_registered(user("sip:A@H") ? user("sip:A@H") : user("sip:a@H")));
	pass(8000);
	ck_assert_int_eq(told("sip:a@h", 10, 2), 0);
	ck_assert(!out.began && !out.ended);
	pass(8000);
	ck_assert_uint_eq(ended, 0);
	pass(4000);
	ck_assert_uint_eq(ended, 1);
	ck_assert_int_eq(user("sip:a@h")->state, VCC_REG_GONE);
	pass(policy.forget_ms + 1000);
	ck_assert_ptr_eq(user("sip:a@h"), NULL);
	ck_assert_uint_eq(vcc_users_count(&store), 0);
}
END_TEST

START_TEST(identities_are_compared_as_they_should)
{
	char a[VCC_IDENTITY_MAX], b[VCC_IDENTITY_MAX];
	static const char *const same[][2] = {{"sip:u@Home1.NET", "SIP:u@home1.net;user=phone"},
					      {"sip:u@h:5060", "sip:u@h"},
					      {"tel:+1-212-555.1111", "tel:+12125551111;x=y"}};
	static const char *const other[][2] = {
	    {"sip:u@h", "sip:U@h"}, {"sip:u@h", "sips:u@h"}, {"sip:u@h:5070", "sip:u@h"}};

	for (unsigned i = 0; i < 3; i++) {
		ck_assert_int_eq(vcc_identity_text(slice_str(same[i][0]), a), 0);
		ck_assert_int_eq(vcc_identity_text(slice_str(same[i][1]), b), 0);
		ck_assert_str_eq(a, b);
		ck_assert_int_eq(vcc_identity_text(slice_str(other[i][0]), a), 0);
		ck_assert_int_eq(vcc_identity_text(slice_str(other[i][1]), b), 0);
		ck_assert_str_ne(a, b);
	}
	ck_assert_int_eq(vcc_identity_text(SLICE_LIT("http://x"), a), -1);
	ck_assert_int_eq(vcc_identity_text(SLICE_LIT("tel:"), a), -1);
}
END_TEST

/* TS 24.229 5.7.1.1 NOTE 1. */
START_TEST(an_end_is_not_the_end_while_another_contact_lives)
{
	struct vcc_subscribe s;
	struct vcc_user *u;

	begin();
	ck_assert_int_eq(told("sip:a@h", 600, 1), 0);
	ck_assert(out.subscribe);
	u = user("sip:a@h");
	s = request(u);
	answered(u, &s, 200);
	ck_assert_int_eq(notified(u, 0, true, "sip:a@h", "sip:ue1", "sip:ue2"), 0);
	ck_assert_int_eq(told("sip:a@h", 0, 2), 0);
	ck_assert(out.subscribe && !out.ended);
	ck_assert_int_eq(u->state, VCC_REG_DOUBTFUL);
	ck_assert(vcc_has_voice(u, at.now_ms));
	s = request(u);
	ck_assert_str_eq(s.remote_tag, "r");
	answered(u, &s, 200);
	ck_assert_int_eq(notified(u, 1, false, "sip:a@h", "-sip:ue1", NULL), 0);
	ck_assert_int_eq(u->state, VCC_REG_REGISTERED);
	pass(5000);
	ck_assert_uint_eq(ended, 0);
	ck_assert_int_eq(notified(u, 2, false, "sip:a@h", "-sip:ue2", NULL), 0);
	ck_assert(out.ended);
	ck_assert_int_eq(u->watch.state, VCC_WATCH_NONE);
}
END_TEST

START_TEST(an_end_that_nobody_denies_is_one)
{
	struct vcc_subscribe s;
	struct vcc_user *u;

	begin();
	told("sip:a@h", 600, 1);
	u = user("sip:a@h");
	s = request(u);
	answered(u, &s, 200);
	told("sip:a@h", 0, 2);
	pass(policy.doubt_ms - 200);
	ck_assert_uint_eq(ended, 0);
	pass(400);
	ck_assert_uint_eq(ended, 1);
	/* Who refuses the question is not waited for. */
	told("sip:a@h", 600, 3);
	s = request(u);
	answered(u, &s, 200);
	told("sip:a@h", 0, 4);
	s = request(u);
	answered(u, &s, 403);
	ck_assert(out.ended);
}
END_TEST

START_TEST(numbers_tell_late_from_early)
{
	begin();
	policy.reg_event = false;
	ck_assert_int_eq(told("sip:a@h", 600, 5), 0);
	ck_assert_int_eq(told("sip:a@h", 0, 4), VCC_REGISTER_E_ORDER);
	ck_assert_int_eq(told("sip:a@h", 0, 5), 0);
	ck_assert(out.repeated);
	ck_assert_int_eq(user("sip:a@h")->state, VCC_REG_REGISTERED);
	ck_assert_int_eq(told("sip:a@h", 0, 6), 0);
	ck_assert(out.ended);
}
END_TEST

START_TEST(one_identity_of_a_set_ends_and_the_other_stays)
{
	struct slice set[] = {SLICE_LIT("sip:a@h"), SLICE_LIT("sip:b@h")};
	struct vcc_report r = {
	    .identity = set[0], .call_id = SLICE_LIT("x"), .cseq = 1, .expires = 60};

	begin();
	policy.reg_event = false;
	told("sip:b@h", 60, 1); /* told of apart, before it was known that they are one set */
	ck_assert_uint_eq(vcc_users_count(&store), 1);
	r.associated[0] = set[0];
	r.associated[1] = set[1];
	r.associated_n = 2;
	ck_assert_int_eq(vcc_registered(&store, &r, &policy, at.now_ms, &out), 0);
	ck_assert_uint_eq(vcc_users_count(&store), 1);
	ck_assert_ptr_eq(user("sip:a@h"), user("sip:b@h"));
	told("sip:b@h", 0, 2);
	ck_assert_int_eq(user("sip:a@h")->state, VCC_REG_REGISTERED);
	r.cseq = 2;
	r.expires = 0;
	ck_assert_int_eq(vcc_registered(&store, &r, &policy, at.now_ms, &out), 0);
	ck_assert(out.ended);
}
END_TEST

/* The old contact goes and a new one comes in one REGISTER. */
START_TEST(contacts_follow_the_copies)
{
	struct vcc_report r = {
	    .identity = SLICE_LIT("sip:a@h"),
	    .call_id = SLICE_LIT("x"),
	    .cseq = 1,
	    .expires = 600,
	    .has_request = true,
	    .access = SLICE_LIT("IEEE-802.11;x"),
	    .asked = {.n = 1,
		      .contact = {
			  {.uri = SLICE_LIT("sip:ue1"), .has_expires = true, .expires = 999999}}}};
	const struct vcc_contact *c;
	struct vcc_user *u;

	begin();
	policy.reg_event = false;
	ck_assert_int_eq(vcc_registered(&store, &r, &policy, at.now_ms, &out), 0);
	u = user("sip:a@h");
	c = vcc_last_contact(u, at.now_ms);
	ck_assert_str_eq(c->uri, "sip:ue1");
	ck_assert_uint_eq(vcc_left(c->expires_ms, at.now_ms),
			  600); /* not longer than what was granted */
	r.cseq = 2;
	r.access = SLICE_LIT("3GPP-UTRAN-FDD");
	r.asked.n = 2;
	r.asked.contact[0].expires = 0;
	r.asked.contact[1] =
	    (struct sip_contact){.uri = SLICE_LIT("sip:ue2"), .params = SLICE_LIT(";video")};
	ck_assert_int_eq(vcc_registered(&store, &r, &policy, at.now_ms, &out), 0);
	c = vcc_last_contact(u, at.now_ms);
	ck_assert_str_eq(c->uri, "sip:ue2");
	ck_assert(slice_eq(vcc_last_access(u, at.now_ms), SLICE_LIT("3GPP-UTRAN-FDD")));
	ck_assert_ptr_eq(u->contact[0].uri[0] && u->contact[1].uri[0] ? u : NULL, NULL);
	ck_assert(!vcc_has_voice(u, at.now_ms)); /* it says video, and not audio */
	r.cseq = 3;
	r.has_response = true;
	r.asked.n = 0;
	r.granted.n = 1;
	r.granted.contact[0] =
	    (struct sip_contact){.uri = SLICE_LIT("sip:ue3"), .has_expires = true, .expires = 50};
	ck_assert_int_eq(vcc_registered(&store, &r, &policy, at.now_ms, &out), 0);
	c = vcc_last_contact(u, at.now_ms);
	ck_assert_str_eq(c->uri, "sip:ue3"); /* the registrar's list is all that there is */
	ck_assert(vcc_has_voice(u, at.now_ms));
}
END_TEST

START_TEST(more_contacts_than_places)
{
	struct vcc_report r = {.identity = SLICE_LIT("sip:a@h"),
			       .call_id = SLICE_LIT("x"),
			       .expires = 600,
			       .has_request = true};
	char uri[16];

	begin();
	for (uint32_t i = 1; i <= VCC_CONTACTS_MAX + 3; i++) {
		snprintf(uri, sizeof(uri), "sip:ue%u", i);
		r.cseq = i;
		r.asked.n = 1;
		r.asked.contact[0] =
		    (struct sip_contact){.uri = slice_str(uri), .has_expires = true, .expires = i};
		ck_assert_int_eq(vcc_registered(&store, &r, &policy, at.now_ms, &out), 0);
	}
	ck_assert_uint_eq(store.contacts_dropped, 3);
	ck_assert_str_eq(vcc_last_contact(user("sip:a@h"), at.now_ms)->uri, uri);
}
END_TEST

START_TEST(room_is_made_by_those_who_have_gone)
{
	char name[32];

	begin();
	policy.reg_event = false;
	for (unsigned i = 0; i < USERS; i++) {
		snprintf(name, sizeof(name), "sip:u%u@h", i);
		ck_assert_int_eq(told(name, 600, 1), 0);
	}
	ck_assert_int_eq(told("sip:more@h", 600, 1), VCC_REGISTER_E_FULL);
	told("sip:u3@h", 0, 2);
	ck_assert_int_eq(told("sip:more@h", 600, 1), 0);
	ck_assert_ptr_eq(user("sip:u3@h"), NULL);
	ck_assert_uint_eq(vcc_users_count(&store), USERS);
}
END_TEST

START_TEST(records_outlive_their_process)
{
	struct vcc_user *u;

	begin();
	policy.reg_event = false;
	told("sip:a@h", 600, 1);
	told("sip:b@h", 600, 1);
	told("sip:c@h", 3, 1);
	vcc_users_note_time(&store, &at);
	user("sip:b@h")->busy = 1; /* it was being changed */
	/* Another run of the machine: the clock begins anew, ten seconds have passed. */
	memset(at.boot, 9, sizeof(at.boot));
	at.wall_ms += 10000;
	at.now_ms = 5000;
	attach(VCC_ATTACH_FOUND, 1);
	u = user("sip:a@h");
	ck_assert_ptr_ne(u, NULL);
	ck_assert_uint_eq(vcc_left(vcc_told_until(u), at.now_ms), 590);
	ck_assert_ptr_eq(user("sip:b@h"), NULL);
	pass(200);
	ck_assert_uint_eq(ended, 1);
	ck_assert_int_eq(user("sip:c@h")->state, VCC_REG_GONE);
	ck_assert_int_eq(told("sip:b@h", 600, 1), 0);
	ck_assert_uint_eq(vcc_users_count(&store), 3);
}
END_TEST

/* Whatever stands in the file, nothing is read out of bounds, and what is kept is whole. */
START_TEST(a_damaged_file_is_survived)
{
	size_t bytes = vcc_users_bytes(USERS);
	unsigned seed = 7;

	for (unsigned round = 0; round < 200; round++) {
		uint32_t n = 0, torn;
		struct vcc_user *u;

		begin();
		told("sip:a@h", 600, 1);
		told("sip:b@h", 600, 1);
		told("sip:c@h", 600, 1);
		for (unsigned i = 0; i < 40; i++) {
			size_t where = 64 + (size_t)rand_r(&seed) % (3 * sizeof(struct vcc_user));

			((uint8_t *)memory)[where] = (uint8_t)rand_r(&seed);
		}
		memset(timers, 0, sizeof(timers));
		vcc_users_attach(&store, memory, bytes, USERS, timers, &key, &at, &torn);
		while ((u = vcc_users_next(&store, &n)) != NULL)
			ck_assert_ptr_eq(user(vcc_user_name(u)) ? u : NULL, u);
		pass(1000);
		told("sip:d@h", 600, 1);
	}
}
END_TEST

START_TEST(subscriptions_are_renewed_and_tried_again)
{
	struct vcc_subscribe s, again;
	struct vcc_user *u;

	begin();
	told("sip:a@h", 60000, 1);
	u = user("sip:a@h");
	s = request(u);
	ck_assert_ptr_eq(vcc_watch_find(&store, slice_str(s.call_id), slice_str(s.local_tag)), u);
	ck_assert_ptr_eq(vcc_watch_find(&store, slice_str(s.call_id), SLICE_LIT("b")), NULL);
	answered(u, &s, 200);
	pass(880000);
	ck_assert_uint_eq(asked, 0);
	pass(40000);
	ck_assert_uint_eq(asked, 1);
	again = request(u);
	ck_assert_str_eq(again.call_id, s.call_id);
	ck_assert_uint_eq(again.cseq, s.cseq + 1);
	answered(u, &again, 481);
	ck_assert(out.subscribe);
	s = request(u);
	ck_assert_str_eq(s.remote_tag, "");
	answered(u, &again, 200); /* late, and to another */
	ck_assert_int_eq(u->watch.state, VCC_WATCH_ASKING);
	for (int64_t ms = policy.retry_ms; ms <= policy.retry_max_ms; ms *= 2) {
		answered(u, &s, 503);
		ck_assert_int_eq(u->watch.state, VCC_WATCH_PAUSED);
		pass(ms - 200);
		ck_assert_uint_eq(asked, 0);
		pass(400);
		ck_assert_uint_eq(asked, 1);
		s = request(u);
	}
	ck_assert_int_eq(user("sip:a@h")->state, VCC_REG_REGISTERED);
}
END_TEST

START_TEST(a_notify_is_judged_by_its_dialog_and_its_number)
{
	struct vcc_subscribe s;
	struct vcc_user *u;

	begin();
	told("sip:a@h", 600, 1);
	u = user("sip:a@h");
	s = request(u);
	/* Before the 200 to the SUBSCRIBE. */
	ck_assert_int_eq(notified(u, 3, true, "sip:a@h", "sip:ue1", NULL), 0);
	answered(u, &s, 200);
	ck_assert_int_eq(notified(u, 3, true, "sip:a@h", "-sip:ue1", NULL),
			 VCC_NOTIFY_OUT_OF_ORDER);
	ck_assert_int_eq(notified(u, 5, false, "sip:a@h", "sip:ue2", NULL), 0);
	ck_assert(out.subscribe); /* one was missed */
	ck_assert_int_eq(u->state, VCC_REG_REGISTERED);
	s = request(u);
	answered(u, &s, 200);
	ck_assert_int_eq(notified(u, 6, true, "sip:other@h", "-sip:ue1", NULL), 0);
	ck_assert_int_eq(u->state, VCC_REG_REGISTERED); /* it is about somebody else */
}
END_TEST

UNIT_MAIN("ims_vcc registration", a_registration_begins_is_refreshed_and_lapses,
	  identities_are_compared_as_they_should, an_end_is_not_the_end_while_another_contact_lives,
	  an_end_that_nobody_denies_is_one, numbers_tell_late_from_early,
	  one_identity_of_a_set_ends_and_the_other_stays, contacts_follow_the_copies,
	  more_contacts_than_places, room_is_made_by_those_who_have_gone,
	  records_outlive_their_process, a_damaged_file_is_survived,
	  subscriptions_are_renewed_and_tried_again,
	  a_notify_is_judged_by_its_dialog_and_its_number)
