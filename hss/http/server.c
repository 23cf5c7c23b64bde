/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/http/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "daemon/control.h"
#include "daemon/listen.h"
#include "daemon/log.h"
#include "daemon/settings.h"
#include "hss/http/auth.h"
#include "hss/http/exchange.h"
#include "hss/http/json.h"

enum {
	HTTP_THREADS = 4,   /* one may wait for the store, two seconds at most */
	HTTP_SILENT_S = 15, /* a connection without an octet for so long is closed */
	HTTP_HEAD_MAX = 16384,
	HTTP_PER_ADDRESS = 32,
	HTTP_STEP = 16384, /* an import that makes such a step has its time anew */
	HTTP_PEM_MAX = 256 << 10,
};

static struct {
	struct MHD_Daemon *mhd;
	const struct api_daemon *daemon;
	const char *where;
	int fd;
	struct control_path made; /* of a UNIX socket */
	char *certificate, *key;  /* PEM */
} http = {.fd = -1};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Who is at the other end; no address over a UNIX socket. */
static struct netaddr peer_of(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	struct sockaddr_storage ss = {0};
	struct netaddr a = {0};

	if (!info || !info->client_addr)
		return a;
	if (info->client_addr->sa_family == AF_INET)
		memcpy(&ss, info->client_addr, sizeof(struct sockaddr_in));
	else if (info->client_addr->sa_family == AF_INET6)
		memcpy(&ss, info->client_addr, sizeof(struct sockaddr_in6));
	netaddr_from_sockaddr(&ss, &a);
	return a;
}

static enum MHD_Result on_argument(void *arg, enum MHD_ValueKind kind, const char *name,
				   const char *value)
{
	struct exchange *x = arg;

	(void)kind;
	if (query_add(&x->call.query, slice_str(name), slice_str(value ? value : "")) == 0)
		return MHD_YES;
	answer_problem(&x->call, 400, "the arguments behind the '?' are malformed",
		       "each stands there once, encoded as RFC 3986 says");
	return MHD_NO;
}

/* Is what comes what the route takes? */
static void check_type(struct exchange *x)
{
	const char *type =
	    MHD_lookup_connection_value(x->connection, MHD_HEADER_KIND, "Content-Type");
	const char *wanted = x->call.route->body == BODY_IMPORT ? "text/plain" : "application/json";

	if (x->call.route->body == BODY_NONE || !type)
		return;
	if (strncasecmp(type, wanted, strlen(wanted)) != 0)
		answer_problem(&x->call, 415, "the body is of a type that is not taken here",
			       "send application/json, or text/plain to import");
}

/* More than is passed over: what is refused is so before the body, and who waits for 100 sends none. */
static bool announces_much(struct MHD_Connection *c)
{
	const char *length =
	    MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
	uint64_t n;

	return length && (slice_u64(slice_str(length), UINT64_MAX, &n) || n > HTTP_BODY_MAX);
}

/* The head of the request is there. */
static void on_head(struct exchange *x, const char *url)
{
	struct netaddr from = peer_of(x->connection);

	x->call.daemon = http.daemon;
	if (api_find(&x->call, x->method, slice_str(url)))
		return;
	if (auth_check(&x->call,
		       MHD_lookup_connection_value(x->connection, MHD_HEADER_KIND,
						   MHD_HTTP_HEADER_AUTHORIZATION),
		       &from, x->call.now_ms, x->who))
		return;
	MHD_get_connection_values(x->connection, MHD_GET_ARGUMENT_KIND, on_argument, x);
	if (!x->call.answer.status)
		check_type(x);
	if (x->call.answer.status)
		return;
	if (x->call.route->body == BODY_IMPORT)
		api_handle(&x->call);
	else if (announces_much(x->connection))
		exchange_too_big(x);
}

/* A part of the body. Returns MHD_NO to close the connection. */
static enum MHD_Result on_body(struct exchange *x, const char *data, size_t len)
{
	if (x->call.importing) {
		api_import_feed(&x->call, slice_make(data, len));
		x->passed += len;
		if (x->passed >= HTTP_STEP) {
			x->passed = 0;
			deadline_again(x->deadline, x->call.now_ms);
		}
		return MHD_YES;
	}
	/* what nobody wants is passed over, so that the answer is read, but not without end */
	if (x->call.answer.status || x->call.route->body == BODY_NONE ||
	    exchange_body(x, data, len)) {
		x->passed += len;
		return x->passed > HTTP_BODY_MAX ? MHD_NO : MHD_YES;
	}
	return MHD_YES;
}

static void read_body(struct exchange *x)
{
	char why[API_WHY_SIZE];

	if (x->call.route->body == BODY_NONE ||
	    (x->call.route->body == BODY_OPTIONAL && x->len == 0))
		return;
	x->call.body = json_read(x->body, x->len, why, sizeof(why));
	if (!x->call.body)
		answer_problem(&x->call, 400, why, "send a JSON document as /openapi.json has it");
}

/* The whole request is there. */
static enum MHD_Result on_whole(struct exchange *x)
{
	if (x->followed || x->stopped) {
		exchange_resumed(x);
		return exchange_answer(x);
	}
	if (x->call.importing)
		api_import_end(&x->call);
	if (!x->call.answer.status)
		read_body(x);
	if (!x->call.answer.status)
		api_handle(&x->call);
	if (!x->call.answer.status && x->call.follow) {
		if (exchange_wait(x))
			return MHD_YES;
		exchange_resumed(x);
	}
	return exchange_answer(x);
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *c, const char *url,
				  const char *method, const char *version, const char *data,
				  size_t *len, void **state)
{
	struct exchange *x = *state;

	(void)cls;
	(void)version;
	if (!x) {
		const union MHD_ConnectionInfo *info =
		    MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

		x = *state = exchange_new(c);
		if (!x || !info || !info->socket_context)
			return MHD_NO;
		x->deadline = info->socket_context;
		x->call.now_ms = now_ms();
		snprintf(x->method, sizeof(x->method), "%s", method);
		snprintf(x->target, sizeof(x->target), "%s", url);
		on_head(x, url);
		return x->call.answer.status && announces_much(c) ? exchange_answer(x) : MHD_YES;
	}
	x->call.now_ms = now_ms();
	if (*len) {
		enum MHD_Result rc = on_body(x, data, *len);

		*len = 0;
		return rc;
	}
	return on_whole(x);
}

static void on_completed(void *cls, struct MHD_Connection *c, void **state,
			 enum MHD_RequestTerminationCode code)
{
	struct exchange *x = *state;

	(void)cls;
	(void)c;
	(void)code;
	if (!x)
		return;
	deadline_again(x->deadline, now_ms());
	exchange_end(x);
	*state = NULL;
}

static void on_connection(void *cls, struct MHD_Connection *c, void **context,
			  enum MHD_ConnectionNotificationCode code)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);

	(void)cls;
	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		*context = info ? deadline_new(info->connect_fd, now_ms()) : NULL;
	} else {
		deadline_free(*context);
		*context = NULL;
	}
}

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
	http.daemon = daemon;
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
