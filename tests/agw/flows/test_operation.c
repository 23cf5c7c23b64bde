/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an operator does with a running gateway, and what he may rely on: agwctl, traces, reload,
 * drain, metrics, no root, no keys left behind. */
#include "unit/unit.h"
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "agw/flows/look.h"
#include "agw/flows/scene.h"

#define RTP_ADD(realm, more)                                                                       \
	"Add = ip/" realm "/$ { Media { Stream = 1 { LocalControl { Mode = SendReceive }, Local "  \
	"{\nc=IN IP4 $\nm=audio $ RTP/AVP 8\n} } }" more " }"

/* ---- agwctl ---- */

/* What the program prints, and its exit code. */
static const char *agwctl(const char *command, int *code)
{
	static char out[65536];
	char line[256];
	size_t n;
	FILE *f;

	snprintf(line, sizeof(line), "'%s' -s %s/ctl %s 2>&1", getenv("AGWCTL"), rig_dir(),
		 command);
	f = popen(line, "re");
	ck_assert_ptr_nonnull(f);
	n = fread(out, 1, sizeof(out) - 1, f);
	out[n] = 0;
	n = (size_t)pclose(f);
	*code = WEXITSTATUS((int)n);
	return out;
}

START_TEST(agwctl_shows_what_there_is)
{
	static const struct {
		const char *command, *words;
		int code;
	} cases[] = {
	    {"status", "association active controller 10.0.0.11:2944 version 3", 0},
	    {"status", "contexts 1 of 20000", 0},
	    {"status", "realm access 10.1.0.7 ports 1 of 1000", 0},
	    {"list", "ip/access/1 ip/core/2", 0},
	    {"show 1", "stream 1 TCP/TLS/MSRP sendrecv", 0},
	    {"show 1", "state ready", 0},
	    {"dump", "messages 1", 0},
	    {"show 2", "agwctl: no such context", 1},
	    {"show x", "agwctl: no such context", 1},
	    {"trace 9 on", "agwctl: no such context", 1},
	    {"frobnicate", "agwctl: status | list", 1},
	    {"", "usage: agwctl", 2},
	};
	struct scene s;

	rig_start(NULL);
	scene_talk(&s, &terminating[0]);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int code;
		const char *out = agwctl(cases[i].command, &code);

		ck_assert_msg(strstr(out, cases[i].words) != NULL && code == cases[i].code,
			      "'%s' says %d and: %s", cases[i].command, code, out);
	}
	scene_end(&s);
	rig_stop();
}
END_TEST

/* ---- trace ---- */

static char *read_file(const char *path, size_t *len)
{
	static char data[1 << 20];
	FILE *f = fopen(path, "re");

	ck_assert_msg(f != NULL, "no file %s", path);
	*len = fread(data, 1, sizeof(data), f);
	fclose(f);
	return data;
}

static unsigned count(const char *data, size_t len, const char *words)
{
	unsigned n = 0;
	size_t k = strlen(words);

	for (const char *p = data; (p = memmem(p, len - (size_t)(p - data), words, k)); p += k)
		n++;
	return n;
}

/* Lines that tshark prints for this file. */
static int tshark(const char *path, const char *filter)
{
	char line[256], out[16] = "";
	FILE *f;

	snprintf(line, sizeof(line), "tshark -r %s -Y '%s' 2>/dev/null | wc -l", path, filter);
	f = popen(line, "re");
	ck_assert_ptr_nonnull(fgets(out, sizeof(out), f));
	pclose(f);
	return atoi(out);
}

/* Of two calls one is traced for a while: one file a leg, that only its owner may read, with what
 * passed meanwhile in clear, and nothing of the other call. */
