/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The e2ae flows of TR 29.828 5.2.1 when something goes wrong: who is told what, and in which order
 * alerts, resets and Notifies leave.
 */
#include "unit/unit.h"
#include <errno.h>
#include <linux/filter.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "agw/flows/scene.h"

/* In every flow and both versions: alert, reset of the core's leg where the gateway had connected to
 * the UE, and only then the Notify. What the far peer had sent is not passed on. */
START_TEST(a_wrong_fingerprint_in_every_flow)
{
	rig_start(NULL);
	for (int i = 0; i < 2 * FLOWS; i++) {
		const struct flow *f = i < FLOWS ? &originating[i] : &terminating[i - FLOWS];
		int version = i & 1 ? TLS1_3_VERSION : TLS1_2_VERSION;
		struct identity wrong;
		struct scene s;
		int64_t alert = -1, reset;
		const char *n;
		char c;

		scene_begin(&s, f, i < FLOWS ? UE : FAR);
		identity_make(&wrong);
		if (i < FLOWS) {
			add_core(&s.c, f->core, f->media, false);
			add_access(&s.c, f->access, f->media, s.ue_addr.port, "a=setup:actpass",
				   "");
			configure_access_active(&s.c, f->access, f->media,
						f->gateway_is_tls_client);
			s.far = connect_from(FAR, CORE, s.c.core_port, 20000);
			s.ue = endpoint_accept(s.listener, 20000);
		} else {
			terminating_add(&s.c, f->access, f->media, f->core, false, s.far_addr.port,
					tls_signal(f));
			terminating_configure(&s.c, f->access, f->media, s.c.ue.line);
			s.ue = connect_from(UE, ACCESS, s.c.access_port, 20000);
			s.far = endpoint_accept(s.listener, 20000);
		}
		ck_assert_int_ge(s.ue, 0);
		ck_assert_int_ge(s.far, 0);
		ck_assert_int_eq(send(s.far, "secret", 6, 0), 6);
		tls_start_in_vain(&s.tls, s.ue, !f->gateway_is_tls_client, &wrong, version);
		n = mgc_notified(20000, "tlsbsc/BNCChange", s.c.access);
		ck_assert_msg(n && strstr(n, "EstFail"), "%s: no Notify", f->name);
		tls_done(&s.tls);
		if (s.tls.ssl) { /* a TLS 1.3 client believes itself done: the next thing it hears
				    is the alert */
			ck_assert_int_le(SSL_read(s.tls.ssl, &c, 1), 0);
		} else {
			ck_assert_msg(s.tls.alert == SSL_AD_BAD_CERTIFICATE, "%s: alert %d",
				      f->name, s.tls.alert);
		}
		/* Where we had connected there is nobody else to wait for. Where the UE had, the
		 * leg listens on, and the far peer is not disturbed. */
		reset = hello(&s);
		if (i < FLOWS) {
			ck_assert_int_eq(endpoint_end(s.far, NULL), ECONNRESET);
			reset = seen(packet_find(s.mark, CORE, s.c.core_port, FAR, 0, PKT_RST, 0),
				     "RST to the far peer");
		} else {
			ck_assert_int_eq(recv(s.far, &c, 1, MSG_DONTWAIT), -1);
			ck_assert_int_eq(errno, EAGAIN);
		}
		if (version == TLS1_2_VERSION) {
			alert = seen(packet_tls(s.mark, ACCESS, UE, 21, -1), "alert");
			ck_assert_ptr_null(packet_tls(s.mark, ACCESS, UE, 23, -1));
			IN_ORDER(f->name, hello(&s), alert,
				 told(&s, CORE, "Notify = ip/access/", "EstFail"));
		}
		IN_ORDER(f->name, hello(&s), reset,
			 told(&s, CORE, "Notify = ip/access/", "EstFail"));
		ck_assert_int_eq(wire_count(s.start, CORE, CONTROLLER, "EstFail"),
				 1); /* told once */
		identity_clear(&wrong);
		scene_end(&s);
	}
	rig_stop();
}
END_TEST

