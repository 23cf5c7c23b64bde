/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/cms/doors.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>

#include "daemon/log.h"
#include "hss/cms/certificates.h"
#include "hss/cms/counters.h"
#include "hss/cms/message.h"
#include "http/body.h"
#include "http/head.h"
#include "http/server.h"

/* One request and its answer. */
struct exchange {
	struct call call;
	struct MHD_Connection *connection;
	struct deadline *deadline;
	struct http_body body;
	char method[12];
	size_t passed; /* octets that nobody wants */
	bool last; /* nobody knows where the request ends, or who asks: the connection is closed */
	bool waited; /* it was suspended; the answer is there when it is called again */
};

static struct cms_daemon *cms;

static void on_done(struct call *call)
{
	struct exchange *x = call->connection;

	MHD_resume_connection(x->connection);
}

static enum MHD_Result on_argument(void *arg, enum MHD_ValueKind kind, const char *name,
				   const char *value)
{
	struct exchange *x = arg;

	(void)kind;
	if (query_add(&x->call.query, slice_str(name), slice_str(value ? value : "")) == 0)
		return MHD_YES;
	call_problem(&x->call, 400, "malformed", "the arguments behind the '?' are malformed");
	return MHD_NO;
}

/* By its certificate, before anything else of the request counts. */
static void judge_certificate(struct exchange *x)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	static const struct {
		enum cms_counter counter;
		const char *text;
	} what[] = {[CERTIFICATE_NONE] = {COUNT_peer_no_certificate, "no client certificate came"},
		    [CERTIFICATE_FOREIGN] = {COUNT_peer_foreign_certificate,
					     "the certificate is of no partner"},
		    [CERTIFICATE_EXPIRED] = {COUNT_peer_expired_certificate,
					     "the certificate is over or not yet valid"}};
	enum certificate_verdict v =
	    info && info->tls_session
		? certificates_judge((gnutls_session_t)info->tls_session, &x->call.partner)
		: CERTIFICATE_NONE;
	char address[NETADDR_TEXT_MAX];

	if (v == CERTIFICATE_GOOD)
		return;
	count(what[v].counter, 1);
	log_line(LOG_INFO, "CMS-CMS: %s, from %s", what[v].text,
		 netaddr_ip_text(&x->call.from, address));
	audit_refusal(&x->call, "refuse-certificate", what[v].text);
	x->last = true;
	call_problem(&x->call, 403, "not-authorised", what[v].text);
}

/* The head of the request is there. */
static void on_head(struct exchange *x, const char *url)
{
	struct call *call = &x->call;
	const char *type = head_field(x->connection, MHD_HTTP_HEADER_CONTENT_TYPE);

	call->from = head_peer(x->connection);
	call->authorization = head_field(x->connection, MHD_HTTP_HEADER_AUTHORIZATION);
	call->idempotency_key = head_field(x->connection, "Idempotency-Key");
	call->if_none_match = head_field(x->connection, MHD_HTTP_HEADER_IF_NONE_MATCH);
	if (call->door == &peer_door)
		judge_certificate(x);
	if (call->status)
		return;
	x->last = head_unclear(x->connection);
	if (x->last)
		call_problem(call, 400, "malformed", "the head can be read in two ways");
	else if (path_parse(slice_str(url), &call->path))
		call_problem(call, 400, "malformed", "the path is malformed");
	else if (head_announces_over(x->connection, MESSAGE_MAX))
		call_problem(call, 413, "too-large", "the body is longer than 65536 octets");
	else if (type && strncasecmp(type, "application/json", 16) != 0)
		call_problem(call, 415, "media-type", "a body is application/json");
	else
		MHD_get_connection_values(x->connection, MHD_GET_ARGUMENT_KIND, on_argument, x);
}

/* A part of the body. Returns MHD_NO to close the connection. */
static enum MHD_Result on_body(struct exchange *x, const char *data, size_t len)
{
	if (!x->call.status) {
		int err = http_body_add(&x->body, data, len, MESSAGE_MAX);

		if (err == 0)
			return MHD_YES;
		call_problem(&x->call, err == HTTP_BODY_TOO_BIG ? 413 : 503, "too-large",
			     "the body is longer than 65536 octets");
	}
	/* what nobody wants is passed over, so that the answer is read, but not without end */
	x->passed += len;
	return x->passed > MESSAGE_MAX ? MHD_NO : MHD_YES;
}

static void add_headers(const struct exchange *x, struct MHD_Response *r)
{
	const struct call *call = &x->call;
	char seconds[16];

	MHD_add_response_header(r, "Cache-Control", "no-store");
	MHD_add_response_header(r, "X-Content-Type-Options", "nosniff");
	if (call->type)
		MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, call->type);
	if (call->refused_token)
		MHD_add_response_header(r, MHD_HTTP_HEADER_WWW_AUTHENTICATE,
					"Bearer error=\"invalid_token\"");
	if (call->location[0])
		MHD_add_response_header(r, MHD_HTTP_HEADER_LOCATION, call->location);
	if (call->etag[0])
		MHD_add_response_header(r, MHD_HTTP_HEADER_ETAG, call->etag);
	snprintf(seconds, sizeof(seconds), "%u", call->retry_after);
	if (call->retry_after)
		MHD_add_response_header(r, MHD_HTTP_HEADER_RETRY_AFTER, seconds);
	if (x->last)
		MHD_add_response_header(r, MHD_HTTP_HEADER_CONNECTION, "close");
}

