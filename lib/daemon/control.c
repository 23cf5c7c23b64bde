/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/control.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Is a daemon alive behind the socket? Where that cannot be told, it is. */
static bool somebody_serves(const struct sockaddr_un *addr)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool dead = fd >= 0 && connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) < 0 &&
		    errno == ECONNREFUSED;

	if (fd >= 0)
		close(fd);
	return !dead;
}

/* Returns 0, or -1 with why. */
static int make_address(const char *path, struct sockaddr_un *addr, char *why, size_t size)
{
	*addr = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (slice_copy(slice_str(path), addr->sun_path, sizeof(addr->sun_path)) == 0)
		return 0;
	snprintf(why, size,
		 "the path of the control socket has %zu octets, and the system takes at most %zu",
		 strlen(path), sizeof(addr->sun_path) - 1);
	return -1;
}

/* What stands at the path: 0 nothing, 1 a socket, -1 something else (why). */
static int look(const struct sockaddr_un *addr, char *why, size_t size)
{
	struct stat st;

	if (lstat(addr->sun_path, &st) < 0)
		return 0; /* bind() says what else is wrong */
	if (S_ISSOCK(st.st_mode))
		return 1;
	snprintf(why, size,
		 "%s is no socket and is left alone; give the control socket another path",
		 addr->sun_path);
	return -1;
}

/* The folder that a path is in; copy holds it. */
static const char *folder_of(const char *path, char copy[sizeof(((struct control_path *)0)->path)])
{
	strcpy(copy, path);
	return dirname(copy);
}

int control_check(const char *path, bool *served, char *why, size_t size)
{
	char copy[sizeof(((struct control_path *)0)->path)];
	struct sockaddr_un addr;
	int there;

	*served = false;
	if (make_address(path, &addr, why, size) < 0)
		return -1;
	there = look(&addr, why, size);
	*served = there == 1 && somebody_serves(&addr);
	if (there < 0 || *served)
		return there < 0 ? -1 : 0;
	if (faccessat(AT_FDCWD, folder_of(path, copy), W_OK | X_OK, AT_EACCESS) == 0)
		return 0;
	snprintf(why, size,
		 "cannot make the control socket %s: its folder: %s; make the folder, or give the "
		 "control socket another path",
		 path, strerror(errno));
	return -1;
}

/* Take away what a dead daemon left. Returns 0, or -1 with why. */
static int make_room(const struct sockaddr_un *addr, char *why, size_t size)
{
	int there = look(addr, why, size);

	if (there <= 0)
		return there;
	if (somebody_serves(addr)) {
		snprintf(why, size,
			 "another daemon serves %s; stop it, or give this one a control socket of "
			 "its own",
			 addr->sun_path);
		return -1;
	}
	unlink(addr->sun_path);
	return 0;
}

/* Bind and listen, and remember which file that made. */
static int bind_socket(const struct sockaddr_un *addr, struct control_path *made)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct stat st;

	/* the mode of the socket becomes the mode of its file: nobody else can be quicker */
	if (fd < 0 || fchmod(fd, 0600) < 0 ||
	    bind(fd, (const struct sockaddr *)addr, sizeof(*addr)) < 0)
		goto fail;
	if (listen(fd, 16) < 0 || lstat(addr->sun_path, &st) < 0) {
		unlink(addr->sun_path);
		goto fail;
	}
	strcpy(made->path, addr->sun_path);
	made->device = st.st_dev;
	made->inode = st.st_ino;
	return fd;
