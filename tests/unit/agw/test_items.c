/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every row of the package table: what the gateway implements shows that it has taken it, and what
 * it does not implement is refused with the code that is due. Made from the table, so that a new
 * row cannot become a silent yes.
 */
#include "control_rig.h"
#include <stdio.h>
#include <string.h>
#include "unit/unit.h"

static char core[H248_TID_MAX], far_side[H248_TID_MAX];
static uint32_t call;

static void setup(void)
{
	control_start(NULL);
	call = control_call(core, far_side);
}

static bool implemented(const struct h248_item *item, bool root)
{
	const struct h248_check_options *o = items_options();

	return h248_support_has(root ? o->root_items : o->items, item);
}

/* A value of the item's type that is different from its default. */
static const char *value_of(const struct h248_item *item)
{
	static char one[32];

	if (strcmp(item->package, "ipdc") == 0)
		return "\"core.test\"";
	if (strcmp(item->name, "sam") == 0)
		return "\"127.0.0.9\"";
	if (strcmp(item->name, "spr") == 0)
		return "\"5000\"";
	if (strcmp(item->name, "linkage") == 0)
		return "\"none\"";
	switch (item->type) {
	case H248_T_STRING:
		return "\"x\"";
	case H248_T_BOOLEAN:
		return "ON";
	case H248_T_OCTETS:
		return "00ff";
	case H248_T_HEX8:
		return "2E";
	case H248_T_ENUMERATION:
		snprintf(one, sizeof(one), "%.*s", (int)strcspn(item->values, " "), item->values);
		return one;
	default:
		return "7";
	}
}

static const char *modify(bool root, const char *what)
{
	return root ? control_do("C=-{MF=ROOT{%s}}", what)
		    : control_do("C=%u{MF=%s{%s}}", call, core, what);
}

/* The same in an Add, for which the termination does not matter. */
static const char *add(const char *what)
{
	return control_do("C=%u{A=ip/core/${%s}}", call, what);
}

/* Parameters without which the item is refused with 457. */
static const char *needed(const struct h248_item *item)
{
	return strcmp(item->name, "ipstop") == 0  ? "{dt=5}"
	       : strcmp(item->name, "latch") == 0 ? "{napt=LATCH}"
	       : strcmp(item->name, "ito") == 0	  ? "{mit=100}"
						  : "";
}

static void expect(const struct h248_item *item, const char *text, const char *r, unsigned code)
{
	ck_assert_msg(control_code(r) == code, "%s/%s: '%s' gave %u, not %u: %s", item->package,
		      item->name, text, control_code(r), code, r);
}

static bool in_package(const struct h248_item *item)
{
	return items_has_package(h248_package_find(slice_str(item->package)));
}

/* What an unimplemented one is answered with. */
static unsigned due(const struct h248_item *item, unsigned code)
{
	return in_package(item) ? code : 440;
}

static void property(const struct h248_item *item, bool root)
{
	char what[200], shown[100];
	const char *r;
	bool here = item->where & (root ? H248_IN_TERMINATION_STATE : H248_IN_LOCAL_CONTROL);

	snprintf(what, sizeof(what), "M{%s%s/%s=%s}%s", root ? "TS{" : "ST=1{O{MO=SR,",
		 item->package, item->name, value_of(item), root ? "}" : "}}");
	if (!implemented(item, root)) {
		expect(item, what, modify(root, what), due(item, 445));
		if (!root)
			expect(item, what, add(what), due(item, 445));
		return;
	}
	ck_assert(here);
	if (item->where & H248_READ_ONLY) {
		expect(item, what, modify(root, what), 534);
		return;
	}
	expect(item, what, modify(root, what), 0);
	snprintf(shown, sizeof(shown), "%s/%s=%s", item->package, item->name, value_of(item));
	r = root ? control_do("C=-{AV=ROOT{AT{M}}}") : control_do("C=%u{AV=%s{AT{M}}}", call, core);
	ck_assert_msg(strstr(r, shown) != NULL, "%s was taken and is not in force: %s", shown, r);
}

START_TEST(properties_are_in_force_or_refused)
{
	const struct h248_item *item;

	setup();
	for (size_t n = 0; (item = h248_item_at(n)); n++)
		if (item->kind == H248_PROPERTY) {
			property(item, false);
			property(item, true);
		}
	control_stop();
}
END_TEST