START_TEST(a_trace_has_one_call_in_clear)
{
	static const char *const legs[] = {"ip-access-1", "ip-core-2"};
	struct scene traced, other;
	char path[128];
	struct stat st;

	rig_start(NULL);
	scene_talk(&traced, &terminating[0]);
	scene_talk(&other, &terminating[0]);
	ck_assert(strstr(rig_ctl("trace 1 on"), "context-1-ip-core-2-1.pcap"));
	rig_settle();
	for (int i = 0; i < 5; i++) {
		exchange(&traced);
		exchange(&other);
	}
	ck_assert_str_eq(rig_ctl("trace 1 off"), "off\nok\n");
	ck_assert(strstr(rig_ctl("trace 1 on"), "-1.pcap: File exists, move it away"));
	rig_settle();
	exchange(&traced);
	for (int i = 0; i < 2; i++) {
		const char *data;
		size_t len;

		snprintf(path, sizeof(path), "%s/context-1-%s-1.pcap", rig_dir(), legs[i]);
		ck_assert_int_eq(stat(path, &st), 0);
		ck_assert_int_eq(st.st_mode & 0777, 0600);
		data = read_file(path, &len);
		ck_assert_uint_eq(count(data, len, "MSRP zzzz REPORT"), 10); /* five each way */
		ck_assert_int_ge(tshark(path, i ? "ip.addr == " FAR : "ip.addr == " UE), 10);
		ck_assert_int_eq(tshark(path, "_ws.malformed || tcp.analysis.lost_segment"), 0);
	}
	for (int i = 3; i < 5; i++) {
		snprintf(path, sizeof(path), "%s/context-2-%s-%d-1.pcap", rig_dir(),
			 i == 3 ? "ip-access" : "ip-core", i);
		ck_assert_int_eq(access(path, F_OK), -1);
	}
	mgc_do("Context = 2 { Subtract = * }");
	scene_break(&other);
	scene_end(&traced);
	rig_stop();
}
END_TEST

/* ---- reload ---- */

static void edit_configuration(const char *from, const char *to)
{
	char path[128], text[8192], *p;
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/agw.conf", rig_dir());
	f = fopen(path, "re");
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = 0;
	p = strstr(text, from);
	ck_assert_msg(p != NULL, "'%s' is not in the configuration", from);
	f = fopen(path, "we");
	fprintf(f, "%.*s%s%s", (int)(p - text), text, to, p + strlen(from));
	fclose(f);
}

/* Other ports for one realm, another realm gone, a third one new: the call in progress does not
 * notice; its ports go when it does. A file with a mistake changes nothing. */
START_TEST(a_reload_keeps_the_calls)
{
	struct scene s;
	const char *r;

	rig_start(NULL);
	mgc_do("Context = - { Modify = ROOT { Events = 31 { ipra/arc } } }");
	scene_talk(&s, &terminating[0]);
	edit_configuration("ports = 20000-20999", "ports = 22000-22999");
	edit_configuration("[realm access]\nipdc = access.ims",
			   "[realm visitors]\nipdc = visitors.ims");
	ck_assert_str_eq(rig_ctl("reload"), "reloaded\nok\n");
	ck_assert_ptr_nonnull(mgc_notified(20000, "ipra/arc", "ObservedEvents = 31"));
	exchange(&s);
	r = mgc_do("Context = $ { " RTP_ADD("core", "") " }");
	ck_assert_msg(after(r, "m=audio ") >= 22000, "%s", r);
	r = mgc_do("Context = $ { " RTP_ADD("visitors", "") " }");
	ck_assert_msg(after(r, "m=audio ") >= 30000, "%s", r);
	r = mgc_do("Context = $ { " RTP_ADD("access", "") " }");
	ck_assert_int_eq(after(r, "Error = "), 449);

	edit_configuration("mwd_ms = 0", "mwd_ms = soon");
	ck_assert_msg(strstr(rig_ctl("reload"), "error the configuration in force stays"), "%s",
		      rig_ctl("reload"));
	ck_assert(strstr(rig_ctl("reload"), "mwd_ms takes a number"));
	edit_configuration("mwd_ms = soon", "mwd_ms = 7");
	edit_configuration("workers = 2", "workers = 3");
	ck_assert_str_eq(rig_ctl("reload"),
			 "reloaded; taken at the next start only: mwd_ms, workers\nok\n");
	exchange(&s);
	r = mgc_do("Context = $ { " RTP_ADD("visitors", "") " }");
	ck_assert_msg(after(r, "m=audio ") >= 30000, "%s", r);

	mgc_do("Context = * { W-Subtract = * { Audit { } } }");
	rig_ctl_has("status", "contexts 0 of");
	rig_ctl_lost("status", "realm access");
	rig_ctl_has("status", "realm visitors 10.1.0.7 ports 0 of 1000");
	scene_break(&s);
	rig_stop();
}
END_TEST