/* SHA-1 is believed only where the operator said so (RFC 8122 5). */
START_TEST(a_sha1_fingerprint_needs_permission)
{
	for (int allowed = 0; allowed < 2; allowed++) {
		const struct flow *f = &terminating[0];
		unsigned char digest[20];
		char line[80] = "SHA-1 ", *w = line + 6;
		struct scene s;
		unsigned len;

		rig_start(allowed ? "allow_sha1 = yes\n" : NULL);
		scene_begin(&s, f, FAR);
		ck_assert_int_eq(X509_digest(s.c.ue.cert, EVP_sha1(), digest, &len), 1);
		for (unsigned i = 0; i < len; i++)
			w += sprintf(w, i ? ":%02X" : "%02X", digest[i]);
		terminating_add(&s.c, f->access, f->media, f->core, false, s.far_addr.port, "");
		terminating_configure(&s.c, f->access, f->media, line);
		s.ue = connect_from(UE, ACCESS, s.c.access_port, 20000);
		ck_assert_int_ge(s.ue, 0);
		s.far = endpoint_accept(s.listener, 20000);
		tls_start(&s.tls, s.ue, true, &s.c.ue, TLS1_2_VERSION);
		ck_assert_int_eq(tls_done(&s.tls) != NULL, allowed);
		if (allowed)
			exchange(&s);
		else
			ck_assert_ptr_nonnull(mgc_notified(20000, "tlsbsc/BNCChange", "EstFail"));
		scene_end(&s);
		rig_stop();
	}
}
END_TEST

/* The gate was open, somebody else came first: the Configure sends him away and the UE has its call,
 * over the connection to the far peer that is there already. */
START_TEST(who_came_from_elsewhere_makes_room_for_the_ue)
{
	const struct flow *f = &terminating[0];
	struct scene s;
	int elsewhere;

	rig_start(NULL);
	scene_begin(&s, f, FAR);
	terminating_add(&s.c, f->access, f->media, f->core, false, s.far_addr.port, "");
	elsewhere = connect_from("10.1.0.20", ACCESS, s.c.access_port, 20000);
	ck_assert_int_ge(elsewhere, 0);
	s.far = endpoint_accept(s.listener, 20000);
	ck_assert_int_ge(s.far, 0);
	terminating_configure(&s.c, f->access, f->media, s.c.ue.line);
	ck_assert_int_eq(endpoint_end(elsewhere, NULL), ECONNRESET);
	s.ue = connect_from(UE, ACCESS, s.c.access_port, 20000);
	ck_assert_int_ge(s.ue, 0);
	tls_start(&s.tls, s.ue, true, &s.c.ue, TLS1_3_VERSION);
	ck_assert_ptr_nonnull(tls_done(&s.tls));
	exchange(&s);
	IN_ORDER(f->name, told(&s, CONTROLLER, "Modify = ip/access/", "gm/sam"),
		 seen(packet_find(s.mark, ACCESS, s.c.access_port, "10.1.0.20", 0, PKT_RST, 0),
		      "RST to the stranger"),
		 syn_of_ue(&s, 0));
	close(elsewhere);
	scene_end(&s);
	rig_stop();
}
END_TEST

/* A UE that opens TCP and says nothing, and one whose fingerprint never comes: the limit ends both.
 */
START_TEST(a_handshake_that_does_not_come_about_is_given_up)
{
	const struct flow *f = &terminating[0];

	rig_start("tls_handshake_ms = 700\n");
	for (int held = 0; held < 2; held++) {
		struct scene s;
		int64_t notify;
		char c;

		scene_begin(&s, f, FAR);
		terminating_add(&s.c, f->access, f->media, f->core, false, s.far_addr.port, "");
		if (!held)
			terminating_configure(&s.c, f->access, f->media, s.c.ue.line);
		s.ue = connect_from(UE, ACCESS, s.c.access_port, 20000);
		ck_assert_int_ge(s.ue, 0);
		s.far = endpoint_accept(s.listener, 20000);
		ck_assert_int_ge(s.far, 0);
		if (held)
			tls_start(&s.tls, s.ue, true, &s.c.ue, TLS1_2_VERSION);
		ck_assert_ptr_nonnull(mgc_notified(20000, "tlsbsc/BNCChange", s.c.access));
		if (held)
			ck_assert_ptr_null(tls_done(&s.tls));
		ck_assert_int_eq(recv(s.far, &c, 1, MSG_DONTWAIT), -1);
		ck_assert_int_eq(errno, EAGAIN);
		notify = told(&s, CORE, "Notify = ip/access/", "EstFail");
		IN_ORDER("given up", syn_of_ue(&s, 0) + 700000, notify);
		scene_end(&s);
	}
	rig_stop();
}
END_TEST

