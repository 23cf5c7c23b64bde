/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two text formats: import files and ims-hss.conf. */
#include "unit/unit.h"

#include <unistd.h>

#include "hss/config.h"
#include "hss/provision/provision.h"

#define KEYS "k=465b5ce8b199b49faa5f0a2ee238a6bc op=cdc202d5123e20f62b6d676ac72cb318"

static struct subscription *last;
static int count;
static char why[512];

static int keep(struct subscription *sub, void *arg, char *reason, size_t size)
{
	(void)arg;
	(void)reason;
	(void)size;
	*last = *sub;
	count++;
	return 0;
}

static int parse(const char *text)
{
	if (!last)
		last = subscription_new();
	count = 0;
	why[0] = '\0';
	return provision_parse(slice_str(text), keep, NULL, why, sizeof(why));
}

static void refused(const char *text, const char *reason)
{
	ck_assert_int_eq(parse(text), -1);
	ck_assert_msg(strstr(why, reason) != NULL, "said '%s', not '%s'", why, reason);
}

static void end(void)
{
	subscription_free(last);
	last = NULL;
}

static const char whole[] =
    "# two\n"
    "subscription\n"
    "\tprivate a@h " KEYS " amf=9000 sqn=0000000000ff\n"
    "\tprivate b@h k=465b5ce8b199b49faa5f0a2ee238a6bc opc=cd63cb71954a9f4e48a5994e37a02baf\n"
    "\tpublic sip:a@H:5060 set=1 profile=3 barred display=\"A \\\"b\\\\ # c\"\n"
    "\tpublic tel:+1-2 set=1 for=b@h   # comment\n"
    "\tpublic sip:s@h service inactive profile=3 masked=t,u\n"
    "\tifc priority=7 profile=3 server=sip:as trigger=\"all header:X=a\\\\.b\" default=terminate "
    "part=unregistered"
    " service-info=\"x y\" dsai=t,u include-register-request\n"
    "\tcapabilities mandatory=1,2 optional=3 server=sip:s\n"
    "\tcharging ccf=aaa://c ccf2=aaa://d ecf=aaas://e\n"
    "\tvisited h.net v.net\n"
    "end\n"
    "\n"
    "subscription\n"
    "private c@h " KEYS "\n"
    "end";

START_TEST(a_block_fills_everything)
{
	ck_assert_msg(parse(whole) == 0, "%s", why);
	ck_assert_int_eq(count, 2);
	ck_assert_str_eq(last->impi[0].name, "c@h");
	ck_assert_uint_eq(last->impi[0].amf[0], 0x80);
	end();
}
END_TEST

START_TEST(values_arrive)
{
	char *text = strdup(whole);

	strstr(text, "\n\nsubscription")[0] = '\0';
	ck_assert_msg(parse(text) == 0, "%s", why);
	ck_assert_uint_eq(last->n_impi, 2);
	ck_assert_uint_eq(last->impi[0].amf[0], 0x90);
	ck_assert_uint_eq(last->impi[0].sqn, 0xff);
	ck_assert_mem_eq(last->impi[0].key.milenage.opc, last->impi[1].key.milenage.opc,
			 16); /* op became opc */
	ck_assert_uint_eq(last->n_impu, 3);
	ck_assert_str_eq(last->impu[0].uri, "sip:a@h");
	ck_assert_str_eq(last->impu[0].display, "A \"b\\ # c");
	ck_assert(last->impu[0].barred);
	ck_assert_uint_eq(last->impu[0].impis, 3);
	ck_assert_str_eq(last->impu[1].uri, "tel:+12");
	ck_assert_uint_eq(last->impu[1].impis, 2);
	ck_assert_uint_eq(last->n_ifc, 1);
	ck_assert_str_eq(last->ifc[0].trigger, "all header:X=a\\.b");
	ck_assert(last->ifc[0].terminate && last->ifc[0].include_request &&
		  !last->ifc[0].include_response);
	ck_assert_int_eq(last->ifc[0].part, IFC_UNREGISTERED);
	ck_assert_str_eq(last->ifc[0].service_info, "x y");
	ck_assert(last->has_capabilities);
	ck_assert_uint_eq(last->capabilities.n_mandatory, 2);
	ck_assert_uint_eq(last->capabilities.optional[0], 3);
	ck_assert(last->has_charging);
	ck_assert_str_eq(last->charging.ccf[1], "aaa://d");
	ck_assert_str_eq(last->charging.ecf[0], "aaas://e");
	ck_assert_uint_eq(last->n_visited, 2);
	free(text);
	end();
}
END_TEST

