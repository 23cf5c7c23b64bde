/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a third-party REGISTER says. */
#include "modules/ims_seamless_scscf/core/third_party_text.h"
#include "unit/unit.h"

#define S(text) SLICE_LIT(text)
#define REQUEST                                                                                    \
	"REGISTER sip:home1.net SIP/2.0\r\n"                                                       \
	"Via: SIP/2.0/UDP icscf\r\n"                                                               \
	"Via: SIP/2.0/UDP ue\r\n"                                                                  \
	"Max-Forwards: 69\r\n"                                                                     \
	"P-Access-Network-Info: 3GPP-UTRAN-TDD;utran-cell-id-3gpp=1\r\n"                           \
	"P-Access-Network-Info: 3GPP-UTRAN-TDD;utran-cell-id-3gpp=2;network-provided\r\n"          \
	"Path: <sip:term@pcscf;lr>\r\n"                                                            \
	"Require: path\r\n"                                                                        \
	"P-Visited-Network-ID: \"visited, one\"\r\n"                                               \
	"P-Charging-Vector: icid-value=\"a;b\";orig-ioi=visited1.net; "                            \
	"term-ioi=x;icid-generated-at=p\r\n"                                                       \
	"From: <sip:u@home1.net>;tag=4fa3\r\n"                                                     \
	"To: <sip:u@home1.net>\r\n"                                                                \
	"Authorization: Digest username=\"u\",\r\n response=\"secret\"\r\n"                        \
	"Supported: path\r\n"                                                                      \
	"Content-Length: 0\r\n\r\n"
#define RESPONSE                                                                                   \
	"SIP/2.0 200 OK\r\nAuthentication-Info: nextnonce=\"secret\"\r\nContact: <sip:ue>\r\n\r\n"

static struct scscf_third_party about(void)
{
	static const struct slice identities[] = {S("tel:+1"), S("sip:u@home1.net"), S("tel:+2")};

	return (struct scscf_third_party){
	    .registration = SCSCF_REGISTRATION_INITIAL,
	    .trusted = true,
	    .own_uri = S("sip:scscf:5060"),
	    .orig_ioi = S("Type 3home1.net"),
	    .request = S(REQUEST),
	    .identities = identities,
	    .identities_n = 3,
	};
}

/* Both as one text; and the same in a buffer that is one octet too small shows how much it takes. */
static const char *headers_of(const struct scscf_third_party *p)
{
	static char buf[8192], small[8192];
	char boundary[SCSCF_THIRD_PARTY_BOUNDARY_MAX];
	size_t n, at;

	scscf_third_party_boundary(p, boundary);
	n = scscf_third_party_headers(p, boundary, buf, sizeof(buf) - 1, &at);
	ck_assert_uint_lt(n, sizeof(buf));
	ck_assert_uint_lt(at, n);
	buf[n] = '\0';
	memset(small, '#', sizeof(small));
	ck_assert_uint_eq(scscf_third_party_headers(p, boundary, small, n - 1, &at), n);
	ck_assert_int_eq(small[n - 1], '#');
	/* Where the number belongs. */
	memmove(buf + at + 1, buf + at, n - at + 1);
	buf[at] = '7';
	return buf;
}

static const char *body_of(const struct scscf_third_party *p)
{
	static char buf[16384];
	char boundary[SCSCF_THIRD_PARTY_BOUNDARY_MAX];
	size_t n;

	scscf_third_party_boundary(p, boundary);
	n = scscf_third_party_body(p, boundary, buf, sizeof(buf) - 1);
	ck_assert_uint_eq(scscf_third_party_body(p, boundary, NULL, 0), n);
	buf[n] = '\0';
	return buf;
}

