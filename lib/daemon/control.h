/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket of a daemon: a UNIX stream socket that only its owner may use. A client sends
 * one line of words (words.h); the daemon answers lines of text, the last of which is "ok" or
 * "error TEXT", and closes.
 */
#ifndef DAEMON_CONTROL_H
#define DAEMON_CONTROL_H

#include <stdio.h>

#include "daemon/server.h"
#include "daemon/words.h"

/* The socket in the file system, so that only what we made is removed. */
struct control_path {
	char path[108];
	uint64_t device, inode;
};

/*
 * Make the socket at path, mode 0600, and listen. A socket that a dead daemon left is replaced; one
 * that somebody serves, and anything that is no socket, stays. Returns it, or -1 with a sentence in
 * why; *made is then unchanged.
 */
int control_open(const char *path, struct control_path *made, char *why, size_t size);
/*
 * What control_open() would fail with, as far as it can be told without making anything. 0, or -1
 * with a sentence in why. *served: a daemon serves the socket already, which is no failure here.
 */
int control_check(const char *path, bool *served, char *why, size_t size);
/* Remove the socket from the file system if it is still the one that was made. */
void control_remove(const struct control_path *made);

/*
 * A command. w is valid during the call only. The handler writes its answer to request_out(r) and
 * ends it with control_ok() or control_error(), within the call or later, once.
 */
typedef void (*control_h)(struct request *r, const struct words *w, void *arg);

struct control {
	control_h handler;
	void *arg;
	struct words words; /* of the line being served */
};

/* A server (server.h) for commands over the socket that control_open() made. c stays the caller's
 * and must outlive it. */
struct server *control_server(int fd, struct control *c);

void control_ok(struct request *r);
__attribute__((format(printf, 2, 3))) void control_error(struct request *r, const char *fmt, ...);

/*
 * The other side: send one command of n words and print what is answered to out. program is the
 * daemon's name for messages. Returns 0 after "ok", or 1 with a sentence in why.
 */
int control_ask(const char *path, const char *program, const char *const *words, size_t n,
		FILE *out, char *why, size_t size);

#endif
