/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bodies of CSC-4 and CMS-CMS, the first octet says which: 1 a UE's request, 2 a primary's request, 3 a partner's answer, 4 an
 * event. What is taken is carried out on a store in memory, and nothing of what is refused has changed it.
 */
#include <stdlib.h>

#include "hss/cms/message.h"
#include "hss/cms/users.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW 1796106600

static const char text[] =
    "system partner1\ndomains partner1.net\ninbound_domain in.partner1.net\n"
    "outbound_domain out.partner1.net\nsip_database hss hss.partner1.net partner1.net\n"
    "pcscf p\nue_config u\npeers 127.0.0.1:1\ncertificate c\nkey k\n"
    "[partner home1]\nurl https://h\nca a\nsan s\ndomains home1.net\ndatabases hss.home1.net\n"
    "places 00102\nservices mcptt\naccept all\n";
static struct cms_config cfg;
static struct cms cms = {&cfg, NULL};

static void begin(void)
{
	struct names n = {"a@partner1.net", {"sip:a@partner1.net"}, 1};
	char why[512];

	if (cms.store)
		return;
	if (cms_config_parse(slice_str(text), &cfg, why, sizeof(why)) ||
	    cms_store_open(":memory:", &cms.store, why, sizeof(why)) ||
	    user_set(&cms, "sip:a@partner1.net", &n, "mcptt", -1, NOW, why, sizeof(why)) ||
	    agreement_set(&cms, "sip:a@partner1.net", "*", true, NOW, why, sizeof(why)))
		abort();
}

/* Each input finds the same store. */
static void end(void)
{
	const struct selection all = {.both = true};

	if (grants_withdraw(&cms, &all, "fuzz", "x", true, false, NOW) < 0 ||
	    grants_expire(&cms, NOW + 91 * INT64_C(86400)) < 0 || store_begin_work(cms.store))
		abort();
	store_run(cms.store, "DELETE FROM audit", "");
	if (store_end_work(cms.store, true))
		abort();
}

static bool ask(struct slice body)
{
	struct ue_request r;
	char why[WHY_SIZE];
	struct grant g;
	enum cms_result result;

	if (read_ue_request(body, &r, why))
		return false;
	result = primary_begin(&cms, &r, NOW, &g);
	if (result == CMS_BROKEN)
		abort();
	if (result == CMS_OK && strcmp(r.mc_id, "sip:a@partner1.net") != 0)
		abort();
	return true;
}

static bool admit(struct slice body)
{
	struct access_request r;
	char why[WHY_SIZE];
	unsigned int wait;
	struct grant g, same;
	enum cms_result result;

	if (read_access_request(body, &r, why))
		return false;
	result = partner_admit(&cms, &cfg.partner[0], &r, NOW, &g, &wait);
	if (result == CMS_BROKEN)
		abort();
	if (result != CMS_OK) {
		if (grants_live(&cms, SIDE_PARTNER) != 0)
			abort();
		return true;
	}
	if (partner_admit(&cms, &cfg.partner[0], &r, NOW, &same, &wait) != CMS_SAME ||
	    strcmp(g.inbound.impi, same.inbound.impi) != 0 ||
	    bindings_find(&cms, g.pair.impi, &same, 1) != 1)
		abort();
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct access_answer answer;
	struct event event;
	char sha[65], why[WHY_SIZE];
	struct slice body = slice_make((const char *)data + 1, size - 1);
	bool taken = false;

	if (size < 1)
		return 0;
	begin();
	switch (data[0]) {
	case '1':
		taken = ask(body);
		break;
	case '2':
		taken = admit(body);
		break;
	case '3':
		if (read_access_answer(body, &answer, sha, why) == 0 &&
		    (answer.inbound.n_impu < 1 || !answer.remote[0]))
			abort();
		break;
	case '4':
		if (read_event(body, &event, why) == 0 && !event.grant[0])
			abort();
		break;
	}
	if (taken)
		end();
	return 0;
}