#define TCP_ADD                                                                                    \
	"Context = $ { Add = ip/tiny/$ { Media { Stream = 1 { LocalControl { Mode = SendReceive "  \
	"}, "                                                                                      \
	"Local {\nc=IN IP4 $\nm=application $ TCP *\na=setup:passive\n} } } } }"

/* Ports of calls in progress are not given out again by the wider range. */
START_TEST(a_range_that_grows_gives_no_port_twice)
{
	unsigned seen = 0;

	rig_start("[realm tiny]\naddress = 10.0.0.7\nports = 50000-50003\n");
	for (int i = 0; i < 4; i++)
		seen |= 1u << (after(mgc_do(TCP_ADD), "m=application ") - 50000);
	ck_assert_uint_eq(seen, 0x0f);
	ck_assert_int_eq(after(mgc_do(TCP_ADD), "Error = "), 510);
	edit_configuration("50000-50003", "50000-50007");
	ck_assert_str_eq(rig_ctl("reload"), "reloaded\nok\n");
	ck_assert(strstr(rig_ctl("status"), "realm tiny 10.0.0.7 ports 4 of 8"));
	for (int i = 0; i < 4; i++)
		seen |= 1u << (after(mgc_do(TCP_ADD), "m=application ") - 50000);
	ck_assert_uint_eq(seen, 0xff);
	ck_assert_int_eq(after(mgc_do(TCP_ADD), "Error = "), 510);
	mgc_do("Context = * { W-Subtract = * { Audit { } } }");
	ck_assert(strstr(rig_ctl("status"), "realm tiny 10.0.0.7 ports 0 of 8"));
	edit_configuration(
	    "ports = 20000-20999",
	    "ports = 50000-50999"); /* core's address is the same, and tiny's range is in it */
	ck_assert_str_eq(rig_ctl("reload"), "reloaded\nok\n");
	for (int i = 0; i < 8; i++)
		after(mgc_do(TCP_ADD), "m=application ");
	ck_assert(strstr(rig_ctl("status"), "realm core 10.0.0.7 ports 8 of 1000"));
	rig_stop();
}
END_TEST

/* ---- check ---- */

static void write_pem(const char *name, X509 *cert, EVP_PKEY *key, const char *passphrase)
{
	char path[200];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", rig_dir(), name);
	f = fopen(path, "we");
	ck_assert_ptr_nonnull(f);
	if (cert)
		ck_assert_int_eq(PEM_write_X509(f, cert), 1);
	if (key)
		ck_assert_int_eq(PEM_write_PrivateKey(f, key, passphrase ? EVP_aes_128_cbc() : NULL,
						      NULL, 0, NULL, (void *)(uintptr_t)passphrase),
				 1);
	fclose(f);
}

static EVP_PKEY *weak_key(X509 *cert)
{
	EVP_PKEY *key = EVP_RSA_gen(512);

	ck_assert_ptr_nonnull(key);
	ck_assert_int_eq(X509_set_pubkey(cert, key), 1);
	ck_assert_int_gt(X509_sign(cert, key, EVP_sha256()), 0);
	return key;
}

/* What ims-agw -t says to the configuration of the rig with these lines more; DIR stands for its
 * folder. */
static const char *try_start(const char *more, int *code)
{
	static char out[8192];
	char line[1200];
	size_t n;
	FILE *f;

	snprintf(line, sizeof(line),
		 "D=%s; { cat $D/agw.conf; printf '[gateway]\n%s\n' | sed \"s:DIR:$D:\"; } > "
		 "$D/try.conf && '%s' -t -c $D/try.conf < /dev/null 2>&1",
		 rig_dir(), more, getenv("IMS_AGW"));
	f = popen(line, "re");
	ck_assert_ptr_nonnull(f);
	n = fread(out, 1, sizeof(out) - 1, f);
	out[n] = 0;
	n = (size_t)pclose(f);
	*code = WEXITSTATUS((int)n);
	return out;
}

/* ims-agw -t finds what a start would fail with, and says what to change; beside the gateway that
 * runs it says ok to what that one runs with. */
