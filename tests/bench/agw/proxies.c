/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/agw/proxies.h"
#include <check.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "agw/rig.h"
#include "bench/agw/common.h"

/* ---- ims-agw: a context for each connection ---- */

static pid_t agw_up(struct proxy_setting *b, bool msrp)
{
	const char *tls = msrp ? "TCP/TLS/MSRP" : "TCP/TLS", *tcp = msrp ? "TCP/MSRP" : "TCP";

	rig_start("workers = 1\nlog_level = 4\n"); /* the peers log nothing either */
	for (int i = 0; i < PROXY_PAIRS; i++) {
		const char *r =
		    mgc_do("Context = $ { Add = ip/access/$ { Media { Stream = 1 { LocalControl { "
			   "Mode = SendReceive }, "
			   "Local {\nc=IN IP4 $\nm=message $ %s *\na=setup:passive\n}, Remote "
			   "{\nc=IN IP4 10.1.0.10\n"
			   "m=message 9 %s *\na=setup:active\na=fingerprint:%s\n} } } } }",
			   tls, tls, b->ue.line);
		int context = after(r, "Context = ");

		netaddr_parse(SLICE_LIT("10.1.0.7"), &b->to[i]);
		b->to[i].port = (uint16_t)after(r, "m=message ");
		mgc_do("Context = %d { Add = ip/core/$ { Media { Stream = 1 { LocalControl { Mode "
		       "= SendReceive }, Local {\n"
		       "c=IN IP4 $\nm=message $ %s *\na=setup:active\n}, Remote {\nc=IN IP4 "
		       "10.0.0.9\nm=message %d %s *\n"
		       "a=setup:passive\n} } } } }",
		       context, tcp, PROXY_BACKEND_PORT, tcp);
	}
	return rig_pid();
}

static pid_t agw_plain_up(struct proxy_setting *b)
{
	return agw_up(b, false);
}

static pid_t agw_msrp_up(struct proxy_setting *b)
{
	return agw_up(b, true);
}

static void agw_down(pid_t pid)
{
	(void)pid;
	mgc_do("Context = * { W-Subtract = * { Audit { } } }");
	rig_stop();
}

/* ---- the peers ---- */

/* All connections go to the one port. */
static pid_t peer_up(struct proxy_setting *b, const char *const argv[])
{
	pid_t pid = bench_spawn(argv);

	for (int i = 0; i < PROXY_PAIRS; i++)
		b->to[i] = (struct netaddr){.family = 4, .port = PROXY_PORT, .ip = {10, 0, 0, 10}};
	sleep(1);
	return pid;
}

static void put_file(const struct proxy_setting *b, const char *name, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", b->dir, name);
	f = fopen(path, "we");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

void proxy_put_certificates(const struct proxy_setting *b)
{
	char path[128];
	struct identity id;
	FILE *f;

	identity_make(&id);
	snprintf(path, sizeof(path), "%s/cert.pem", b->dir);
	f = fopen(path, "we");
	ck_assert_ptr_nonnull(f);
	PEM_write_X509(f, id.cert);
	PEM_write_PrivateKey(f, id.key, NULL, NULL, 0, NULL, NULL);
	fclose(f);
	identity_clear(&id);
	snprintf(path, sizeof(path), "%s/ue.pem", b->dir);
	f = fopen(path, "we");
	ck_assert_ptr_nonnull(f);
	PEM_write_X509(f, b->ue.cert);
	fclose(f);
}

static pid_t nginx_up(struct proxy_setting *b)
{
	char text[1200], path[128];
	const char *argv[] = {"nginx", "-c", path, "-p", b->dir, NULL};

	snprintf(path, sizeof(path), "%s/nginx.conf", b->dir);
	snprintf(text, sizeof(text),
		 "load_module /usr/lib/nginx/modules/ngx_stream_module.so;\nworker_processes "
		 "1;\nmaster_process off;\ndaemon off;\n"
		 "pid %s/nginx.pid;\nerror_log %s/nginx.log;\nevents { worker_connections 1024; "
		 "}\nstream {\n server {\n"
		 "  listen 10.0.0.10:%d ssl;\n  ssl_certificate %s/cert.pem;\n  "
		 "ssl_certificate_key %s/cert.pem;\n"
		 "  ssl_protocols TLSv1.3;\n  ssl_session_cache off;\n  ssl_session_tickets off;\n"
		 "  ssl_verify_client optional_no_ca;\n  tcp_nodelay on;\n  proxy_pass "
		 "10.0.0.9:%d;\n }\n}\n",
		 b->dir, b->dir, PROXY_PORT, b->dir, b->dir, PROXY_BACKEND_PORT);
	put_file(b, "nginx.conf", text);
	return peer_up(b, argv);
}

static pid_t haproxy_up(struct proxy_setting *b)
{
	char text[1200], path[128];
	const char *argv[] = {"haproxy", "-db", "-f", path, NULL};

	snprintf(path, sizeof(path), "%s/haproxy.cfg", b->dir);
	snprintf(text, sizeof(text),
		 "global\n nbthread 1\n maxconn 1000\n tune.ssl.cachesize 0\n "
		 "ssl-default-bind-options ssl-min-ver TLSv1.3 no-tls-tickets\n"
		 "defaults\n mode tcp\n timeout connect 5s\n timeout client 60s\n timeout server "
		 "60s\nfrontend f\n"
		 " bind 10.0.0.10:%d ssl crt %s/cert.pem verify optional ca-file %s/ue.pem "
		 "ca-ignore-err all crt-ignore-err all\n"
		 " default_backend b\nbackend b\n server s 10.0.0.9:%d\n",
		 PROXY_PORT, b->dir, b->dir, PROXY_BACKEND_PORT);
	put_file(b, "haproxy.cfg", text);
	return peer_up(b, argv);
}

const struct proxy proxies[PROXIES] = {
    [PROXY_AGW] = {"ims-agw", agw_plain_up, agw_down},
    [PROXY_AGW_MSRP] = {"ims-agw MSRP", agw_msrp_up, agw_down},
    [PROXY_NGINX] = {"nginx", nginx_up, bench_end},
    [PROXY_HAPROXY] = {"haproxy", haproxy_up, bench_end},
};
