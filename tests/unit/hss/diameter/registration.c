/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <string.h>

#include "aka/auth.h"
#include "aka/sqn.h"
#include "base/slice.h"
#include "scenarios.h"

static struct dm request, answer;

/* The ISIM of user1: it keeps its own sequence numbers. */
static struct {
	struct aka_key key;
	struct sqn_ms sqn;
	uint8_t rand[16];
} isim;

static void first_query(struct peer *icscf)
{
	struct dm_avp caps, avp;

	make_uar(icscf, &request, USER1, PUBLIC1);
	if (!CHECK(request_send(icscf, &request, &answer)))
		return;
	CHECK_ANSWER(icscf, &request, &answer, 2001, true); /* FIRST_REGISTRATION */
	CHECK(dm_count(dm_avps(&answer), 602, TGPP) == 0);
	if (!CHECK(dm_find(dm_avps(&answer), 603, TGPP, 0, &caps)))
		return;
	CHECK(dm_count(dm_group(&caps), 604, TGPP) == 1);
	CHECK(dm_find(dm_group(&caps), 604, TGPP, 0, &avp) && dm_value(&avp) == 1);
	CHECK(dm_find(dm_group(&caps), 605, TGPP, 1, &avp) && dm_value(&avp) == 3);
	make_lir(icscf, &request, PUBLIC1);
	CHECK(request_send(icscf, &request, &answer));
	CHECK_ANSWER(icscf, &request, &answer, 5003, true); /* IDENTITY_NOT_REGISTERED */
}

/* Check the item at index n AVP by AVP, as the ISIM would. Returns what sqn_ms_accept() says. */
static int check_vector(size_t n)
{
	struct dm_list avps = dm_avps(&answer);
	struct dm_avp item, avp;
	struct aka_answer a;
	uint8_t autn[16];

	if (!CHECK(dm_find(avps, 612, TGPP, n, &item)))
		return -1;
	CHECK(dm_find(dm_group(&item), 613, TGPP, 0, &avp) && dm_value(&avp) == n + 1);
	CHECK(dm_find(dm_group(&item), 608, TGPP, 0, &avp) && dm_is(&avp, "Digest-AKAv1-MD5"));
	if (!CHECK(dm_find(dm_group(&item), 609, TGPP, 0, &avp) && avp.len == 32))
		return -1;
	memcpy(isim.rand, avp.data, 16);
	memcpy(autn, avp.data + 16, 16);
	if (!CHECK(aka_autn_check(&isim.key, isim.rand, autn, &a) == 0))
		return -1;
	CHECK(a.amf[0] == 0x80 && a.amf[1] == 0);
	CHECK(dm_find(dm_group(&item), 610, TGPP, 0, &avp) && avp.len == 8 &&
	      memcmp(avp.data, a.res, 8) == 0);
	CHECK(dm_find(dm_group(&item), 625, TGPP, 0, &avp) && avp.len == 16 &&
	      memcmp(avp.data, a.ck, 16) == 0);
	CHECK(dm_find(dm_group(&item), 626, TGPP, 0, &avp) && avp.len == 16 &&
	      memcmp(avp.data, a.ik, 16) == 0);
	return sqn_ms_accept(&isim.sqn, a.sqn);
}

static void check_maa(struct peer *scscf, uint32_t items)
{
	struct dm_list avps = dm_avps(&answer);
	struct dm_avp avp;

	CHECK_ANSWER(scscf, &request, &answer, 2001, false);
	CHECK(dm_find(avps, 1, 0, 0, &avp) && dm_is(&avp, USER1));
	CHECK(dm_find(avps, 601, TGPP, 0, &avp) && dm_is(&avp, PUBLIC1));
	CHECK(dm_find(avps, 607, TGPP, 0, &avp) && dm_value(&avp) == items);
	CHECK(dm_count(avps, 612, TGPP) == items);
}

static void authenticate(struct peer *scscf)
{
	slice_hex(SLICE_LIT("465b5ce8b199b49faa5f0a2ee238a6bc"), isim.key.milenage.k, 16);
	slice_hex(SLICE_LIT("cd63cb71954a9f4e48a5994e37a02baf"), isim.key.milenage.opc, 16);
	make_mar(scscf, &request, USER1, PUBLIC1, "Digest-AKAv1-MD5", 1, NULL);
	CHECK(request_send(scscf, &request, &answer));
	check_maa(scscf, 1);
	CHECK(check_vector(0) == 0);
	/* several at once, no more than the configuration allows */
	make_mar(scscf, &request, USER1, PUBLIC1, "Unknown", 100, NULL);
	CHECK(request_send(scscf, &request, &answer));
	check_maa(scscf, 3);
	for (size_t i = 0; i < 3; i++)
		CHECK(check_vector(i) == 0);
}

