/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sh-Data as application servers write it, good and bad, and as we write it. */
#include <libxml/parser.h>

#include "hss/sh/data.h"
#include "unit/unit.h"

static struct sh_document document;
static struct repository got; /* the first in it, which owns its data */

static enum sh_data_error read_text(const char *text)
{
	enum sh_data_error err;

	sh_document_free(&document);
	err = sh_data_read(slice_str(text), &document);
	got = document.repository[0];
	return err;
}

#define DATA(inside)                                                                               \
	"<Sh-Data><RepositoryData><ServiceIndication>mmtel</ServiceIndication>"                    \
	"<SequenceNumber>7</SequenceNumber>" inside "</RepositoryData></Sh-Data>"

START_TEST(data_are_kept_as_they_came)
{
	ck_assert_int_eq(read_text("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" DATA(
			     "<ServiceData><a b=\"1\">x &amp; y<!-- z --></a></ServiceData>")),
			 SH_DATA_GOOD);
	ck_assert_str_eq(got.service, "mmtel");
	ck_assert_uint_eq(got.sequence, 7);
	ck_assert_str_eq(got.data, "<ServiceData><a b=\"1\">x &amp; y<!-- z --></a></ServiceData>");
	ck_assert_uint_eq(got.len, strlen(got.data));
	ck_assert_int_eq(read_text(DATA("<ServiceData/>")), SH_DATA_GOOD);
	ck_assert_str_eq(got.data, "<ServiceData/>");
	ck_assert_int_eq(read_text(DATA("")), SH_DATA_GOOD);
	ck_assert_ptr_null(got.data);
	sh_document_free(&document);
}
END_TEST

/* They are given out in another document, which does not declare what this one did. */
START_TEST(data_bring_their_namespaces)
{
	xmlDocPtr doc;

	ck_assert_int_eq(
	    read_text(
		"<s:Sh-Data xmlns:s=\"urn:s\" xmlns:m=\"urn:m\"><s:RepositoryData>"
		"<s:ServiceIndication>x</s:ServiceIndication><s:SequenceNumber>0</s:SequenceNumber>"
		"<s:ServiceData><m:a m:b=\"1\"/></s:ServiceData></s:RepositoryData></s:Sh-Data>"),
	    SH_DATA_GOOD);
	doc = xmlReadMemory(got.data, (int)got.len, NULL, NULL, 0);
	ck_assert_ptr_nonnull(doc);
	ck_assert_str_eq((const char *)xmlDocGetRootElement(doc)->children->ns->href, "urn:m");
	xmlFreeDoc(doc);
	sh_document_free(&document);
}
END_TEST

START_TEST(what_is_no_repository_data_is_not_read)
{
	static const char *const bad[] = {
	    "",
	    "x",
	    "<Sh-Data/>",
	    "<Sh-Data",
	    "<Other/>",
	    "<Sh-Data><RepositoryData/></Sh-Data>",
	    "<Sh-Data><RepositoryData><SequenceNumber>1</SequenceNumber></RepositoryData></"
	    "Sh-Data>",
	    "<Sh-Data><RepositoryData><ServiceIndication>x</ServiceIndication></RepositoryData></"
	    "Sh-Data>",
	    "<Sh-Data><RepositoryData><ServiceIndication>x</ServiceIndication>"
	    "<SequenceNumber>65536</SequenceNumber></RepositoryData></Sh-Data>",
	    "<Sh-Data><RepositoryData><ServiceIndication>x</ServiceIndication>"
	    "<SequenceNumber>-1</SequenceNumber></RepositoryData></Sh-Data>",
	    "<Sh-Data><RepositoryData><ServiceIndication> </ServiceIndication>"
	    "<SequenceNumber>1</SequenceNumber></RepositoryData></Sh-Data>",
	    "<Sh-Data><RepositoryData><ServiceIndication><a/></ServiceIndication>"
	    "<SequenceNumber>1</SequenceNumber></RepositoryData></Sh-Data>",
	    DATA("<ServiceData/><ServiceData/>"),
	    DATA("<SequenceNumber>8</SequenceNumber>"),
	    DATA("<ServiceData>&undefined;</ServiceData>"),
	    DATA("<ServiceData><z:a/></ServiceData>"),
	    DATA("<ServiceData z:a='1'/>"),
	    DATA("<ServiceData>\x01</ServiceData>"),
	    DATA("<ServiceData>\xff\xfe</ServiceData>")};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(read_text(bad[i]) == SH_DATA_UNREADABLE, "%s", bad[i]);
	ck_assert_ptr_null(got.data);
}
END_TEST

