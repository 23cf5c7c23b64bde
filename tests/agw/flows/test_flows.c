/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The four flows of TR 29.828 5.2.1 driven over H.248 alone against a running gateway, with real
 * TLS peers, and what can go wrong in them. The order of SYNs, TLS records and Notifies is taken
 * from packets.
 */
#include "unit/unit.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "agw/flows/steps.h"

/* ---- flow 1: MSRP originating, delayed establishment ---- */

static void msrp_originating(int version, bool closed)
{
	struct netaddr ue_addr;
	struct call c = {0};
	struct tls_peer tls;
	const struct packet *syn, *repeat, *syn_ack, *syn_ue, *hello;
	size_t mark;
	int listener, far, ue;

	identity_make(&c.ue);
	listener = endpoint_bind(UE, 0, &ue_addr);
	listen(listener, 4);
	mark = packets_mark();
	add_core(&c, "TCP/MSRP", "message", closed);					/* 2-4 */
	add_access(&c, "TCP/TLS/MSRP", "message", ue_addr.port, "a=setup:actpass", ""); /* 5-7 */
	far = connect_later(FAR, CORE, c.core_port);					/* 10 */
	rig_serve(300);
	syn = packet_find(mark, FAR, 0, CORE, c.core_port, PKT_SYN, 0);
	ck_assert_ptr_nonnull(syn);
	if (closed) { /* not a word back, and nothing towards the UE */
		ck_assert_ptr_null(packet_find(mark, CORE, c.core_port, FAR, 0, 0, 0));
		ck_assert_ptr_null(packet_find(mark, ACCESS, 0, UE, 0, PKT_SYN, 0));
	} else { /* 11: triggered at once; TLS waits for step 16 */
		packet_wait(mark, ACCESS, c.access_port, UE, ue_addr.port, PKT_SYN, 0);
		ck_assert_ptr_null(packet_tls(mark, ACCESS, UE, 22, 1));
	}
	configure_core(&c, "TCP/MSRP", "message", FAR);		      /* 13-15 */
	configure_access_active(&c, "TCP/TLS/MSRP", "message", true); /* 16-18 */
	ck_assert(connected(far, 20000));			      /* 10' */
	ue = endpoint_accept(listener, 20000);			      /* 11' */
	ck_assert_int_ge(ue, 0);
	tls_start(&tls, ue, false, &c.ue, version); /* 21 */
	ck_assert_ptr_nonnull(tls_done(&tls));
	exchange_msrp(&c, far, ue, tls.ssl, ue_addr.port);
	if (closed) {
		repeat = packet_find(mark, FAR, 0, CORE, c.core_port, PKT_SYN, 1);
		ck_assert_ptr_nonnull(repeat);
		syn_ack = packet_find(mark, CORE, c.core_port, FAR, 0, PKT_SYN | PKT_ACK, 0);
		syn_ue = packet_find(mark, ACCESS, c.access_port, UE, ue_addr.port, PKT_SYN, 0);
		hello = packet_tls(mark, ACCESS, UE, 22, 1);
		ck_assert_ptr_nonnull(hello);
		ck_assert_int_gt(repeat->us - syn->us,
				 500000); /* the kernel's retransmission, not a new try */
		ck_assert(repeat->from.port == syn->from.port);
		ck_assert(repeat->us <= syn_ack->us && repeat->us < syn_ue->us &&
			  syn_ue->us < hello->us);
	}
	ck_assert_ptr_null(packet_find(mark, CORE, c.core_port, NULL, 0, PKT_RST, 0));
	endpoint_tls_free(tls.ssl);
	close(ue);
	close(far);
	close(listener);
	subtract_all(&c);
}

START_TEST(msrp_originating_with_delayed_establishment)
{
	rig_start(NULL);
	msrp_originating(TLS1_2_VERSION, true);
	msrp_originating(TLS1_3_VERSION, true);
	rig_stop();
}
END_TEST

START_TEST(msrp_originating_without_delay)
{
	rig_start(NULL);
	msrp_originating(TLS1_3_VERSION, false);
	rig_stop();
}
END_TEST