static char *written(void)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);

	provision_write(last, true, f);
	fclose(f);
	return text;
}

START_TEST(what_is_exported_imports_again)
{
	char *text = strdup(whole), *first, *second;

	strstr(text, "\n\nsubscription")[0] = '\0';
	ck_assert_int_eq(parse(text), 0);
	first = written();
	ck_assert_msg(parse(first) == 0, "%s in\n%s", why, first);
	second = written();
	ck_assert_str_eq(first, second);
	ck_assert_ptr_nonnull(strstr(first, "display=\"A \\\"b\\\\ # c\""));
	ck_assert_ptr_nonnull(
	    strstr(first, "sip:s@h set=0 profile=3 service inactive masked=t,u\n"));
	ck_assert_ptr_nonnull(strstr(first, " dsai=t,u "));
	free(first);
	free(second);
	free(text);
	end();
}
END_TEST

START_TEST(mistakes_are_named_with_their_line)
{
	refused("subscription\nprivate a@h\nend", "line 2: a new private identity needs k");
	refused("private a@h " KEYS, "line 1: \"subscription\" is missing");
	refused("subscription\nprivate a@h " KEYS, "has no \"end\"");
	refused("subscription\nend", "needs a private identity");
	refused("subscription\nsubscription", "\"end\" is missing");
	refused("subscription\nprivate a@h k=12 opc=34", "k takes 32 hex digits");
	refused("subscription\nprivate a@h op=cdc202d5123e20f62b6d676ac72cb318", "op needs k");
	refused("subscription\nprivate a@h " KEYS " sqn=1", "sqn takes 12");
	refused("subscription\nprivate a,b " KEYS, "no blanks, commas");
	refused("subscription\npublic user", "sip:, sips: or tel:");
	refused("subscription\npublic sip:a!(!@h", "needs its )");
	refused("subscription\npublic sip:a!.*!@H.net", "scheme and host in lower case");
	refused("subscription\nprivate a@h " KEYS "\npublic sip:a@h service set=1",
		"does not register");
	refused("subscription\nprivate a@h " KEYS "\npublic sip:a@h inactive", "only a service");
	refused("subscription\nprivate a@h " KEYS "\npublic sip:a@h masked=a,a",
		"masked takes tags");
	refused("subscription\nifc server=sip:a priority=1 dsai=\"a b\"", "dsai takes tags");
	refused("subscription\npublic sip:a@h\nprivate a@h " KEYS "\nend",
		"nobody may use sip:a@h");
	refused("subscription\nprivate a@h " KEYS "\npublic sip:a@h for=x", "for= names 'x'");
	refused("subscription\nprivate a@h " KEYS "\npublic sip:a@h set=70000",
		"set takes a number");
	refused("subscription\nifc priority=1", "needs server=");
	refused("subscription\nifc server=sip:a", "needs priority=");
	refused("subscription\nifc server=sip:a priority=1 trigger=x", "begins with \"all \"");
	refused("subscription\ncharging ccf=http://x", "aaa:// or aaas://");
	refused("subscription\ncharging ccf2=aaa://x", "needs a primary");
	refused("subscription\ncapabilities mandatory=1,,2", "mandatory takes a number");
	refused("subscription\nvisited \"a b\"", "is a domain name");
	refused("subscription\npublic sip:a@h display=\"x", "not closed");
	refused("subscription\npublic sip:a@h display=\xff", "UTF-8");
	refused("subscription\npublic sip:a@h display=\xed\xa0\x80", "UTF-8");
	refused("subscription\n\x01", "control character");
	refused("subscription\nbogus", "unknown line 'bogus'");
	end();
}
END_TEST

#define TUAK_K                                                                                     \
	"fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0efeeedecebeae9e8e7e6e5e4e3e2e1e0" /* TS 35.233 6.4 */
#define TUAK_TOP  "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"
#define TUAK_TOPC "305425427e18c503c8a4b294ea72c95d0c36c6c6b29d0c65de5974d5977f8524"

