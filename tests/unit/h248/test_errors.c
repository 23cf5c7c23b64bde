/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is wrong is said at the deepest level that could be read, with the right code:
 * clauses 7.1.19, 8.2.2. */
#include <stdio.h>

#include "h248/check.h"
#include "h248/codec.h"
#include "unit/unit.h"

static char memory[1 << 18];

static int decode(const char *text, bool strict, struct h248_message **m,
		  struct h248_decode_error *error)
{
	struct h248_decode_options options = {.strict_version = strict};
	struct h248_arena arena;

	h248_arena_init(&arena, memory, sizeof(memory));
	return h248_decode(slice_str(text), &options, &arena, m, error);
}

START_TEST(a_message_that_is_none_is_refused_whole)
{
	static const struct {
		const char *text;
		int rc;
		unsigned code;
	} cases[] = {
	    {"", H248_E_SYNTAX, 400},
	    {"garbage", H248_E_SYNTAX, 400},
	    {"MEGACO/ [192.0.2.1] T=1{}", H248_E_SYNTAX, 400},
	    {"MEGACO/1 [192.0.2.300] K{1}", H248_E_SYNTAX, 400},
	    {"MEGACO/1 [192.0.2.1]", H248_E_SYNTAX, 400},
	    {"MEGACO/4 [192.0.2.1] K{1}", H248_E_VERSION, 406},
	    {"MEGACO/0 [192.0.2.1] K{1}", H248_E_VERSION, 406},
	    {"AU=0x1234:0x1:0x2 MEGACO/1 [192.0.2.1] K{1}", H248_E_SYNTAX, 400},
	    {"MEGACO/1 [192.0.2.1] Error=400{} rest", H248_E_SYNTAX, 400},
	    {"MEGACO/1 [192.0.2.1] Error=0{}", H248_E_SYNTAX, 400},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct h248_message *m = (void *)1;
		struct h248_decode_error error;

		ck_assert_msg(decode(cases[i].text, false, &m, &error) == cases[i].rc, "%s",
			      cases[i].text);
		ck_assert_msg(error.code == cases[i].code, "%s: %u", cases[i].text, error.code);
		ck_assert_ptr_null(m);
		ck_assert_ptr_nonnull(error.what);
	}
}
END_TEST

START_TEST(errors_sit_at_the_deepest_level_that_could_be_read)
{
	/* commands: how many can be run; then the code at command, action, transaction level */
	static const struct {
		const char *text;
		unsigned id, commands, command, action, transaction;
	} cases[] = {
	    {"T=9{C=1{MF=a,MF=b{Xyz{}}}}", 9, 1, 444, 0, 0},	    /* unknown descriptor */
	    {"T=9{C=1{MF=a,MF=b{M{L{x},L{y}}}}}", 9, 1, 448, 0, 0}, /* descriptor twice */
	    {"T=9{C=1{MF=a,MF=b{M{O{MO=XX}}},MF=c}}", 9, 2, 442, 0,
	     0},					      /* end of the command is known */
	    {"T=9{C=1{MF=a,MF=b{M{O{MO=XX", 9, 1, 0, 442, 0}, /* it is not */
	    {"T=9{C=1{MF=a,MF=b:c}}", 9, 1, 0, 442, 0},	      /* TerminationID */
	    {"T=9{C=1{MF=a,Fly=b}}", 9, 1, 0, 443, 0},	      /* unknown command */
	    {"T=9{C=x{MF=a}}", 9, 0, 0, 0, 422},	      /* ContextID */
	    {"T=9{C=4294967295{MF=a}}", 9, 0, 0, 0, 422},     /* reserved ContextID */
	    {"T=9{C=1{MF=a},D=2{MF=b}}", 9, 1, 0, 0, 422},    /* second action */
	    {"T=9{C=1{MF=a,MF=b", 9, 1, 0, 442, 0},
	    {"T=9{C=1{MF=a}", 9, 1, 0, 0, 403}, /* end of the transaction */
	    {"T=9{", 9, 0, 0, 0, 422},
	    {"T=9", 9, 0, 0, 0, 403},
	    {"T=x{C=1{MF=a}}", 0, 0, 0, 0, 403},
	    {"X=9{C=1{MF=a}}", 0, 0, 0, 0, 403},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[256] = "!/3 <a> ";
		unsigned commands = 0, command = 0, action = 0;
		struct h248_decode_error error;
		struct h248_message *m;
		const struct h248_transaction *t;

		strcat(text, cases[i].text);
		ck_assert_msg(decode(text, false, &m, &error) == H248_OK, "%s", cases[i].text);
		t = m->transactions;
		for (const struct h248_action *a = t->actions; a; a = a->next) {
			action = a->error.code ? a->error.code : action;
			for (const struct h248_command *c = a->commands; c; c = c->next) {
				commands += !c->error.code;
				command = c->error.code ? c->error.code : command;
			}
		}
		ck_assert_msg(t->malformed && error.code, "%s", cases[i].text);
		ck_assert_msg(t->id == cases[i].id && commands == cases[i].commands &&
				  command == cases[i].command && action == cases[i].action &&
				  t->error.code == cases[i].transaction,
			      "%s: id %u, %u commands, %u/%u/%u", cases[i].text, t->id, commands,
			      command, action, t->error.code);
	}
}
END_TEST