/* The ISIM was used elsewhere: its numbers are far ahead. */
static void resynchronise(struct peer *scscf)
{
	uint8_t resync[30];

	CHECK(sqn_ms_accept(&isim.sqn, sqn_make(5000, 3)) == 0);
	for (unsigned int i = 0; i < SQN_IND_COUNT; i++)
		isim.sqn.seq[i] = 5000;
	make_mar(scscf, &request, USER1, PUBLIC1, "Digest-AKAv1-MD5", 1, NULL);
	CHECK(request_send(scscf, &request, &answer));
	check_maa(scscf, 1);
	CHECK(check_vector(0) == AKA_ESYNC);

	memcpy(resync, isim.rand, 16);
	CHECK(aka_auts_make(&isim.key, isim.rand, sqn_ms_highest(&isim.sqn), resync + 16) == 0);
	resync[29] ^= 1; /* a forger */
	make_mar(scscf, &request, USER1, PUBLIC1, "Digest-AKAv1-MD5", 1, resync);
	CHECK(request_send(scscf, &request, &answer));
	CHECK_ANSWER(scscf, &request, &answer, 5012, false);
	CHECK(dm_count(dm_avps(&answer), 612, TGPP) == 0);

	resync[29] ^= 1;
	make_mar(scscf, &request, USER1, PUBLIC1, "Digest-AKAv1-MD5", 1, resync);
	CHECK(request_send(scscf, &request, &answer));
	check_maa(scscf, 1);
	CHECK(check_vector(0) == 0);
}

/* A card of TUAK, with K of 256 bits and RES of 128: that of TS 35.233 6.4. */
static void authenticate_by_tuak(struct peer *scscf)
{
	struct aka_key key = {
	    .algorithm = AKA_TUAK, .res_len = 16, .tuak = {.k_len = 32, .iterations = 1}};
	struct dm_avp item, avp;
	struct aka_answer a;
	uint8_t resync[30];

	slice_hex(SLICE_LIT("fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0efeeedecebeae9e8e7e6e5e4e3e2e1e0"),
		  key.tuak.k, 32);
	slice_hex(SLICE_LIT("305425427e18c503c8a4b294ea72c95d0c36c6c6b29d0c65de5974d5977f8524"),
		  key.tuak.topc, 32);
	for (int i = 0; i < 2; i++) {
		make_mar(scscf, &request, "user5_private@home1.net", "sip:user5_public1@home1.net",
			 "Digest-AKAv1-MD5", 1, i ? resync : NULL);
		CHECK(request_send(scscf, &request, &answer));
		CHECK_ANSWER(scscf, &request, &answer, 2001, false);
		if (!CHECK(dm_find(dm_avps(&answer), 612, TGPP, 0, &item)) ||
		    !CHECK(dm_find(dm_group(&item), 609, TGPP, 0, &avp) && avp.len == 32))
			return;
		CHECK(aka_autn_check(&key, avp.data, avp.data + 16, &a) == 0);
		CHECK(i == 0 || a.sqn > sqn_make(7000, 0));
		/* its numbers are ahead: it asks for those behind */
		memcpy(resync, avp.data, 16);
		CHECK(aka_auts_make(&key, resync, sqn_make(7000, 0), resync + 16) == 0);
		CHECK(dm_find(dm_group(&item), 610, TGPP, 0, &avp) && avp.len == 16 &&
		      memcmp(avp.data, a.res, 16) == 0);
		CHECK(dm_find(dm_group(&item), 625, TGPP, 0, &avp) && avp.len == 16 &&
		      memcmp(avp.data, a.ck, 16) == 0);
		CHECK(dm_find(dm_group(&item), 626, TGPP, 0, &avp) && avp.len == 16 &&
		      memcmp(avp.data, a.ik, 16) == 0);
	}
}

static bool xpath_is(xmlXPathContextPtr ctx, const char *path, const char *want)
{
	xmlXPathObjectPtr obj = xmlXPathEvalExpression(BAD_CAST path, ctx);
	xmlChar *got = obj ? xmlXPathCastToString(obj) : NULL;
	bool ok = CHECK_MSG(got && strcmp((const char *)got, want) == 0, "%s is '%s', not '%s'",
			    path, got ? (const char *)got : "", want);

	xmlFree(got);
	xmlXPathFreeObject(obj);
	return ok;
}