START_TEST(a_card_of_tuak_is_read_and_written)
{
	const char *key =
	    " k=" TUAK_K " topc=" TUAK_TOPC " algorithm=tuak res=64 keccak=1 amf=8000";
	char *first, *second;

	/* TOP becomes TOPc, whichever word comes first, and what is not said is the usual */
	ck_assert_msg(parse("subscription\nprivate a@h top=" TUAK_TOP " k=" TUAK_K
			    " algorithm=tuak\nprivate b@h algorithm=tuak res=128 keccak=2 "
			    "k=abababababababababababababababab topc=" TUAK_TOPC "\nend") == 0,
		      "%s", why);
	ck_assert_int_eq(last->impi[0].key.algorithm, AKA_TUAK);
	ck_assert_uint_eq(last->impi[0].key.tuak.k_len, 32);
	ck_assert_uint_eq(last->impi[1].key.tuak.k_len, 16);
	ck_assert_uint_eq(last->impi[1].key.tuak.iterations, 2);
	ck_assert_uint_eq(last->impi[1].key.res_len, 16);
	first = written();
	ck_assert_ptr_nonnull(strstr(first, key));
	ck_assert_ptr_nonnull(strstr(first, " algorithm=tuak res=128 keccak=2"));
	ck_assert_msg(parse(first) == 0, "%s in\n%s", why, first);
	second = written();
	ck_assert_str_eq(first, second);
	free(first);
	free(second);
	end();
}
END_TEST

/* A line for an identity that is there changes what it names, and a new k is a whole new key. */
START_TEST(a_card_changes_its_algorithm_with_its_key_alone)
{
	ck_assert_msg(parse("subscription\nprivate a@h " KEYS " sqn=0000000000ff\n"
			    "private a@h algorithm=tuak k=" TUAK_K " topc=" TUAK_TOPC
			    "\nprivate a@h amf=9000\nend") == 0,
		      "%s", why);
	ck_assert_int_eq(last->impi[0].key.algorithm, AKA_TUAK);
	ck_assert_uint_eq(last->impi[0].sqn, 0xff);
	ck_assert_msg(parse("subscription\nprivate a@h algorithm=tuak k=" TUAK_K " topc=" TUAK_TOPC
			    "\nprivate a@h topc=" TUAK_TOP "\nend") == 0,
		      "%s", why);
	ck_assert_uint_eq(last->impi[0].key.tuak.topc[0], 0x80);
	ck_assert_uint_eq(last->impi[0].key.tuak.k_len, 32);
	ck_assert_msg(parse("subscription\nprivate a@h algorithm=tuak k=" TUAK_K " topc=" TUAK_TOPC
			    "\nprivate a@h " KEYS "\nend") == 0,
		      "%s", why);
	ck_assert_int_eq(last->impi[0].key.algorithm, AKA_MILENAGE);
	ck_assert_msg(parse("subscription\nprivate a@h algorithm=tuak k=" TUAK_K " topc=" TUAK_TOPC
			    "\nprivate a@h password=x realm=h\nend") == 0,
		      "%s", why);
	ck_assert(impi_by_digest(&last->impi[0]));
	ck_assert_int_eq(last->impi[0].key.algorithm, AKA_MILENAGE); /* nothing of it is left */
	end();
}
END_TEST

