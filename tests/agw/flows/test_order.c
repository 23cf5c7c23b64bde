/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The e2ae flows of TR 29.828 5.2.1 as they look on the wire when all goes well: which SYN, H.248
 * message and TLS record comes before which.
 */
#include "unit/unit.h"
#include <string.h>
#include "agw/flows/scene.h"

/* 5.2.1.2.2 and 5.2.1.3.2 with delayed establishment: SYN, Modify, SYN again, then the UE's side,
 * then TLS. */
START_TEST(originating_delayed)
{
	rig_start(NULL);
	for (int i = 0; i < FLOWS; i++) {
		const struct flow *f = &originating[i];
		struct scene s;

		scene_begin(&s, f, UE);
		add_core(&s.c, f->core, f->media, true); /* 2-4 */
		add_access(&s.c, f->access, f->media, s.ue_addr.port, "a=setup:actpass",
			   "");					 /* 5-7 */
		s.far = connect_later(FAR, CORE, s.c.core_port); /* 10 */
		rig_serve(100);
		configure_core(&s.c, f->core, f->media, FAR); /* 13-15 */
		configure_access_active(&s.c, f->access, f->media,
					f->gateway_is_tls_client); /* 16-18 */
		ck_assert(connected(s.far, 20000));		   /* 10' */
		s.ue = endpoint_accept(s.listener, 20000);	   /* 11' */
		ck_assert_int_ge(s.ue, 0);
		tls_start(&s.tls, s.ue, !f->gateway_is_tls_client, &s.c.ue,
			  TLS1_3_VERSION); /* 21 */
		ck_assert_ptr_nonnull(tls_done(&s.tls));
		exchange(&s);
		IN_ORDER(f->name, syn_to_core(&s, 0),
			 told(&s, CONTROLLER, "Modify = ip/core/", "setup:passive"),
			 syn_to_core(&s, 1), syn_ack_to_far(&s), hello(&s));
		IN_ORDER(f->name, syn_to_core(&s, 1), syn_to_ue(&s), hello(&s));
		ck_assert_ptr_null(packet_find(s.mark, CORE, s.c.core_port, FAR, 0, PKT_RST, 0));
		scene_end(&s);
	}
	rig_stop();
}
END_TEST

/* Without it: the first SYN triggers the one to the UE, before any Modify; TLS waits for its turn.
 * Note of 5.2.1.3.2: for a=setup:active in the answer, steps 14-16 are left out. */
START_TEST(originating_at_once)
{
	rig_start(NULL);
	for (int i = 0; i < FLOWS; i++) {
		const struct flow *f = &originating[i];
		struct scene s;

		scene_begin(&s, f, UE);
		add_core(&s.c, f->core, f->media, false);
		add_access(&s.c, f->access, f->media, s.ue_addr.port, "a=setup:actpass", "");
		s.far = connect_from(FAR, CORE, s.c.core_port, 20000);
		ck_assert_int_ge(s.far, 0);
		s.ue = endpoint_accept(s.listener, 20000);
		ck_assert_int_ge(s.ue, 0);
		ck_assert_ptr_null(packet_tls(s.mark, ACCESS, UE, 22, 1));
		if (i & 1)
			configure_core(&s.c, f->core, f->media, FAR);
		configure_access_active(&s.c, f->access, f->media, f->gateway_is_tls_client);
		tls_start(&s.tls, s.ue, !f->gateway_is_tls_client, &s.c.ue, TLS1_2_VERSION);
		ck_assert_ptr_nonnull(tls_done(&s.tls));
		exchange(&s);
		IN_ORDER(f->name, syn_to_core(&s, 0), syn_to_ue(&s),
			 told(&s, CONTROLLER, "Modify = ip/access/", "active"), hello(&s));
		ck_assert_ptr_null(packet_find(s.mark, FAR, 0, CORE, s.c.core_port, PKT_SYN, 1));
		scene_end(&s);
	}
	rig_stop();
}
END_TEST

/* 5.2.1.2.3 and 5.2.1.3.3 with delayed establishment. */
START_TEST(terminating_delayed)
{
	rig_start(NULL);
	for (int i = 0; i < FLOWS; i++) {
		const struct flow *f = &terminating[i];
		struct scene s;

		scene_begin(&s, f, FAR);
		terminating_add(&s.c, f->access, f->media, f->core, true, s.far_addr.port,
				tls_signal(f));			   /* 2-7 */
		s.ue = connect_later(UE, ACCESS, s.c.access_port); /* 10 */
		rig_serve(100);
		terminating_configure(&s.c, f->access, f->media, s.c.ue.line); /* 14-16 */
		ck_assert(connected(s.ue, 20000));
		tls_start(&s.tls, s.ue, !f->gateway_is_tls_client, &s.c.ue,
			  TLS1_3_VERSION); /* 12 */
		ck_assert_ptr_nonnull(tls_done(&s.tls));
		s.far = endpoint_accept(s.listener, 20000);
		ck_assert_int_ge(s.far, 0);
		exchange(&s);
		IN_ORDER(f->name, syn_of_ue(&s, 0),
			 told(&s, CONTROLLER, "Modify = ip/access/", "fingerprint"),
			 syn_of_ue(&s, 1), syn_to_far(&s));
		IN_ORDER(f->name, syn_of_ue(&s, 1), hello(&s));
		ck_assert_ptr_null(packet_find(s.mark, ACCESS, s.c.access_port, UE, 0, PKT_RST, 0));
		scene_end(&s);
	}
	rig_stop();
}
END_TEST

