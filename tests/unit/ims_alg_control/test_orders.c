/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What becomes of a call's orders when all is well: contexts, steps, changes, the end. */
#include <string.h>

#include "unit/ims_alg_control/scene.h"

static struct alg_media media;

/* A call whose offer and answer have been dealt with, as TR 29.828 5.2.1.2.2 has it. */
static void call_up(uint64_t call)
{
	struct done d = {0};

	msrp_offer(&media);
	apply(call, &media, &d);
	run(100);
	ck_assert_uint_eq(d.n, 1);
	ck_assert_int_eq(d.result.code, MGC_OK);
	memcpy(&media, &d.media, sizeof(media));
	msrp_answer(&media);
	apply(call, &media, &d);
	run(100);
	ck_assert_uint_eq(d.n, 2);
	ck_assert_int_eq(d.result.code, MGC_OK);
	memcpy(&media, &d.media, sizeof(media));
}

/* Steps 2-4, 5-7, 13-15, 16-18 are a transaction each, in this order. */
START_TEST(msrp_originating_in_separate_steps)
{
	struct done d = {0};
	struct fake_termination *core, *access;
	unsigned before;

	scene_prepare();
	scene_open(1);
	before = fakes[0].transactions;
	msrp_offer(&media);
	apply(1, &media, &d);
	run(100);
	ck_assert_int_eq(d.result.code, MGC_OK);
	ck_assert_uint_eq(fakes[0].transactions, before + 2);
	core = fake_side(0, "core");
	access = fake_side(0, "access");
	ck_assert_str_eq(fake_only(0)->termination[0].id, core->id); /* the core's first */
	ck_assert_ptr_nonnull(strstr(core->stream[0].control, "gm/saf=ON"));
	ck_assert_ptr_nonnull(strstr(core->stream[0].control, "gm/spf=ON"));
	ck_assert_ptr_nonnull(strstr(core->stream[0].control, "ipdc/realm=\"core.ims\""));
	ck_assert_ptr_nonnull(strstr(core->stream[0].local, " TCP/MSRP *"));
	ck_assert_str_eq(core->stream[0].remote, "");
	ck_assert_ptr_nonnull(strstr(access->stream[0].local, " TCP/TLS/MSRP *"));
	ck_assert_ptr_nonnull(strstr(access->stream[0].control, "gm/sam=\"10.0.0.1\""));
	ck_assert_ptr_nonnull(strstr(access->stream[0].remote, "m=message 20001 TCP/TLS/MSRP *"));
	ck_assert_ptr_nonnull(strstr(access->stream[0].remote, "a=fingerprint:"));
	ck_assert_ptr_nonnull(strstr(access->events, "hangterm/thb"));
	ck_assert_ptr_nonnull(strstr(access->events, "tlsbsc/BNCChange"));
	ck_assert_ptr_null(strstr(core->events, "tlsbsc"));
	ck_assert_ptr_nonnull(strstr(core->events, "tcpbcc/BNCChange"));
	/* What the SDP needs has come back. */
	ck_assert(d.media.stream[0].given[ALG_CORE].given);
	ck_assert_uint_eq(d.media.stream[0].given[ALG_CORE].local.port, 40002);
	ck_assert_uint_eq(d.media.stream[0].given[ALG_ACCESS].local.port, 40004);
	ck_assert(d.media.stream[0].given[ALG_ACCESS].has_fingerprint);
	ck_assert(!d.media.stream[0].given[ALG_CORE].has_fingerprint);
	ck_assert_str_eq(d.result.gateway, "agw0");
	ck_assert_uint_eq(d.result.context, fake_only(0)->id);

	memcpy(&media, &d.media, sizeof(media));
	msrp_answer(&media);
	apply(1, &media, &d);
	run(100);
	ck_assert_int_eq(d.result.code, MGC_OK);
	ck_assert_uint_eq(fakes[0].transactions, before + 4);
	/* The gate is open for that address, from whatever port (RFC 4145 4.1). */
	ck_assert_ptr_nonnull(strstr(core->stream[0].control, "gm/sam=\"203.0.113.9\""));
	ck_assert_ptr_null(strstr(core->stream[0].control, "gm/spf"));
	ck_assert_ptr_nonnull(strstr(core->stream[0].control, "MO=SR"));
	ck_assert_ptr_nonnull(strstr(core->stream[0].remote, "m=message 9 TCP/MSRP *"));
	ck_assert_ptr_nonnull(strstr(core->stream[0].local, "m=message 40002 TCP/MSRP *"));
	ck_assert_ptr_nonnull(strstr(core->stream[0].local, "a=setup:passive"));
	ck_assert_ptr_nonnull(strstr(access->stream[0].local, "a=setup:active"));
	ck_assert_ptr_nonnull(strstr(access->signals, "tlsbsc/EstablishBNC"));
	scene_close();
}
END_TEST