START_TEST(mistakes_in_a_card_of_tuak_are_named)
{
#define TUAK_LINE "subscription\nprivate a@h algorithm=tuak k=" TUAK_K
	refused(TUAK_LINE "\nend", "k needs topc or top beside it");
	refused(TUAK_LINE " opc=cd63cb71954a9f4e48a5994e37a02baf",
		"topc and top for algorithm=tuak");
	refused(TUAK_LINE " topc=cd63cb71954a9f4e48a5994e37a02baf", "topc takes 64 hex digits");
	refused(TUAK_LINE " top=" TUAK_TOP " topc=" TUAK_TOPC,
		"top needs k beside it and excludes");
	refused(TUAK_LINE " topc=" TUAK_TOPC " res=256", "res takes");
	refused(TUAK_LINE " topc=" TUAK_TOPC " res=48", "res takes 32, 64 or 128 bits");
	refused(TUAK_LINE " topc=" TUAK_TOPC " keccak=0", "keccak takes a number from 1");
	refused(TUAK_LINE " topc=" TUAK_TOPC " keccak=256", "keccak takes");
	refused(TUAK_LINE " topc=" TUAK_TOPC " password=x", "one of k, password and ha1");
	refused("subscription\nprivate a@h algorithm=comp128 " KEYS, "milenage or tuak");
	refused("subscription\nprivate a@h " KEYS " keccak=1", "are for algorithm=tuak");
	refused("subscription\nprivate a@h " KEYS "\nprivate a@h algorithm=tuak",
		"need k beside them");
	refused("subscription\nprivate a@h " KEYS "\nprivate a@h topc=" TUAK_TOPC,
		"opc and op are for Milenage");
	refused("subscription\nprivate a@h k=" TUAK_K " opc=cd63cb71954a9f4e48a5994e37a02baf",
		"k takes 32 hex digits unless algorithm=tuak");
	refused("subscription\nprivate a@h algorithm=tuak k=abab topc=" TUAK_TOPC, "also 64");
	ck_assert_ptr_null(strstr(why, "abab"));
	end();
}
END_TEST

/* A value in the wrong place may be a key: it must not be repeated to the terminal. */
START_TEST(keys_are_not_repeated_in_messages)
{
	refused("subscription\nprivate a@h K=465b5ce8b199b49faa5f0a2ee238a6bc",
		"unknown option 'K'");
	ck_assert_ptr_null(strstr(why, "465b"));
	end();
}
END_TEST

/* Mufasa's of RFC 2617 3.5. */
START_TEST(a_password_is_kept_as_its_hash)
{
	static const char hash[] = "939e7578ed9e3c518a452acee763bce9";
	char *first, *second;

	ck_assert_msg(parse("subscription\nprivate Mufasa password=\"Circle Of Life\" "
			    "realm=testrealm@host.com\npublic sip:a@h\nend") == 0,
		      "%s", why);
	ck_assert_str_eq(last->impi[0].ha1, hash);
	ck_assert_str_eq(last->impi[0].realm, "testrealm@host.com");
	first = written();
	ck_assert_ptr_nonnull(strstr(
	    first,
	    "private Mufasa ha1=939e7578ed9e3c518a452acee763bce9 realm=testrealm@host.com\n"));
	ck_assert_msg(parse(first) == 0, "%s in\n%s", why, first);
	second = written();
	ck_assert_str_eq(first, second);
	free(first);
	free(second);
	/* the domain of the identity is the realm where none is given; digits of a hash have one case */
	ck_assert_int_eq(parse("subscription\nprivate a@h.net "
			       "ha1=939E7578ED9E3C518A452ACEE763BCE9\nend"),
			 0);
	ck_assert_str_eq(last->impi[0].ha1, hash);
	ck_assert_str_eq(last->impi[0].realm, "h.net");
	end();
}
END_TEST

START_TEST(what_authenticates_is_one_of_both)
{
	static const uint8_t none[16];
	struct words w;

	ck_assert_int_eq(parse("subscription\nprivate a@h " KEYS "\nend"), 0);
	last->impi[0].sqn = 0x1234;
	words_split(SLICE_LIT("private a@h password=xyzzy"), &w);
	ck_assert_int_eq(provision_line(last, &w, why, sizeof(why)), 0);
	ck_assert(impi_by_digest(&last->impi[0]));
	ck_assert_mem_eq(last->impi[0].key.milenage.k, none, 16);
	words_split(SLICE_LIT("private a@h " KEYS), &w);
	ck_assert_int_eq(provision_line(last, &w, why, sizeof(why)), 0);
	ck_assert(!impi_by_digest(&last->impi[0]));
	ck_assert_uint_eq(last->impi[0].sqn, 0x1234); /* the same card may be back */
	ck_assert_str_eq(last->impi[0].realm, "");
	refused("subscription\nprivate a@h password=x " KEYS, "one of k, password and ha1");
	refused("subscription\nprivate a@h password=x ha1=939e7578ed9e3c518a452acee763bce9",
		"one of k, password and ha1");
	refused("subscription\nprivate a@h " KEYS " amf=8000 amf=9000", "amf is given twice");
	refused("subscription\nprivate a@h k=465b5ce8b199b49faa5f0a2ee238a6bc " KEYS,
		"k is given twice");
	refused("subscription\nprivate a@h password=x password=y", "password is given twice");
	refused("subscription\nprivate a@h password=x amf=8000", "one of k, password and ha1");
	refused("subscription\nprivate a@h password=", "password takes printable");
	refused("subscription\nprivate a@h ha1=939e", "ha1 takes 32 hex digits");
	refused("subscription\nprivate a password=x", "need realm=");
	refused("subscription\nprivate a@h realm=x " KEYS, "realm needs password or ha1");
	refused("subscription\nprivate a@h password=x realm=\"a b\"", "realm takes a domain name");
	refused("subscription\nprivate a@h password=x\nprivate a@h sqn=000000000001",
		"for an identity with k");
	end();
}
END_TEST

