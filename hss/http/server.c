/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/http/server.h"

#include "hss/counters.h"
#include "hss/http/auth.h"
#include "hss/http/exchange.h"
#include "hss/http/requests.h"
#include "http/server.h"

static struct http_server http = {
    .fd = -1, .setting = "http", .on_request = on_request, .on_ended = on_completed};

int http_open(const struct config *cfg, char *why, size_t size)
{
	if (!cfg->http[0])
		return 0;
	http.where = cfg->http;
	http.certificate = cfg->http_certificate;
	http.key = cfg->http_key;
	return auth_open(cfg->http_tokens, why, size) || http_server_open(&http, why, size) ? -1
											    : 0;
}

int http_start(const struct api_daemon *daemon, char *why, size_t size)
{
	if (http.fd < 0)
		return 0;
	requests_begin(daemon);
	return http_server_start(&http, why, size);
}

void http_tick(int64_t now)
{
	counter_add(COUNT_http_cut, http_server_tick(&http, now));
}

void http_stop(void)
{
	exchanges_stop();
	http_server_stop(&http);
}