START_TEST(standard_form)
{
	struct scscf_third_party p = about();

	ck_assert_str_eq(
	    headers_of(&p),
	    "Max-Forwards: 70\r\n"
	    "Contact: <sip:scscf:5060>\r\n"
	    "Expires: 7\r\n"
	    "P-Access-Network-Info: 3GPP-UTRAN-TDD;utran-cell-id-3gpp=1\r\n"
	    "P-Access-Network-Info: 3GPP-UTRAN-TDD;utran-cell-id-3gpp=2;network-provided\r\n"
	    "P-Visited-Network-ID: \"visited, one\"\r\n"
	    "P-Charging-Vector: icid-value=\"a;b\";icid-generated-at=p;orig-ioi=\"Type "
	    "3home1.net\"\r\n");
	ck_assert_str_eq(body_of(&p), "");
	p.charging[0] = S("aaa://ccf1");
	p.charging[2] = S("aaa://ecf1");
	ck_assert_ptr_nonnull(strstr(headers_of(&p), "\r\nP-Charging-Function-Addresses: "
						     "ccf=\"aaa://ccf1\";ecf=\"aaa://ecf1\"\r\n"));
}
END_TEST

/* Nothing of charging, no body. */
START_TEST(de_registration)
{
	struct scscf_third_party p = about();

	p.registration = SCSCF_REGISTRATION_DE;
	p.service_info = S("x");
	p.with_request = true;
	ck_assert_ptr_null(strstr(headers_of(&p), "P-Charging-Vector"));
	ck_assert_ptr_null(strstr(headers_of(&p), "Content-Type"));
	ck_assert_ptr_nonnull(strstr(headers_of(&p), "P-Visited-Network-ID"));
	ck_assert_str_eq(body_of(&p), "");
	p.request = SLICE_NULL;
	ck_assert_str_eq(headers_of(&p),
			 "Max-Forwards: 70\r\nContact: <sip:scscf:5060>\r\nExpires: 7\r\n");
}
END_TEST

/* A server outside of the trust domain learns that the user is registered, and nothing else. */
START_TEST(not_trusted)
{
	struct scscf_third_party p = about();

	p.trusted = false;
	p.with_request = true;
	p.service_info = S("x");
	ck_assert_str_eq(headers_of(&p),
			 "Max-Forwards: 70\r\nContact: <sip:scscf:5060>\r\nExpires: 7\r\n");
	ck_assert_str_eq(body_of(&p), "");
	ck_assert(scscf_third_party_trusted(S("sip:as.home1.net:5060;lr"), S("")));
	ck_assert(scscf_third_party_trusted(S("sip:as.home1.net:5060;lr"), S("x.net home1.net")));
	ck_assert(scscf_third_party_trusted(S("sip:as.home1.net"), S("AS.home1.net")));
	ck_assert(!scscf_third_party_trusted(S("sip:evilhome1.net"), S("home1.net")));
	ck_assert(!scscf_third_party_trusted(S("sip:home1.net.evil"), S("home1.net")));
	ck_assert(!scscf_third_party_trusted(S("tel:+1"), S("home1.net")));
}
END_TEST

START_TEST(stock_form)
{
	struct scscf_third_party p = about();

	p.form = SCSCF_THIRD_PARTY_STOCK;
	ck_assert_ptr_nonnull(strstr(
	    headers_of(&p), "Event: registration\r\nPath: <sip:scscf:5060;lr>\r\nPath: "
			    "<sip:term@pcscf;lr>\r\nP-Associated-URI: <tel:+1>, <sip:u@home1.net>, "
			    "<tel:+2>\r\n"));
}
END_TEST

/* TS 24.206 A.3.2.2 table 11, row by row. */
START_TEST(seed_form)
{
	struct scscf_third_party p = about();

	p.form = SCSCF_THIRD_PARTY_SEED;
	p.contact = S("sip:ue");
	p.service_info = S("x");
	ck_assert_str_eq(
	    headers_of(&p),
	    "Via: SIP/2.0/UDP icscf\r\nVia: SIP/2.0/UDP ue\r\nMax-Forwards: 68\r\n"
	    "P-Access-Network-Info: 3GPP-UTRAN-TDD;utran-cell-id-3gpp=1\r\n"
	    "P-Access-Network-Info: 3GPP-UTRAN-TDD;utran-cell-id-3gpp=2;network-provided\r\n"
	    "Path: <sip:term@pcscf;lr>\r\nRequire: path\r\n"
	    "P-Visited-Network-ID: \"visited, one\"\r\n"
	    "P-Charging-Vector: icid-value=\"a;b\";orig-ioi=visited1.net; "
	    "term-ioi=x;icid-generated-at=p\r\n"
	    "Contact: <sip:ue>;expires=7\r\n"
	    "Authorization: Digest username=\"u\",\r\n response=\"secret\"\r\n"
	    "Supported: path\r\n");
	ck_assert_str_eq(body_of(&p), "");
}
END_TEST