START_TEST(what_a_start_would_fail_with_is_found_before)
{
	static const struct {
		const char *more, *words;
		int code;
	} cases[] = {
	    {"", "configuration ok", 0},
	    {"certificate = DIR/good.pem", "configuration ok", 0},
	    {"certificate = DIR/cert.pem\nprivate_key = DIR/key.pem", "configuration ok", 0},
	    {"certificate = DIR/none.pem", "none.pem: No such file", 1},
	    {"certificate = DIR/cert.pem", "cert.pem holds no private key", 1},
	    {"certificate = DIR/key.pem", "key.pem holds no certificate", 1},
	    {"certificate = DIR/cert.pem\nprivate_key = DIR/other.pem",
	     "other.pem is not that of the certificate in", 1},
	    {"certificate = DIR/cert.pem\nprivate_key = DIR/locked.pem", "wants a passphrase", 1},
	    {"certificate = DIR/weak.pem", "key too small", 1},
	    {"local = 10.0.0.99:2944", "local: no udp socket on 10.0.0.99:2944: Cannot assign", 1},
	    {"device = nothere0",
	     "local: no udp socket on 10.0.0.7:2944 of device nothere0: No such device", 1},
	    {"metrics = 10.0.0.99:9432", "metrics on 10.0.0.99:9432: Cannot assign", 1},
	    {"control_socket = /no/such/folder/ctl", "control_socket", 1},
	    {"control_socket = DIR/agw.conf", "is no socket", 1},
	    {"trace_dir = DIR/nowhere", "trace_dir", 1},
	    {"[realm far]\naddress = 192.0.2.77\nports = 2000-2001", "realm far: no socket on", 0},
	    {"[realm dev]\naddress = 10.0.0.7\nports = 2000-2001\ndevice = nothere0",
	     "of device nothere0", 0},
	    {"control_socket = DIR/another", "10.0.0.7:2944: Address already in use", 1},
	};
	struct identity good, other;
	X509 *weak;
	EVP_PKEY *key;
	const char *out;
	int code, fd;

	rig_start(NULL);
	identity_make(&good);
	identity_make(&other);
	weak = X509_dup(good.cert);
	key = weak_key(weak);
	write_pem("good.pem", good.cert, good.key, NULL);
	write_pem("cert.pem", good.cert, NULL, NULL);
	write_pem("key.pem", NULL, good.key, NULL);
	write_pem("other.pem", NULL, other.key, NULL);
	write_pem("locked.pem", NULL, good.key, "secret");
	write_pem("weak.pem", weak, key, NULL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		out = try_start(cases[i].more, &code);
		ck_assert_msg(strstr(out, cases[i].words) != NULL && code == cases[i].code,
			      "'%s' says %d and: %s", cases[i].more, code, out);
	}
	out = try_start("transport = sctp", &code);
	fd = socket(AF_INET, SOCK_SEQPACKET, IPPROTO_SCTP);
	if (fd >= 0) {
		close(fd);
		ck_assert_msg(code == 0, "%s", out);
	} else {
		ck_assert_msg(code == 1 && strstr(out, "the kernel has no SCTP"), "%s", out);
	}
	ck_assert(strstr(rig_ctl("status"), "association active")); /* nobody has disturbed it */
	EVP_PKEY_free(key);
	X509_free(weak);
	identity_clear(&good);
	identity_clear(&other);
	rig_stop();
}
END_TEST

/* ---- drain ---- */

/* The controller is told, media goes on, only emergencies are taken; undrain takes it back; the
 * gateway ends with its last call and not before. */
START_TEST(a_drained_gateway_ends_with_its_last_call)
{
	struct scene s;
	const char *r;
	int emergency;

	rig_start(NULL);
	scene_talk(&s, &terminating[0]);
	ck_assert(strstr(rig_ctl("drain"), "draining, 1 contexts left"));
	rig_ctl_has("status", "association leaving");
	r = mgc_do("Context = $ { " RTP_ADD("core", "") " }");
	ck_assert_int_eq(after(r, "Error = "), 502);
	told(&s, CORE, "Graceful", "908");
	ck_assert(strstr(rig_ctl("undrain"), "in service"));
	rig_ctl_has("status", "association active");
	r = mgc_do("Context = $ { " RTP_ADD("core", "") " }");
	ck_assert_msg(!strstr(r, "Error"), "%s", r);
	mgc_do("Context = %d { Subtract = * }", after(r, "Context = "));

	rig_ctl("drain");
	rig_ctl_has("status", "association leaving");
	r = mgc_do("Context = $ { Emergency, " RTP_ADD("core", "") " }");
	ck_assert_msg(!strstr(r, "Error"), "%s", r);
	emergency = after(r, "Context = ");
	exchange(&s);
	mgc_do("Context = %d { Subtract = * }", s.c.context);
	rig_serve(1500); /* longer than it looks whether it is empty */
	ck_assert(strstr(rig_ctl("status"), "contexts 1 of"));
	mgc_do("Context = %d { Subtract = * }", emergency);
	ck_assert_int_eq(rig_gateway_ends(), 0);
	scene_break(&s);
	rig_stop();
}
END_TEST