/* Note 2: steps 5-7 come together with 13-15, after the far peer's SYN. Note 3: 13-15 are left out.
 */
START_TEST(msrp_originating_in_the_other_step_orders)
{
	rig_start("certificate_per_session = yes\n");
	for (int note = 2; note <= 3; note++) {
		struct netaddr ue_addr;
		struct call c = {0};
		struct tls_peer tls;
		int listener, far, ue;

		identity_make(&c.ue);
		listener = endpoint_bind(UE, 0, &ue_addr);
		listen(listener, 4);
		add_core(&c, "TCP/MSRP", "message", false);
		far = connect_from(FAR, CORE, c.core_port, 20000);
		ck_assert_int_ge(far, 0);
		if (note == 2)
			configure_core(&c, "TCP/MSRP", "message", FAR);
		add_access(&c, "TCP/TLS/MSRP", "message", ue_addr.port, "a=setup:active",
			   ", Signals { tlsbsc/EstablishBNC }");
		ue = endpoint_accept(listener, 20000);
		ck_assert_int_ge(ue, 0);
		tls_start(&tls, ue, false, &c.ue, TLS1_3_VERSION);
		ck_assert_ptr_nonnull(tls_done(&tls));
		exchange_msrp(&c, far, ue, tls.ssl, ue_addr.port);
		endpoint_tls_free(tls.ssl);
		close(ue);
		close(far);
		close(listener);
		subtract_all(&c);
	}
	rig_stop();
}
END_TEST

/* ---- flow 2: MSRP terminating ---- */

static void msrp_terminating(int version, bool closed)
{
	struct netaddr far_addr;
	struct call c = {0};
	struct tls_peer tls;
	size_t mark;
	int listener, far, ue;
	char buf[64];

	identity_make(&c.ue);
	listener = endpoint_bind(FAR, 0, &far_addr);
	listen(listener, 4);
	mark = packets_mark();
	terminating_add(&c, "TCP/TLS/MSRP", "message", "TCP/MSRP", closed, far_addr.port, "");
	ue = connect_later(UE, ACCESS, c.access_port);
	rig_serve(200);
	if (closed) {
		ck_assert_ptr_null(packet_find(mark, ACCESS, c.access_port, UE, 0, 0, 0));
		ck_assert_ptr_null(packet_find(mark, CORE, 0, FAR, 0, PKT_SYN, 0));
		terminating_configure(&c, "TCP/TLS/MSRP", "message", c.ue.line);
		ck_assert(connected(ue, 20000));
		tls_start(&tls, ue, true, &c.ue, version);
	} else { /* 11, 12: SYN to the core, and TLS starts before the answer has come */
		ck_assert(connected(ue, 20000));
		packet_wait(mark, CORE, c.core_port, FAR, far_addr.port, PKT_SYN, 0);
		tls_start(&tls, ue, true, &c.ue, version);
		rig_ctl_has("dump", "state held");
		terminating_configure(&c, "TCP/TLS/MSRP", "message", c.ue.line);
	}
	far = endpoint_accept(listener, 20000);
	ck_assert_int_ge(far, 0);
	ck_assert_ptr_nonnull(tls_done(&tls));
	ck_assert_ptr_nonnull(packet_tls(mark, UE, ACCESS, 22, 1)); /* the UE is the client */
	ck_assert_ptr_null(packet_tls(mark, ACCESS, UE, 22, 1));
	ck_assert_int_eq(
	    SSL_write(tls.ssl, "MSRP efgh SEND\r\nTo-Path: x\r\nFrom-Path: y\r\n-------efgh$\r\n",
		      56),
	    56);
	ck_assert(endpoint_read(far, NULL, buf, 56));
	endpoint_tls_free(tls.ssl);
	close(ue);
	close(far);
	close(listener);
	subtract_all(&c);
}

START_TEST(msrp_terminating_both_ways)
{
	rig_start(NULL);
	msrp_terminating(TLS1_2_VERSION, true);
	msrp_terminating(TLS1_3_VERSION, false);
	rig_stop();
}
END_TEST