/* TR 29.828 5.2.1.2.2, notes 2 and 3: as few messages as there can be. */
START_TEST(merged_steps_are_one_transaction)
{
	struct done d = {0};
	unsigned before;

	scene_prepare();
	scene_open(1);
	before = fakes[0].transactions;
	msrp_offer(&media);
	media.merged = true;
	apply(1, &media, &d);
	run(100);
	ck_assert_int_eq(d.result.code, MGC_OK);
	ck_assert_uint_eq(fakes[0].transactions, before + 1);
	ck_assert_uint_eq(fake_only(0)->n, 2);
	memcpy(&media, &d.media, sizeof(media));
	msrp_answer(&media);
	apply(1, &media, &d);
	run(100);
	ck_assert_int_eq(d.result.code, MGC_OK);
	ck_assert_uint_eq(fakes[0].transactions, before + 2);
	scene_close();
}
END_TEST

/* Its note 2: the access termination comes with the answer. */
START_TEST(a_termination_may_come_later)
{
	struct done d = {0};

	scene_prepare();
	scene_open(1);
	msrp_offer(&media);
	media.side_wanted[ALG_ACCESS] = false;
	apply(1, &media, &d);
	run(100);
	ck_assert_int_eq(d.result.code, MGC_OK);
	ck_assert_uint_eq(fake_only(0)->n, 1);
	ck_assert(!d.media.stream[0].given[ALG_ACCESS].given);
	memcpy(&media, &d.media, sizeof(media));
	media.side_wanted[ALG_ACCESS] = true;
	msrp_answer(&media);
	media.merged = true;
	apply(1, &media, &d);
	run(100);
	ck_assert_int_eq(d.result.code, MGC_OK);
	ck_assert_uint_eq(fake_only(0)->n, 2);
	ck_assert(d.media.stream[0].given[ALG_ACCESS].has_fingerprint);
	ck_assert_ptr_nonnull(strstr(fake_side(0, "access")->signals, "tlsbsc/EstablishBNC"));
	scene_close();
}
END_TEST

/* RFC 3264 8, RFC 4028: a refresh with the same description costs no message. */
START_TEST(nothing_new_asks_nothing)
{
	struct done d = {0};
	unsigned before;

	scene_prepare();
	scene_open(1);
	call_up(1);
	before = fakes[0].transactions;
	apply(1, &media, &d);
	run(100);
	ck_assert_uint_eq(d.n, 1);
	ck_assert_int_eq(d.result.code, MGC_OK);
	ck_assert_uint_eq(fakes[0].transactions, before);
	ck_assert_uint_eq(d.media.stream[0].given[ALG_CORE].local.port, 40002);
	scene_close();
}
END_TEST

