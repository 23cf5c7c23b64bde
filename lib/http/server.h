/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An HTTP server of a daemon on libmicrohttpd: its socket, TLS, and what bounds strangers. What a request means is its
 * user's, who gives the callbacks. A daemon may have several.
 */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include <microhttpd.h>

#include "daemon/control.h"
#include "http/deadlines.h"

enum { HTTP_HEAD_MAX = 16384 };

struct http_server {
	/* what its user says before http_server_open(); all must outlive the server */
	const char *setting;	       /* its name, for messages */
	const char *where;	       /* ADDRESS:PORT, PORT, or unix:/PATH */
	const char *certificate, *key; /* files of PEM, or "": no TLS */
	const char
	    *clients; /* PEM text of the authorities of clients' certificates, which are then asked
				     for; they are the user's to judge. Or NULL */
	MHD_AccessHandlerCallback on_request;  /* arg is its cls */
	MHD_RequestCompletedCallback on_ended; /* likewise */
	void *arg;
	/* its own */
	struct MHD_Daemon *mhd;
	int fd; /* -1: closed */
	struct control_path made;
	char *certificate_pem, *key_pem;
	struct deadlines deadlines;
};

/* Bind, and read certificate and key, so that what is wrong is known before anything else starts. Returns 0, or -1 with
 * why, and nothing is left behind. */
int http_server_open(struct http_server *s, char *why, size_t size);
/* Serve on threads of its own until http_server_stop(). Returns 0, or -1 with why, and it is closed. */
int http_server_start(struct http_server *s, char *why, size_t size);
/* Once a second, also where none is open; now_ms is monotonic. Returns how many connections took too long. */
unsigned int http_server_tick(struct http_server *s, int64_t now_ms);
/* End the threads, if they run, and close. Requests that are suspended must have been resumed. */
void http_server_stop(struct http_server *s);

/* The deadline of a request's connection; NULL: there are too many, and it must be closed. */
struct deadline *http_server_deadline(struct MHD_Connection *c);
/* The clock of deadlines. */
int64_t http_now_ms(void);

#endif
