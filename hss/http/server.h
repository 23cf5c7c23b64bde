/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The HTTP server of the REST API (api.h) and the page: libmicrohttpd, TLS, and what bounds strangers. */
#ifndef HSS_HTTP_SERVER_H
#define HSS_HTTP_SERVER_H

#include "hss/config.h"
#include "hss/http/api.h"

/* Bind and read certificate and tokens, so that what is wrong is known before anything else starts. Does
 * nothing without a setting http. Returns 0, or -1 with why, and nothing is left behind. */
int http_open(const struct config *cfg, char *why, size_t size);
/* Serve on threads of its own until http_stop(). Returns 0, or -1 with why. */
int http_start(const struct api_daemon *daemon, char *why, size_t size);
/* Once a second; now_ms is monotonic. */
void http_tick(int64_t now_ms);
/* End the threads; who waits for an S-CSCF is told so. Before the Diameter node stops. */
void http_stop(void);

#endif