START_TEST(only_what_changed_is_sent)
{
	struct done d = {0};
	struct fake_termination *core;
	unsigned before;

	scene_prepare();
	scene_open(1);
	call_up(1);
	core = fake_side(0, "core");
	before = fakes[0].transactions;
	memset(core->stream[0].local, 0, sizeof(core->stream[0].local));
	memset(core->stream[0].remote, 0, sizeof(core->stream[0].remote));
	memset(core->signals, 0, sizeof(core->signals));
	media.stream[0].end[ALG_CORE].mode = SDP_DIR_INACTIVE;
	apply(1, &media, &d);
	run(100);
	ck_assert_int_eq(d.result.code, MGC_OK);
	ck_assert_uint_eq(fakes[0].transactions, before + 1);
	ck_assert_ptr_nonnull(strstr(core->stream[0].control, "MO=IN"));
	/* LocalControl replaces the former one whole, so that all of it must be there. */
	ck_assert_ptr_nonnull(strstr(core->stream[0].control, "ipdc/realm=\"core.ims\""));
	ck_assert_ptr_nonnull(strstr(core->stream[0].control, "gm/sam=\"203.0.113.9\""));
	ck_assert_str_eq(core->stream[0].local, "");
	ck_assert_str_eq(core->stream[0].remote, "");
	ck_assert_str_eq(core->signals, "");
	scene_close();
}
END_TEST

START_TEST(the_end_brings_statistics_and_leaves_nothing)
{
	struct done d = {0};

	scene_prepare();
	scene_open(1);
	call_up(1);
	release(1, &d);
	run(100);
	ck_assert_int_eq(d.result.code, MGC_OK);
	ck_assert_uint_eq(d.result.statistics, 2);
	ck_assert_str_eq(d.result.statistic[0].name, "nt/or");
	ck_assert_uint_eq(d.result.statistic[0].value, 4711);
	ck_assert_int_ne(d.result.statistic[0].side, d.result.statistic[1].side);
	ck_assert_uint_eq(fake_contexts(0), 0);
	ck_assert_uint_eq(mgc_contexts(mgc), 0);
	ck_assert_uint_eq(view(0).contexts, 0);
	memset(&d, 0, sizeof(d));
	release(1, &d); /* a second BYE */
	run(100);
	ck_assert_int_eq(d.result.code, MGC_UNKNOWN_CALL);
	scene_close();
}
END_TEST

/* RFC 3264 8.2: an m-line refused in the answer gives its stream back; with the last one the
 * context goes. */
START_TEST(streams_come_and_go)
{
	struct done d = {0};
	struct fake_termination *core;

	scene_prepare();
	scene_open(1);
	call_up(1);
	core = fake_side(0, "core");
	media.streams = 2;
	media.stream[1] = media.stream[0];
	media.stream[1].id = 2;
	memset(media.stream[1].given, 0, sizeof(media.stream[1].given));
	apply(1, &media, &d);
	run(100);
	ck_assert_int_eq(d.result.code, MGC_OK);
	ck_assert_uint_eq(core->n, 2);
	ck_assert_uint_gt(d.media.stream[1].given[ALG_CORE].local.port, 40004);
	memcpy(&media, &d.media, sizeof(media));
	media.stream[0].live = false;
	apply(1, &media, &d);
	run(100);
	ck_assert_int_eq(d.result.code, MGC_OK);
	ck_assert_uint_eq(core->n, 1);
	ck_assert_uint_eq(core->stream[0].id, 2);
	ck_assert(!d.media.stream[0].given[ALG_CORE].given);
	media.stream[1].live = false;
	apply(1, &media, &d);
	run(100);
	ck_assert_int_eq(d.result.code, MGC_OK);
	ck_assert_uint_eq(fake_contexts(0), 0);
	ck_assert_uint_eq(mgc_contexts(mgc), 0);
	scene_close();
}
END_TEST

