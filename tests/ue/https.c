/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "ue/https.h"

#include "http/client.h"

struct https_transfer {
	struct access *access;
	CURL *curl;
	struct curl_slist *head;
	char *body;
	struct text answer;
	https_done_h done;
	void *owner;
};

/* A socket of libcurl's that the loop watches. */
struct watched {
	struct io io;
};

static CURLM *multi;
static struct timer due;

static void look_at_ends(void);

static void act(curl_socket_t fd, int what)
{
	int running;

	curl_multi_socket_action(multi, fd, what, &running);
	look_at_ends();
}

static void on_socket(struct io *io, uint32_t events)
{
	const int what = (events & EPOLLIN ? CURL_CSELECT_IN : 0) |
			 (events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
			 (events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);

	act(io->fd, what);
}

static void on_due(struct timer *t)
{
	(void)t;
	act(CURL_SOCKET_TIMEOUT, 0);
}

static int set_timer(CURLM *m, long ms, void *arg)
{
	(void)m;
	(void)arg;
	if (ms < 0)
		loop_stop(&due);
	else
		loop_start(&due, loop_now_ms() + (uint64_t)ms, on_due, NULL);
	return 0;
}

static int watch(CURL *curl, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
	struct watched *w = socket_arg;
	const uint32_t events = (what & CURL_POLL_IN ? (uint32_t)EPOLLIN : 0) |
				(what & CURL_POLL_OUT ? (uint32_t)EPOLLOUT : 0);

	(void)curl;
	(void)arg;
	if (what == CURL_POLL_REMOVE) {
		if (w)
			loop_del(&w->io);
		free(w);
		curl_multi_assign(multi, fd, NULL);
	} else if (w) {
		loop_change(&w->io, events);
	} else {
		w = ue_alloc(sizeof(*w));
		w->io = (struct io){.fd = fd, .ready = on_socket, .owner = w};
		curl_multi_assign(multi, fd, w);
		loop_add(&w->io, events);
	}
	return 0;
}

static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct https_transfer *t = arg;

	if (purpose != CURLSOCKTYPE_IPCXN || to->family != netaddr_af(&t->access->local))
		return CURL_SOCKET_BAD;
	return access_socket(t->access, SOCK_STREAM, 0);
}

static size_t on_data(char *data, size_t one, size_t n, void *arg)
{
	struct https_transfer *t = arg;

	(void)one;
	if (t->answer.len + n > HTTPS_ANSWER_MAX)
		return 0; /* ends the transfer */
	text_put(&t->answer, slice_make(data, n));
	return n;
}

static void transfer_free(struct https_transfer *t)
{
	curl_slist_free_all(t->head);
	if (t->curl)
		curl_easy_cleanup(t->curl);
	text_free(&t->answer);
	free(t->body);
	free(t);
}

static void end(struct https_transfer *t, CURLcode rc)
{
	struct https_answer a = {0, text_slice(&t->answer), curl_easy_strerror(rc), ""};
	char *ip = NULL, peer[96] = "";
	long status = 0, port = 0;

	if (rc == CURLE_OK &&
	    curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK)
		a.status = (int)status;
	if (curl_easy_getinfo(t->curl, CURLINFO_PRIMARY_IP, &ip) == CURLE_OK && ip && *ip &&
	    curl_easy_getinfo(t->curl, CURLINFO_PRIMARY_PORT, &port) == CURLE_OK)
		snprintf(peer, sizeof(peer), strchr(ip, ':') ? "[%s]:%ld" : "%s:%ld", ip, port);
	a.peer = peer;
	curl_multi_remove_handle(multi, t->curl);
	t->done(t->owner, &a);
	transfer_free(t);
}

static void look_at_ends(void)
{
	struct https_transfer *t;
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(multi, &left)))
		if (m->msg == CURLMSG_DONE) {
			const CURLcode rc = m->data.result;

			curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&t);
			end(t, rc);
		}
}

static int start(void)
{
	if (multi)
		return 0;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return -1;
	multi = curl_multi_init();
	if (!multi)
		return -1;
	curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, watch);
	curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, set_timer);
	return 0;
}

static int put_head(struct https_transfer *t, const char *line)
{
	struct curl_slist *more = curl_slist_append(t->head, line);

	if (!more)
		return -1;
	t->head = more;
	return 0;
}

static int configure(struct https_transfer *t, const struct https_request *r)
{
	CURL *c = t->curl;
	int err = http_client_server(c, r->url, r->ca);

#define SET(option, value) err |= curl_easy_setopt(c, option, value) != CURLE_OK
	SET(CURLOPT_IPRESOLVE,
	    t->access->local.family == 6 ? (long)CURL_IPRESOLVE_V6 : (long)CURL_IPRESOLVE_V4);
	SET(CURLOPT_OPENSOCKETFUNCTION, open_socket);
	SET(CURLOPT_OPENSOCKETDATA, t);
	/* a connection belongs to its access */
	SET(CURLOPT_FRESH_CONNECT, 1L);
	SET(CURLOPT_FORBID_REUSE, 1L);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_TIMEOUT_MS, (long)HTTPS_WAIT_MS);
	SET(CURLOPT_CUSTOMREQUEST, r->method);
	SET(CURLOPT_HTTPHEADER, t->head);
	SET(CURLOPT_WRITEFUNCTION, on_data);
	SET(CURLOPT_WRITEDATA, t);
	SET(CURLOPT_PRIVATE, t);
	if (t->body)
		SET(CURLOPT_POSTFIELDS, t->body);
#undef SET
	return err;
}

struct https_transfer *https_ask(struct access *access, const struct https_request *request,
				 https_done_h done, void *owner)
{
	struct https_transfer *t;
	struct text line = {0};
	int err = start();

	if (err)
		return NULL;
	t = ue_alloc(sizeof(*t));
	t->access = access;
	t->done = done;
	t->owner = owner;
	t->curl = curl_easy_init();
	if (request->body) {
		t->body = ue_dup(slice_str(request->body));
		err |= put_head(t, "Content-Type: application/json");
	}
	if (request->token) {
		text_add(&line, "Authorization: Bearer %s", request->token);
		err |= put_head(t, line.p);
		explicit_bzero(line.p, line.len);
		text_free(&line);
	}
	if (!err && t->curl && configure(t, request) == 0 &&
	    curl_multi_add_handle(multi, t->curl) == CURLM_OK)
		return t;
	transfer_free(t);
	return NULL;
}

void https_drop(struct https_transfer *t)
{
	curl_multi_remove_handle(multi, t->curl);
	transfer_free(t);
}

void https_end(void)
{
	if (!multi)
		return;
	curl_multi_cleanup(multi);
	loop_stop(&due);
	curl_global_cleanup();
	multi = NULL;
}