START_TEST(passwords_are_not_repeated_in_messages)
{
	static const char *const lines[] = {
	    "private a@h xyzzy",
	    "private a@h password=x xyzzy",
	    "private a@h password:xyzzy",
	    "private a@h ha1=xyzzy",
	    "private a@h PASSWORD=xyzzy",
	    "private a@h password=\"xyzzy\" op=xyzzy",
	    "private a@h password=\xffxyzzy",
	    "private a@h realm=xyzzy password=",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char text[128];

		snprintf(text, sizeof(text), "subscription\n%s\nend", lines[i]);
		ck_assert_int_eq(parse(text), -1);
		ck_assert_msg(!strstr(why, "xyzzy"), "'%s' says '%s'", lines[i], why);
	}
	end();
}
END_TEST

START_TEST(bounds_hold)
{
	char *text = calloc(1, 1 << 20);
	int n = sprintf(text, "subscription\nprivate a@h " KEYS "\n");

	for (int i = 0; i < SUB_IMPUS_MAX; i++)
		n += sprintf(text + n, "public sip:u%d@h\n", i);
	strcpy(text + n, "end");
	ck_assert_msg(parse(text) == 0, "%s", why);
	strcpy(text + n, "public sip:more@h\nend");
	refused(text, "at most 64 public");
	n = sprintf(text, "subscription\nprivate a@h " KEYS "\n");
	for (int i = 0; i <= SUB_IFCS_MAX; i++)
		n += sprintf(text + n, "ifc server=sip:a priority=%d\n", i);
	refused(text, "at most 64 ifcs");
	n = sprintf(text, "subscription\n");
	for (int i = 0; i <= SUB_IMPIS_MAX; i++)
		n += sprintf(text + n, "private p%d@h " KEYS "\n", i);
	refused(text, "at most 16 private");
	n = sprintf(text, "subscription\nvisited");
	for (int i = 0; i <= SUB_VISITED_MAX; i++)
		n += sprintf(text + n, " v%d", i);
	refused(text, "at most 16 visited");
	n = sprintf(text, "subscription\npublic sip:a@h display=");
	memset(text + n, 'x', 5000);
	refused(text, "line too long");
	free(text);
	end();
}
END_TEST

/* Who is to have no capabilities, whatever the configuration gives to others, has none after an export, too. */
START_TEST(no_capabilities_at_all_survive_an_export)
{
	char *text;

	ck_assert_int_eq(parse("subscription\nprivate a@h " KEYS "\npublic sip:a@h\n"
			       "capabilities server=\nend"),
			 0);
	ck_assert(last->has_capabilities);
	text = written();
	ck_assert_msg(parse(text) == 0, "%s in\n%s", why, text);
	ck_assert_msg(last->has_capabilities, "%s", text);
	ck_assert_str_eq(last->capabilities.server, "");
	ck_assert_uint_eq(last->capabilities.n_mandatory + last->capabilities.n_optional, 0);
	free(text);
	end();
	ck_assert_int_eq(parse("subscription\nprivate a@h " KEYS "\ncapabilities\nend"), 0);
	ck_assert(!last->has_capabilities); /* the configured ones */
	end();
}
END_TEST