/* A phone may answer TCP/MSRP today and TCP/TLS/MSRP tomorrow (RFC 3264 8.3). */
START_TEST(another_proto_is_another_reservation)
{
	struct done d = {0};
	struct fake_termination *access;
	char before[2048];

	scene_prepare();
	scene_open(1);
	call_up(1);
	access = fake_side(0, "access");
	strcpy(before, access->stream[0].local);
	strcpy(media.stream[0].end[ALG_ACCESS].proto, "TCP/MSRP");
	media.stream[0].end[ALG_ACCESS].want_fingerprint = false;
	media.stream[0].end[ALG_ACCESS].tls_client = false;
	apply(1, &media, &d);
	run(100);
	ck_assert_int_eq(d.result.code, MGC_OK);
	ck_assert_uint_eq(access->n, 1);
	ck_assert_ptr_nonnull(strstr(access->stream[0].local, " TCP/MSRP *"));
	ck_assert_str_ne(access->stream[0].local, before);
	ck_assert(!d.media.stream[0].given[ALG_ACCESS].has_fingerprint);
	scene_close();
}
END_TEST

/* A session that goes over to another access network: a new termination in the same context. */
START_TEST(another_realm_replaces_the_termination)
{
	struct done d = {0};
	struct fake_termination *core;
	char before[H248_TID_MAX + 1];
	uint32_t context;

	scene_prepare();
	scene_open(1);
	call_up(1);
	core = fake_side(0, "core");
	context = fake_only(0)->id;
	strcpy(before, fake_side(0, "access")->id);
	strcpy(media.realm[ALG_ACCESS], "wifi.ims");
	media.family[ALG_ACCESS] = 6;
	ck_assert_int_eq(
	    netaddr_parse(SLICE_LIT("2001:db8::1"), &media.stream[0].end[ALG_ACCESS].remote), 0);
	apply(1, &media, &d);
	run(100);
	ck_assert_int_eq(d.result.code, MGC_OK);
	ck_assert_uint_eq(fake_only(0)->id, context);
	ck_assert_uint_eq(fake_only(0)->n, 2);
	ck_assert_str_ne(fake_side(0, "access")->id, before);
	ck_assert_ptr_nonnull(
	    strstr(fake_side(0, "access")->stream[0].control, "ipdc/realm=\"wifi.ims\""));
	ck_assert_uint_eq(d.media.stream[0].given[ALG_ACCESS].local.family, 6);
	ck_assert_ptr_nonnull(
	    strstr(core->stream[0].local, "40002")); /* the far end sees nothing */
	scene_close();
}
END_TEST

/* One reply to one command cannot be cut, and over UDP it has 1400 octets: what is more than that comes
 * in further commands. */
START_TEST(eight_secured_streams_go_over_udp)
{
	struct done d = {0};
	struct fake_termination *access;

	scene_prepare();
	scene_open(1);
	rtp_offer(&media);
	for (unsigned i = 1; i < ALG_STREAMS_MAX; i++) {
		media.stream[i] = media.stream[0];
		media.stream[i].id = (uint16_t)(media.stream[0].id + i);
		memset(media.stream[i].formats, '9', sizeof(media.stream[i].formats) - 1);
	}
	media.streams = ALG_STREAMS_MAX;
	for (int merged = 0; merged < 2; merged++) {
		media.merged = merged;
		apply(1 + (uint64_t)merged, &media, &d);
		run(1000);
		ck_assert_int_eq(d.result.code, MGC_OK);
		for (unsigned i = 0; i < ALG_STREAMS_MAX; i++) {
			ck_assert(d.media.stream[i].given[ALG_CORE].local.port);
			ck_assert(d.media.stream[i].given[ALG_ACCESS].key.suite);
		}
		if (!merged) {
			access = fake_side(0, "access");
			ck_assert_uint_eq(access->n, ALG_STREAMS_MAX);
			/* They move, and come back in as many pieces. */
			media = d.media;
			media.move[ALG_ACCESS]++;
			apply(1, &media, &d);
			run(1000);
			ck_assert_int_eq(d.result.code, MGC_OK);
			ck_assert_uint_eq(fake_only(0)->n, 2);
			ck_assert_uint_eq(fake_side(0, "access")->n, ALG_STREAMS_MAX);
			release(1, &d);
			run(100);
		}
	}
	scene_close();
}
END_TEST