static void event(const struct h248_item *item, bool root)
{
	char what[200], shown[100];
	const char *r;

	snprintf(what, sizeof(what), "E=5{%s/%s%s}", item->package, item->name,
		 implemented(item, root) ? needed(item) : "");
	if (!implemented(item, root)) {
		expect(item, what, modify(root, what), due(item, 512));
		if (!root)
			expect(item, what, add(what), due(item, 512));
		return;
	}
	expect(item, what, modify(root, what), 0);
	snprintf(shown, sizeof(shown), "%s/%s", item->package, item->name);
	r = root ? control_do("C=-{AV=ROOT{AT{E}}}") : control_do("C=%u{AV=%s{AT{E}}}", call, core);
	ck_assert_msg(strstr(r, shown) != NULL, "%s was taken and is not armed: %s", shown, r);
}

START_TEST(events_are_armed_or_refused)
{
	const struct h248_item *item;

	setup();
	for (size_t n = 0; (item = h248_item_at(n)); n++)
		if (item->kind == H248_EVENT) {
			event(item, false);
			event(item, true);
		}
	control_stop();
}
END_TEST

START_TEST(signals_are_refused_where_they_do_nothing)
{
	const struct h248_item *item;

	setup();
	for (size_t n = 0; (item = h248_item_at(n)); n++) {
		char what[200];

		if (item->kind != H248_SIGNAL)
			continue;
		snprintf(what, sizeof(what), "SG{%s/%s%s}", item->package, item->name,
			 implemented(item, false) ? needed(item) : "");
		/* The call is RTP: TCP and TLS have nothing to establish there. */
		expect(item, what, modify(false, what),
		       strcmp(item->name, "latch") == 0 ? 0 : due(item, 513));
		if (!implemented(item, false))
			expect(item, what, add(what), due(item, 513));
		expect(item, what, modify(true, what), in_package(item) ? 513 : 440);
	}
	expect(h248_item_at(0), "stream", modify(false, "SG{ipnapt/latch{ST=9,napt=LATCH}}"), 513);
	control_stop();
}
END_TEST

START_TEST(statistics_are_kept_or_refused)
{
	const struct h248_item *item;

	setup();
	for (size_t n = 0; (item = h248_item_at(n)); n++) {
		char what[200], shown[100];
		const char *r;

		if (item->kind != H248_STATISTIC)
			continue;
		snprintf(what, sizeof(what), "SA{%s/%s}", item->package, item->name);
		expect(item, what, modify(false, what),
		       implemented(item, false) ? 0 : due(item, 501));
		snprintf(shown, sizeof(shown), "%s/%s=", item->package, item->name);
		r = control_do("C=%u{AV=%s{AT{SA}}}", call, core);
		ck_assert_msg((strstr(r, shown) != NULL) == implemented(item, false), "%s in %s",
			      shown, r);
	}
	control_stop();
}
END_TEST

/* Version 3: on each stream by itself, where that is asked for. */
START_TEST(statistics_of_one_stream_are_kept_where_they_are_asked_for)
{
	const char *r;

	setup();
	r = modify(false, "M{ST=1{SA{rtp/nothing}}}");
	ck_assert_uint_eq(control_code(r), 453);
	r = control_do("C=%u{AV=%s{AT{M}}}", call, core);
	ck_assert_msg(!strstr(r, "SA{"), "%s", r);
	ck_assert_uint_eq(control_code(modify(false, "M{ST=1{SA{rtp/pl,rtp/jit,rtp/delay}}}")), 0);
	r = control_do("C=%u{AV=%s{AT{M}}}", call, core);
	ck_assert_msg(strstr(r, "SA{nt/dur=") && strstr(r, "rtp/pl=0.00,rtp/jit=0,rtp/delay=0"),
		      "%s", r);
	r = control_do("C=%u{S=%s}", call, core);
	ck_assert_msg(strstr(r, "M{ST=1{SA{") != NULL, "%s", r);
	r = control_do("C=%u{S=%s}", call, far_side);
	ck_assert_msg(strstr(r, "{SA{") && !strstr(r, "M{"), "%s", r);
	control_stop();
}
END_TEST

