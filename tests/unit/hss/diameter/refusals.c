/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "scenarios.h"

static struct dm request, answer;

static void expect(struct peer *p, uint32_t code, bool experimental, const char *file, int line)
{
	if (check_at(request_send(p, &request, &answer), file, line, "no answer"))
		check_answer(p, &request, &answer, code, experimental, file, line);
}
#define EXPECT(p, code, experimental) expect(p, code, experimental, __FILE__, __LINE__)

/* Failed-AVP holds an AVP of this code; *inner is it. */
static void expect_failed_avp(uint32_t code, uint32_t vendor, struct dm_avp *inner)
{
	struct dm_avp failed_avp;

	memset(inner, 0, sizeof(*inner));
	CHECK_MSG(dm_find(dm_avps(&answer), 279, 0, 0, &failed_avp) &&
		      dm_find(dm_group(&failed_avp), code, vendor, 0, inner),
		  "Failed-AVP has no AVP %u", code);
}

static void users(struct peer *icscf, struct peer *scscf)
{
	make_uar(icscf, &request, "nobody@home1.net", PUBLIC1);
	EXPECT(icscf, 5001, true);
	make_uar(icscf, &request, USER1, "sip:nobody@home1.net");
	EXPECT(icscf, 5001, true);
	make_uar(icscf, &request, USER1, "urn:service:sos");
	EXPECT(icscf, 5001, true);
	make_lir(icscf, &request, "sip:nobody@home1.net");
	EXPECT(icscf, 5001, true);
	make_mar(scscf, &request, "nobody@home1.net", PUBLIC1, "Digest-AKAv1-MD5", 1, NULL);
	EXPECT(scscf, 5001, true);
	make_sar(scscf, &request, "nobody@home1.net", PUBLIC1, 1, 0);
	EXPECT(scscf, 5001, true);

	make_uar(icscf, &request, USER1, "sip:user2_public1@home1.net");
	EXPECT(icscf, 5002, true);
	make_mar(scscf, &request, USER1, "sip:user2_public1@home1.net", "Digest-AKAv1-MD5", 1,
		 NULL);
	EXPECT(scscf, 5002, true);
	make_sar(scscf, &request, USER1, "sip:user2_public1@home1.net", 1, 0);
	EXPECT(scscf, 5002, true);
}

/* What is kept of who asks is a name, and no line of an export. */
static void names(struct peer *scscf)
{
	static const uint32_t codes[] = {296, 602}; /* Origin-Realm, Server-Name */

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		struct dm_avp name, inner;

		make_sar(scscf, &request, USER1, PUBLIC1, 1, 0);
		dm_end(&request);
		if (!CHECK(dm_find(dm_avps(&request), codes[i], i ? TGPP : 0, 0, &name)))
			return;
		((char *)(uintptr_t)name.data)[4] = '\n';
		EXPECT(scscf, 5004, false);
		expect_failed_avp(codes[i], i ? TGPP : 0, &inner);
	}
}

static void policies(struct peer *icscf, struct peer *scscf)
{
	uint8_t resync[30] = {0};

	make_uar(icscf, &request, "user3_private@home1.net", "sip:user3_public1@home1.net");
	EXPECT(icscf, 5003, false); /* barred, alone: AUTHORIZATION_REJECTED of the base protocol */
	make_uar(icscf, &request, "user4_private@home1.net", "sip:user4_public1@home1.net");
	EXPECT(icscf, 5004, true); /* may register from visited.net only */
	make_uar(icscf, &request, "user4_private@home1.net", "sip:user4_public1@home1.net");
	dm_u32(&request, 637, TGPP, 2); /* UAR-Flags of another meaning */
	EXPECT(icscf, 5004, true);
	make_uar(icscf, &request, "user4_private@home1.net", "sip:user4_public1@home1.net");
	dm_u32(&request, 637, TGPP, 1); /* for emergency calls */
	EXPECT(icscf, 2001, true);
	make_uar(icscf, &request, USER1, PUBLIC1);
	dm_u32(&request, 623, TGPP, 1);
	EXPECT(icscf, 5003, true); /* cannot deregister what is not registered */
	make_mar(scscf, &request, USER1, PUBLIC1, "SIP Digest", 1, NULL);
	EXPECT(scscf, 5006, true);
	make_mar(scscf, &request, "user4_private@home1.net", "sip:user4_public1@home1.net",
		 "Early-IMS-Security", 1, NULL);
	EXPECT(scscf, 5006, true); /* he may, but the operator has not switched it on */
	make_mar(scscf, &request, USER1, PUBLIC1, "Digest-AKAv1-MD5", 1, resync);
	EXPECT(scscf, 5012, false); /* MAC-S */
	make_sar(scscf, &request, USER1, PUBLIC1, 12, 0);
	EXPECT(scscf, 5007, true);
	make_sar(scscf, &request, USER1, PUBLIC1, 0, 0);
	EXPECT(scscf, 5012, false); /* NO_ASSIGNMENT by who is not assigned */
}