/* Update-Eff: of several services, each once. */
START_TEST(several_services_are_read)
{
#define SERVICE(name)                                                                              \
	"<RepositoryData><ServiceIndication>" name "</ServiceIndication>"                          \
	"<SequenceNumber>1</SequenceNumber><ServiceData>" name "</ServiceData></RepositoryData>"
	char text[8192] = "<Sh-Data>";

	ck_assert_int_eq(read_text("<Sh-Data>" SERVICE("x") SERVICE("y") "</Sh-Data>"),
			 SH_DATA_GOOD);
	ck_assert_uint_eq(document.n_repository, 2);
	ck_assert_str_eq(document.repository[1].service, "y");
	ck_assert_str_eq(document.repository[1].data, "<ServiceData>y</ServiceData>");
	ck_assert_int_eq(read_text("<Sh-Data>" SERVICE("x") SERVICE("x") "</Sh-Data>"),
			 SH_DATA_UNREADABLE);
	ck_assert_uint_eq(document.n_repository, 0);
	ck_assert_int_eq(read_text("<Sh-Data>" SERVICE("x") "<RepositoryData/></Sh-Data>"),
			 SH_DATA_UNREADABLE);
	for (int i = 0; i <= SH_SERVICES_MAX; i++) {
		ck_assert_int_eq(document.too_many, false);
		sprintf(text + strlen(text),
			"<RepositoryData><ServiceIndication>%d</ServiceIndication>"
			"<SequenceNumber>0</SequenceNumber></RepositoryData>",
			i);
	}
	strcat(text, "</Sh-Data>");
	ck_assert_int_eq(read_text(text), SH_DATA_GOOD);
	ck_assert_uint_eq(document.n_repository, SH_SERVICES_MAX);
	ck_assert_int_eq(document.too_many, true);
	sh_document_free(&document);
}
END_TEST

/* An answer that says yes to what changed nothing would be a lie. */
START_TEST(what_would_change_nothing_is_not_read)
{
	static const char *const bad[] = {
	    "<Sh-IMS-Data><IMSUserState>1</IMSUserState></Sh-IMS-Data>",
	    "<PublicIdentifiers/>",
	    "<RepositoryDatum/>",
	    "<Extension><RegisteredIdentities/></Extension>",
	    "<Extension><Extension><IMSI>1</IMSI></Extension></Extension>",
	    "<Extension><Extension><Extension><Extension><Extension><IMSI>1</IMSI></Extension>"
	    "</Extension></Extension></Extension></Extension>",
	    "text",
	    "<![CDATA[text]]>"};
	static const char *const good[] = {" \n\t",
					   "<!-- x -->",
					   "<?x y?>",
					   "<Extension/>",
					   "<Extension> <Extension/> </Extension>",
					   "<Extension><Extension><!-- x --><Extension> "
					   "<Extension><o:Other xmlns:o=\"urn:o\"/></Extension>"
					   "</Extension></Extension></Extension>",
					   "<o:Other xmlns:o=\"urn:o\"><Sh-IMS-Data/></o:Other>",
					   "<Extension><o:Other xmlns:o=\"urn:o\"/></Extension>"};
	static const char repository[] =
	    "<ServiceIndication>x</ServiceIndication><SequenceNumber>1</SequenceNumber>";
	char text[512];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]) + sizeof(good) / sizeof(good[0]); i++) {
		bool is_bad = i < sizeof(bad) / sizeof(bad[0]);
		const char *more = is_bad ? bad[i] : good[i - sizeof(bad) / sizeof(bad[0])];

		snprintf(text, sizeof(text),
			 "<Sh-Data>%s<RepositoryData>%s</RepositoryData></Sh-Data>", more,
			 repository);
		ck_assert_msg((read_text(text) == SH_DATA_UNREADABLE) == is_bad, "%s", text);
		snprintf(text, sizeof(text),
			 "<Sh-Data><RepositoryData>%s</RepositoryData>%s</Sh-Data>", repository,
			 more);
		ck_assert_msg((read_text(text) == SH_DATA_UNREADABLE) == is_bad, "%s", text);
		snprintf(text, sizeof(text),
			 "<Sh-Data><RepositoryData>%s%s</RepositoryData></Sh-Data>", repository,
			 more);
		ck_assert_msg((read_text(text) == SH_DATA_UNREADABLE) == is_bad, "%s", text);
	}
	/* the document's own namespace is that of its root */
	ck_assert_int_eq(read_text("<Sh-Data xmlns=\"urn:s\"><RepositoryData>"
				   "<ServiceIndication>x</ServiceIndication>"
				   "<SequenceNumber>1</SequenceNumber></RepositoryData>"
				   "<CSLocationInformation/></Sh-Data>"),
			 SH_DATA_UNREADABLE);
	sh_document_free(&document);
}
END_TEST