/* ---- metrics ---- */

/* Is that a series of the family? A histogram has three kinds. */
static bool is_of(const char *name, const char *family)
{
	static const char *const ends[] = {"", "_bucket", "_sum", "_count"};
	size_t n = strlen(family);

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (strncmp(name, family, n) == 0 && strcmp(name + n, ends[i]) == 0)
			return true;
	return false;
}

static int udp_at(const char *ip, int port)
{
	struct netaddr me = at(ip, port);
	struct sockaddr_storage ss;
	socklen_t size = netaddr_to_sockaddr(&me, &ss);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&ss, size), 0);
	return fd;
}

static void send_to(int fd, int port, const uint8_t *p, size_t n)
{
	struct netaddr us = at(ACCESS, port);
	struct sockaddr_storage ss;
	socklen_t size = netaddr_to_sockaddr(&us, &ss);

	ck_assert_int_eq(sendto(fd, p, n, 0, (struct sockaddr *)&ss, size), (int)n);
}

/* A stream that lost every tenth packet on its way here, and whose peer reports a quarter lost and
 * 20 ms of jitter there: in agwctl, in the stream's own statistics, and in the metrics of its realm
 * when it has ended. */
START_TEST(loss_and_jitter_of_a_stream_are_told)
{
	uint8_t rtp[172] = {0x80, 8},
		report[32] = {0x81, 201, 0, 7, [12] = 64, [15] = 9, [22] = 0, [23] = 160};
	int ue = udp_at(UE, 40000), port, context;
	const char *r;

	rig_start(METRICS);
	r = mgc_do(
	    "Context = $ { Add = ip/access/$ { Media { Stream = 1 { LocalControl { Mode = "
	    "SendReceive, rtcph/rsb = ON }, Statistics { rtp/pl, rtp/jit, rtp/delay }, Local "
	    "{\nc=IN IP4 $\nm=audio $ RTP/AVP 8\n}, Remote {\nc=IN IP4 " UE
	    "\nm=audio 40000 RTP/AVP 8\na=rtcp:40000\n} } } } }");
	context = after(r, "Context = ");
	port = after(r, "m=audio ");
	for (uint8_t i = 0; i < 100; i++) {
		rtp[3] = i;
		if (i % 10 != 5)
			send_to(ue, port, rtp, sizeof(rtp));
	}
	send_to(ue, port + 1, report, sizeof(report));
	rig_ctl_has("dump", "in 90 packets");
	rig_ctl_has("dump", "peer reports lost 9 (now 25%) jitter 20000 us");
	rig_ctl_has("dump", "rtp lost 10%");
	r = mgc_do("Context = %d { Subtract = * }", context);
	ck_assert_msg(strstr(r, "Stream = 1") && strstr(r, "rtp/pl = 10.00"), "%s", r);
	ck_assert_int_eq(metric("rtp_lost_percent_bucket{realm=\"access\",le=\"5\"}"), 0);
	ck_assert_int_eq(metric("rtp_lost_percent_bucket{realm=\"access\",le=\"10\"}"), 1);
	ck_assert_int_eq(metric("rtp_reported_lost_percent_sum{realm=\"access\"}"), 25);
	ck_assert_int_eq(metric("rtp_reported_jitter_ms_bucket{realm=\"access\",le=\"20\"}"), 1);
	ck_assert_int_eq(metric("rtp_reported_jitter_ms_bucket{realm=\"access\",le=\"10\"}"), 0);
	close(ue);
	rig_stop();
}
END_TEST

/* Each line is a comment or "name{labels} number", each name has HELP and TYPE ahead of it, and
 * what is counted is what has passed. */
