/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The small tables under the stories: protos, attributes, settings, a=setup, MSRP URIs. */
#include "modules/ims_alg/core/attr.h"
#include "modules/ims_alg/core/facts.h"
#include "modules/ims_alg/core/roles.h"
#include "modules/ims_alg/core/session.h"
#include "unit/unit.h"

#define S SLICE_LIT

START_TEST(each_proto_is_found_by_its_text_and_by_what_it_is)
{
	for (unsigned i = 1; i < ALG_PROTOS; i++) {
		const struct alg_proto_info *info = alg_proto_info((enum alg_proto)i);

		ck_assert_uint_eq(alg_proto_parse(slice_str(info->text)), i);
		ck_assert(strlen(info->text) < ALG_PROTO_MAX);
		if (info->kind != ALG_KIND_DATAGRAM)
			ck_assert_uint_eq(
			    alg_proto_make(info->kind, info->security, info->feedback), i);
	}
	ck_assert_uint_eq(alg_proto_parse(S("UDPTL")), ALG_PROTO_UDPTL);
	ck_assert_uint_eq(alg_proto_parse(S("TCP/TLS")), ALG_PROTO_OTHER);
	ck_assert_uint_eq(alg_proto_parse(S("")), ALG_PROTO_OTHER);
	ck_assert_uint_eq(alg_proto_make(ALG_KIND_MSRP, ALG_SDES, false), ALG_PROTO_OTHER);
}
END_TEST