static void check_profile(const struct dm_avp *avp)
{
	xmlDocPtr doc =
	    xmlReadMemory((const char *)avp->data, (int)avp->len, "", NULL, XML_PARSE_NONET);
	xmlXPathContextPtr ctx;

	if (!CHECK(doc != NULL))
		return;
	ctx = xmlXPathNewContext(doc);
	xpath_is(ctx, "name(/*)", "IMSSubscription");
	xpath_is(ctx, "/*/PrivateID", USER1);
	xpath_is(ctx, "count(//ServiceProfile)", "1");
	xpath_is(ctx, "count(//PublicIdentity)", "3");
	xpath_is(ctx, "//PublicIdentity[1]/Identity", PUBLIC1);
	xpath_is(ctx, "//PublicIdentity[1]//DisplayName", "User \"One\" & <1>");
	xpath_is(ctx, "//PublicIdentity[2]/Identity", "sip:user1_public2@home1.net");
	xpath_is(ctx, "//PublicIdentity[2]/BarringIndication", "1");
	xpath_is(ctx, "//PublicIdentity[3]/Identity", "tel:+12125551111");
	xpath_is(ctx, "count(//InitialFilterCriteria)", "1");
	xpath_is(ctx, "//InitialFilterCriteria/Priority", "10");
	xpath_is(ctx, "//TriggerPoint/ConditionTypeCNF", "1");
	xpath_is(ctx, "count(//SPT)", "2");
	xpath_is(ctx, "//SPT[1]/Method", "REGISTER");
	xpath_is(ctx, "//SPT[1]/Group", "0");
	xpath_is(ctx, "count(//SPT[1]/Extension/RegistrationType)", "2");
	xpath_is(ctx, "//SPT[2]/SIPHeader/Header", "From");
	xpath_is(ctx, "//SPT[2]/SIPHeader/Content", "^sip:a,b");
	xpath_is(ctx, "//SPT[2]/Group", "1");
	xpath_is(ctx, "//SPT[2]/ConditionNegated", "1");
	xpath_is(ctx, "//ApplicationServer/ServerName", "sip:as.home1.net:5060");
	xpath_is(ctx, "//ApplicationServer/DefaultHandling", "0");
	xmlXPathFreeContext(ctx);
	xmlFreeDoc(doc);
}

static void assign(struct peer *icscf, struct peer *scscf)
{
	struct dm_avp avp, inner;

	/* the MAR stored the S-CSCF */
	make_uar(icscf, &request, USER1, PUBLIC1);
	CHECK(request_send(icscf, &request, &answer));
	CHECK_ANSWER(icscf, &request, &answer, 2002, true);
	CHECK(dm_find(dm_avps(&answer), 602, TGPP, 0, &avp) && dm_is(&avp, SCSCF));

	make_sar(scscf, &request, USER1, PUBLIC1, 1, 0);
	CHECK(request_send(scscf, &request, &answer));
	CHECK_ANSWER(scscf, &request, &answer, 2001, false);
	CHECK(dm_find(dm_avps(&answer), 1, 0, 0, &avp) && dm_is(&avp, USER1));
	if (CHECK(dm_find(dm_avps(&answer), 606, TGPP, 0, &avp)))
		check_profile(&avp);
	CHECK(dm_find(dm_avps(&answer), 618, TGPP, 0, &avp) &&
	      dm_find(dm_group(&avp), 621, TGPP, 0, &inner) &&
	      dm_is(&inner, "aaa://ccf.home1.net"));

	make_sar(scscf, &request, USER1, PUBLIC1, 2, 1); /* again, the S-CSCF has the data */
	CHECK(request_send(scscf, &request, &answer));
	CHECK_ANSWER(scscf, &request, &answer, 2001, false);
	CHECK(dm_count(dm_avps(&answer), 606, TGPP) == 0);
}

static void locate(struct peer *icscf, const char *impu, uint32_t code, bool experimental,
		   bool server)
{
	struct dm_avp avp;

	make_lir(icscf, &request, impu);
	CHECK(request_send(icscf, &request, &answer));
	CHECK_ANSWER(icscf, &request, &answer, code, experimental);
	if (server)
		CHECK(dm_find(dm_avps(&answer), 602, TGPP, 0, &avp) && dm_is(&avp, SCSCF));
	else
		CHECK(dm_count(dm_avps(&answer), 602, TGPP) == 0);
}

/* All of the implicit set is registered, the other set is not; forms of an identity that are equal
 * find it. */