fail:
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Two daemons that start at once look and make one after the other: the folder is their lock. */
static int lock_folder(const char *path)
{
	char copy[sizeof(((struct control_path *)0)->path)];
	int fd;

	fd = open(folder_of(path, copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		flock(fd, LOCK_EX);
	return fd;
}

int control_open(const char *path, struct control_path *made, char *why, size_t size)
{
	struct sockaddr_un addr;
	int folder, fd = -1;

	if (make_address(path, &addr, why, size) < 0)
		return -1;
	folder = lock_folder(path);
	if (make_room(&addr, why, size) == 0) {
		fd = bind_socket(&addr, made);
		if (fd < 0)
			snprintf(why, size,
				 "cannot make the control socket %s: %s; make its folder, or give "
				 "the control socket another path",
				 path, strerror(errno));
	}
	if (folder >= 0)
		close(folder);
	return fd;
}

void control_remove(const struct control_path *made)
{
	int folder = lock_folder(made->path);
	struct stat st;

	if (lstat(made->path, &st) == 0 && S_ISSOCK(st.st_mode) && st.st_dev == made->device &&
	    st.st_ino == made->inode)
		unlink(made->path);
	if (folder >= 0)
		close(folder);
}

static void on_line(struct request *r, struct slice line, void *arg)
{
	struct control *c = arg;

	if (words_split(line, &c->words))
		control_error(r, "malformed command");
	else if (c->words.n == 0)
		control_error(r, "no command");
	else
		c->handler(r, &c->words, c->arg);
	explicit_bzero(&c->words, sizeof(c->words));
}

struct server *control_server(int fd, struct control *c)
{
	return server_new(fd, SERVER_LINE, on_line, c);
}

/* An answer that did not fit in memory says so, and is not taken for a whole one. */
static void finish(struct request *r, const char *text)
{
	struct outbuf *out = request_out(r);

	if (out->failed) {
		outbuf_free(out);
		outbuf_printf(out, "error the answer is too big\n");
	} else {
		outbuf_printf(out, "%s", text);
	}
	request_done(r);
}

void control_ok(struct request *r)
{
	finish(r, "ok\n");
}

void control_error(struct request *r, const char *fmt, ...)
{
	char text[512], line[sizeof(text) + 16];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	for (char *p = text; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = ' ';
	snprintf(line, sizeof(line), "error %s\n", text);
	finish(r, line);
}

/* A word as words_split() reads it. */
static void put_word(FILE *f, const char *word)
{
	putc('"', f);
	for (; *word; word++) {
		if (*word == '"' || *word == '\\')
			putc('\\', f);
		putc((unsigned char)*word < ' ' ? ' ' : *word, f);
	}
	fputs("\" ", f);
}

static int connect_daemon(const char *path, const char *program, char *why, size_t size)
{
	struct sockaddr_un addr;
	int fd;

	if (make_address(path, &addr, why, size) < 0)
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) == 0)
		return fd;
	snprintf(why, size, "cannot reach %s at %s: %s; is it running, and is that its socket?",
		 program, path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Print an answer. Returns 0 after "ok", 1 after "error", -1 if neither came. */
static int read_answer(FILE *f, FILE *out, char *why, size_t size)
{
	char *line = NULL;
	size_t room = 0;
	int status = -1;

	while (getline(&line, &room, f) > 0) {
		if (strcmp(line, "ok\n") == 0) {
			status = 0;
		} else if (strncmp(line, "error ", 6) == 0) {
			line[strcspn(line, "\n")] = '\0';
			snprintf(why, size, "%s", line + 6);
			status = 1;
		} else {
			fputs(line, out);
		}
	}
	free(line);
	return status;
}

int control_ask(const char *path, const char *program, const char *const *words, size_t n,
		FILE *out, char *why, size_t size)
{
	int fd = connect_daemon(path, program, why, size), status;
	FILE *f = fd >= 0 ? fdopen(fd, "r+") : NULL;

	if (!f) {
		if (fd >= 0)
			close(fd);
		return 1;
	}
	for (size_t i = 0; i < n; i++)
		put_word(f, words[i]);
	putc('\n', f);
	fflush(f);
	status = read_answer(f, out, why, size);
	fclose(f);
	if (status < 0)
		snprintf(why, size, "%s closed the connection without an answer; see its log",
			 program);
	return status != 0;
}