START_TEST(parameters_are_taken_or_refused)
{
	const struct h248_item *item;

	setup();
	for (size_t n = 0; (item = h248_item_at(n)); n++) {
		const struct h248_item *of = NULL;
		char what[200];

		if (item->kind != H248_EVENT_PARM && item->kind != H248_SIGNAL_PARM)
			continue;
		of = h248_item_find(slice_str(item->package),
				    item->kind == H248_EVENT_PARM ? H248_EVENT : H248_SIGNAL,
				    slice_str(item->of), SLICE_NULL);
		ck_assert_ptr_nonnull(of);
		if (!implemented(of, false) || implemented(item, false))
			continue;
		snprintf(what, sizeof(what), "%s{%s/%s{%s=%s}}",
			 item->kind == H248_EVENT_PARM ? "E=5" : "SG", item->package, item->of,
			 item->name, value_of(item));
		expect(item, what, modify(false, what), 446);
	}
	control_stop();
}
END_TEST

/* What is in no package, and of which the gateway does nothing either. */
START_TEST(what_lies_between_the_items_is_refused_too)
{
	static const struct {
		const char *what;
		unsigned code;
	} rows[] = {
	    {"E=5{g/cause{EM{SG{ipnapt/latch{napt=OFF}}}}}", 501},
	    {"E=5{g/cause{NBNN}}", 501},
	    {"E=5{g/cause{ResetEventsDescriptor}}", 501},
	    {"EB{g/cause}", 444},
	    {"DM=a{(x)}", 444},
	    {"M{TS{BF=LockStep}}", 501},
	    {"M{TS{SI=OutOfService}}", 501},
	    {"SG{ipnapt/latch{napt=LATCH,SPADI=IT}}", 501},
	};
	static const struct {
		const char *what;
		unsigned code;
	} contexts[] = {
	    {"C=%u{TP{%s,%s,IS}}", 0},
	    {"C=%u{TP{%s,%s,OW}}", 522},
	    {"C=%u{TP{%s,ip/no/1,IS}}", 430},
	};

	setup();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *r = modify(false, rows[i].what);

		ck_assert_msg(control_code(r) == rows[i].code, "%s: %s", rows[i].what, r);
	}
	for (size_t i = 0; i < sizeof(contexts) / sizeof(contexts[0]); i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-extra-args"
		const char *r = control_do(contexts[i].what, call, core, far_side);
#pragma GCC diagnostic pop
		ck_assert_msg(control_code(r) == contexts[i].code, "%s: %s", contexts[i].what, r);
	}
	control_stop();
}
END_TEST

/* H.248.1 6.1.1: from 0 to 15. */
START_TEST(a_priority_that_is_none_is_refused_and_changes_nothing)
{
	static const struct {
		unsigned priority, code, after;
	} rows[] = {{7, 0, 7},	   {15, 0, 15},	     {16, 449, 15},
		    {99, 449, 15}, {65535, 449, 15}, {0, 0, 0}};

	setup();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char shown[32];
		const char *r = control_do("C=%u{PR=%u,MF=%s}", call, rows[i].priority, core);

		ck_assert_msg(control_code(r) == rows[i].code, "%u: %s", rows[i].priority, r);
		r = control_do("C=%u{CA{PR}}", call);
		snprintf(shown, sizeof(shown), "PR=%u", rows[i].after);
		ck_assert_msg(strstr(r, shown) != NULL, "no %s in %s", shown, r);
	}
	ck_assert_uint_eq(control_code(control_do("C=${PR=16,A=ip/core/$}")), 449);
	ck_assert_uint_eq(control.model.n_contexts, 1);
	control_stop();
}
END_TEST

/* A value is what was asked for, or is refused: none is cut to what there is room for, or taken for
 * another. */
