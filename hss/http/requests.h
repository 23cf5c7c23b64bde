/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What libmicrohttpd calls: for a request piece by piece, and when it is over. */
#ifndef HSS_HTTP_REQUESTS_H
#define HSS_HTTP_REQUESTS_H

#include <microhttpd.h>

#include "hss/http/api.h"

/* For whom requests are; before the first one. */
void requests_begin(const struct api_daemon *daemon);

/* MHD_AccessHandlerCallback: the first call is for the head, then come pieces of the body, then one without a
 * piece; after exchange_wait() one more. */
enum MHD_Result on_request(void *cls, struct MHD_Connection *c, const char *url, const char *method,
			   const char *version, const char *data, size_t *len, void **state);
/* MHD_RequestCompletedCallback. */
void on_completed(void *cls, struct MHD_Connection *c, void **state,
		  enum MHD_RequestTerminationCode code);
#endif