START_TEST(a_line_changes_what_is_there)
{
	struct words w;

	ck_assert_int_eq(parse("subscription\nprivate a@h " KEYS
			       " sqn=0000000000ff\npublic sip:a@h set=4 barred\n"
			       "ifc server=sip:x priority=1\nend"),
			 0);
	words_split(SLICE_LIT("private a@h sqn=000000000100"), &w);
	ck_assert_int_eq(provision_line(last, &w, why, sizeof(why)), 0);
	ck_assert_uint_eq(last->n_impi, 1);
	ck_assert_uint_eq(last->impi[0].sqn, 0x100);
	words_split(SLICE_LIT("public SIP:a@H unbarred"), &w);
	ck_assert_int_eq(provision_line(last, &w, why, sizeof(why)), 0);
	ck_assert_uint_eq(last->n_impu, 1);
	ck_assert(!last->impu[0].barred);
	ck_assert_uint_eq(last->impu[0].set, 4);
	words_split(SLICE_LIT("ifc server=sip:y priority=1"), &w);
	ck_assert_int_eq(provision_line(last, &w, why, sizeof(why)), 0);
	ck_assert_uint_eq(last->n_ifc, 1);
	ck_assert_str_eq(last->ifc[0].as, "sip:y");
	words_split(SLICE_LIT("public sip:a@h set=9 nonsense"), &w);
	ck_assert_int_eq(provision_line(last, &w, why, sizeof(why)), -1);
	ck_assert_uint_eq(last->impu[0].set, 4); /* nothing changed on failure */
	end();
}
END_TEST

static struct config cfg;

static void config_refused(const char *text, const char *reason)
{
	config_defaults(&cfg);
	why[0] = '\0';
	ck_assert_int_eq(config_parse(slice_str(text), &cfg, why, sizeof(why)), -1);
	ck_assert_msg(strstr(why, reason) != NULL, "said '%s', not '%s'", why, reason);
}

START_TEST(settings_arrive)
{
	char text[NETADDR_TEXT_MAX];

	config_defaults(&cfg);
	ck_assert_int_eq(
	    config_parse(
		SLICE_LIT("identity = HSS.home1.net\nrealm home1.net\nlisten 10.0.0.5\n"
			  "listen fd00::5\npeer Scscf.home1.net 10.0.0.4\npeer i.home1.net tls\n"
			  "capabilities mandatory=1 # x\ncharging ccf=aaa://c\n"
			  "port=3869\nsctp yes\nvectors_max 3\nlog debug\nmetrics 9433\n"
			  "serves Ims.home1.net a.net\nserves b.net\nrequests_max 500\n"),
		&cfg, why, sizeof(why)),
	    0);
	ck_assert_str_eq(cfg.identity, "hss.home1.net");
	ck_assert_uint_eq(cfg.n_listen, 2);
	ck_assert_uint_eq(cfg.n_peers, 2);
	ck_assert_str_eq(cfg.peer[0].name, "scscf.home1.net");
	ck_assert_str_eq(netaddr_ip_text(&cfg.peer[0].address, text), "10.0.0.4");
	ck_assert(!netaddr_known(&cfg.peer[1].address));
	ck_assert(!cfg.peer[0].tls);
	ck_assert(cfg.peer[1].tls);
	ck_assert_str_eq(cfg.metrics, "9433");
	ck_assert_uint_eq(cfg.requests_max, 500);
	ck_assert_uint_eq(cfg.n_serves, 3);
	ck_assert(config_serves(&cfg, SLICE_LIT("HOME1.net")));
	ck_assert(config_serves(&cfg, SLICE_LIT("ims.home1.NET")));
	ck_assert(config_serves(&cfg, SLICE_LIT("b.net")));
	ck_assert(!config_serves(&cfg, SLICE_LIT("c.net")));
	ck_assert_uint_eq(cfg.capabilities.mandatory[0], 1);
	ck_assert_str_eq(cfg.charging.ccf[0], "aaa://c");
	ck_assert_uint_eq(cfg.port, 3869);
	ck_assert(cfg.sctp);
	ck_assert_uint_eq(cfg.vectors_max, 3);
	ck_assert_int_eq(cfg.log_level, 7);
}
END_TEST

START_TEST(the_clear_port_is_closed_where_tls_is_asked_for)
{
	static const struct {
		const char *text;
		uint16_t port;
	} cases[] = {{"", 3868},
		     {"port 3869", 3869},
		     {"tls_port 5658", 0},
		     {"tls_port 5658\nport 3868", 3868},
		     {"port 3868\ntls_port 5658", 3868},
		     {"tls_port 0", 3868}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		config_defaults(&cfg);
		ck_assert_int_eq(config_parse(slice_str(cases[i].text), &cfg, why, sizeof(why)), 0);
		ck_assert_uint_eq(cfg.port, cases[i].port);
	}
}
END_TEST

