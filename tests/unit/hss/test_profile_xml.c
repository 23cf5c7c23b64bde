/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/unit.h"
#include "hss/cx/profile_xml.h"

static struct subscription *sub;

static void add_impu(const char *uri, uint32_t profile)
{
	struct impu *u = &sub->impu[sub->n_impu++];

	*u = (struct impu){.profile = profile, .impis = 1};
	strcpy(u->uri, uri);
}

static void add_ifc(uint32_t profile, uint32_t priority, const char *trigger)
{
	struct ifc *f = &sub->ifc[sub->n_ifc++];

	*f = (struct ifc){.profile = profile, .priority = priority};
	strcpy(f->as, "sip:as");
	strcpy(f->trigger, trigger);
}

static char *xml(uint64_t impus, int first)
{
	size_t len = 0;
	char *text = profile_xml(sub, "one@h", impus, first, NULL, &len);

	if (text)
		ck_assert_uint_eq(strlen(text), len);
	return text;
}

/* XML declaration left out */
static void ck_xml(uint64_t impus, int first, const char *want)
{
	char *text = xml(impus, first);

	ck_assert_ptr_nonnull(text);
	ck_assert_ptr_nonnull(strchr(text, '\n'));
	ck_assert_int_eq(strncmp(text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", 39), 0);
	ck_assert_str_eq(strchr(text, '\n') + 1, want);
	free(text);
}

START_TEST(identities_in_their_profiles)
{
	sub = subscription_new();
	add_impu("sip:a@h", 1);
	add_impu("sip:b@h", 2);
	add_impu("sip:c@h", 1);
	sub->impu[2].barred = true;
	ck_xml(
	    7, 1,
	    "<IMSSubscription><PrivateID>one@h</PrivateID>"
	    "<ServiceProfile><PublicIdentity><BarringIndication>0</BarringIndication>"
	    "<Identity>sip:b@h</Identity></PublicIdentity></ServiceProfile>"
	    "<ServiceProfile><PublicIdentity><BarringIndication>0</BarringIndication>"
	    "<Identity>sip:a@h</Identity></PublicIdentity>"
	    "<PublicIdentity><BarringIndication>1</BarringIndication>"
	    "<Identity>sip:c@h</Identity></PublicIdentity></ServiceProfile></IMSSubscription>\n");
	ck_xml(
	    4, -1,
	    "<IMSSubscription><PrivateID>one@h</PrivateID><ServiceProfile><PublicIdentity>"
	    "<BarringIndication>1</BarringIndication><Identity>sip:c@h</Identity></PublicIdentity>"
	    "</ServiceProfile></IMSSubscription>\n");
	subscription_free(sub);
}
END_TEST

START_TEST(services_and_wildcards_say_what_they_are)
{
	size_t len;
	char *text;

	sub = subscription_new();
	add_impu("sip:a@h", 1);
	add_impu("sip:chat-!.*!@h", 1);
	add_impu("sip:psi@h", 1);
	sub->impu[1].service = sub->impu[2].service = true;
	add_impu("sip:pbx!.*!@h", 1);
	strcpy(sub->impu[3].display, "P");
	/* as it was asked for, once */
	text = profile_xml(sub, "one@h", 14, 1, "sip:chat-7@h", &len);
	ck_assert_ptr_nonnull(text);
	ck_assert_ptr_nonnull(
	    strstr(text, "<Identity>sip:chat-7@h</Identity><Extension><IdentityType>2</"
			 "IdentityType><WildcardedPSI>sip:chat-!.*!@h</WildcardedPSI></Extension>"
			 "</PublicIdentity>"));
	ck_assert_ptr_nonnull(strstr(text, "<Identity>sip:psi@h</Identity><Extension><IdentityType>"
					   "1</IdentityType></Extension></PublicIdentity>"));
	ck_assert_ptr_nonnull(
	    strstr(text, "<Identity>sip:pbx!.*!@h</Identity><Extension><IdentityType>3</"
			 "IdentityType><Extension><DisplayName>P</DisplayName><Extension>"
			 "<WildcardedIMPU>sip:pbx!.*!@h</WildcardedIMPU></Extension></Extension>"
			 "</Extension></PublicIdentity>"));
	free(text);
	text = profile_xml(sub, "one@h", 2, -1, NULL, &len);
	ck_assert_ptr_nonnull(strstr(text, "<Identity>sip:chat-!.*!@h</Identity>"));
	free(text);
	subscription_free(sub);
}
END_TEST

static void borrow(uint32_t profile, uint32_t priority, const char *server)
{
	struct ifc f = {.profile = profile, .priority = priority};

	strcpy(f.as, server);
	sub->borrowed = realloc(sub->borrowed, (sub->n_borrowed + 1) * sizeof(f));
	sub->borrowed[sub->n_borrowed++] = f;
}

/* The servers and numbers of sets in the profile, in their order. */
static void ck_order(const char *want)
{
	static const char *const marks[] = {"<ServerName>", "<Priority>", "<SharedIFCSetID>",
					    "<ServiceProfile>"};
	char *text = xml(3, -1), got[512] = "";

	for (const char *p = text; *p; p++)
		for (int i = 0; i < 4; i++)
			if (strncmp(p, marks[i], strlen(marks[i])) == 0)
				sprintf(got + strlen(got), "%s%.*s",
					i == 3	 ? "/"
					: i == 2 ? " #"
						 : " ",
					i == 3 ? 0 : (int)strcspn(p + strlen(marks[i]), "<"),
					p + strlen(marks[i]));
	ck_assert_str_eq(got, want);
	free(text);
}

START_TEST(shared_sets_stand_by_number_or_written_out)
{
	char *text;

	sub = subscription_new();
	add_impu("sip:a@h", 1);
	add_impu("sip:b@h", 2);
	add_ifc(1, 20, "");
	sub->shared[sub->n_shared++] = (struct shared_use){1, 7};
	sub->shared[sub->n_shared++] = (struct shared_use){1, 9};
	borrow(1, 10, "sip:seven");
	borrow(1, 20, "sip:seven-too");
	borrow(1, 30, "sip:nine");
	/* whoever does not say that it has them gets all that is in them, sorted in by priority, its own first */
	ck_order("/ 10 sip:seven 20 sip:as 20 sip:seven-too 30 sip:nine/");
	sub->scscf_features = CX_FEATURE_RESTORATION;
	ck_order("/ 10 sip:seven 20 sip:as 20 sip:seven-too 30 sip:nine/");
	sub->scscf_features |= CX_FEATURE_SIFC;
	ck_order("/ 20 sip:as #7 #9/");
	text = xml(3, -1);
	ck_assert_ptr_nonnull(
	    strstr(text, "</InitialFilterCriteria><Extension><SharedIFCSetID>7</SharedIFCSetID>"
			 "<SharedIFCSetID>9</SharedIFCSetID></Extension></ServiceProfile>"));
	free(text);
	/* a profile that uses none has no extension */
	text = xml(2, -1);
	ck_assert_ptr_null(strstr(strstr(text, "sip:b@h"), "Extension"));
	free(text);
	subscription_free(sub);
}
END_TEST

START_TEST(criteria_in_the_order_of_the_schema)
{
	char *text;

	sub = subscription_new();
	add_impu("sip:a@h", 1);
	strcpy(sub->impu[0].display, "A & <B>");
	add_ifc(1, 5, "any method:REGISTER/re,case:term-unreg;!sdp:m=audio");
	sub->ifc[0].part = IFC_UNREGISTERED;
	sub->ifc[0].terminate = true;
	sub->ifc[0].include_request = sub->ifc[0].include_response = true;
	strcpy(sub->ifc[0].service_info, "x<y");
	add_ifc(2, 6, ""); /* another profile's */
	text = xml(1, 0);
	ck_assert_ptr_nonnull(strstr(
	    text,
	    "<Identity>sip:a@h</Identity><Extension><IdentityType>0</IdentityType><Extension>"
	    "<DisplayName>A &amp; &lt;B&gt;</DisplayName></Extension></Extension></PublicIdentity>"
	    "<InitialFilterCriteria><Priority>5</Priority><TriggerPoint><ConditionTypeCNF>0</"
	    "ConditionTypeCNF>"
	    "<SPT><ConditionNegated>0</ConditionNegated><Group>0</Group><Method>REGISTER</Method>"
	    "<Extension><RegistrationType>1</RegistrationType></Extension></SPT>"
	    "<SPT><ConditionNegated>0</ConditionNegated><Group>0</Group><SessionCase>2</"
	    "SessionCase></SPT>"
	    "<SPT><ConditionNegated>1</ConditionNegated><Group>1</"
	    "Group><SessionDescription><Line>m</Line>"
	    "<Content>audio</Content></SessionDescription></SPT></TriggerPoint>"
	    "<ApplicationServer><ServerName>sip:as</ServerName><DefaultHandling>1</DefaultHandling>"
	    "<ServiceInfo>x&lt;y</ServiceInfo><Extension><IncludeRegisterRequest></"
	    "IncludeRegisterRequest>"
	    "<IncludeRegisterResponse></IncludeRegisterResponse></Extension></ApplicationServer>"
	    "<ProfilePartIndicator>1</ProfilePartIndicator></InitialFilterCriteria></"
	    "ServiceProfile>"));
	ck_assert_ptr_null(strstr(text, "<Priority>6"));
	free(text);
	subscription_free(sub);
}
END_TEST

/* Without TriggerPoint a criterion matches everything, so one that cannot be read must not lose it.
 */
START_TEST(a_broken_trigger_gives_no_profile)
{
	sub = subscription_new();
	add_impu("sip:a@h", 1);
	add_ifc(1, 5, "bogus");
	ck_assert_ptr_null(xml(1, 0));
	sub->ifc[0].trigger[0] = '\0';
	ck_xml(
	    1, 0,
	    "<IMSSubscription><PrivateID>one@h</PrivateID><ServiceProfile><PublicIdentity>"
	    "<BarringIndication>0</BarringIndication><Identity>sip:a@h</Identity></PublicIdentity>"
	    "<InitialFilterCriteria><Priority>5</Priority><ApplicationServer><ServerName>sip:as</"
	    "ServerName>"
	    "<DefaultHandling>0</DefaultHandling></ApplicationServer></InitialFilterCriteria></"
	    "ServiceProfile>"
	    "</IMSSubscription>\n");
	subscription_free(sub);
}
END_TEST

UNIT_MAIN("profile xml", identities_in_their_profiles, services_and_wildcards_say_what_they_are,
	  criteria_in_the_order_of_the_schema, shared_sets_stand_by_number_or_written_out,
	  a_broken_trigger_gives_no_profile)
