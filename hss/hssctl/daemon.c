/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands of hssctl that a running ims-hss carries out. */
#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "hss/hssctl/hssctl.h"

static int connect_daemon(const char *path)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || slice_copy(slice_str(path), addr.sun_path, sizeof(addr.sun_path)) ||
	    connect(fd, (const struct sockaddr *)&addr, sizeof(addr))) {
		complain("cannot reach ims-hss at %s: %s; is it running, and is control set to "
			 "this path?",
			 path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

/* A word as words_split() reads it. */
static void send_word(FILE *f, const char *word)
{
	putc('"', f);
	for (; *word; word++) {
		if (*word == '"' || *word == '\\')
			putc('\\', f);
		putc(*word == '\n' ? ' ' : *word, f);
	}
	fputs("\" ", f);
}

static int ask(struct hssctl *c, const char *command)
{
	int fd = connect_daemon(c->control_path);
	FILE *f = fd >= 0 ? fdopen(fd, "r+") : NULL;
	char line[1024];
	int status = 1;
	bool answered = false;

	if (!f)
		return 1;
	send_word(f, command);
	for (int i = 0; i < c->n_arg; i++)
		send_word(f, c->arg[i]);
	putc('\n', f);
	fflush(f);
	while (fgets(line, sizeof(line), f)) {
		if (strcmp(line, "ok\n") == 0) {
			answered = true;
			status = 0;
		} else if (strncmp(line, "error ", 6) == 0) {
			answered = true;
			line[strcspn(line, "\n")] = '\0';
			complain("%s", line + 6);
		} else {
			fputs(line, stdout);
		}
	}
	fclose(f);
	if (!answered)
		complain("ims-hss closed the connection without an answer; see its log");
	return status;
}

int cmd_status(struct hssctl *c)
{
	return ask(c, "status");
}

int cmd_deregister(struct hssctl *c)
{
	return ask(c, "deregister");
}

int cmd_push(struct hssctl *c)
{
	return ask(c, "push");
}