START_TEST(service_information)
{
	struct scscf_third_party p = about();
	char text[301];

	p.service_info = S("a=1&b<2>\"\xc3\xbc");
	ck_assert_str_eq(body_of(&p),
			 "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<ims-3gpp "
			 "version=\"1\"><service-info>a=1&amp;b&lt;2&gt;&quot;\xc3\xbc</"
			 "service-info></ims-3gpp>");
	ck_assert_ptr_nonnull(
	    strstr(headers_of(&p), "\r\nContent-Type: application/3gpp-ims+xml\r\n"));
	/* Longer than what is escaped at a time, with characters of several octets on its borders. */
	for (size_t i = 0; i < 300; i += 3)
		memcpy(text + i, "\xe2\x82\xac", 3);
	text[300] = '\0';
	p.service_info = slice_str(text);
	ck_assert_ptr_nonnull(strstr(body_of(&p), text));
}
END_TEST

START_TEST(copies)
{
	struct scscf_third_party p = about();

	p.with_request = true;
	ck_assert_ptr_nonnull(strstr(headers_of(&p), "\r\nContent-Type: message/sip\r\n"));
	ck_assert_ptr_null(strstr(body_of(&p), "secret"));
	ck_assert_ptr_nonnull(strstr(body_of(&p), "To: <sip:u@home1.net>\r\nSupported: path\r\n"
						  "Content-Length: 0\r\n\r\n"));
	p.credentials = true;
	ck_assert_str_eq(body_of(&p), REQUEST);
	p.with_request = false;
	p.with_response = true;
	ck_assert_str_eq(body_of(&p), "");
	p.response = S(RESPONSE);
	ck_assert_str_eq(body_of(&p), RESPONSE);
	p.credentials = false;
	ck_assert_str_eq(body_of(&p), "SIP/2.0 200 OK\r\nContact: <sip:ue>\r\n\r\n");
}
END_TEST

START_TEST(several_parts)
{
	struct scscf_third_party p = about();

	p.service_info = S("ims-third-party-0"); /* so that this is no boundary */
	p.with_response = p.credentials = true;
	p.response = S(RESPONSE);
	ck_assert_str_eq(body_of(&p),
			 "--ims-third-party-1\r\nContent-Type: application/3gpp-ims+xml\r\n\r\n"
			 "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<ims-3gpp version=\"1\">"
			 "<service-info>ims-third-party-0</service-info></ims-3gpp>\r\n"
			 "--ims-third-party-1\r\nContent-Type: message/sip\r\n\r\n" RESPONSE
			 "\r\n--ims-third-party-1--\r\n");
	ck_assert_ptr_nonnull(
	    strstr(headers_of(&p),
		   "\r\nContent-Type: multipart/mixed;boundary=\"ims-third-party-1\"\r\n"));
}
END_TEST

START_TEST(odd_requests)
{
	static const struct slice odd[] = {
	    S(""),
	    S("\r\n\r\n"),
	    S("REGISTER"),
	    S("\r\n\r\n" REQUEST),
	    S("REGISTER sip:a SIP/2.0\r\nP-Charging-Vector: ;;=;\r\nMax-Forwards: 999\r\n"),
	    S("REGISTER sip:a SIP/2.0\nP-Charging-Vector:\nVia"),
	};

	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		struct scscf_third_party p = about();

		for (p.form = SCSCF_THIRD_PARTY_STANDARD; p.form <= SCSCF_THIRD_PARTY_SEED;
		     p.form++) {
			p.request = odd[i];
			p.with_request = true;
			ck_assert_ptr_nonnull(headers_of(&p));
			ck_assert_ptr_nonnull(body_of(&p));
		}
	}
}
END_TEST

UNIT_MAIN("third-party REGISTER", standard_form, de_registration, not_trusted, stock_form,
	  seed_form, service_information, copies, several_parts, odd_requests)