START_TEST(a_value_without_room_is_refused)
{
	static char long_path[700];
	static const struct {
		const char *what;
		unsigned code;
	} rows[] = {
	    {"E=5{adid/ipstop{dt=5,dir=IN}}", 0},
	    {"E=5{adid/ipstop{dt=5,dir=$}}", 449},
	    {"E=5{adid/ipstop{dt#5}}", 449},
	    {"E=5{adid/ipstop{dt=86401}}", 449},
	    {"E=5{hangterm/thb{timerx=4294967297}}", 449},
	    {"SG{ipnapt/latch{napt=OFF}}", 0},
	    {"SG{ipnapt/latch{napt=$}}", 449},
	    {"SG{ipnapt/latch{napt#LATCH}}", 449},
	    {"M{ST=1{O{MO=SR,ds/dscp=40}}}", 449},
	    {"M{ST=1{O{MO=SR,gm/spr=\"65537\"}}}", 449},
	    {"M{ST=1{O{MO=SR,gm/sam=\"10.0.0.0/33\"}}}", 449},
	    {"M{ST=1{O{MO=SR,gm/sam=\"2001:db8::/32\"}}}", 449},
	    {"M{ST=1{O{MO=SR,tman/sdr=2199023255552}}}", 449},
	    {"M{ST=1{R{v=0\nc=IN IP4 127.0.0.9\nm=audio 4000/2 RTP/AVP 0\n}}}", 449},
	    {"M{ST=1{R{v=0\nc=IN IP4 127.0.0.9\nm=audio 70000 RTP/AVP 0\n}}}", 474},
	    {"M{ST=1{L{v=0\nc=IN IP4 $\nm=audio $/2 RTP/AVP 0\n}}}", 449},
	};
	const char *r;

	setup();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		static char before[4096];

		snprintf(before, sizeof(before), "%s",
			 control_do("C=%u{AV=%s{AT{M,E}}}", call, core));
		r = modify(false, rows[i].what);
		ck_assert_msg(control_code(r) == rows[i].code, "%s: %s", rows[i].what, r);
		if (rows[i].code)
			ck_assert_str_eq(control_do("C=%u{AV=%s{AT{M,E}}}", call, core), before);
	}
	/* One port was reserved, and there is no second beside it. */
	r = control_do("C=%u{A=ip/core/${M{ST=1{L{v=0\nc=IN IP4 $\nm=audio $ RTP/AVP 0\n}}}}}",
		       call);
	r = control_do("C=%u{MF=ip/core/3{M{ST=1{O{MO=SR,rtcph/rsb=ON}}}}}", call);
	ck_assert_msg(control_code(r) == 449, "%s", r);
	memset(long_path, 'x', sizeof(long_path) - 1);
	r = control_do("C=${A=ip/core/${M{ST=1{L{v=0\nc=IN IP4 $\nm=message $ TCP/MSRP *\n"
		       "a=path:msrp://a:1/%s;tcp\n}}}}}",
		       long_path);
	ck_assert_msg(control_code(r) == 449, "%s", r);
	control_stop();
}
END_TEST

/* The id has the part that the controller chose, or there is none. */
START_TEST(a_termination_is_named_as_was_asked)
{
	static const char realm[] = "M{ST=1{O{ipdc/realm=\"core.test\"}}}";
	const char *r;

	setup();
	r = control_do("C=${A=ip/a_label_of_thirty_nine_characters_0123456/${%s}}", realm);
	ck_assert_msg(control_code(r) == 432, "%s", r);
	r = control_do("C=${A=ip/a_label_of_thirty_nine_characters_01234/${%s}}", realm);
	ck_assert_msg(strstr(r, "A=ip/a_label_of_thirty_nine_characters_01234/"), "%s", r);
	r = control_do("C=${A=ip/$/${%s}}", realm);
	ck_assert_msg(strstr(r, "A=ip/core/"), "%s", r);
	r = control_do("C=${A=ip/nowhere/$}");
	ck_assert_msg(strstr(r, "ER=449{\"no realm nowhere\"}"), "%s", r);
	control_stop();
}
END_TEST

UNIT_MAIN("items", properties_are_in_force_or_refused, events_are_armed_or_refused,
	  signals_are_refused_where_they_do_nothing, statistics_are_kept_or_refused,
	  statistics_of_one_stream_are_kept_where_they_are_asked_for,
	  parameters_are_taken_or_refused, what_lies_between_the_items_is_refused_too,
	  a_priority_that_is_none_is_refused_and_changes_nothing, a_value_without_room_is_refused,
	  a_termination_is_named_as_was_asked)
