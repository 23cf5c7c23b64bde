/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/http/requests.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "hss/http/auth.h"
#include "hss/http/exchange.h"
#include "hss/http/json.h"

enum { IMPORT_STEP = 16384 }; /* an import that makes such a step has its time anew */

static const struct api_daemon *hss;

void requests_begin(const struct api_daemon *daemon)
{
	hss = daemon;
}

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

/* How often a head has the fields that decide what is asked, by whom, and where it ends. */
struct framing {
	unsigned int hosts, authorizations, lengths, codings;
	bool unclear;
};

static bool is_token(const char *name)
{
	static const char others[] = "!#$%&'*+-.^_`|~";

	for (const char *c = name; *c; c++)
		if (!(*c >= '0' && *c <= '9') && !((*c | 32) >= 'a' && (*c | 32) <= 'z') &&
		    !strchr(others, *c))
			return false;
	return *name != '\0';
}

static enum MHD_Result on_field(void *arg, enum MHD_ValueKind kind, const char *name,
				const char *value)
{
	struct framing *f = arg;

	(void)kind;
	f->unclear |= !is_token(name);
	f->hosts += strcasecmp(name, MHD_HTTP_HEADER_HOST) == 0;
	f->authorizations += strcasecmp(name, MHD_HTTP_HEADER_AUTHORIZATION) == 0;
	f->lengths += strcasecmp(name, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0;
	if (strcasecmp(name, MHD_HTTP_HEADER_TRANSFER_ENCODING) == 0) {
		f->codings++;
		f->unclear |= !value || strcasecmp(value, "chunked") != 0;
	}
	return MHD_YES;
}

/*
 * libmicrohttpd takes the first of several, and passes over what it does not know. A proxy in front may take another, see
 * two requests where we see one, and let through what it should hold (RFC 9112 3.2, 5.1, 6.1, 6.3, 11.2).
 */
static bool unclear(const struct exchange *x)
{
	struct framing f = {0};

	MHD_get_connection_values(x->connection, MHD_HEADER_KIND, on_field, &f);
	return f.unclear || f.hosts > 1 || f.authorizations > 1 || f.lengths + f.codings > 1;
}

/* The head of the request is there. */
static void on_head(struct exchange *x, const char *url)
{
	struct netaddr from = peer_of(x->connection);

	x->call.daemon = hss;
	x->last = unclear(x);
	if (x->last) {
		answer_problem(
		    &x->call, 400, "the head of the request can be read in two ways",
		    "send one Host, Authorization and Content-Length, or Transfer-Encoding: "
		    "chunked without Content-Length, and no blank in front of a ':'");
		return;
	}
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
		if (x->passed >= IMPORT_STEP) {
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

enum MHD_Result on_request(void *cls, struct MHD_Connection *c, const char *url, const char *method,
			   const char *version, const char *data, size_t *len, void **state)
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
		return x->last || (x->call.answer.status && announces_much(c)) ? exchange_answer(x)
									       : MHD_YES;
	}
	x->call.now_ms = now_ms();
	if (*len) {
		enum MHD_Result rc = on_body(x, data, *len);

		*len = 0;
		return rc;
	}
	return on_whole(x);
}

void on_completed(void *cls, struct MHD_Connection *c, void **state,
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

void on_connection(void *cls, struct MHD_Connection *c, void **context,
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