/* ---- flows 3 and 4: BFCP, where the answerer is the TLS server ---- */

static const char hello_bfcp[12] = {0x20, 11, 0, 0, 0, 0, 0, 1, 0, 1, 0, 2};

static void bfcp_originating(const char *access_proto, const char *core_proto)
{
	struct netaddr ue_addr;
	struct call c = {0};
	struct tls_peer tls;
	size_t mark;
	int listener, far, ue;
	char buf[12];

	identity_make(&c.ue);
	listener = endpoint_bind(UE, 0, &ue_addr);
	listen(listener, 4);
	mark = packets_mark();
	add_core(&c, core_proto, "application", true);
	add_access(&c, access_proto, "application", ue_addr.port, "a=setup:actpass", "");
	far = connect_later(FAR, CORE, c.core_port);
	rig_serve(100);
	configure_core(&c, core_proto, "application", FAR);
	configure_access_active(&c, access_proto, "application", false);
	ck_assert(connected(far, 20000));
	ue = endpoint_accept(listener, 20000);
	ck_assert_int_ge(ue, 0);
	tls_start(&tls, ue, true, &c.ue,
		  TLS1_3_VERSION); /* the gateway opened TCP, the UE starts TLS */
	ck_assert_ptr_nonnull(tls_done(&tls));
	ck_assert_ptr_nonnull(
	    packet_find(mark, ACCESS, c.access_port, UE, ue_addr.port, PKT_SYN, 0));
	ck_assert_ptr_nonnull(packet_tls(mark, UE, ACCESS, 22, 1));
	ck_assert_ptr_null(packet_tls(mark, ACCESS, UE, 22, 1));
	ck_assert_int_eq(send(far, hello_bfcp, 12, 0), 12);
	ck_assert(endpoint_read(ue, tls.ssl, buf, 12));
	ck_assert_mem_eq(buf, hello_bfcp, 12);
	endpoint_tls_free(tls.ssl);
	close(ue);
	close(far);
	close(listener);
	subtract_all(&c);
}

static void bfcp_terminating(const char *access_proto, const char *core_proto)
{
	struct netaddr far_addr;
	struct call c = {0};
	struct tls_peer tls;
	size_t mark;
	int listener, far, ue;
	char buf[12];

	identity_make(&c.ue);
	listener = endpoint_bind(FAR, 0, &far_addr);
	listen(listener, 4);
	mark = packets_mark();
	terminating_add(&c, access_proto, "application", core_proto, true, far_addr.port,
			", Signals { tlsbsc/EstablishBNC { Stream = 1 } }"); /* 2-4 */
	ue = connect_later(UE, ACCESS, c.access_port);			     /* 10 */
	rig_serve(100);
	terminating_configure(&c, access_proto, "application", c.ue.line); /* 14-16 */
	ck_assert(connected(ue, 20000));
	tls_start(&tls, ue, false, &c.ue, TLS1_2_VERSION); /* 12: the gateway starts TLS */
	ck_assert_ptr_nonnull(tls_done(&tls));
	far = endpoint_accept(listener, 20000);
	ck_assert_int_ge(far, 0);
	ck_assert_ptr_nonnull(packet_tls(mark, ACCESS, UE, 22, 1));
	ck_assert_ptr_null(packet_tls(mark, UE, ACCESS, 22, 1));
	ck_assert_int_eq(SSL_write(tls.ssl, hello_bfcp, 12), 12);
	ck_assert(endpoint_read(far, NULL, buf, 12));
	ck_assert_mem_eq(buf, hello_bfcp, 12);
	endpoint_tls_free(tls.ssl);
	close(ue);
	close(far);
	close(listener);
	subtract_all(&c);
}

START_TEST(bfcp_originating_agnostic_and_aware)
{
	rig_start(NULL);
	bfcp_originating("TCP/TLS", "TCP");
	bfcp_originating("TCP/TLS/BFCP", "TCP/BFCP");
	rig_stop();
}
END_TEST