static enum MHD_Result answer(struct exchange *x)
{
	struct call *call = &x->call;
	/* nothing of the path: there may be names in it */
	const unsigned int status = call->status ? call->status : 500;
	struct MHD_Response *r =
	    MHD_create_response_from_buffer(call->len, call->text, MHD_RESPMEM_MUST_FREE);
	enum MHD_Result rc;

	if (!r)
		return MHD_NO;
	call->text = NULL;
	add_headers(x, r);
	count((enum cms_counter)call->door->requests, 1);
	count((enum cms_counter)call->door->refused, status >= 400);
	log_line(LOG_INFO, "%s %s: %u", call->door->name, x->method, status);
	deadline_again(x->deadline, http_now_ms());
	rc = MHD_queue_response(x->connection, status, r);
	MHD_destroy_response(r);
	return rc;
}

/* The whole request is there, or what it waited for. */
static enum MHD_Result on_whole(struct exchange *x)
{
	if (!x->waited && !x->call.status) {
		x->call.body = slice_make(x->body.p, x->body.len);
		call_handle(&x->call);
		if (x->call.later) {
			x->waited = true;
			deadline_hold(x->deadline);
			MHD_suspend_connection(x->connection);
			x->call.later(&x->call);
			return MHD_YES;
		}
	}
	return answer(x);
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *c, const char *url,
				  const char *method, const char *version, const char *data,
				  size_t *len, void **state)
{
	struct exchange *x = *state;
	enum MHD_Result rc = MHD_YES;

	(void)version;
	if (!x) {
		x = *state = calloc(1, sizeof(*x));
		if (!x)
			return MHD_NO;
		x->connection = c;
		x->deadline = http_server_deadline(c);
		snprintf(x->method, sizeof(x->method), "%s", method);
		x->call = (struct call){.daemon = cms,
					.door = cls,
					.now = time(NULL),
					.method = x->method,
					.done = on_done,
					.connection = x};
		if (!x->deadline)
			return MHD_NO;
		on_head(x, url);
		return x->last || (x->call.status && head_announces_over(c, MESSAGE_MAX))
			   ? answer(x)
			   : MHD_YES;
	}
	if (*len == 0)
		return on_whole(x);
	rc = on_body(x, data, *len);
	*len = 0;
	return rc;
}

static void on_ended(void *cls, struct MHD_Connection *c, void **state,
		     enum MHD_RequestTerminationCode code)
{
	struct exchange *x = *state;

	(void)cls;
	(void)c;
	(void)code;
	if (!x)
		return;
	deadline_again(x->deadline, http_now_ms());
	call_free(&x->call);
	http_body_drop(&x->body);
	free(x);
	*state = NULL;
}

static struct http_server csc4 = {.fd = -1,
				  .setting = "csc4",
				  .on_request = on_request,
				  .on_ended = on_ended,
				  .arg = (void *)(uintptr_t)&csc4_door};
static struct http_server peers = {.fd = -1,
				   .setting = "peers",
				   .on_request = on_request,
				   .on_ended = on_ended,
				   .arg = (void *)(uintptr_t)&peer_door};

int doors_open(struct cms_daemon *d, char *why, size_t size)
{
	const struct cms_config *cfg = d->cms.cfg;
	const char *authorities = certificates_open(cfg, why, size);

	cms = d;
	if (!authorities)
		return -1;
	csc4.where = cfg->csc4;
	csc4.certificate = cfg->csc4_certificate;
	csc4.key = cfg->csc4_key;
	peers.where = cfg->peers;
	peers.certificate = cfg->certificate;
	peers.key = cfg->key;
	peers.clients = cfg->n_partners ? authorities : NULL;
	if ((cfg->csc4[0] && http_server_open(&csc4, why, size)) ||
	    (cfg->peers[0] && http_server_open(&peers, why, size))) {
		doors_stop();
		return -1;
	}
	return 0;
}

int doors_start(char *why, size_t size)
{
	if ((csc4.fd >= 0 && http_server_start(&csc4, why, size)) ||
	    (peers.fd >= 0 && http_server_start(&peers, why, size)))
		return -1;
	return 0;
}

void doors_tick(void)
{
	count(COUNT_http_cut,
	      http_server_tick(&csc4, http_now_ms()) + http_server_tick(&peers, http_now_ms()));
}

void doors_stop(void)
{
	http_server_stop(&csc4);
	http_server_stop(&peers);
	certificates_close();
}