/* Entities that grow without end, files, and more elements in each other than anybody needs. */
START_TEST(a_strangers_document_exhausts_nothing)
{
	char deep[4096] = "";

	ck_assert_int_eq(
	    read_text("<!DOCTYPE Sh-Data [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b "
		      "\"&a;&a;&a;&a;&a;&a;\">]>" DATA("<ServiceData>&b;</ServiceData>")),
	    SH_DATA_UNREADABLE);
	ck_assert_int_eq(read_text("<!DOCTYPE Sh-Data SYSTEM \"file:///etc/passwd\">" DATA("")),
			 SH_DATA_UNREADABLE);
	ck_assert_int_eq(
	    read_text("<!DOCTYPE Sh-Data [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>" DATA(
		"<ServiceData>&x;</ServiceData>")),
	    SH_DATA_UNREADABLE);
	/* the words alone are no document type */
	ck_assert_int_eq(read_text(DATA("<ServiceData><![CDATA[<!DOCTYPE x>]]></ServiceData>")),
			 SH_DATA_GOOD);
	strcat(deep, "<Sh-Data><RepositoryData><ServiceIndication>x</ServiceIndication>"
		     "<SequenceNumber>1</SequenceNumber><ServiceData>");
	for (int i = 0; i < SH_DATA_DEPTH; i++)
		strcat(deep, "<a>");
	for (int i = 0; i < SH_DATA_DEPTH; i++)
		strcat(deep, "</a>");
	strcat(deep, "</ServiceData></RepositoryData></Sh-Data>");
	ck_assert_int_eq(read_text(deep), SH_DATA_UNREADABLE);
	sh_document_free(&document);
}
END_TEST