/* Without it: SYN to the core and TLS begin before the answer, and then the handshake stands still
 * until step 14: the peer gets no more than the gateway's first flight. */
START_TEST(terminating_at_once_waits_for_the_fingerprint)
{
	rig_start(NULL);
	for (int i = 0; i < FLOWS; i++) {
		const struct flow *f = &terminating[i];
		struct scene s;

		scene_begin(&s, f, FAR);
		terminating_add(&s.c, f->access, f->media, f->core, false, s.far_addr.port,
				tls_signal(f));
		s.ue = connect_from(UE, ACCESS, s.c.access_port, 20000);
		ck_assert_int_ge(s.ue, 0);
		s.far = endpoint_accept(s.listener, 20000);
		ck_assert_int_ge(s.far, 0);
		tls_start(&s.tls, s.ue, !f->gateway_is_tls_client, &s.c.ue, TLS1_2_VERSION);
		for (int n = 0; n < 1000 && !flight_to_ue(&s, 0); n++)
			rig_serve(20);
		ck_assert_ptr_nonnull(flight_to_ue(&s, 0));
		rig_serve(300);
		ck_assert_msg(!flight_to_ue(&s, 1),
			      "%s: a second flight before the fingerprint is known", f->name);
		IN_ORDER(f->name, syn_of_ue(&s, 0), syn_to_far(&s));
		terminating_configure(&s.c, f->access, f->media, s.c.ue.line);
		ck_assert_ptr_nonnull(tls_done(&s.tls));
		IN_ORDER(f->name, hello(&s),
			 told(&s, CONTROLLER, "Modify = ip/access/", "fingerprint"),
			 seen(flight_to_ue(&s, 1), "the second flight"));
		scene_end(&s);
	}
	rig_stop();
}
END_TEST

/* The answer says a=setup:passive: the gateway is the active side towards the core, the UE towards
 * the gateway, and TLS client with MSRP. With the signal the SYN to the core does not wait for the
 * UE. */
START_TEST(originating_with_a_passive_answer)
{
	rig_start(NULL);
	for (int signal = 0; signal < 2; signal++) {
		struct scene s;
		const char *r;

		scene_begin(&s, &terminating[0], FAR); /* here the far peer listens */
		add_core(&s.c, "TCP/MSRP", "message", true);
		add_access(&s.c, "TCP/TLS/MSRP", "message", 9, "a=setup:actpass", "");
		r = mgc_do("Context = %d { Modify = %s { Media { Stream = 1 { LocalControl { Mode "
			   "= SendReceive, gm/saf = ON, "
			   "gm/spf = ON }, Local {\nv=0\nc=IN IP4 " CORE
			   "\nm=message %d TCP/MSRP *\na=setup:active\n}, "
			   "Remote {\nv=0\nc=IN IP4 " FAR
			   "\nm=message %d TCP/MSRP *\na=setup:passive\n} } }%s } }",
			   s.c.context, s.c.core, s.c.core_port, s.far_addr.port,
			   signal ? ", Signals { tcpbcc/EstBNC { Stream = 1 } }" : "");
		ck_assert_msg(!strstr(r, "Error"), "%s", r);
		terminating_configure(&s.c, "TCP/TLS/MSRP", "message", s.c.ue.line);
		if (signal) {
			s.far = endpoint_accept(s.listener, 20000);
			ck_assert_int_ge(s.far, 0);
		} else {
			rig_serve(100);
			ck_assert_ptr_null(packet_find(s.mark, CORE, 0, FAR, 0, PKT_SYN, 0));
		}
		s.ue = connect_from(UE, ACCESS, s.c.access_port, 20000);
		ck_assert_int_ge(s.ue, 0);
		if (!signal)
			s.far = endpoint_accept(s.listener, 20000);
		tls_start(&s.tls, s.ue, true, &s.c.ue, TLS1_3_VERSION);
		ck_assert_ptr_nonnull(tls_done(&s.tls));
		exchange(&s);
		if (signal)
			IN_ORDER("signal", syn_to_far(&s), syn_of_ue(&s, 0), hello(&s));
		else
			IN_ORDER("trigger", syn_of_ue(&s, 0), syn_to_far(&s));
		scene_end(&s);
	}
	rig_stop();
}
END_TEST

/* The UE has IPv6, the core IPv4: the same flows in the same order. */
START_TEST(an_ipv6_ue_meets_an_ipv4_core_in_every_flow)
{
	rig_start(NULL);
	access_ipv6 = true;
	for (int i = 0; i < 2 * FLOWS; i++) {
		bool mo = i < FLOWS;
		const struct flow *f = mo ? &originating[i] : &terminating[i - FLOWS];
		struct scene s;

		scene_talk(&s, f);
		if (mo)
			IN_ORDER(f->name, syn_to_core(&s, 0), syn_to_ue(&s), hello(&s));
		else
			IN_ORDER(f->name, syn_of_ue(&s, 0), syn_to_far(&s));
		IN_ORDER(f->name, mo ? syn_to_ue(&s) : syn_of_ue(&s, 0), hello(&s));
		scene_end(&s);
	}
	access_ipv6 = false;
	rig_stop();
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
	    originating_delayed,
	    originating_at_once,
	    terminating_delayed,
	    terminating_at_once_waits_for_the_fingerprint,
	    originating_with_a_passive_answer,
	    an_ipv6_ue_meets_an_ipv4_core_in_every_flow,
	};

	return flows_main("order on the wire", tests, sizeof(tests) / sizeof(tests[0]));
}