START_TEST(bfcp_terminating_agnostic_and_aware)
{
	rig_start(NULL);
	bfcp_terminating("TCP/TLS", "TCP");
	bfcp_terminating("TCP/TLS/BFCP", "TCP/BFCP");
	rig_stop();
}
END_TEST

/* ---- what goes wrong ---- */

START_TEST(a_wrong_fingerprint_is_an_alert_and_a_notify_and_the_leg_listens_on)
{
	struct netaddr far_addr;
	struct call c = {0};
	struct identity other;
	struct tls_peer tls;
	const struct packet *alert;
	size_t mark;
	int listener, far, ue;
	const char *n;
	char octet;

	rig_start(NULL);
	identity_make(&c.ue);
	identity_make(&other);
	listener = endpoint_bind(FAR, 0, &far_addr);
	listen(listener, 4);
	mark = packets_mark();
	terminating_add(&c, "TCP/TLS/MSRP", "message", "TCP/MSRP", false, far_addr.port, "");
	ue = connect_from(UE, ACCESS, c.access_port, 20000);
	ck_assert_int_ge(ue, 0);
	far = endpoint_accept(listener, 20000);
	ck_assert_int_ge(far, 0);
	tls_start(&tls, ue, true, &c.ue, TLS1_2_VERSION);
	rig_ctl_has("dump", "state held");
	terminating_configure(&c, "TCP/TLS/MSRP", "message", other.line);
	n = mgc_notified(20000, "tlsbsc/BNCChange", "EstFail");
	ck_assert_ptr_nonnull(n);
	ck_assert(strstr(n, c.access) && strstr(n, "ObservedEvents = 2101") &&
		  after(n, "Stream = ") == 1);
	ck_assert_ptr_null(tls_done(&tls));
	ck_assert_int_eq(tls.alert, SSL_AD_BAD_CERTIFICATE);
	alert = packet_tls(mark, ACCESS, UE, 21, -1);
	ck_assert_ptr_nonnull(alert);
	ck_assert_ptr_null(packet_tls(mark, ACCESS, UE, 23, -1)); /* nothing was forwarded */
	/* The far peer is not disturbed, and whoever has the right certificate gets through. */
	ck_assert_int_eq(recv(far, &octet, 1, MSG_DONTWAIT), -1);
	ck_assert_int_eq(errno, EAGAIN);
	ck_assert_ptr_null(packet_find(mark, CORE, c.core_port, FAR, far_addr.port, PKT_RST, 0));
	close(ue);
	ue = connect_from(UE, ACCESS, c.access_port, 20000);
	ck_assert_int_ge(ue, 0);
	tls_start(&tls, ue, true, &other, TLS1_2_VERSION);
	ck_assert_ptr_nonnull(tls_done(&tls));
	endpoint_tls_free(tls.ssl);
	close(ue);
	close(far);
	close(listener);
	identity_clear(&other);
	subtract_all(&c);
	rig_stop();
}
END_TEST

START_TEST(a_core_that_refuses_is_notified)
{
	struct call c = {0};
	int ue;
	const char *n;

	rig_start(NULL);
	identity_make(&c.ue);
	terminating_add(&c, "TCP/TLS", "message", "TCP", false, 7778, "");
	ue = connect_from(UE, ACCESS, c.access_port, 20000);
	ck_assert_int_ge(ue, 0);
	n = mgc_notified(20000, "tcpbcc/BNCChange", "EstFail");
	ck_assert_ptr_nonnull(n);
	ck_assert_ptr_nonnull(strstr(n, c.core));
	ck_assert_int_eq(endpoint_end(ue, NULL), ECONNRESET);
	close(ue);
	subtract_all(&c);
	rig_stop();
}
END_TEST