/* RFC 4568: our key stays as long as its serial, and a key that is taken back is the old one. */
START_TEST(keys_of_ours)
{
	struct done d = {0};
	struct sdes_key first;

	scene_prepare();
	scene_open(1);
	rtp_offer(&media);
	apply(1, &media, &d);
	run(100);
	ck_assert_int_eq(d.result.code, MGC_OK);
	first = d.media.stream[0].given[ALG_ACCESS].key;
	ck_assert_int_eq(first.suite, SDES_AES_CM_128_HMAC_SHA1_80);
	ck_assert_int_eq(d.media.stream[0].given[ALG_CORE].key.suite, SDES_NONE);
	ck_assert_ptr_null(strstr(fake_side(0, "core")->stream[0].local, "crypto"));
	ck_assert_ptr_nonnull(strstr(fake_side(0, "access")->stream[0].remote, "a=crypto:1 "));
	ck_assert_ptr_nonnull(strstr(fake_side(0, "access")->signals, "napt=LATCH"));
	ck_assert_ptr_nonnull(strstr(fake_side(0, "access")->stream[0].control, "rtcph/rsb=ON"));

	media = d.media; /* hold: Local is written again, the key with it */
	media.stream[0].end[ALG_ACCESS].rtcp_mux = true;
	apply(1, &media, &d);
	run(100);
	ck_assert(sdes_key_eq(&first, &d.media.stream[0].given[ALG_ACCESS].key));

	media = d.media;
	media.stream[0].end[ALG_ACCESS].key_serial++;
	apply(1, &media, &d);
	run(100);
	ck_assert_int_eq(d.result.code, MGC_OK);
	ck_assert(!sdes_key_eq(&first, &d.media.stream[0].given[ALG_ACCESS].key));

	apply(1, &media, &d); /* the new offer stands */
	media.stream[0].end[ALG_ACCESS].key_serial--;
	apply(1, &media, &d); /* it was refused: what was before comes back */
	run(100);
	ck_assert_int_eq(d.result.code, MGC_OK);
	ck_assert(sdes_key_eq(&first, &d.media.stream[0].given[ALG_ACCESS].key));
	scene_close();
}
END_TEST

START_TEST(orders_of_a_call_wait_for_each_other)
{
	struct done first = {0}, second = {0}, third = {0}, last = {0};

	scene_prepare();
	scene_open(1);
	msrp_offer(&media);
	apply(1, &media, &first);
	msrp_answer(&media);
	apply(1, &media, &second);
	apply(1, &media, &third);
	run(2); /* nothing can have been answered */
	ck_assert_uint_eq(first.n + second.n + third.n, 0);
	run(100);
	ck_assert_int_eq(first.result.code, MGC_OK);
	ck_assert_int_eq(second.result.code, MGC_OK);
	ck_assert_int_eq(third.result.code, MGC_OK);
	ck_assert_uint_eq(first.n + second.n + third.n, 3);
	ck_assert_uint_eq(fakes[0].adds, 2);

	/* A BYE ends what waits before it. */
	media.stream[0].end[ALG_CORE].mode = SDP_DIR_INACTIVE;
	memset(&second, 0, sizeof(second));
	apply(1, &media, &first);
	media.stream[0].end[ALG_CORE].mode = SDP_DIR_SENDRECV;
	apply(1, &media, &second);
	release(1, &last);
	run(100);
	ck_assert_int_eq(second.result.code, MGC_CONTEXT_LOST);
	ck_assert_int_eq(last.result.code, MGC_OK);
	ck_assert_uint_eq(last.n, 1);
	ck_assert_uint_eq(fake_contexts(0), 0);
	scene_close();
}
END_TEST

