/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/http/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/control.h"
#include "daemon/listen.h"
#include "daemon/log.h"
#include "daemon/settings.h"
#include "hss/http/auth.h"
#include "hss/http/deadlines.h"
#include "hss/http/exchange.h"
#include "hss/http/requests.h"

enum {
	HTTP_THREADS = 4,   /* one may wait for the store, two seconds at most */
	HTTP_SILENT_S = 15, /* a connection without an octet for so long is closed */
	HTTP_HEAD_MAX = 16384,
	HTTP_PER_ADDRESS = 32,
	HTTP_PEM_MAX = 256 << 10,
};

static struct {
	struct MHD_Daemon *mhd;
	const char *where;
	int fd;
	struct control_path made; /* of a UNIX socket */
	char *certificate, *key;  /* PEM */
} http = {.fd = -1};

/* Paths and arguments are decoded by path.h, which knows where a segment ends. */
static size_t leave_escapes(void *cls, struct MHD_Connection *c, char *s)
{
	(void)cls;
	(void)c;
	return strlen(s);
}

__attribute__((format(printf, 2, 0))) static void on_log(void *cls, const char *fmt, va_list ap)
{
	(void)cls;
	log_vline(LOG_INFO, fmt, ap);
}

/* A file of PEM as libmicrohttpd wants it. */
static char *read_pem(const char *path, char *why, size_t size)
{
	size_t n;
	char *text = settings_read_file(path, HTTP_PEM_MAX, &n, why, size);
	char *pem = text ? malloc(n + 1) : NULL;

	if (pem) {
		memcpy(pem, text, n);
		pem[n] = '\0';
	}
	if (text)
		explicit_bzero(text, n);
	free(text);
	return pem;
}

static void forget(void)
{
	if (http.key)
		explicit_bzero(http.key, strlen(http.key));
	free(http.key);
	free(http.certificate);
	http.key = http.certificate = NULL;
	if (http.fd >= 0)
		close(http.fd);
	http.fd = -1;
	if (http.made.path[0])
		control_remove(&http.made);
	http.made.path[0] = '\0';
	http.where = NULL;
}

int http_open(const struct config *cfg, char *why, size_t size)
{
	if (!cfg->http[0])
		return 0;
	http.where = cfg->http;
	if (auth_open(cfg->http_tokens, why, size)) {
		http.where = NULL;
		return -1;
	}
	if (cfg->http_certificate[0]) {
		http.certificate = read_pem(cfg->http_certificate, why, size);
		http.key = http.certificate ? read_pem(cfg->http_key, why, size) : NULL;
	}
	if (!cfg->http_certificate[0] || http.key)
		http.fd = strncmp(cfg->http, "unix:", 5) == 0
			      ? control_open(cfg->http + 5, &http.made, why, size)
			      : listen_open("http", cfg->http, why, size);
	if (http.fd >= 0)
		return 0;
	forget();
	return -1;
}

int http_start(const struct api_daemon *daemon, char *why, size_t size)
{
	const unsigned int flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG |
				   MHD_ALLOW_SUSPEND_RESUME | (http.key ? MHD_USE_TLS : 0);
	const struct MHD_OptionItem tls[] = {
	    {MHD_OPTION_HTTPS_MEM_KEY, 0, http.key},
	    {MHD_OPTION_HTTPS_MEM_CERT, 0, http.certificate},
	    {MHD_OPTION_HTTPS_PRIORITIES, 0,
	     (void *)(uintptr_t) "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"},
	    {MHD_OPTION_END, 0, NULL}};
	const struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};

	if (http.fd < 0)
		return 0;
	requests_begin(daemon);
	http.mhd = MHD_start_daemon(
	    flags, 0, NULL, NULL, on_request, NULL, MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
	    MHD_OPTION_LISTEN_SOCKET, http.fd, MHD_OPTION_THREAD_POOL_SIZE,
	    (unsigned int)HTTP_THREADS, MHD_OPTION_CONNECTION_LIMIT,
	    (unsigned int)HTTP_CONNECTIONS_MAX, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
	    (unsigned int)HTTP_PER_ADDRESS, MHD_OPTION_CONNECTION_TIMEOUT,
	    (unsigned int)HTTP_SILENT_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_HEAD_MAX,
	    MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_NOTIFY_CONNECTION,
	    on_connection, NULL, MHD_OPTION_UNESCAPE_CALLBACK, leave_escapes, NULL,
	    MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_ARRAY, http.key ? tls : none,
	    MHD_OPTION_END);
	if (http.mhd) {
		http.fd = -1; /* it is closed with the daemon */
		log_line(LOG_NOTICE, "HTTP%s on %s", http.key ? "S" : "", http.where);
		return 0;
	}
	snprintf(why, size,
		 "cannot serve HTTP; see that certificate and key are PEM and fit together");
	forget();
	return -1;
}

void http_tick(int64_t now)
{
	deadlines_check(now);
}

void http_stop(void)
{
	exchanges_stop();
	if (http.mhd)
		MHD_stop_daemon(http.mhd);
	http.mhd = NULL;
	forget();
}