START_TEST(wrong_settings_say_what_is_right)
{
	config_refused("identity hss", "full domain name such as");
	config_refused("\nlisten 127.0.0.1",
		       "line 2: listen 127.0.0.1: freeDiameter refuses loopback");
	config_refused("listen localhost", "such as 10.0.0.5");
	config_refused("peer scscf", "such as peer scscf");
	config_refused("peer s.h nowhere", "not an IPv4 or IPv6");
	config_refused("peer s.h 10.0.0.1 10.0.0.2", "not an IPv4 or IPv6");
	config_refused("vectors_max 0", "from 1 to 8");
	config_refused("port 70000", "0 to 65535");
	config_refused("sctp maybe", "yes or no");
	config_refused("log loud", "log is error");
	config_refused("bogus 1", "unknown setting 'bogus'");
	config_refused("realm", "takes one value");
	config_refused("serves", "takes realms, such as");
	config_refused("serves a.net net", "full domain names");
	config_refused("requests_max 9", "from 10 to 100000");
	config_refused("control a b", "takes one value");
	config_refused("control \"x;y\"", "must not contain");
	config_refused("store", "takes a value");
	config_refused("store postgresql:host=x dbname=y\nnonsense", "nonsense");
	ck_assert_str_eq(cfg.store,
			 "postgresql:host=x dbname=y"); /* a connection string has blanks */
	config_refused("charging x=y", "unknown option 'x'");
	config_refused("sqn_ind 5", "takes a range within 0-31");
	config_refused("sqn_ind 5-4", "takes a range within 0-31");
	config_refused("sqn_ind 0-32", "takes a range within 0-31");
}
END_TEST

START_TEST(an_incomplete_configuration_does_not_start)
{
	static const char *const texts[] = {
	    "",
	    "identity h.x\nrealm x.y\nlisten 10.0.0.1\n",
	    "identity h.x\nrealm x.y\nlisten 10.0.0.1\npeer a.b\nport 0\n",
	    "identity h.x\nrealm x.y\nlisten 10.0.0.1\npeer a.b\ntls_port 5658\n",
	    "identity h.x\nrealm x.y\nlisten 10.0.0.1\npeer a.b\ntls_port 5658\ntls_ca x\n",
	    "identity h.x\nrealm x.y\nlisten 10.0.0.1\npeer a.b\nwatchdog_seconds 5\n",
	    "identity h.x\nrealm x.y\nlisten 10.0.0.1\npeer a.b tls\n"};
	static const char *const reasons[] = {
	    "identity hss",	      "peer scscf",	 "both 0",
	    "tls_certificate",	      "tls_certificate", "from 6 to 3600",
	    "peer a.b needs tls_port"};
	char path[] = "/tmp/ims-hss-test-XXXXXX";
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	for (size_t i = 0; i < 7; i++) {
		FILE *f = fopen(path, "w");

		fputs(texts[i], f);
		fclose(f);
		ck_assert_int_eq(config_read(path, &cfg, why, sizeof(why)), -1);
		ck_assert_msg(strstr(why, reasons[i]) != NULL, "said '%s'", why);
	}
	close(fd);
	unlink(path);
	ck_assert_int_eq(config_read("/nonexistent/x", &cfg, why, sizeof(why)), -1);
	ck_assert_ptr_nonnull(strstr(why, "name the file with -c"));
}
END_TEST