START_TEST(metrics_are_what_prometheus_reads)
{
	struct scene s;
	char *line, *text, *rest, type[128] = "?";
	unsigned values = 0;

	rig_start(METRICS);
	scene_talk(&s, &terminating[0]);
	ck_assert(metric_reaches("media_events_total{event=\"tls-up\"}", 1, 20000));
	ck_assert_int_eq(metric("contexts"), 1);
	ck_assert_int_eq(metric("terminations"), 2);
	for (int i = 0; i < 400 && metric("octets_in_total") < 100; i++)
		rig_serve(50);
	ck_assert_int_ge(metric("octets_in_total"), 100);
	ck_assert_int_eq(metric("h248_associated"), 1);
	ck_assert_int_eq(metric("ports_used{realm=\"access\",address=\"10.1.0.7\"}"), 1);
	text = strdup(strstr(metrics_text(), "\r\n\r\n") + 4);
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		char name[128];
		double v;
		int end = 0;

		if (sscanf(line, "# TYPE %127s counter%n", type, &end) == 1 && end)
			continue;
		if (sscanf(line, "# TYPE %127s gauge%n", type, &end) == 1 && end)
			continue;
		if (sscanf(line, "# TYPE %127s histogram%n", type, &end) == 1 && end)
			continue;
		if (strncmp(line, "# HELP ims_agw_", 15) == 0)
			continue;
		ck_assert_msg(sscanf(line, "%127[a-z0-9_]%n", name, &end) == 1, "%s", line);
		ck_assert_msg(is_of(name, type), "%s comes after the type of %s", name, type);
		if (line[end] == '{')
			end = (int)(strchr(line, '}') + 1 - line);
		ck_assert_msg(sscanf(line + end, " %lf", &v) == 1 && v >= 0, "%s", line);
		values++;
	}
	free(text);
	ck_assert_uint_gt(values, 40);
	scene_end(&s);
	rig_stop();
}
END_TEST

/* ---- rights and secrets ---- */

static unsigned long long status_number(const char *what, int base)
{
	char path[64], line[256];
	unsigned long long v = ~0ull;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", rig_pid());
	f = fopen(path, "re");
	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof(line), f))
		if (strncmp(line, what, strlen(what)) == 0 && line[strlen(what)] == ':')
			v = strtoull(line + strlen(what) + 1, NULL, base);
	fclose(f);
	return v;
}

/* Nobody from the beginning, with the fewest rights that the kernel lets it work with: all four
 * flows, traces and a reload. */
START_TEST(it_works_without_root)
{
	int capability = rig_gateway_unprivileged();
	unsigned long long may = capability < 0 ? 0 : 1ull << capability;
	struct scene s;
	char line[64];

	rig_start(NULL);
	ck_assert_uint_eq(status_number("Uid", 10), 65534);
	ck_assert_uint_eq(status_number("Gid", 10), 65534);
	ck_assert_uint_eq(status_number("CapEff", 16), may);
	ck_assert_uint_eq(status_number("CapPrm", 16), may);
	ck_assert_uint_eq(status_number("NoNewPrivs", 10), 1);
	for (int i = 0; i < FLOWS; i++) {
		scene_talk(&s, &terminating[i]);
		snprintf(line, sizeof(line), "trace %d on", s.c.context);
		ck_assert(!strstr(rig_ctl(line), "error"));
		exchange(&s);
		scene_end(&s);
	}
	ck_assert_str_eq(rig_ctl("reload"), "reloaded\nok\n");
	scene_talk(&s, &terminating[0]);
	scene_end(&s);
	rig_stop();
}
END_TEST

/* Started by root it becomes the user of the configuration, who may do nothing. */
START_TEST(started_by_root_it_becomes_another)
{
	const struct passwd *pw = getpwnam("nobody");
	const char *r;

	ck_assert_ptr_nonnull(pw);
	rig_start("user = nobody\n");
	ck_assert_uint_eq(status_number("Uid", 10), pw->pw_uid);
	ck_assert_uint_eq(status_number("Gid", 10), pw->pw_gid);
	ck_assert_uint_eq(status_number("CapEff", 16), 0);
	ck_assert_uint_eq(status_number("CapPrm", 16), 0);
	ck_assert_uint_eq(status_number("NoNewPrivs", 10), 1);
	r = mgc_do("Context = $ { " RTP_ADD("core", "") " }");
	ck_assert_msg(!strstr(r, "Error"), "%s", r);
	mgc_do("Context = * { W-Subtract = * { Audit { } } }");
	expect_ports_back();
	rig_stop();
}
END_TEST