/* What is switched stands in extensions, each in its own; the two kinds of values count in opposite ways (annex D). */
START_TEST(switches_are_read)
{
#define IMS(inside) "<Sh-Data><Sh-IMS-Data>" inside "</Sh-IMS-Data></Sh-Data>"
#define DSAI(tag, value)                                                                           \
	"<DSAI><DSAI-Tag>" tag "</DSAI-Tag><DSAI-Value>" value "</DSAI-Value></DSAI>"
#define EXT(inside) "<Extension>" inside "</Extension>"
	static const char *const bad[] = {
	    IMS(""),
	    IMS(EXT("")),
	    IMS("<PSIActivation>1</PSIActivation>"),
	    IMS(EXT("<PSIActivation>2</PSIActivation>")),
	    IMS(EXT("<PSIActivation/>")),
	    IMS(EXT("<PSIActivation>1</PSIActivation><PSIActivation>1</PSIActivation>")),
	    IMS(EXT(EXT("<PSIActivation>1</PSIActivation>"))),
	    IMS(EXT(DSAI("x", "0"))),
	    IMS(EXT(EXT(EXT(DSAI("x", "0"))))),
	    IMS(EXT(EXT(DSAI("x", "2")))),
	    IMS(EXT(EXT(DSAI("x", "01")))),
	    IMS(EXT(EXT(DSAI("", "0")))),
	    IMS(EXT(EXT(DSAI("x y", "0")))),
	    IMS(EXT(EXT(DSAI("x", "0") DSAI("x", "1")))),
	    IMS(EXT(EXT("<DSAI><DSAI-Tag>x</DSAI-Tag></DSAI>"))),
	    IMS(EXT(EXT("<DSAI><DSAI-Tag>x</DSAI-Tag><DSAI-Value>0</DSAI-Value><More/></DSAI>"))),
	    IMS(EXT(EXT(DSAI("x", "0"))) "<IMSUserState>1</IMSUserState>"),
	    IMS(EXT(EXT(DSAI("x", "0") EXT("<ServicePriorityLevel>1</ServicePriorityLevel>")))),
	    DATA("<ServiceData/></RepositoryData><Sh-IMS-Data><SCSCFName>x</SCSCFName>"
		 "</Sh-IMS-Data><RepositoryData>")};
	char text[4096] = "<Sh-Data><Sh-IMS-Data><Extension><Extension>";

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(read_text(bad[i]) == SH_DATA_UNREADABLE, "%s", bad[i]);
	ck_assert_int_eq(read_text(IMS(EXT("<PSIActivation>0</PSIActivation>"))), SH_DATA_GOOD);
	ck_assert(document.has_activation && !document.active);
	ck_assert_uint_eq(sh_document_references(&document), UINT64_C(1) << SH_PSI_ACTIVATION);
	ck_assert_int_eq(read_text(IMS(EXT("<PSIActivation>1</PSIActivation>"))), SH_DATA_GOOD);
	ck_assert(document.active);
	ck_assert_int_eq(read_text(IMS(EXT(EXT(DSAI("x", "0") DSAI("y", " 1 ") EXT(EXT("")))))),
			 SH_DATA_GOOD);
	ck_assert_uint_eq(document.n_dsai, 2);
	ck_assert(document.dsai[0].active && !document.dsai[1].active);
	ck_assert_str_eq(document.dsai[1].tag, "y");
	ck_assert_uint_eq(sh_document_references(&document), UINT64_C(1) << SH_DSAI);
	ck_assert_int_eq(
	    read_text("<Sh-Data><RepositoryData><ServiceIndication>x</ServiceIndication>"
		      "<SequenceNumber>0</SequenceNumber></RepositoryData><Sh-IMS-Data>" EXT(
			  "<PSIActivation>1</PSIActivation>" EXT(
			      DSAI("x", "0"))) "</Sh-IMS-Data></Sh-Data>"),
	    SH_DATA_GOOD);
	ck_assert_uint_eq(sh_document_references(&document),
			  UINT64_C(1) << SH_PSI_ACTIVATION | UINT64_C(1) << SH_DSAI | 1);
	for (int i = 0; i <= SH_TAGS_MAX; i++)
		sprintf(text + strlen(text),
			"<DSAI><DSAI-Tag>%d</DSAI-Tag><DSAI-Value>1</DSAI-Value></DSAI>", i);
	strcat(text, "</Extension></Extension></Sh-IMS-Data></Sh-Data>");
	ck_assert_int_eq(read_text(text), SH_DATA_GOOD);
	ck_assert(document.too_many);
	sh_document_free(&document);
}
END_TEST

static struct subscription *sub;

static char *write_view(const struct sh_view *view)
{
	size_t len = 0;
	char *text = sh_data_write(view, &len);

	if (text)
		ck_assert_uint_eq(strlen(text), len);
	return text;
}