START_TEST(numbers_and_alias_sets_for_sh)
{
	ck_assert_int_eq(parse("subscription\nprivate a@h " KEYS
			       " msisdn=12125551111 imsi=001010000000001\n"
			       "public sip:a@h set=1 alias=3\npublic sip:b@h set=1 alias=3\nend"),
			 0);
	ck_assert_str_eq(last->impi[0].msisdn, "12125551111");
	ck_assert_str_eq(last->impi[0].imsi, "001010000000001");
	ck_assert_uint_eq(last->impu[1].alias, 3);
	refused("subscription\nprivate a@h " KEYS " msisdn=+12125551111\nend",
		"msisdn takes 5 to 15 digits");
	refused("subscription\nprivate a@h " KEYS " imsi=0010100000000012\nend",
		"imsi takes 5 to 15 digits");
	ck_assert(!last->impi[0].giba);
	ck_assert_int_eq(
	    parse("subscription\nprivate a@h giba=yes imsi=001010000000001 " KEYS "\nend"), 0);
	ck_assert(last->impi[0].giba);
	refused("subscription\nprivate a@h " KEYS " giba=yes\nend",
		"giba=yes needs the IMSI: imsi=DIGITS");
	refused("subscription\nprivate a@h " KEYS " imsi=001010000000001 giba=maybe\nend",
		"giba takes yes or no");
	refused("subscription\nprivate a@h " KEYS
		"\npublic sip:a@h set=1 alias=3\npublic sip:b@h alias=3\nend",
		"have one alias=, so they need one set=");
	end();
}
END_TEST

START_TEST(a_peer_is_a_cscf_or_an_application_server)
{
	config_defaults(&cfg);
	ck_assert_int_eq(
	    config_parse(SLICE_LIT("peer a.h\npeer b.h sh\npeer c.h 10.0.0.1 cx sh tls\n"
				   "peer d.h sh relay"),
			 &cfg, why, sizeof(why)),
	    0);
	ck_assert_uint_eq(cfg.peer[0].roles, PEER_CX);
	ck_assert_uint_eq(cfg.peer[1].roles, PEER_SH);
	ck_assert_uint_eq(cfg.peer[2].roles, PEER_CX | PEER_SH);
	ck_assert_uint_eq(cfg.peer[3].roles, PEER_SH | PEER_RELAY);
}
END_TEST

static bool may_carry(const char *host, unsigned int role, const char *peer, bool relays)
{
	return config_may_carry(&cfg, slice_str(host), role, slice_str(peer), relays);
}

START_TEST(what_is_for_one_peer_goes_through_no_other_but_a_relay)
{
	config_defaults(&cfg);
	ck_assert_int_eq(config_parse(SLICE_LIT("peer cscf.h\npeer other.h\npeer as.h sh\n"
						"peer both.h cx sh\npeer dra.h sh relay"),
				      &cfg, why, sizeof(why)),
			 0);
	ck_assert(may_carry("as.h", PEER_SH, "as.h", false));
	ck_assert(may_carry("AS.h", PEER_SH, "as.H", false));
	ck_assert(!may_carry("as.h", PEER_SH, "both.h", true));
	ck_assert(!may_carry("cscf.h", PEER_CX, "other.h", true));
	ck_assert(!may_carry("", PEER_SH, "both.h", true));
	ck_assert(may_carry("as.h", PEER_SH, "dra.h", false));
	/* hosts that no line names */
	ck_assert(may_carry("far.h", PEER_SH, "dra.h", false));
	ck_assert(!may_carry("far.h", PEER_SH, "both.h", true));
	ck_assert(may_carry("far.h", PEER_CX, "other.h", true));
	ck_assert(!may_carry("far.h", PEER_CX, "other.h", false));
	ck_assert(!may_carry("far.h", PEER_CX, "as.h", true));
	ck_assert(!may_carry("far.h", PEER_CX, "stranger.h", true));
}
END_TEST

UNIT_MAIN("hss formats", a_block_fills_everything, values_arrive, what_is_exported_imports_again,
	  mistakes_are_named_with_their_line, a_card_of_tuak_is_read_and_written,
	  a_card_changes_its_algorithm_with_its_key_alone, mistakes_in_a_card_of_tuak_are_named,
	  keys_are_not_repeated_in_messages, a_password_is_kept_as_its_hash,
	  what_authenticates_is_one_of_both, passwords_are_not_repeated_in_messages, bounds_hold,
	  a_line_changes_what_is_there, no_capabilities_at_all_survive_an_export, settings_arrive,
	  the_clear_port_is_closed_where_tls_is_asked_for, wrong_settings_say_what_is_right,
	  an_incomplete_configuration_does_not_start, numbers_and_alias_sets_for_sh,
	  a_peer_is_a_cscf_or_an_application_server,
	  what_is_for_one_peer_goes_through_no_other_but_a_relay)