START_TEST(attributes_are_told_apart_by_their_whole_name)
{
	static const struct {
		const char *name;
		enum alg_attr attr;
	} cases[] = {
	    {"3ge2ae", ALG_ATTR_3GE2AE},
	    {"fingerprint", ALG_ATTR_FINGERPRINT},
	    {"setup", ALG_ATTR_SETUP},
	    {"connection", ALG_ATTR_CONNECTION},
	    {"tls-id", ALG_ATTR_TLS_ID},
	    {"crypto", ALG_ATTR_CRYPTO},
	    {"key-mgmt", ALG_ATTR_KEYING},
	    {"zrtp-hash", ALG_ATTR_KEYING},
	    {"path", ALG_ATTR_PATH},
	    {"msrp-cema", ALG_ATTR_CEMA},
	    {"rtcp", ALG_ATTR_RTCP},
	    {"rtcp-mux", ALG_ATTR_RTCP_MUX},
	    {"rtcp-mux-only", ALG_ATTR_RTCP_MUX},
	    {"sendrecv", ALG_ATTR_DIRECTION},
	    {"sendonly", ALG_ATTR_DIRECTION},
	    {"recvonly", ALG_ATTR_DIRECTION},
	    {"inactive", ALG_ATTR_DIRECTION},
	    {"candidate", ALG_ATTR_CANDIDATE},
	    {"remote-candidates", ALG_ATTR_CANDIDATE},
	    {"end-of-candidates", ALG_ATTR_CANDIDATE},
	    {"ice-ufrag", ALG_ATTR_CANDIDATE},
	    {"ice-pwd", ALG_ATTR_CANDIDATE},
	    {"ice-lite", ALG_ATTR_CANDIDATE},
	    {"ice-options", ALG_ATTR_CANDIDATE},
	    {"ice-mismatch", ALG_ATTR_CANDIDATE},
	    {"ice-pacing", ALG_ATTR_CANDIDATE},
	    {"bundle-only", ALG_ATTR_BUNDLE},
	    {"msid-semantic", ALG_ATTR_BUNDLE},
	    {"group", ALG_ATTR_GROUP},
	    {"mid", ALG_ATTR_MID},
	    {"tcap", ALG_ATTR_TCAP},
	    {"acap", ALG_ATTR_ACAP},
	    {"pcfg", ALG_ATTR_PCFG},
	    {"acfg", ALG_ATTR_ACFG},
	    {"des", ALG_ATTR_DES},
	    {"Setup", ALG_ATTR_OTHER},
	    {"rtcp-fb", ALG_ATTR_OTHER},
	    {"rtcp-xr", ALG_ATTR_OTHER},
	    {"file-selector", ALG_ATTR_OTHER},
	    {"floorctrl", ALG_ATTR_OTHER},
	    {"mi", ALG_ATTR_OTHER},
	    {"", ALG_ATTR_OTHER},
	    {"a-name-longer-than-any", ALG_ATTR_OTHER},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_msg(alg_attr_of(slice_str(cases[i].name)) == cases[i].attr, "%s",
			      cases[i].name);
}
END_TEST

/* RFC 4145 4.1: what may answer what, on one leg. */
START_TEST(setup_of_one_leg)
{
	static const char fits[SDP_SETUPS][SDP_SETUPS + 1] = {
	    /* answered:		 active passive actpass holdconn */
	    [SDP_SETUP_ACTIVE] = "npnp",
	    [SDP_SETUP_PASSIVE] = "pnnp",
	    [SDP_SETUP_ACTPASS] = "ppnp",
	    [SDP_SETUP_HOLDCONN] = "nnnp",
	};
	enum sdp_setup out;

	for (unsigned o = 0; o < SDP_SETUPS; o++)
		for (unsigned a = 0; a < SDP_SETUPS; a++)
			ck_assert_msg((alg_roles_answered(ALG_KIND_BFCP, (enum sdp_setup)o, true,
							  (enum sdp_setup)a, &out) == 0) ==
					  (fits[o][a] == 'p'),
				      "%s answered %s", sdp_setup_name((enum sdp_setup)o),
				      sdp_setup_name((enum sdp_setup)a));
	/* Without a line. */
	for (unsigned o = 0; o < SDP_SETUPS; o++) {
		static const enum sdp_setup want[SDP_SETUPS] = {
		    [SDP_SETUP_ACTIVE] = SDP_SETUP_PASSIVE,
		    [SDP_SETUP_PASSIVE] = SDP_SETUP_ACTIVE,
		    [SDP_SETUP_ACTPASS] = SDP_SETUP_PASSIVE,
		    [SDP_SETUP_HOLDCONN] = SDP_SETUP_HOLDCONN,
		};

		ck_assert_int_eq(alg_roles_answered(ALG_KIND_BFCP, (enum sdp_setup)o, false,
						    SDP_SETUP_ACTIVE, &out),
				 0);
		ck_assert_int_eq(out, want[o]);
	}
}
END_TEST

/* Both legs: whatever is offered and answered, each side's answer fits its offer, and the gateway's
 * part is the opposite of its peer's. MSRP is never offered as passive. */
START_TEST(setup_of_two_legs)
{
	for (unsigned r = 0; r < ALG_ROLES_COUNT; r++)
		for (unsigned k = ALG_KIND_MSRP; k <= ALG_KIND_BFCP; k++)
			for (unsigned side = 0; side < ALG_SIDES; side++)
				for (unsigned in = 0; in <= SDP_SETUPS; in++) {
					enum sdp_setup offered = alg_roles_offered(
					    (enum alg_kind)k, in < SDP_SETUPS, (enum sdp_setup)in);
					enum sdp_setup ours =
					    alg_roles_offer((enum alg_roles)r, (enum alg_kind)k,
							    (enum alg_side)side, offered);

					ck_assert(k != ALG_KIND_MSRP ||
						  (ours != SDP_SETUP_PASSIVE &&
						   ours != SDP_SETUP_HOLDCONN));
					for (unsigned a = 0; a < SDP_SETUPS; a++) {
						enum sdp_setup got, back, fit;

						if (alg_roles_answered((enum alg_kind)k, ours, true,
								       (enum sdp_setup)a, &got))
							continue;
						back = alg_roles_answer(
						    (enum alg_roles)r,
						    alg_other_side((enum alg_side)side), offered,
						    got);
						ck_assert_msg(
						    alg_roles_answered(ALG_KIND_BFCP, offered, true,
								       back, &fit) == 0,
						    "offered %s, passed on %s, answered %s: %s",
						    sdp_setup_name(offered), sdp_setup_name(ours),
						    sdp_setup_name(got), sdp_setup_name(back));
					}
				}
}
END_TEST

START_TEST(msrp_uris)
{
	static const struct {
		const char *text, *host, *rest;
		unsigned port; /* 0: refused */
		bool secure;
	} cases[] = {
	    {"msrp://10.20.0.7:42020/k7;tcp", "10.20.0.7", "/k7;tcp", 42020, false},
	    {"MSRPS://alice@host.example:9/k7;tcp;x=1", "host.example", "/k7;tcp;x=1", 9, true},
	    {"msrp://[2001:db8::1]:7/a/b;tcp", "[2001:db8::1]", "/a/b;tcp", 7, false},
	    {"msrp://10.20.0.7/k7;tcp", "", "", 0, false},
	    {"msrp://[2001:db8::1]/k7;tcp", "", "", 0, false},
	    {"msrp://10.20.0.7:0/k7;tcp", "", "", 0, false},
	    {"msrp://10.20.0.7:70000/k7", "", "", 0, false},
	    {"msrp://10.20.0.7:1", "", "", 0, false},
	    {"msrp://:1/x", "", "", 0, false},
	    {"http://10.20.0.7:80/k7", "", "", 0, false},
	    {"msrp:10.20.0.7:80/k7", "", "", 0, false},
	    {"", "", "", 0, false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct alg_msrp_uri u;
		int rc = alg_msrp_uri_parse(slice_str(cases[i].text), &u);

		ck_assert_msg((rc == 0) == (cases[i].port != 0), "%s", cases[i].text);
		if (rc)
			continue;
		ck_assert(slice_eq(u.host, slice_str(cases[i].host)));
		ck_assert(slice_eq(u.rest, slice_str(cases[i].rest)));
		ck_assert_uint_eq(u.port, cases[i].port);
		ck_assert(u.secure == cases[i].secure);
	}
}
END_TEST

START_TEST(settings_have_names)
{
	struct alg_policy p;
	uint32_t suites = 5;

	alg_policy_init(&p);
	ck_assert_int_eq(alg_when_parse(S("always"), &p.when[ALG_KIND_MSRP]), 0);
	ck_assert_int_eq(p.when[ALG_KIND_MSRP], ALG_WHEN_ALWAYS);
	ck_assert_int_eq(alg_when_parse(S("sometimes"), &p.when[ALG_KIND_MSRP]), -1);
	ck_assert_int_eq(p.when[ALG_KIND_MSRP], ALG_WHEN_ALWAYS);
	ck_assert_int_eq(alg_plain_parse(S("alone"), &p.plain), 0);
	ck_assert_int_eq(alg_filter_parse(S("port"), &p.filter[ALG_CORE]), 0);
	ck_assert_int_eq(p.filter[ALG_CORE], ALG_FILTER_PORT);
	ck_assert_int_eq(alg_roles_parse(S("follow"), &p.roles), 0);
	ck_assert_int_eq(alg_refuse_parse(S("offer"), &p.refuse), 0);
	ck_assert_int_eq(alg_stranger_parse(S("take"), &p.stranger), 0);
	ck_assert_int_eq(alg_origin_parse(S("keep"), &p.origin), 0);
	ck_assert_int_eq(alg_suites_parse(S("AES_CM_128_HMAC_SHA1_80, AEAD_AES_128_GCM"), &suites),
			 0);
	ck_assert_uint_eq(suites, 1u << SDES_AES_CM_128_HMAC_SHA1_80 | 1u << SDES_AEAD_AES_128_GCM);
	ck_assert_int_eq(alg_suites_parse(S("AES_CM_128"), &suites), -1);
	ck_assert_int_eq(alg_suites_parse(S(" "), &suites), -1);
}
END_TEST

START_TEST(each_problem_has_a_text_of_its_own)
{
	for (unsigned i = 0; i < ALG_PROBLEMS; i++) {
		ck_assert_str_ne(alg_problem_text((enum alg_problem)i), "unknown problem");
		for (unsigned j = 0; j < i; j++)
			ck_assert_str_ne(alg_problem_text((enum alg_problem)i),
					 alg_problem_text((enum alg_problem)j));
	}
	ck_assert_str_eq(alg_problem_text(ALG_PROBLEMS), "unknown problem");
}
END_TEST

#define KEY_OF(tag, suite)                                                                         \
	"a=crypto:" tag " " suite " inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz"
#define SHA1_80 "AES_CM_128_HMAC_SHA1_80"
#define SHA1_32 "AES_CM_128_HMAC_SHA1_32"

/* The tag of the a=crypto that is taken; 0: none. */
static unsigned tag_taken(const char *lines)
{
	static struct sdp_body body;
	static struct alg_facts f;
	struct alg_defaults d;
	char text[2048];

	snprintf(text, sizeof(text),
		 "v=0\r\no=p 1 1 IN IP4 10.20.0.7\r\ns=-\r\nc=IN IP4 10.20.0.7\r\nt=0 0\r\n"
		 "m=audio 4000 RTP/SAVP 0\r\n%s",
		 lines);
	ck_assert_int_eq(sdp_body_parse(slice_str(text), NULL, 0, &body), 0);
	alg_defaults_read(&body, &d);
	alg_facts_read(&body, 0, &d, UINT32_MAX, &f);
	return f.has_key ? f.key.tag : 0;
}

START_TEST(of_several_keys_the_first_that_can_be_used)
{
	ck_assert_uint_eq(tag_taken(KEY_OF("7", SHA1_80) "\r\n" KEY_OF("2", SHA1_32) "\r\n"), 7);
	ck_assert_uint_eq(
	    tag_taken(KEY_OF("1", "F8_128_HMAC_SHA1_80") "\r\n" KEY_OF("2", SHA1_32) "\r\n"), 2);
	/* RFC 4568 6.1: a line with several keys */
	ck_assert_uint_eq(
	    tag_taken(KEY_OF("1", SHA1_80) "|1:1;inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj|2:"
					   "1\r\n" KEY_OF("2", SHA1_80) "\r\n"),
	    2);
	ck_assert_uint_eq(
	    tag_taken(KEY_OF(
		"1", SHA1_80) "|1:1;inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj|2:1\r\n"),
	    0);
	/* 4.1: each tag once */
	ck_assert_uint_eq(tag_taken(KEY_OF("1", SHA1_80) "\r\n" KEY_OF("1", SHA1_32) "\r\n"), 0);
	ck_assert_uint_eq(tag_taken(KEY_OF("1", "NEW") "\r\n" KEY_OF("1", SHA1_32) "\r\n"), 0);
	ck_assert_uint_eq(tag_taken(KEY_OF("1", SHA1_80) "\r\n" KEY_OF("1", SHA1_32) "\r\n" KEY_OF(
			      "3", SHA1_32) "\r\n"),
			  3);
}
END_TEST

UNIT_MAIN("ims_alg parts", each_proto_is_found_by_its_text_and_by_what_it_is,
	  attributes_are_told_apart_by_their_whole_name, setup_of_one_leg, setup_of_two_legs,
	  msrp_uris, settings_have_names, each_problem_has_a_text_of_its_own,
	  of_several_keys_the_first_that_can_be_used)