START_TEST(the_next_transaction_is_still_read)
{
	struct h248_decode_error error;
	struct h248_message *m;

	ck_assert_int_eq(
	    decode("!/1 a T=1{C=1{MF=a{M{L{v=0 { \\} },Mode}}},C=q{\"}\"}} ;}\n T=2{C=2{S=b}} K{7}",
		   false, &m, &error),
	    H248_OK);
	ck_assert(m->transactions->malformed);
	ck_assert_uint_eq(m->transactions->next->id, 2);
	ck_assert(!m->transactions->next->malformed);
	ck_assert_int_eq(m->transactions->next->next->kind, H248_ACK);
}
END_TEST

START_TEST(later_items_are_noted_or_when_strict_refused)
{
	static const struct {
		const char *text;
		unsigned needs;
	} cases[] = {
	    {"T=1{C=1{MF=a}}", 1},
	    {"T=1{C=1{AV=a{AT{M{O{ds/dscp}}}}}}", 2},
	    {"T=1{C=1{TP{a,b,BW,ST=1},MF=a}}", 2},
	    {"T=1{C=1{IEPS=ON,MF=a}}", 3},
	    {"T=1{C=1{MF=[a,b]}}", 3},
	    {"T=1{C=1{MF=a{SA{rtp/ps}}}}", 3},
	    {"T=1{C=1{MF=a{E=1{a/b{NBIN}}}}}", 3},
	    {"SM=1/1", 3},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct h248_decode_error error;
		struct h248_message *m;
		char text[128] = "!/1 a ";

		strcat(text, cases[i].text);
		ck_assert_int_eq(decode(text, false, &m, &error), H248_OK);
		ck_assert_msg(m->needs_version == cases[i].needs && !error.code, "%s: %u", text,
			      m->needs_version);
		ck_assert_int_eq(decode(text, true, &m, &error), H248_OK);
		ck_assert_msg((error.code != 0) == (cases[i].needs > 1), "%s", text);
		text[2] = (char)('0' + cases[i].needs);
		ck_assert_int_eq(decode(text, true, &m, &error), H248_OK);
		ck_assert_msg(error.code == 0, "%s", text);
	}
}
END_TEST

START_TEST(every_cut_of_a_message_is_survived)
{
	static const char text[] =
	    "MEGACO/3 <mg> Transaction=1{Context=${Emergency,Add=ip/$ {Media{Stream=1{LocalControl{"
	    "Mode=SendReceive,ipdc/realm=\"x\"},Local{\nv=0\n}}},Events=1{g/cause,a/b{KeepActive}},"
	    "Signals{a/b{Stream=1}}}}} Reply=2{Context=1{AuditValue=ROOT{Packages{g-2}}}}";

	size_t first =
	    (size_t)(strstr(text, " Reply") - text); /* the end of the first transaction */

	for (size_t n = 0; n < sizeof(text) - 1; n++) {
		char *cut = malloc(n ? n : 1);
		struct h248_arena arena;
		struct h248_message *m;

		memcpy(cut, text, n);
		h248_arena_init(&arena, memory, sizeof(memory));
		if (h248_decode(slice_make(cut, n), NULL, &arena, &m, NULL) == H248_OK)
			ck_assert_msg(m->transactions->malformed || n >= first, "%zu", n);
		free(cut);
	}
}
END_TEST