START_TEST(both_passive_merge_and_ipv6_meets_ipv4)
{
	struct netaddr me, to;
	int context, p4, p6, a, b;
	const char *r;
	char buf[8];

	rig_start(NULL);
	r = mgc_do("Context = $ { Add = ip/core/$ { Media { Stream = 1 { LocalControl { Mode = "
		   "SendReceive }, Local {\n"
		   "c=IN IP4 $\nm=message $ TCP *\na=setup:passive\n} } } } }");
	context = after(r, "Context = ");
	p4 = after(r, "m=message ");
	r = mgc_do("Context = %d { Add = ip/access/$ { Media { Stream = 1 { LocalControl { Mode = "
		   "SendReceive }, Local {\n"
		   "c=IN IP6 $\nm=message $ TCP *\na=setup:passive\n} } } } }",
		   context);
	ck_assert_msg(strstr(r, "IN IP6 fd00:1::7"), "%s", r);
	p6 = after(r, "m=message ");
	a = connect_from(FAR, CORE, p4, 20000);
	b = endpoint_bind("fd00:1::10", 0, &me);
	to = at("fd00:1::7", p6);
	ck_assert(endpoint_connect(b, &to, 20000));
	ck_assert_int_eq(send(a, "merged", 6, 0), 6);
	ck_assert(endpoint_read(b, NULL, buf, 6));
	ck_assert_int_eq(send(b, "back", 4, 0), 4);
	ck_assert(endpoint_read(a, NULL, buf, 4));
	close(a);
	close(b);
	mgc_do("Context = * { Subtract = * { Audit { } } }");
	expect_ports_back();
	rig_stop();
}
END_TEST

START_TEST(a_restarted_gateway_registers_anew_and_knows_nothing)
{
	struct call c = {0};
	const char *r;

	rig_start(NULL);
	identity_make(&c.ue);
	terminating_add(&c, "TCP/TLS/MSRP", "message", "TCP/MSRP", true, 7777, "");
	ck_assert_str_eq(mgc_last_registration(), "Restart 901");
	rig_gateway_kill();
	rig_gateway_start();
	ck_assert_int_eq(mgc_registrations(), 2);
	ck_assert_str_eq(mgc_last_registration(), "Restart 901");
	r = mgc_do("Context = %d { Subtract = * }", c.context);
	ck_assert_msg(after(r, "Error = ") == 411, "%s", r);
	identity_clear(&c.ue);
	rig_stop();
}
END_TEST

START_TEST(a_controller_that_is_gone_comes_back_to_the_same_calls)
{
	struct call c = {0};
	const char *r;

	rig_start("t_max_ms = 3000\n");
	identity_make(&c.ue);
	terminating_add(&c, "TCP/TLS/MSRP", "message", "TCP/MSRP", true, 7777, "");
	r = mgc_do("Context = - { Modify = ROOT { Events = 9000 { it/ito { mit = 50 } } } }");
	ck_assert_msg(!strstr(r, "Error"), "%s", r);
	rig_mgc_stop();
	rig_ctl_lost("status", "association active"); /* 0.5 s of silence, then T-MAX */
	rig_mgc_start();
	mgc_registered(2);
	ck_assert_int_eq(mgc_registrations(), 2);
	ck_assert_str_eq(mgc_last_registration(), "Disconnected 900");
	r = mgc_do("Context = %d { AuditValue = * { Audit { Media } } }", c.context);
	ck_assert_msg(strstr(r, c.access) && strstr(r, c.core), "%s", r);
	subtract_all(&c);
	rig_stop();
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
	    msrp_originating_with_delayed_establishment,
	    msrp_originating_without_delay,
	    msrp_originating_in_the_other_step_orders,
	    msrp_terminating_both_ways,
	    bfcp_originating_agnostic_and_aware,
	    bfcp_terminating_agnostic_and_aware,
	    a_wrong_fingerprint_is_an_alert_and_a_notify_and_the_leg_listens_on,
	    a_core_that_refuses_is_notified,
	    both_passive_merge_and_ipv6_meets_ipv4,
	    a_restarted_gateway_registers_anew_and_knows_nothing,
	    a_controller_that_is_gone_comes_back_to_the_same_calls,
	};

	return flows_main("gateway flows", tests, sizeof(tests) / sizeof(tests[0]));
}