static void other_scscf(struct peer *scscf)
{
	struct dm_avp avp;

	make_sar(scscf, &request, USER1, PUBLIC1, 1, 0);
	EXPECT(scscf, 2001, false);
	make_sar_of(scscf, &request, "sip:other.home1.net", USER1, PUBLIC1, 1, 0);
	EXPECT(scscf, 5005, true);
	CHECK(dm_find(dm_avps(&answer), 602, TGPP, 0, &avp) && dm_is(&avp, SCSCF));
	make_sar_of(scscf, &request, "sip:other.home1.net", USER1, PUBLIC1, 5, 0);
	EXPECT(scscf, 5012, false);
	make_sar(scscf, &request, USER1, PUBLIC1, 1, 0);
	dm_text(&request, 601, TGPP, "sip:user1_public2@home1.net");
	EXPECT(scscf, 5009, false); /* two identities to register: AVP_OCCURS_TOO_MANY_TIMES */
	expect_failed_avp(601, TGPP, &avp);
	CHECK(dm_is(&avp, "sip:user1_public2@home1.net"));
	make_sar(scscf, &request, USER1, NULL, 1, 0);
	EXPECT(scscf, 5005, false); /* none at all */
	expect_failed_avp(601, TGPP, &avp);
	make_sar(scscf, &request, USER1, PUBLIC1, 5, 0);
	EXPECT(scscf, 2001, false);
}

static void dictionary(struct peer *icscf, struct peer *scscf)
{
	struct dm_avp avp;
	size_t at;

	request_begin(icscf, &request, CMD_UA);
	dm_text(&request, 1, 0, USER1);
	dm_text(&request, 600, TGPP, "home1.net");
	EXPECT(icscf, 5005, false); /* no Public-Identity */
	expect_failed_avp(601, TGPP, &avp);
	make_uar(icscf, &request, USER1, PUBLIC1);
	dm_u32(&request, 623, TGPP, 9);
	EXPECT(icscf, 5004, false);
	expect_failed_avp(623, TGPP, &avp);
	CHECK(avp.len == 4 && dm_value(&avp) == 9);
	make_mar(scscf, &request, USER1, PUBLIC1, "Digest-AKAv1-MD5", 1, NULL);
	dm_text(&request, 1, 0, "again@home1.net");
	EXPECT(scscf, 5009, false); /* User-Name twice */
	expect_failed_avp(1, 0, &avp);
	CHECK(dm_is(&avp, "again@home1.net"));
	make_uar(icscf, &request, USER1, PUBLIC1);
	dm_u32(&request, 9999, TGPP, 1); /* unknown, with M */
	EXPECT(icscf, 5001, false);
	expect_failed_avp(9999, TGPP, &avp);
	CHECK(avp.len == 4 && dm_value(&avp) == 1);
	make_uar(icscf, &request, USER1, PUBLIC1);
	dm_add(&request, 9999, TGPP, false, "x", 1); /* unknown, without M: ignored */
	EXPECT(icscf, 2001, true);
	make_uar(icscf, &request, USER1, PUBLIC1);
	at = dm_open(&request, 628, TGPP); /* Supported-Features demanded */
	dm_u32(&request, 266, 0, TGPP);
	dm_u32(&request, 629, TGPP, 1);
	dm_u32(&request, 630, TGPP, 1);
	dm_close(&request, at);
	EXPECT(icscf, 5011, true);
	make_mar(scscf, &request, USER1, PUBLIC1, "Digest-AKAv1-MD5", 1, NULL);
	dm_add(&request, 602, TGPP, true, "", 0);
	EXPECT(scscf, 5009, false);
	expect_failed_avp(602, TGPP, &avp);
	request_begin(icscf, &request, 399); /* no such command */
	CHECK(request_send(icscf, &request, &answer));
	CHECK(dm_flags(&answer) & 0x20); /* a protocol error has the E bit */
	CHECK(dm_find(dm_avps(&answer), 268, 0, 0, &avp) && dm_value(&avp) == 3001);
}

/*
 * A fault is answered with what is at fault, and costs nothing else that is under way: ten good
 * requests around it are answered, too.
 */
static void lengths(struct peer *icscf)
{
	static struct dm good;
	static const struct {
		uint32_t code, vendor;
		size_t len;
	} cases[] = {{623, TGPP, 0}, {623, TGPP, 1}, {623, TGPP, 5},
		     {9999, 0, 0},   {277, 0, 0},    {260, 0, 3}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct dm_avp avp;
		int good_ones = 0;

		for (int k = 0; k < 10; k++) {
			make_uar(icscf, &good, USER1, PUBLIC1);
			dm_end(&good);
			dm_send(icscf->fd, &good);
		}
		make_uar(icscf, &request, USER1, PUBLIC1);
		dm_add(&request, cases[i].code, cases[i].vendor, true, "\1\2\3\4\5", cases[i].len);
		dm_end(&request);
		dm_send(icscf->fd, &request);
		for (int k = 0; k < 10; k++) {
			make_uar(icscf, &good, USER1, PUBLIC1);
			dm_end(&good);
			dm_send(icscf->fd, &good);
		}
		for (int k = 0; k < 21 && CHECK(dm_receive(icscf->fd, &answer, PATIENCE_MS) == 1);
		     k++) {
			if (dm_hop(&answer) != dm_hop(&request)) {
				good_ones++;
				continue;
			}
			check_answer(icscf, &request, &answer, cases[i].code == 9999 ? 5001 : 5014,
				     false, __FILE__, __LINE__);
			expect_failed_avp(cases[i].code, cases[i].vendor, &avp);
		}
		CHECK_MSG(good_ones == 20,
			  "%d of 20 good requests were answered beside AVP %u of %zu octets",
			  good_ones, cases[i].code, cases[i].len);
	}
}

void play_refusals(struct peer *icscf, struct peer *scscf)
{
	users(icscf, scscf);
	names(scscf);
	policies(icscf, scscf);
	other_scscf(scscf);
	dictionary(icscf, scscf);
	lengths(icscf);
}