/* A BYE that comes while the Add is out: the context is made and taken away. */
START_TEST(a_release_in_the_middle)
{
	struct done first = {0}, last = {0};

	scene_prepare();
	scene_open(1);
	msrp_offer(&media);
	apply(1, &media, &first);
	run(7); /* the Add has arrived, its reply has not */
	ck_assert_uint_eq(fake_contexts(0), 1);
	release(1, &last);
	run(100);
	ck_assert_uint_eq(first.n, 1);
	ck_assert_int_eq(last.result.code, MGC_OK);
	ck_assert_uint_eq(fake_contexts(0), 0);
	ck_assert_uint_eq(mgc_contexts(mgc), 0);
	scene_close();
}
END_TEST

START_TEST(too_many_orders_are_refused)
{
	struct done d[MGC_QUEUE_MAX + 1] = {0};

	scene_prepare();
	scene_open(1);
	msrp_offer(&media);
	for (int i = 0; i <= MGC_QUEUE_MAX; i++)
		apply(1, &media, &d[i]);
	run(100);
	for (int i = 0; i < MGC_QUEUE_MAX; i++)
		ck_assert_int_eq(d[i].result.code, MGC_OK);
	ck_assert_int_eq(d[MGC_QUEUE_MAX].result.code, MGC_BUSY);
	scene_close();
}
END_TEST

START_TEST(emergency_calls_say_so)
{
	struct done d = {0};

	scene_prepare();
	scene_open(1);
	msrp_offer(&media);
	media.emergency = true;
	apply(1, &media, &d);
	run(100);
	ck_assert(fake_only(0)->emergency);
	scene_close();
}
END_TEST

/* What a stranger wrote in SDP cannot become a line of ours. */
START_TEST(a_line_end_in_a_value_is_refused)
{
	struct done d = {0};

	scene_prepare();
	scene_open(1);
	msrp_offer(&media);
	strcpy(media.stream[0].end[ALG_ACCESS].remote_path,
	       "msrps://10.0.0.1:20001/x;tcp\r\nc=IN IP4 10.9.9.9");
	apply(1, &media, &d);
	run(100);
	ck_assert_int_eq(d.result.code, MGC_FAILED);
	ck_assert_uint_eq(fake_contexts(0), 0);
	ck_assert_uint_eq(mgc_contexts(mgc), 0);
	scene_close();
}
END_TEST

/* Over a network that loses and doubles messages the same happens, once. */
START_TEST(a_lossy_network_changes_nothing)
{
	enum { CALLS = 40 };
	static struct done d[CALLS], e[CALLS];

	memset(d, 0, sizeof(d));
	memset(e, 0, sizeof(e));
	scene_prepare();
	config.t_max_ms = 20000;
	config.order_ms = 20000;
	config.step_ms = 20000;
	scene_open(1);
	net.loss = 100;
	net.twice = 100;
	net.delay_max = 60;
	msrp_offer(&media);
	for (int i = 0; i < CALLS; i++)
		apply(100 + i, &media, &d[i]);
	run(20000);
	ck_assert_uint_eq(fake_contexts(0), CALLS);
	ck_assert_uint_eq(fakes[0].adds, 2 * CALLS);
	for (int i = 0; i < CALLS; i++) {
		ck_assert_int_eq(d[i].result.code, MGC_OK);
		release(100 + i, &e[i]);
	}
	run(20000);
	ck_assert_uint_eq(fake_contexts(0), 0);
	for (int i = 0; i < CALLS; i++)
		ck_assert_uint_eq(e[i].n, 1);
	scene_close();
}
END_TEST

UNIT_MAIN("orders of the controller", msrp_originating_in_separate_steps,
	  merged_steps_are_one_transaction, a_termination_may_come_later, nothing_new_asks_nothing,
	  only_what_changed_is_sent, the_end_brings_statistics_and_leaves_nothing,
	  streams_come_and_go, another_proto_is_another_reservation,
	  another_realm_replaces_the_termination, eight_secured_streams_go_over_udp, keys_of_ours,
	  orders_of_a_call_wait_for_each_other, a_release_in_the_middle,
	  too_many_orders_are_refused, emergency_calls_say_so, a_line_end_in_a_value_is_refused,
	  a_lossy_network_changes_nothing)
