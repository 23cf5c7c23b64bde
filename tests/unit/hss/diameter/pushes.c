/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scenarios.h"

static struct dm request, answer;

/* Start "hssctl ARGUMENTS" (HSSCTL in the environment says how). Its output comes out of the
 * returned stream. */
static FILE *hssctl(const char *arguments)
{
	char command[1024];

	snprintf(command, sizeof(command), "%s %s 2>&1", getenv("HSSCTL"), arguments);
	return popen(command, "r");
}

/* Its exit status and whether its output has the text. */
static void hssctl_ends(FILE *f, int status, const char *text, const char *file, int line)
{
	char out[8192];
	size_t n = fread(out, 1, sizeof(out) - 1, f);
	int rc = pclose(f);

	out[n] = '\0';
	check_at(WIFEXITED(rc) && WEXITSTATUS(rc) == status, file, line, "hssctl exits %d: %s",
		 WEXITSTATUS(rc), out);
	check_at(strstr(out, text) != NULL, file, line, "hssctl does not say '%s' but: %s", text,
		 out);
}
#define HSSCTL_ENDS(f, status, text) hssctl_ends(f, status, text, __FILE__, __LINE__)

static void register_user1(struct peer *scscf)
{
	make_sar(scscf, &request, USER1, PUBLIC1, 1, 0);
	CHECK(request_send(scscf, &request, &answer));
	CHECK_ANSWER(scscf, &request, &answer, 2001, false);
}

static void expect_location(struct peer *icscf, const char *impu, uint32_t code, bool experimental)
{
	make_lir(icscf, &request, impu);
	CHECK(request_send(icscf, &request, &answer));
	CHECK_ANSWER(icscf, &request, &answer, code, experimental);
}

static void check_request(const struct dm *m)
{
	struct dm_list avps = dm_avps(m), rest = avps;
	struct dm_avp avp;

	CHECK(dm_flags(m) == 0xc0);
	CHECK(dm_next(&rest, &avp) && avp.code == 263 && avp.len > 14 &&
	      memcmp(avp.data, "hss.home1.net;", 14) == 0);
	CHECK(dm_find(avps, 264, 0, 0, &avp) && dm_is(&avp, "hss.home1.net"));
	CHECK(dm_find(avps, 296, 0, 0, &avp) && dm_is(&avp, "home1.net"));
	CHECK(dm_find(avps, 293, 0, 0, &avp) && dm_is(&avp, "scscf.home1.net"));
	CHECK(dm_find(avps, 283, 0, 0, &avp) && dm_is(&avp, "home1.net"));
	CHECK(dm_find(avps, 277, 0, 0, &avp) && dm_value(&avp) == 1);
	CHECK(dm_find(avps, 260, 0, 0, &avp) && dm_count(dm_group(&avp), 258, 0) == 1);
	CHECK(dm_find(avps, 1, 0, 0, &avp) && dm_is(&avp, USER1));
}

static void deregister(struct peer *icscf, struct peer *scscf)
{
	static struct dm rtr;
	struct dm_avp avp, inner;
	FILE *ctl;

	register_user1(scscf);
	ctl = hssctl("deregister " USER1 " reason=server-change 'info=good bye'");
	if (CHECK(request_wait(scscf, &rtr, CMD_RT, PATIENCE_MS))) {
		check_request(&rtr);
		CHECK(dm_count(dm_avps(&rtr), 601, TGPP) ==
		      3); /* the whole implicit set is named */
		CHECK(dm_find(dm_avps(&rtr), 601, TGPP, 0, &avp) && dm_is(&avp, PUBLIC1));
		CHECK(dm_find(dm_avps(&rtr), 615, TGPP, 0, &avp));
		CHECK(dm_find(dm_group(&avp), 616, TGPP, 0, &inner) && dm_value(&inner) == 2);
		CHECK(dm_find(dm_group(&avp), 617, TGPP, 0, &inner) && dm_is(&inner, "good bye"));
		expect_location(icscf, PUBLIC1, 2001, false); /* not before the answer */
		request_answer(scscf, &rtr, 2001);
	}
	HSSCTL_ENDS(ctl, 0, "RTR answered by scscf.home1.net: 2001");
	expect_location(icscf, PUBLIC1, 5003, true);
	HSSCTL_ENDS(hssctl("deregister " USER1), 1, "is not registered");
	HSSCTL_ENDS(hssctl("deregister nobody@home1.net"), 1, "not found");
}

