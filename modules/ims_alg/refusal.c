/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_alg/glue.h"

#include <stdio.h>

const char *alg_refusal_phrase(int code)
{
	switch (code) {
	case 400:
		return "Bad Request";
	case 403:
		return "Forbidden";
	case 415:
		return "Unsupported Media Type";
	case 488:
		return "Not Acceptable Here";
	case 491:
		return "Request Pending";
	case 503:
		return "Service Unavailable";
	default:
		return "Server Internal Error";
	}
}

void alg_refusal_headers(int code, const char *text, char *buf, size_t size)
{
	if (code == 503)
		snprintf(buf, size, "Retry-After: 5\r\nReason: Q.850;cause=47;text=\"%s\"\r\n",
			 text);
	else if (code == 500)
		snprintf(buf, size, "Reason: Q.850;cause=47;text=\"%s\"\r\n", text);
	else
		snprintf(buf, size, "Warning: 399 ims-alg \"%s\"\r\n", text);
}
