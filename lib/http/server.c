/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "http/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "daemon/listen.h"
#include "daemon/log.h"
#include "daemon/settings.h"

enum {
	THREADS = 4,   /* one may wait for a store, two seconds at most */
	SILENT_S = 15, /* a connection without an octet for so long is closed */
	PER_ADDRESS = 32,
	PEM_MAX = 256 << 10,
};

int64_t http_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
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

static void on_connection(void *cls, struct MHD_Connection *c, void **context,
			  enum MHD_ConnectionNotificationCode code)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct http_server *s = cls;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		*context =
		    info ? deadline_new(&s->deadlines, info->connect_fd, http_now_ms()) : NULL;
	} else {
		deadline_free(*context);
		*context = NULL;
	}
}

struct deadline *http_server_deadline(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info ? info->socket_context : NULL;
}

/* A file of PEM as libmicrohttpd wants it. */
static char *read_pem(const char *path, char *why, size_t size)
{
	size_t n;
	char *text = settings_read_file(path, PEM_MAX, &n, why, size);
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

static void forget(struct http_server *s)
{
	if (s->key_pem)
		explicit_bzero(s->key_pem, strlen(s->key_pem));
	free(s->key_pem);
	free(s->certificate_pem);
	s->key_pem = s->certificate_pem = NULL;
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	if (s->made.path[0])
		control_remove(&s->made);
	s->made.path[0] = '\0';
}

int http_server_open(struct http_server *s, char *why, size_t size)
{
	s->mhd = NULL;
	s->fd = -1;
	s->made.path[0] = '\0';
	s->certificate_pem = s->key_pem = NULL;
	s->deadlines = (struct deadlines){.lock = PTHREAD_MUTEX_INITIALIZER};
	if (s->certificate[0]) {
		s->certificate_pem = read_pem(s->certificate, why, size);
		s->key_pem = s->certificate_pem ? read_pem(s->key, why, size) : NULL;
	}
	if (!s->certificate[0] || s->key_pem)
		s->fd = strncmp(s->where, "unix:", 5) == 0
			    ? control_open(s->where + 5, &s->made, why, size)
			    : listen_open(s->setting, s->where, why, size);
	if (s->fd >= 0)
		return 0;
	forget(s);
	return -1;
}

int http_server_start(struct http_server *s, char *why, size_t size)
{
	const unsigned int flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG |
				   MHD_ALLOW_SUSPEND_RESUME | (s->key_pem ? MHD_USE_TLS : 0);
	struct MHD_OptionItem tls[] = {
	    {MHD_OPTION_HTTPS_MEM_KEY, 0, s->key_pem},
	    {MHD_OPTION_HTTPS_MEM_CERT, 0, s->certificate_pem},
	    {MHD_OPTION_HTTPS_PRIORITIES, 0,
	     (void *)(uintptr_t) "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"},
	    {s->clients ? MHD_OPTION_HTTPS_MEM_TRUST : MHD_OPTION_END, 0,
	     (void *)(uintptr_t)s->clients},
	    {MHD_OPTION_END, 0, NULL}};
	const struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};

	s->mhd = MHD_start_daemon(
	    flags, 0, NULL, NULL, s->on_request, s->arg, MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
	    MHD_OPTION_LISTEN_SOCKET, s->fd, MHD_OPTION_THREAD_POOL_SIZE, (unsigned int)THREADS,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned int)HTTP_CONNECTIONS_MAX,
	    MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned int)PER_ADDRESS,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)SILENT_S,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_HEAD_MAX, MHD_OPTION_NOTIFY_COMPLETED,
	    s->on_ended, s->arg, MHD_OPTION_NOTIFY_CONNECTION, on_connection, s,
	    MHD_OPTION_UNESCAPE_CALLBACK, leave_escapes, NULL, MHD_OPTION_STRICT_FOR_CLIENT, 1,
	    MHD_OPTION_ARRAY, s->key_pem ? tls : none, MHD_OPTION_END);
	if (s->mhd) {
		s->fd = -1; /* it is closed with the daemon */
		log_line(LOG_NOTICE, "HTTP%s on %s", s->key_pem ? "S" : "", s->where);
		return 0;
	}
	snprintf(why, size,
		 "cannot serve HTTP; see that certificate and key are PEM and fit together");
	forget(s);
	return -1;
}

unsigned int http_server_tick(struct http_server *s, int64_t now_ms)
{
	return s->mhd ? deadlines_check(&s->deadlines, now_ms) : 0;
}

void http_server_stop(struct http_server *s)
{
	if (s->mhd)
		MHD_stop_daemon(s->mhd);
	s->mhd = NULL;
	forget(s);
}