/* The S-CSCF refuses, or says nothing: the registration stays, unless the operator forces it. */
static void deregister_fails(struct peer *icscf, struct peer *scscf)
{
	static struct dm rtr;
	FILE *ctl;

	register_user1(scscf);
	ctl = hssctl("deregister " USER1 " " PUBLIC1);
	if (CHECK(request_wait(scscf, &rtr, CMD_RT, PATIENCE_MS))) {
		/* nobody waits behind it */
		HSSCTL_ENDS(hssctl("status"), 0, "peer scscf.home1.net OPEN");
		request_answer(scscf, &rtr, 5012);
	}
	HSSCTL_ENDS(ctl, 1, "scscf.home1.net answered 5012");
	expect_location(icscf, PUBLIC1, 2001, false);
	ctl = hssctl("deregister " USER1 " force");
	CHECK(request_wait(scscf, &rtr, CMD_RT, PATIENCE_MS)); /* and no answer */
	HSSCTL_ENDS(ctl, 0, "did not answer");
	expect_location(icscf, PUBLIC1, 5003, true);
}

static void push(struct peer *scscf)
{
	static struct dm ppr;
	struct dm_avp avp, inner;
	FILE *ctl;

	register_user1(scscf);
	HSSCTL_ENDS(hssctl("ifc set " USER1 " profile=1 priority=5 server=sip:new.home1.net"), 0,
		    "");
	/* by itself */
	if (CHECK(request_wait(scscf, &ppr, CMD_PP, PATIENCE_MS))) {
		check_request(&ppr);
		CHECK(dm_find(dm_avps(&ppr), 606, TGPP, 0, &avp) &&
		      memmem(avp.data, avp.len, "sip:new.home1.net", 17));
		CHECK(dm_find(dm_avps(&ppr), 618, TGPP, 0, &avp) &&
		      dm_find(dm_group(&avp), 621, TGPP, 0, &inner) &&
		      dm_is(&inner, "aaa://ccf.home1.net"));
		request_answer(scscf, &ppr, 2001);
	}
	ctl = hssctl("push " USER1);
	if (CHECK(request_wait(scscf, &ppr, CMD_PP, PATIENCE_MS)))
		request_answer(scscf, &ppr, 2001);
	HSSCTL_ENDS(ctl, 0, "PPR answered by scscf.home1.net: 2001");
	ctl = hssctl("push " USER1); /* stock S-CSCFs never answer */
	CHECK(request_wait(scscf, &ppr, CMD_PP, PATIENCE_MS));
	HSSCTL_ENDS(ctl, 1, "did not answer");
}

/* What hssctl changes counts from the next request on. */
static void provision_live(struct peer *icscf, struct peer *scscf)
{
	/* who is registered would get a PPR for the new identity, sooner or later */
	make_sar(scscf, &request, USER1, PUBLIC1, 5, 0);
	CHECK(request_send(scscf, &request, &answer));
	expect_location(icscf, "sip:late@home1.net", 5001, true);
	HSSCTL_ENDS(hssctl("impu set " USER1 " sip:late@home1.net set=1 profile=1"), 0, "");
	expect_location(icscf, "sip:late@home1.net", 5003, true);
	register_user1(scscf);
	expect_location(icscf, "sip:late@home1.net", 2001, false);
	HSSCTL_ENDS(hssctl("impu remove " USER1 " sip:late@home1.net"), 1, "deregister it first");
	HSSCTL_ENDS(hssctl("subscriber remove " USER1), 1, "is registered");
	make_sar(scscf, &request, USER1, PUBLIC1, 5, 0);
	CHECK(request_send(scscf, &request, &answer));
	HSSCTL_ENDS(hssctl("impu remove " USER1 " sip:late@home1.net"), 0, "");
	expect_location(icscf, "sip:late@home1.net", 5001, true);
	HSSCTL_ENDS(hssctl("status"), 0, "peer scscf.home1.net OPEN");
}

/* Its S-CSCF is away: the profile and the order to forget a user are for nobody else. */
static void nobody_else_is_pushed(void)
{
	struct peer away;

	CHECK(peer_open(&away, "scscf2.home1.net", "10.9.9.2") == 2001);
	make_sar_of(&away, &request, "sip:scscf2.home1.net", "user2_private@home1.net",
		    "sip:user2_public1@home1.net", 1, 0);
	CHECK(request_send(&away, &request, &answer));
	CHECK_ANSWER(&away, &request, &answer, 2001, false);
	peer_close(&away);
	HSSCTL_ENDS(hssctl("push user2_private@home1.net"), 1, "answered 3002");
	HSSCTL_ENDS(hssctl("deregister user2_private@home1.net"), 1, "answered 3002");
	HSSCTL_ENDS(hssctl("deregister user2_private@home1.net force"), 0, "");
}

void play_pushes(struct peer *icscf, struct peer *scscf)
{
	deregister(icscf, scscf);
	deregister_fails(icscf, scscf);
	push(scscf);
	provision_live(icscf, scscf);
	nobody_else_is_pushed();
}