START_TEST(sizes_are_bounded)
{
	static char text[400000];
	struct h248_decode_options options = {.text_max = 100};
	struct h248_decode_error error;
	static char big[8 << 20];
	struct h248_arena arena;
	struct h248_message *m;
	size_t n;

	memset(text, ' ', sizeof(text));
	h248_arena_init(&arena, big, sizeof(big));
	ck_assert_int_eq(h248_decode(slice_make(text, sizeof(text)), NULL, &arena, &m, &error),
			 H248_E_SIZE);
	ck_assert_int_eq(h248_decode(slice_make(text, 101), &options, &arena, &m, &error),
			 H248_E_SIZE);
	n = (size_t)snprintf(text, sizeof(text), "!/1 a K{");
	for (int i = 0; i < 20000; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%d,", i);
	n += (size_t)snprintf(text + n, sizeof(text) - n, "1}");
	ck_assert_int_eq(h248_decode(slice_make(text, n), NULL, &arena, &m, &error), H248_E_SIZE);
}
END_TEST

static unsigned check(const char *command, const char *context,
		      const struct h248_check_options *options)
{
	char text[1024];
	struct h248_arena arena;
	struct h248_action *a;
	struct h248_error error = {0};
	unsigned code;

	snprintf(text, sizeof(text), "Context=%s{%s}", context, command);
	h248_arena_init(&arena, memory, sizeof(memory));
	ck_assert_msg(h248_decode_actions(slice_str(text), &arena, &a, NULL) == H248_OK, "%s",
		      text);
	code = (unsigned)h248_check_command(a->commands, a->context, options, &error);
	ck_assert_uint_eq(code, error.code);
	return code;
}

START_TEST(commands_are_checked_before_they_run)
{
	static const struct {
		const char *command, *context;
		unsigned code;
	} cases[] = {
	    {"A=ip/$", "$", 0},
	    {"A=ip/$", "*", 421},
	    {"A=ip/$", "-", 421},
	    {"S=ip/1", "$", 421},
	    {"S=*", "-", 421},
	    {"MV=ip/1", "-", 421},
	    {"A=ROOT", "1", 410},
	    {"MF=ROOT", "-", 0},
	    {"MF=ROOT", "1", 410},
	    {"MF=$", "1", 410},
	    {"AV=ROOT{AT{}}", "*", 0},
	    {"N=ip/*{OE=1{g/cause}}", "1", 410},
	    {"N=ip/1{OE=1{g/cause{Generalcause=NR}}}", "1", 0},
	    {"N=ip/1{OE=1{g/cause{Generalcause=XX}}}", "1", 449},
	    {"AV=ip/1", "1", 472},
	    {"SC=ip/1{SV{MT=FO,RE=\"905\"}}", "1", 0},
	    {"SC=ip/1{SV{RE=\"905\"}}", "1", 472},
	    {"SC=ip/1{SV{MT=FO}}", "1", 472},
	    {"S=ip/1{M{O{MO=IN}}}", "1", 447},
	    {"MF=ip/1{SG{},SG{}}", "1", 448},
	    {"MF=ip/1{M{ST=1{L{}},ST=1{L{}}}}", "1", 448},
	    {"MF=ip/1{M{O{xyz/a=1}}}", "1", 440},
	    {"MF=ip/1{M{O{gm/xyz=1}}}", "1", 450},
	    {"MF=ip/1{M{O{gm/rsb=ON}}}", "1", 0}, /* inherited from rtcph */
	    {"MF=ip/1{M{O{gm/saf=MAYBE}}}", "1", 449},
	    {"MF=ip/1{M{O{tman/pdr=-5}}}", "1", 0},
	    {"MF=ip/1{M{O{tman/pdr=5x}}}", "1", 449},
	    {"MF=ip/1{M{O{ds/dscp=2E}}}", "1", 0},
	    {"MF=ip/1{M{O{ds/dscp=2EF}}}", "1", 449},
	    {"MF=ip/1{M{O{gm/saf=ON,GM/SAF=OFF}}}", "1", 456},
	    {"MF=ip/1{M{O{root/maxNumberOfContexts=5}}}", "1", 455},
	    {"MF=ROOT{M{TS{root/maxNumberOfContexts=5}}}", "-", 534},
	    {"MF=ROOT{M{TS{root/normalMGExecutionTime=500}}}", "-", 0},
	    {"MF=ip/1{E=1{xyz/a}}", "1", 440},
	    {"MF=ip/1{E=1{hangterm/a}}", "1", 451},
	    {"MF=ip/1{E=1{hangterm/*,*/*}}", "1", 0},
	    {"MF=ip/1{E=1{hangterm/thb{timerz=1}}}", "1", 446},
	    {"MF=ip/1{E=1{hangterm/thb{timerx=x}}}", "1", 449},
	    {"MF=ip/1{E=1{adid/ipstop{dt=1,dt=2}}}", "1", 456},
	    {"MF=ip/1{SG{ipnapt/latch{napt=RELATCH}}}", "1", 0},
	    {"MF=ip/1{SG{ipnapt/latch{napt=OTHER}}}", "1", 449},
	    {"MF=ip/1{SG{ipnapt/xyz}}", "1", 452},
	    {"MF=ip/1{SG{SL=1{ipnapt/xyz}}}", "1", 452},
	    {"MF=ip/1{E=1{g/cause{EM{SG{ipnapt/xyz}}}}}", "1", 452},
	    {"MF=ip/1{SA{rtp/os}}", "1", 0}, /* inherited from nt */
	    {"MF=ip/1{SA{rtp/xyz}}", "1", 453},
	    {"AC=ip/1{AT{PG}}", "1", 447},
	    {"AV=ip/1{AT{M,M}}", "1", 448},
	};
	struct h248_check_options lenient = {.allow_unknown = true};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_msg(check(cases[i].command, cases[i].context, NULL) == cases[i].code,
			      "%s in %s: %u not %u", cases[i].command, cases[i].context,
			      check(cases[i].command, cases[i].context, NULL), cases[i].code);
	ck_assert_uint_eq(check("MF=a{M{O{xyz/a=1}},E=1{xyz/b},SG{xyz/c}}", "1", &lenient), 0);
	ck_assert_uint_eq(check("MF=a{M{O{gm/a=1}}}", "1", &lenient), 450);
}
END_TEST

START_TEST(what_the_receiver_does_not_implement_is_refused)
{
	static const struct {
		const char *command, *context;
		unsigned code;
	} cases[] = {
	    {"MF=a{M{O{gm/saf=ON}}}", "1", 0},
	    {"MF=a{M{O{gm/sam=\"10.0.0.1\"}}}", "1", 445},
	    {"MF=a{M{O{gm/rsb=ON}}}", "1", 0}, /* rtcph's, which gm extends */
	    {"MF=a{M{O{rtcph/rsb=ON}}}", "1", 0},
	    {"MF=a{M{O{tman/pol=ON}}}", "1", 440},
	    {"MF=a{E=1{g/cause}}", "1", 0},
	    {"MF=a{E=1{g/*}}", "1", 0},
	    {"MF=a{E=1{g/sc}}", "1", 512},
	    {"MF=a{E=1{nt/netfail}}", "1", 440},
	    {"MF=a{E=1{g/cause{EM{SG{tcpbcc/RelBNC}}}}}", "1", 513},
	    {"MF=a{SG{tcpbcc/EstBNC}}", "1", 0},
	    {"MF=a{SG{tcpbcc/RelBNC}}", "1", 513},
	    {"MF=a{SG{ipnapt/latch{napt=OFF}}}", "1", 446},
	    {"MF=a{SA{rtp/ps}}", "1", 0},
	    {"MF=a{SA{rtp/pl}}", "1", 501},
	    {"MF=a{M{TS{root/MGOriginatedPendingLimit=4}}}", "1", 445},
	    {"MF=ROOT{M{TS{root/MGOriginatedPendingLimit=4}}}", "-", 0},
	    {"MF=ROOT{M{TS{root/MGCOriginatedPendingLimit=4}}}", "-", 445},
	    {"MF=ROOT{E=1{g/cause}}", "-", 512},
	};
	struct h248_support items = {0}, root = {0};
	struct h248_check_options few = {.items = &items, .root_items = &root};

	ck_assert_int_eq(h248_support_add(&items, "gm", H248_PROPERTY, "saf", NULL), H248_OK);
	ck_assert_int_eq(h248_support_add(&items, "gm", H248_PROPERTY, "rsb", NULL), H248_OK);
	ck_assert_int_eq(h248_support_add(&items, "g", H248_EVENT, "cause", NULL), H248_OK);
	ck_assert_int_eq(h248_support_add(&items, "tcpbcc", H248_SIGNAL, "EstBNC", NULL), H248_OK);
	ck_assert_int_eq(h248_support_add(&items, "ipnapt", H248_SIGNAL, "latch", NULL), H248_OK);
	ck_assert_int_eq(h248_support_add(&items, "rtp", H248_STATISTIC, "ps", NULL), H248_OK);
	ck_assert_int_eq(
	    h248_support_add(&root, "root", H248_PROPERTY, "MGOriginatedPendingLimit", NULL),
	    H248_OK);
	ck_assert_int_eq(h248_support_add(&items, "gm", H248_PROPERTY, "xyz", NULL),
			 H248_E_ARGUMENT);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_msg(check(cases[i].command, cases[i].context, &few) == cases[i].code,
			      "%s: %u not %u", cases[i].command,
			      check(cases[i].command, cases[i].context, &few), cases[i].code);
}
END_TEST

UNIT_MAIN("h248 errors", a_message_that_is_none_is_refused_whole,
	  errors_sit_at_the_deepest_level_that_could_be_read, the_next_transaction_is_still_read,
	  later_items_are_noted_or_when_strict_refused, every_cut_of_a_message_is_survived,
	  sizes_are_bounded, commands_are_checked_before_they_run,
	  what_the_receiver_does_not_implement_is_refused)