/* How often these octets are in the gateway's writable memory. */
static unsigned in_memory(const void *what, size_t len)
{
	char path[64], line[256];
	unsigned n = 0;
	FILE *maps, *mem;

	snprintf(path, sizeof(path), "/proc/%d/maps", rig_pid());
	maps = fopen(path, "re");
	snprintf(path, sizeof(path), "/proc/%d/mem", rig_pid());
	mem = fopen(path, "re");
	ck_assert(maps && mem);
	while (fgets(line, sizeof(line), maps)) {
		unsigned long from, to;
		char may[8], *data;
		size_t got;

		if (sscanf(line, "%lx-%lx %7s", &from, &to, may) != 3 || may[1] != 'w')
			continue;
		data = malloc(to - from);
		fseeko(mem, (off_t)from, SEEK_SET);
		got = fread(data, 1, to - from, mem);
		for (const char *p = data;
		     got > len && (p = memmem(p, got - (size_t)(p - data), what, len)); p++)
			n++;
		free(data);
	}
	fclose(maps);
	fclose(mem);
	return n;
}

/* SDES keys of both directions, as text and as octets: there while the call is, nowhere after it.
 */
START_TEST(keys_are_gone_with_their_call)
{
	static const uint8_t octets[2][12] = {
	    {0xa9, 0xd1, 0x7f, 0x53, 0xc8, 0x46, 0xe2, 0x9b, 0x30, 0x75, 0x1c, 0xee},
	    {0x5b, 0x94, 0xe3, 0x0c, 0x27, 0xd8, 0x61, 0xaf, 0x8e, 0x13, 0x42, 0xf6}};
	/* what follows is the same for both and not looked for */
	static const char *const text[2] = {"qdF/U8hG4pswdRzu", "W5TjDCfYYa+OE0L2"};
	unsigned left = 0;
	const char *r;
	int context;

	rig_start(NULL);
	r = mgc_do("Context = $ { Add = ip/access/$ { Media { Stream = 1 { LocalControl { Mode = "
		   "SendReceive }, Local {\nc=IN IP4 $\nm=audio $ RTP/SAVP 8\n} } } }, " RTP_ADD(
		       "core", "") " }");
	context = after(r, "Context = ");
	r = mgc_do(
	    "Context = %d { Modify = ip/access/* { Media { Stream = 1 { Local {\nc=IN IP4 " ACCESS
	    "\nm=audio %d RTP/SAVP 8\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:%sAAAA"
	    "AAAAAAAAAAAAAAAAAAAA\n}, Remote {\nc=IN IP4 " UE "\nm=audio 4000 RTP/SAVP 8\n"
	    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:%sAAAAAAAAAAAAAAAAAAAAAAAA\n} } } } }",
	    context, after(r, "m=audio "), text[0], text[1]);
	ck_assert_msg(!strstr(r, "Error"), "%s", r);
	rig_settle();
	for (int i = 0; i < 2; i++) {
		ck_assert_uint_gt(in_memory(octets[i], sizeof(octets[i])), 0);
		ck_assert_uint_gt(in_memory(text[i], strlen(text[i])), 0);
	}
	mgc_do("Context = %d { Subtract = * }", context);
	expect_ports_back();
	for (int tries = 0; tries < 500; tries++, rig_serve(20)) {
		left = 0;
		for (int i = 0; i < 2; i++)
			left += in_memory(octets[i], sizeof(octets[i])) +
				in_memory(text[i], strlen(text[i]));
		if (!left)
			break;
	}
	ck_assert_msg(!left, "%u copies are left", left);
	rig_stop();
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
	    agwctl_shows_what_there_is,
	    a_trace_has_one_call_in_clear,
	    a_reload_keeps_the_calls,
	    a_range_that_grows_gives_no_port_twice,
	    what_a_start_would_fail_with_is_found_before,
	    a_drained_gateway_ends_with_its_last_call,
	    loss_and_jitter_of_a_stream_are_told,
	    metrics_are_what_prometheus_reads,
	    it_works_without_root,
	    started_by_root_it_becomes_another,
	    keys_are_gone_with_their_call,
	};

	return flows_main("operation", tests, sizeof(tests) / sizeof(tests[0]));
}