/* The order is that of the schema (TS 29.328 annex D). */
START_TEST(all_at_once_in_the_order_of_the_schema)
{
	struct charging charging = {.ccf = {"aaa://c", "aaa://d"}, .ecf = {"aaa://e"}};
	struct repository repository[2] = {{.service = "x<y", .sequence = 3}, {.service = "z"}};
	struct sh_view view = {.impi = -1,
			       .charging = &charging,
			       .repository = repository,
			       .n_repository = 2,
			       .server_name = SLICE_LIT("sip:as")};
	char *text;

	sub = subscription_new();
	memset(sub->impi, 0, sizeof(sub->impi));
	sub->n_impi = 1;
	strcpy(sub->impi[0].name, "one@h");
	strcpy(sub->impi[0].msisdn, "12345");
	strcpy(sub->impi[0].imsi, "001010000000001");
	sub->n_impu = 1;
	sub->impu[0] = (struct impu){.uri = "sip:a@h", .impis = 1, .registered = 1};
	strcpy(sub->scscf, "sip:s&t");
	repository[0].data = (char *)"<ServiceData>1</ServiceData>";
	repository[0].len = strlen(repository[0].data);
	view.sub = sub;
	view.sets = 1u << SH_ALL;
	strcpy(sub->impu[0].masked, "off");
	view.tag = (const struct slice[]){SLICE_LIT("on"), SLICE_LIT("off")};
	view.n_tag = 2;
	for (int r = 0; r < SH_REFERENCES; r++)
		if (sh_operations((uint32_t)r))
			view.references |= UINT64_C(1) << r;
	text = write_view(&view);
	ck_assert_ptr_nonnull(text);
	ck_assert_str_eq(
	    strchr(text, '\n') + 1,
	    "<Sh-Data><PublicIdentifiers><IMSPublicIdentity>sip:a@h</"
	    "IMSPublicIdentity><MSISDN>12345</MSISDN>"
	    "</PublicIdentifiers><RepositoryData><ServiceIndication>x&lt;y</ServiceIndication>"
	    "<SequenceNumber>3</SequenceNumber><ServiceData>1</ServiceData></RepositoryData>"
	    "<RepositoryData><ServiceIndication>z</ServiceIndication><SequenceNumber>0</"
	    "SequenceNumber>"
	    "</RepositoryData><Sh-IMS-Data><SCSCFName>sip:s&amp;t</SCSCFName><IFCs/"
	    "><IMSUserState>1</IMSUserState>"
	    "<ChargingInformation><PrimaryEventChargingFunctionName>aaa://e</"
	    "PrimaryEventChargingFunctionName>"
	    "<PrimaryChargingCollectionFunctionName>aaa://c</PrimaryChargingCollectionFunctionName>"
	    "<SecondaryChargingCollectionFunctionName>aaa://d</"
	    "SecondaryChargingCollectionFunctionName>"
	    "</ChargingInformation><Extension><PSIActivation>1</PSIActivation><Extension>"
	    "<DSAI><DSAI-Tag>on</DSAI-Tag><DSAI-Value>0</DSAI-Value></DSAI>"
	    "<DSAI><DSAI-Tag>off</DSAI-Tag><DSAI-Value>1</DSAI-Value></DSAI>"
	    "</Extension></Extension></Sh-IMS-Data><CSLocationInformation></"
	    "CSLocationInformation><Extension><Extension>"
	    "<Extension><Extension><Extension><IMSI>001010000000001</IMSI>"
	    "<IMSPrivateUserIdentity>one@h</IMSPrivateUserIdentity></Extension></Extension></"
	    "Extension>"
	    "</Extension></Extension></Sh-Data>\n");
	free(text);
	subscription_free(sub);
}
END_TEST

UNIT_MAIN("hss sh data", switches_are_read, data_are_kept_as_they_came, data_bring_their_namespaces,
	  what_is_no_repository_data_is_not_read, several_services_are_read,
	  what_would_change_nothing_is_not_read, a_strangers_document_exhausts_nothing,
	  all_at_once_in_the_order_of_the_schema)