/* A far peer that is not there, in the way of one behind a firewall: SYNs go unanswered. */
START_TEST(a_far_peer_that_never_answers_is_given_up)
{
	static struct sock_filter drop[] = {{BPF_RET | BPF_K, 0, 0, 0}};
	const struct sock_fprog program = {1, drop};
	const struct flow *f = &terminating[0];
	struct scene s;

	rig_start("tcp_connect_ms = 1500\n");
	scene_begin(&s, f, FAR);
	ck_assert_int_eq(
	    setsockopt(s.listener, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)), 0);
	terminating_add(&s.c, f->access, f->media, f->core, false, s.far_addr.port, "");
	s.ue = connect_from(UE, ACCESS, s.c.access_port, 20000);
	ck_assert_int_ge(s.ue, 0);
	ck_assert_ptr_nonnull(mgc_notified(20000, "tcpbcc/BNCChange", "EstFail"));
	ck_assert_int_eq(endpoint_end(s.ue, NULL), ECONNRESET);
	IN_ORDER(
	    f->name, syn_of_ue(&s, 0), syn_to_far(&s),
	    seen(packet_find(s.mark, CORE, s.c.core_port, FAR, s.far_addr.port, PKT_SYN, 1),
		 "second SYN"),
	    seen(packet_find(s.mark, ACCESS, s.c.access_port, UE, 0, PKT_RST, 0), "RST to the UE"),
	    told(&s, CORE, "Notify = ip/core/", "EstFail"));
	scene_end(&s);
	rig_stop();
}
END_TEST

/* Behind the gate a stranger sees nothing at all and moves nothing; who is waited for gets in
 * after him. A call to which nobody comes leaves nothing. */
START_TEST(a_peer_from_elsewhere_and_one_that_never_comes_in_every_flow)
{
	long before;

	rig_start(NULL);
	before = rig_descriptors();
	for (int i = 0; i < 2 * FLOWS; i++) {
		bool mo = i < FLOWS;
		const struct flow *f = mo ? &originating[i] : &terminating[i - FLOWS];
		const char *stranger = mo ? "10.0.0.10" : "10.1.0.20", *gate = mo ? CORE : ACCESS;
		struct scene s;
		int port;

		scene_prepare(&s, f, true);
		scene_end(&s);
		ck_assert_int_eq(rig_descriptors(), before);

		scene_prepare(&s, f, true);
		port = mo ? s.c.core_port : s.c.access_port;
		ck_assert_int_eq(connect_from(stranger, gate, port, 300), -1);
		ck_assert(errno == EINPROGRESS || errno == EAGAIN);
		ck_assert_ptr_null(packet_find(s.mark, gate, port, stranger, 0, 0, 0));
		ck_assert_ptr_null(
		    packet_find(s.mark, mo ? ACCESS : CORE, 0, mo ? UE : FAR, 0, PKT_SYN, 0));
		scene_connect(&s);
		scene_end(&s);
	}
	rig_stop();
}
END_TEST