static void locate_all(struct peer *icscf)
{
	struct dm_avp avp;

	locate(icscf, PUBLIC1, 2001, false, true);
	locate(icscf, "sip:user1_public2@HOME1.NET:5060;user=phone", 2001, false, true);
	locate(icscf, "tel:+1-212-555-1111", 2001, false, true);
	locate(icscf, "sip:user1_public3@home1.net", 5003, true, false);
	make_lir(icscf, &request, "sip:user1_public3@home1.net");
	dm_u32(&request, 633, TGPP, 0); /* Originating-Request */
	CHECK(request_send(icscf, &request, &answer));
	CHECK_ANSWER(icscf, &request, &answer, 2001, false); /* the subscription has an S-CSCF */
	CHECK(dm_find(dm_avps(&answer), 602, TGPP, 0, &avp) && dm_is(&avp, SCSCF));
	make_lir(icscf, &request, PUBLIC1);
	dm_u32(&request, 623, TGPP, 2); /* REGISTRATION_AND_CAPABILITIES */
	CHECK(request_send(icscf, &request, &answer));
	CHECK_ANSWER(icscf, &request, &answer, 2001, false);
	CHECK(dm_count(dm_avps(&answer), 603, TGPP) == 1);
	/* services for the unregistered state, no S-CSCF yet */
	make_lir(icscf, &request, "sip:user4_public1@home1.net");
	CHECK(request_send(icscf, &request, &answer));
	CHECK_ANSWER(icscf, &request, &answer, 2003, true);
	CHECK(dm_count(dm_avps(&answer), 603, TGPP) == 1);
}

static void unregistered_user(struct peer *icscf, struct peer *scscf)
{
	struct dm_avp name;

	make_sar(scscf, &request, NULL, "sip:user4_public1@home1.net", 3, 0);
	CHECK(request_send(scscf, &request, &answer));
	CHECK_ANSWER(scscf, &request, &answer, 2001, false);
	CHECK(dm_count(dm_avps(&answer), 606, TGPP) == 1);
	/* whose the profile is, the S-CSCF learns here (TS 29.228 6.1.2) */
	CHECK(dm_find(dm_avps(&answer), 1, 0, 0, &name) && dm_is(&name, "user4_private@home1.net"));
	locate(icscf, "sip:user4_public1@home1.net", 2001, false, true);
	make_sar(scscf, &request, NULL, "sip:user4_public1@home1.net", 4, 0);
	CHECK(request_send(scscf, &request, &answer));
	CHECK_ANSWER(scscf, &request, &answer, 2001, false);
	locate(icscf, "sip:user4_public1@home1.net", 2003, true, false);
}

/* Two private identities share one public identity: it stays registered until both are gone. */
static void shared_identity(struct peer *icscf, struct peer *scscf)
{
	static const char *const impis[] = {"user2_private@home1.net", "user2_tablet@home1.net"};
	struct dm_avp avp;

	for (int i = 0; i < 2; i++) {
		make_sar(scscf, &request, impis[i], "sip:user2_public1@home1.net", 1, 0);
		CHECK(request_send(scscf, &request, &answer));
		CHECK_ANSWER(scscf, &request, &answer, 2001, false);
		CHECK(dm_find(dm_avps(&answer), 632, TGPP, 0, &avp) &&
		      dm_count(dm_group(&avp), 1, 0) == 2);
		CHECK(dm_find(dm_avps(&answer), 647, TGPP, 0, &avp) &&
		      dm_count(dm_group(&avp), 1, 0) == (size_t)i + 1);
	}
	for (int i = 0; i < 2; i++) {
		make_sar(scscf, &request, impis[i], "sip:user2_public1@home1.net", 5, 0);
		CHECK(request_send(scscf, &request, &answer));
		CHECK_ANSWER(scscf, &request, &answer, 2001, false);
		locate(icscf, "sip:user2_public1@home1.net", i == 0 ? 2001 : 5003, i == 1, i == 0);
	}
}

static void deregister(struct peer *icscf, struct peer *scscf)
{
	make_uar(icscf, &request, USER1, PUBLIC1);
	dm_u32(&request, 623, TGPP, 1); /* DE_REGISTRATION */
	CHECK(request_send(icscf, &request, &answer));
	CHECK_ANSWER(icscf, &request, &answer, 2001, false);
	CHECK(dm_count(dm_avps(&answer), 602, TGPP) == 1);
	make_sar(scscf, &request, USER1, PUBLIC1, 7, 0); /* and remain his server */
	CHECK(request_send(scscf, &request, &answer));
	CHECK_ANSWER(scscf, &request, &answer, 2001, false);
	locate(icscf, PUBLIC1, 2001, false, true);
	make_sar(scscf, &request, USER1, NULL, 5, 0); /* all of the private identity */
	CHECK(request_send(scscf, &request, &answer));
	CHECK_ANSWER(scscf, &request, &answer, 2001, false);
	locate(icscf, PUBLIC1, 5003, true, false);
	make_uar(icscf, &request, USER1, PUBLIC1);
	CHECK(request_send(icscf, &request, &answer));
	CHECK_ANSWER(icscf, &request, &answer, 2001, true);
}

void play_registration(struct peer *icscf, struct peer *scscf)
{
	first_query(icscf);
	authenticate(scscf);
	resynchronise(scscf);
	authenticate_by_tuak(scscf);
	assign(icscf, scscf);
	locate_all(icscf);
	unregistered_user(icscf, scscf);
	shared_identity(icscf, scscf);
	deregister(icscf, scscf);
}