/* The UE's end breaks: the far peer learns it by a reset, the controller by a Notify. */
START_TEST(a_ue_that_breaks_off_takes_the_far_leg_along)
{
	struct linger hard = {.l_onoff = 1};
	struct scene s;

	rig_start(NULL);
	scene_talk(&s, &terminating[0]);
	setsockopt(s.ue, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	close(s.ue);
	s.ue = -1;
	ck_assert_ptr_nonnull(mgc_notified(20000, "g/cause", s.c.access));
	ck_assert_int_eq(endpoint_end(s.far, NULL), ECONNRESET);
	IN_ORDER(
	    "broken",
	    seen(packet_find(s.mark, UE, 0, ACCESS, s.c.access_port, PKT_RST, 0), "RST of the UE"),
	    seen(packet_find(s.mark, CORE, s.c.core_port, FAR, 0, PKT_RST, 0),
		 "RST to the far peer"),
	    told(&s, CORE, "Notify = ip/access/", "g/cause"));
	scene_end(&s);
	rig_stop();
}
END_TEST

/* Killed with a call on it: both peers see the end, it registers anew, and the call can be made
 * again. */
START_TEST(a_gateway_killed_in_the_middle_of_a_call)
{
	const struct flow *const flows[] = {&originating[0], &terminating[0], &originating[2],
					    &terminating[2]};
	struct scene s;

	rig_start(NULL);
	for (size_t i = 0; i < sizeof(flows) / sizeof(flows[0]); i++) {
		int64_t killed;

		scene_talk(&s, flows[i]);
		killed = wire_now();
		rig_gateway_kill();
		ck_assert_int_ge(endpoint_end(s.far, NULL), 0);
		ck_assert_int_ge(endpoint_end(s.ue, NULL), 0);
		rig_gateway_start();
		ck_assert_str_eq(mgc_last_registration(), "Restart 901");
		IN_ORDER("restart", killed, wire_find(killed, CORE, "ServiceChange", "Restart"));
		scene_break(&s);
		scene_talk(&s, flows[i]);
		scene_end(&s);
	}
	rig_stop();
}
END_TEST

/* Media does not need the controller; when he is back he finds the calls and can end them. */
START_TEST(media_goes_on_while_the_controller_is_gone)
{
	const struct flow *const flows[] = {&originating[0], &terminating[0], &originating[2],
					    &terminating[2]};
	enum { CALLS = sizeof(flows) / sizeof(flows[0]) };
	struct scene s[CALLS];
	int64_t gone;
	const char *r;

	rig_start("t_max_ms = 3000\n");
	for (int i = 0; i < CALLS; i++)
		scene_talk(&s[i], flows[i]);
	r = mgc_do("Context = - { Modify = ROOT { Events = 9000 { it/ito { mit = 50 } } } }");
	ck_assert_msg(!strstr(r, "Error"), "%s", r);
	gone = wire_now();
	rig_mgc_stop();
	do { /* over silence and T-MAX */
		for (int i = 0; i < CALLS; i++)
			exchange(&s[i]);
		rig_serve(400);
	} while (strstr(rig_ctl("status"), "association active"));
	ck_assert_int_gt(wire_count(gone, CORE, CONTROLLER, "it/ito"),
			 1); /* sent, and sent again */
	rig_mgc_start();
	mgc_registered(2);
	ck_assert_str_eq(mgc_last_registration(), "Disconnected 900");
	IN_ORDER("back", wire_find(gone, CORE, "it/ito", NULL),
		 wire_find(gone, CORE, "ServiceChange", "Disconnected"));
	for (int i = 0; i < CALLS; i++) {
		exchange(&s[i]);
		r = mgc_do("Context = %d { AuditValue = * { Audit { Statistics } } }",
			   s[i].c.context);
		ck_assert_msg(strstr(r, s[i].c.access) && strstr(r, s[i].c.core), "%s", r);
	}
	for (int i = 0; i < CALLS; i++) {
		r = mgc_do("Context = %d { Subtract = * }", s[i].c.context);
		ck_assert_msg(strstr(r, "nt/or") != NULL, "%s", r);
		scene_break(&s[i]);
	}
	expect_ports_back();
	rig_stop();
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
	    a_wrong_fingerprint_in_every_flow,
	    a_sha1_fingerprint_needs_permission,
	    who_came_from_elsewhere_makes_room_for_the_ue,
	    a_handshake_that_does_not_come_about_is_given_up,
	    a_far_peer_that_never_answers_is_given_up,
	    a_peer_from_elsewhere_and_one_that_never_comes_in_every_flow,
	    a_ue_that_breaks_off_takes_the_far_leg_along,
	    a_gateway_killed_in_the_middle_of_a_call,
	    media_goes_on_while_the_controller_is_gone,
	};

	return flows_main("trouble in the flows", tests, sizeof(tests) / sizeof(tests[0]));
}
